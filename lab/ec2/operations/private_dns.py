"""Private DNS of interface endpoints: when it can be on, and the names that follow."""

from __future__ import annotations

import hashlib

from ..call import Call
from ..errors import invalid_parameter
from ..listing import Item
from ..network import Network
from ..privatelink import InterfaceEndpoint
from ..zones import zone_name
from .targets import Target

#: The hosted zone of us-east-1's endpoint names (VPC guide's example); others are derived.
_HOSTED_ZONES = {"us-east-1": "Z7HUB22UULQXV"}


def check(call: Call, vpc: object, target: Target, *, accepted: bool) -> None:
    """Refuses to turn private DNS on where AWS would.

    The wordings are those of public build logs (terraform-provider-aws #17535 for the conflict).

    Raises:
        AwsError: InvalidParameter.
    """
    _check_service(target, accepted)
    _check_vpc(call, vpc, target)


def _check_service(target: Target, accepted: bool) -> None:
    cannot = "Private DNS can't be enabled because the service"
    if target.private_name is None:
        raise invalid_parameter(f"{cannot} {target.name} does not provide a private DNS name.")
    if not target.verified:
        raise invalid_parameter(f"{cannot} {target.name} has not verified the private DNS name.")
    if target.acceptance_required and not accepted:
        raise invalid_parameter(
            "Private DNS can only be enabled after the endpoint connection is accepted by the owner"
            f" of {target.name}."
        )


def _check_vpc(call: Call, vpc: object, target: Target) -> None:
    vpc_id = str(getattr(vpc, "id", ""))
    if not all(_on(vpc, each) for each in ("enable_dns_support", "enable_dns_hostnames")):
        raise invalid_parameter(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC"
            f" attributes set to true for {vpc_id}"
        )
    if any(
        each.private_dns and each.private_dns_name == target.private_name
        for each in call.network.interfaces_to(vpc_id)
    ):
        raise invalid_parameter(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain"
            f" for {target.private_name} in the VPC {vpc_id}"
        )


def _on(vpc: object, attribute: str) -> bool:
    """moto keeps a VPC's attributes as booleans or as their texts."""
    return str(getattr(vpc, attribute)).lower() == "true"


def entries(network: Network, endpoint: InterfaceEndpoint) -> list[Item]:
    """The endpoint's names: the regional one, one a zone in the owner's names, the private one.

    None without a subnet: there is no address that a name could lead to (believed). No names of
    zones to a service of another Region (PrivateLink guide).
    """
    if not endpoint.interfaces:
        return []
    zone_id = _hosted_zone(endpoint.service_region)
    here = endpoint.service_region == network.region_name
    names = [f"-{name}" for name in _zone_names(network, endpoint)] if here else []
    found = [
        {"DnsName": f"{endpoint.dns_label}{zone}.{endpoint.dns_suffix}", "HostedZoneId": zone_id}
        for zone in ("", *names)
    ]
    if endpoint.private_dns and endpoint.private_dns_name:
        private = {"DnsName": endpoint.private_dns_name, "HostedZoneId": endpoint.private_zone_id}
        found.append(private)
    return found


def _zone_names(network: Network, endpoint: InterfaceEndpoint) -> list[str]:
    where = network.account_id, network.region_name
    return sorted(zone_name(*where, each) for each in endpoint.zones.values())


def regional_entry(endpoint: InterfaceEndpoint) -> Item:
    """The name that stands for all of an endpoint's zones."""
    name = f"{endpoint.dns_label}.{endpoint.dns_suffix}"
    return {"DnsName": name, "HostedZoneId": _hosted_zone(endpoint.service_region)}


def _hosted_zone(region: str) -> str:
    digest = hashlib.sha256(region.encode()).hexdigest()
    return _HOSTED_ZONES.get(region, f"Z{digest[:12].upper()}")
