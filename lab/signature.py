"""Reads from a signed request who signed it, and for which service and Region."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")


@dataclass(frozen=True)
class Scope:
    """A SigV4 credential scope: `<access key>/<date>/<Region>/<service>/aws4_request`."""

    access_key: str
    region: str
    service: str


def scope_of(headers: Mapping[str, str], query: Mapping[str, Sequence[str]]) -> Scope | None:
    """Return the request's credential scope, from its header or its presigned query, if it has one.

    `headers` has lower-case names. The signature itself is not checked.
    """
    found = _CREDENTIAL.search(headers.get("authorization", ""))
    text = found.group(1) if found else next(iter(query.get("X-Amz-Credential", ())), "")
    parts = text.rsplit("/", 4)
    if len(parts) != 5:
        return None
    access_key, _date, region, service, _end = parts
    return Scope(access_key, region, service)
