"""The CDK app: one stack, built from `autopilot.yaml`."""
