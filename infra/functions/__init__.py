"""Tables of functions, one for each workflow: what each is told, may take and may do."""
