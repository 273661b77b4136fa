"""Stepping aside: what of ours gives way when others' calls fail because of it."""
