"""`make fleet`: a hub over twelve accounts in two Regions, told step by step; each is checked."""
