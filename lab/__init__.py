"""An AWS on one machine: where the demo, the tests and the benchmarks run."""
