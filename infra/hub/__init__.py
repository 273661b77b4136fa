"""The hub: releases for its spokes, StackSets in waves, and the ear for what spokes tell."""
