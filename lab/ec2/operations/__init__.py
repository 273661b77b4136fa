"""The operations that the lab serves, area by area; nothing outside these tables is answered."""
