"""Trails: EventBridge hears of API calls only what some trail of the account logs in the Region.

"To record events with a detail-type value of AWS API Call via CloudTrail, you need a CloudTrail
trail with logging enabled" (EventBridge guide, "Events from AWS services"). That event selectors
decide what EventBridge hears as well: believed. Each account has a trail called TRAIL to begin
with, of all Regions, as landing zones make one; whoever deletes it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any

from ministack.services import cloudtrail

from lab.inside import scope

TRAIL = "management-events"
HOME = "us-east-1"
_TESTS: Mapping[str, Callable[[str, list[str]], bool]] = {
    "Equals": lambda value, wanted: value in wanted,
    "NotEquals": lambda value, wanted: value not in wanted,
    "StartsWith": lambda value, wanted: value.startswith(tuple(wanted)),
    "NotStartsWith": lambda value, wanted: not value.startswith(tuple(wanted)),
    "EndsWith": lambda value, wanted: value.endswith(tuple(wanted)),
    "NotEndsWith": lambda value, wanted: not value.endswith(tuple(wanted)),
}
_begun: set[str] = set()
_lock = Lock()


def install() -> None:
    """Have each account begin with a trail, whatever of CloudTrail it asks for first."""
    for operation, act in [*cloudtrail._DISPATCH.items()]:
        cloudtrail._DISPATCH[operation] = _after_the_first(act)


def _after_the_first(act: Any) -> Any:
    def acted(body: dict[str, Any]) -> Any:
        _begin(cloudtrail.get_account_id())
        return act(body)

    return acted


def _begin(account: str) -> None:
    with _lock:
        if account in _begun:
            return
        _begun.add(account)
    with scope(account, HOME):
        named = {"Name": TRAIL, "S3BucketName": f"trail-{account}", "IsMultiRegionTrail": True}
        cloudtrail._create_trail(named)
        cloudtrail._start_logging({"Name": TRAIL})


def told(account: str, region: str, record: Mapping[str, Any]) -> bool:
    """Whether EventBridge hears of a call in a Region; `record`: CloudTrail's, of a management
    event that writes.
    """
    _begin(account)
    return any(_logs(selectors, record) for selectors in _logging(account, region))


def _logging(account: str, region: str) -> Iterator[list[dict[str, Any]]]:
    """The event selectors of each trail that logs what happens in the Region."""
    for home, name, trail in cloudtrail._account_trail_items(account):
        if trail["IsLogging"] and (home == region or trail["IsMultiRegionTrail"]):
            yield cloudtrail._event_selectors.get_scoped(
                account, home, name, cloudtrail._DEFAULT_EVENT_SELECTORS
            )


def _logs(selectors: list[dict[str, Any]], record: Mapping[str, Any]) -> bool:
    return any(
        _advanced(each["FieldSelectors"], record)
        if "FieldSelectors" in each
        # Only kms and rdsdata can be left out, which nobody listens to here.
        else each["IncludeManagementEvents"] and each["ReadWriteType"] != "ReadOnly"
        for each in selectors
    )


def _advanced(fields: list[dict[str, Any]], record: Mapping[str, Any]) -> bool:
    event = {
        "eventCategory": "Management",
        "readOnly": "false",
        "userIdentity.arn": str(record.get("userIdentity", {}).get("arn", "")),
        **{name: str(record.get(name, "")) for name in ("eventSource", "eventName", "eventType")},
    }
    return all(
        test(event.get(field["Field"], ""), field[name])
        for field in fields
        for name, test in _TESTS.items()
        if field.get(name)
    )
