"""A fleet: spokes that decide for themselves, and the hub that they tell and that asks them."""
