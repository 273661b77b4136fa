"""Adapters: the only place that speaks to AWS."""
