"""What the workflows would do now, by their own looks and plans."""
