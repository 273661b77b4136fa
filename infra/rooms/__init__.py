"""The rooms' tables: which functions there are, what each is told, may take and may do."""
