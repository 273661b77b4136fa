"""fleet.yaml: which organizational units and Regions are served, each with its own policy."""
