"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A machine that is shared is slow now and then: an example's time says nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
