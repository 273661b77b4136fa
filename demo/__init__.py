"""The main job, end to end, told to a person; its scenes serve tests and benchmarks too."""
