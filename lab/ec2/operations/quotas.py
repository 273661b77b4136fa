"""Service Quotas, as far as VPC endpoints need it, and the limits that it sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .. import chance
from ..call import Call, Operations
from ..errors import AwsError
from ..privatelink import LATTICE

Item = dict[str, Any]


@dataclass(frozen=True)
class Quota:
    """A quota of Amazon VPC."""

    code: str
    name: str
    default: float


GATEWAY_ENDPOINTS = Quota("L-1B52E74A", "Gateway VPC endpoints per Region", 20.0)
INTERFACE_ENDPOINTS = Quota("L-29B6F2EB", "Interface VPC endpoints per VPC", 50.0)
_QUOTAS = {quota.code: quota for quota in (GATEWAY_ENDPOINTS, INTERFACE_ENDPOINTS)}


def check_gateway_endpoints(call: Call) -> None:
    """Refuses one more gateway endpoint than the Region's quota.

    Raises:
        AwsError: VpcEndpointLimitExceeded.
    """
    if len(call.network.endpoints) >= _value(call, GATEWAY_ENDPOINTS):
        raise AwsError(*_EXCEEDED)


def check_interface_endpoints(call: Call, vpc_id: str) -> None:
    """Refuses one more endpoint than a VPC's quota of those for interfaces and gateway load
    balancers together (VPC guide, "Amazon VPC quotas"); VPC Lattice's don't count.

    Raises:
        AwsError: VpcEndpointLimitExceeded.
    """
    counted = [each for each in call.network.interfaces_to(vpc_id) if each.kind not in LATTICE]
    if len(counted) >= _value(call, INTERFACE_ENDPOINTS):
        raise AwsError(*_EXCEEDED)


_EXCEEDED = (
    "VpcEndpointLimitExceeded",
    "The maximum number of VPC endpoints has been reached.",
)


def _key(call: Call, quota: Quota) -> tuple[str, str, str]:
    return call.caller.account, call.caller.region, quota.code


def _value(call: Call, quota: Quota) -> float:
    return call.world.quotas.get(_key(call, quota), quota.default)


def _quota(call: Call) -> Quota:
    quota = _QUOTAS.get(call.get("QuotaCode"))
    if call.get("ServiceCode") != "vpc" or quota is None:
        raise AwsError(
            "NoSuchResourceException",
            "The request failed because the specified service does not exist."
            if call.get("ServiceCode") != "vpc"
            else "The request failed because the specified quota does not exist in this lab.",
        )
    return quota


def _view(call: Call, quota: Quota, value: float) -> Item:
    region, account = call.caller.region, call.caller.account
    partition = call.network.partition
    return {
        "ServiceCode": "vpc",
        "ServiceName": "Amazon Virtual Private Cloud (Amazon VPC)",
        "QuotaArn": f"arn:{partition}:servicequotas:{region}:{account}:vpc/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _get(call: Call) -> Item:
    quota = _quota(call)
    return {"Quota": _view(call, quota, _value(call, quota))}


def _get_default(call: Call) -> Item:
    quota = _quota(call)
    return {"Quota": _view(call, quota, quota.default)}


def _list(call: Call) -> Item:
    if call.get("ServiceCode") != "vpc":
        raise AwsError("NoSuchResourceException", "The specified service does not exist.")
    return {"Quotas": [_view(call, quota, _value(call, quota)) for quota in _QUOTAS.values()]}


def _request_increase(call: Call) -> Item:
    """Grants the wish at once (invented: AWS takes minutes to days, and may say no)."""
    quota, wanted = _quota(call), float(call.get("DesiredValue"))
    if wanted <= _value(call, quota):
        raise AwsError(
            "IllegalArgumentException",
            f"You must provide a quota value greater than the current value {_value(call, quota)}.",
        )
    call.world.quotas[_key(call, quota)] = wanted
    shown = _view(call, quota, wanted)
    now = datetime.fromtimestamp(call.world.clock(), UTC)
    members = ("ServiceCode", "ServiceName", "QuotaArn", "QuotaCode", "QuotaName", "GlobalQuota")
    return {
        "RequestedQuota": {
            "Id": chance.token_hex("quota-request", 16),
            "DesiredValue": wanted,
            "Status": "APPROVED",
            "Created": now,
            "LastUpdated": now,
            "Requester": f'{{"accountId":"{call.caller.account}"}}',
            "Unit": "None",
            **{member: shown[member] for member in members},
        }
    }


SERVICE_QUOTAS: Operations = {
    "GetServiceQuota": _get,
    "GetAWSDefaultServiceQuota": _get_default,
    "ListServiceQuotas": _list,
    "RequestServiceQuotaIncrease": _request_increase,
}
