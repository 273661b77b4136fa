"""Gateway endpoints: which route tables get which, and when."""
