"""Tests, cheapest first: unit, adapters, infra, workflows, lab, end_to_end."""
