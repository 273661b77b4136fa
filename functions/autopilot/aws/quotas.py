"""Reads the quotas of VPC endpoints: gateways in a Region, interfaces in a VPC."""

from __future__ import annotations

from autopilot.aws.errors import AwsError, NotFound
from autopilot.aws.pages import call
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, INTERFACES_IN_A_VPC, Limit

_SERVICE = "vpc"
# Service Quotas' codes for "Gateway VPC endpoints per Region" and "Interface VPC endpoints per VPC"
# (VPC guide, "Amazon VPC quotas"); the second counts those of gateway load balancers too.
_GATEWAYS = "L-1B52E74A"
_INTERFACES = "L-29B6F2EB"


def gateway_endpoints() -> Limit:
    """The quota that applies; the default, with the reason, where it can't be read.

    Never raises: a quota that can't be read must not keep route tables from their endpoints.
    """
    return _limit(_GATEWAYS, GATEWAYS_IN_A_REGION.value)


def interface_endpoints() -> Limit:
    """The quota of interface endpoints in each VPC."""
    return _limit(_INTERFACES, INTERFACES_IN_A_VPC.value)


def _limit(code: str, default: int) -> Limit:
    try:
        answer = call("servicequotas", "GetServiceQuota", ServiceCode=_SERVICE, QuotaCode=code)
    except NotFound:
        return Limit(default)  # nobody ever asked for another than the default
    except AwsError as error:
        return Limit(default, why_not_read=str(error))
    return Limit(max(default, int(answer["Quota"]["Value"])))
