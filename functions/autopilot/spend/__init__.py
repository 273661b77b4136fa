"""What interface endpoints cost, and what less would do: facts and dated prices, no AWS."""
