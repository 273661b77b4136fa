"""Leaving: what of ours goes, once and for all, when somebody says so."""
