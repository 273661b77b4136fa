"""Regions as an account sees them: those of its partition, the opt-in ones opted in to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.utilities.utils import get_partition

from .. import filters
from ..aws_services import amazon_domain
from ..call import Call, Operations
from ..errors import AwsError
from ..filters import Path

Item = dict[str, Any]
#: Regions that every account has (AWS account guide, "Enable or disable Regions").
_ALWAYS = frozenset(
    """
ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1
eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1
us-west-2
""".split()  # noqa: SIM905  # a table to read
)
_FILTERS: dict[str, Path] = {
    "endpoint": ("Endpoint",),
    "opt-in-status": ("OptInStatus",),
    "region-name": ("RegionName",),
}


def _to_all(_account: str, _region: str) -> bool:
    return True


#: Whether an account has opted in to a Region that asks for it: to all, unless the lab says else.
opted_in: Callable[[str, str], bool] = _to_all


def _view(region: str, account: str) -> Item:
    plain = get_partition(region) != "aws" or region in _ALWAYS
    chosen = "opted-in" if opted_in(account, region) else "not-opted-in"
    return {
        "RegionName": region,
        "Endpoint": f"ec2.{region}.{amazon_domain(region)}",
        "OptInStatus": "opt-in-not-required" if plain else chosen,
    }


def _describe(call: Call) -> Item:
    wanted, names = filters.read(call.parameters, _FILTERS), call.get("RegionNames", [])
    partition = get_partition(call.caller.region)
    every = sorted(r for r in RegionsAndZonesBackend.zones if get_partition(r) == partition)
    for name in names:
        if name not in every:
            raise AwsError("InvalidParameterValue", f"Invalid region provided: [{name}]")
    views = [_view(region, call.caller.account) for region in every]
    found = [
        view
        for view in views
        if (call.get("AllRegions") or view["OptInStatus"] != "not-opted-in")
        and (not names or view["RegionName"] in names)
    ]
    return {"Regions": [item for item in found if filters.passes(item, wanted, _FILTERS)]}


OPERATIONS: Operations = {"DescribeRegions": _describe}
