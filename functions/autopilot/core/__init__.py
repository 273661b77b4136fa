"""Decisions: standard library only, no AWS, no clock, no environment, no logging."""
