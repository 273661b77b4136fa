"""The policy: checked by infra at synth, obeyed by the functions."""
