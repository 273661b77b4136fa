"""vpce:AllowMultiRegion, asked for beside EC2's own action wherever more than one Region is meant.

The Service Authorization Reference lists it for vpc-endpoint and vpc-endpoint-service, with no
condition keys of its own; aws-cdk #36216 shows it asked for by a call that only changes a service's
private name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lab.ec2 import Caller
from lab.ec2.about import About
from lab.iam import Check

ACTION = "vpce:AllowMultiRegion"
_OF_ENDPOINTS = {"ModifyVpcEndpoint", "DeleteVpcEndpoints"}
_OF_SERVICES = {
    "ModifyVpcEndpointServiceConfiguration",
    "ModifyVpcEndpointServicePermissions",
    "StartVpcEndpointServicePrivateDnsVerification",
    "DeleteVpcEndpointServiceConfigurations",
}
_REGIONS = ("SupportedRegions", "AddSupportedRegions", "RemoveSupportedRegions")


def checks(
    operation: str, parameters: Mapping[str, Any], caller: Caller, know: Callable[[str], About]
) -> Iterator[Check]:
    """The further checks of a call, one for each endpoint or service of several Regions."""
    named = {region for key in _REGIONS for region in parameters.get(key, ())} - {caller.region}
    if operation == "CreateVpcEndpoint":
        elsewhere = parameters.get("ServiceRegion", caller.region) != caller.region
        found = ["vpc-endpoint/*"] if elsewhere else []
    elif operation == "CreateVpcEndpointServiceConfiguration":
        found = ["vpc-endpoint-service/*"] if named else []
    elif operation in _OF_ENDPOINTS:
        ids = [*parameters.get("VpcEndpointIds", ()), parameters.get("VpcEndpointId", "")]
        found = [f"vpc-endpoint/{id_}" for id_ in ids if id_ and _leads_away(know(id_), caller)]
    elif operation in _OF_SERVICES:
        ids = [*parameters.get("ServiceIds", ()), parameters.get("ServiceId", "")]
        several = [id_ for id_ in ids if id_ and (named or len(know(id_).regions) > 1)]
        found = [f"vpc-endpoint-service/{id_}" for id_ in several]
    else:
        found = []
    for resource in found:
        arn = f"arn:aws:ec2:{caller.region}:{caller.account}:{resource}"
        yield Check(ACTION, arn, within=f"ec2:{operation}")


def _leads_away(about: About, caller: Caller) -> bool:
    return about.service_region not in (None, caller.region)
