"""How the reasons begin for which a person's answer is not carried out."""

from __future__ import annotations

TOO_LATE = "the request is answered or gone"
REPLACED = "another hold took its place"
DENIED = "deny names"
NOT_PERMITTED = "the service's permission list doesn't admit"
