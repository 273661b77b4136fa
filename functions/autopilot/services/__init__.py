"""Endpoint services that the automation publishes behind load balancers tagged for it."""
