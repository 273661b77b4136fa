"""What every workflow is made of: events, scopes, requests, plans, outcomes, reports."""
