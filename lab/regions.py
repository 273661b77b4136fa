"""Regions that accounts have enabled, by the Account Management API's own calls.

The lab's accounts have enabled every Region, as `ec2:DescribeRegions` says there; on AWS those
introduced after March 20, 2019 have to be enabled first, and only those can be disabled (Account
Management guide, "Enable or disable AWS Regions in your account"). AWS takes minutes for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import account

Answer = tuple[int, dict[str, str], bytes]
_disabled: set[tuple[str, str]] = set()


def enabled(account_id: str, region: str) -> bool:
    """Whether an account has enabled a Region."""
    return (account_id, region) not in _disabled


def any_disabled() -> bool:
    """Whether any account has disabled any."""
    return bool(_disabled)


def install() -> None:
    """Give MiniStack's Account Management the calls that it doesn't have."""
    theirs = account._DISPATCH["/getRegionOptStatus"]

    def status(payload: dict[str, Any]) -> Answer:
        answer: Answer = theirs(payload)
        region = str(payload.get("RegionName"))
        return answer if enabled(_whose(payload), region) else _said(region, "DISABLED")

    account._DISPATCH["/getRegionOptStatus"] = status
    account._DISPATCH["/disableRegion"] = _changing(_disabled.add)
    account._DISPATCH["/enableRegion"] = _changing(_disabled.discard)


def _whose(payload: dict[str, Any]) -> str:
    return str(payload.get("AccountId") or get_account_id())


def _said(region: str, status: str) -> Answer:
    body = json.dumps({"RegionName": region, "RegionOptStatus": status})
    return 200, {"Content-Type": "application/json"}, body.encode()


def _changing(change: Callable[[tuple[str, str]], None]) -> Callable[[dict[str, Any]], Answer]:
    def changed(payload: dict[str, Any]) -> Answer:
        region = str(payload.get("RegionName"))
        if region not in account._OPT_IN_REQUIRED:
            words = f"{region} is enabled by default and cannot be disabled."
            refused: Answer = error_response_json("ValidationException", words, 400)
            return refused
        change((_whose(payload), region))
        return 200, {"Content-Type": "application/json"}, b"{}"

    return changed
