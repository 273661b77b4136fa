"""Reads the Region's quota of gateway endpoints."""

from __future__ import annotations

from autopilot.aws.clients import client
from autopilot.aws.errors import AwsError, NotFound, aws_errors
from autopilot.core.quota import DEFAULT_LIMIT, Limit

# Service Quotas' code for "Gateway VPC endpoints per Region" (VPC guide, "Amazon VPC quotas").
_SERVICE = "vpc"
_CODE = "L-1B52E74A"


def gateway_endpoints() -> Limit:
    """The quota that applies; the default, with the reason, where it can't be read.

    Never raises: a quota that can't be read must not keep route tables from their endpoints.
    """
    try:
        with aws_errors("servicequotas", "GetServiceQuota"):
            answer = client("service-quotas").get_service_quota(
                ServiceCode=_SERVICE, QuotaCode=_CODE
            )
    except NotFound:
        return Limit()  # nobody ever asked for another than the default
    except AwsError as error:
        return Limit(why_not_read=str(error))
    return Limit(max(DEFAULT_LIMIT, int(answer["Quota"]["Value"])))
