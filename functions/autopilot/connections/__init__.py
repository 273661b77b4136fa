"""Connection requests to our endpoint services: whom to accept, reject, hold or cut."""
