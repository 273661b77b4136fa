"""Adapters: the only place that speaks to AWS.

Whatever calls AWS raises AwsError's subclasses, and ValueError for an id or a filter that is empty.
A docstring names an error only where it adds to that, or where callers tell it from the others.
"""
