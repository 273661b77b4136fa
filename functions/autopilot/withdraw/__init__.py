"""Stepping aside: what the stack made gives way when others' calls fail because of it."""
