"""What ops are told: what is new, in which words, remembered where."""
