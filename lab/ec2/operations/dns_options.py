"""DNS options of endpoints: whom private DNS serves, and the DNS records that there are."""

from __future__ import annotations

from typing import Any

from ..call import Call
from ..errors import AwsError, invalid_parameter, invalid_value
from ..network import Endpoint, Network
from ..prefix_lists import gateway_service
from ..privatelink import InterfaceEndpoint
from .targets import Target

_ONLY = "PrivateDnsOnlyForInboundResolverEndpoint"
_RECORDS = "DnsRecordIpType"
#: The records that an endpoint of an address type may have (CDK's reference of both enums); its
#: own type's are the default (terraform-provider-aws's acceptance tests).
_TAKES = {
    "ipv4": {"ipv4", "service-defined"},
    "ipv6": {"ipv6", "service-defined"},
    "dualstack": {"ipv4", "ipv6", "dualstack", "service-defined"},
}


def records(call: Call, address_type: str, before: str | None = None) -> str:
    """The type of DNS records that a call asks for. `before`: what the endpoint has.

    Raises:
        AwsError: one that doesn't go with the endpoint's address type, or an option that only VPC
            Lattice's endpoints have.
    """
    options: dict[str, Any] = call.get("DnsOptions", {})
    if set(options) - {_ONLY, _RECORDS}:
        raise AwsError("UnsupportedOperation", f"The lab's DNS options are {_ONLY}, {_RECORDS}.")
    kept = before if before in _TAKES[address_type] else address_type
    wanted: str = options.get(_RECORDS, kept)
    if wanted not in {each for taken in _TAKES.values() for each in taken}:
        raise invalid_value(wanted, _RECORDS)
    if wanted not in _TAKES[address_type]:
        raise invalid_parameter(
            f"The {_RECORDS} {wanted} is not compatible with the IpAddressType {address_type}."
        )
    return wanted


def of_gateway(call: Call, address_type: str, before: str | None = None) -> str:
    """The type of a gateway endpoint's records.

    Raises:
        AwsError: as `records`, and for the option that interface endpoints have.
    """
    if _ONLY in call.get("DnsOptions", {}):
        # terraform-provider-aws #45846 has the wording.
        raise invalid_parameter(
            f"DnsOptions {_ONLY} is applicable only to Interface VPC Endpoints."
        )
    return records(call, address_type, before)


def inbound_only(
    call: Call, vpc_id: str, target: Target, private: bool, before: bool | None
) -> bool:
    """Whether an interface endpoint's private DNS is for inbound resolvers only.

    It is unless told otherwise, where the service has gateway endpoints too; those take the VPC's
    own traffic then (terraform-provider-aws #31117, #33689). `before`: None where private DNS was
    off until now.

    Raises:
        AwsError: the VPC has no gateway endpoint; the service has none; private DNS is off.
    """
    asked: bool | None = call.get("DnsOptions", {}).get(_ONLY)
    both = has_both(call.caller.region, target.name)
    if asked is not None and not both:
        raise invalid_parameter(f"{_ONLY} is not supported for the service {target.name}.")
    if not private:
        if asked:
            raise invalid_parameter(f"{_ONLY} requires private DNS to be enabled.")
        return False
    wanted = asked if asked is not None else both if before is None else before
    if wanted and not _gateways(call.network, vpc_id, target.name):
        raise invalid_parameter(
            f"To set {_ONLY} to true, the VPC {vpc_id} must have a Gateway endpoint for the"
            " service."
        )
    return wanted


def has_both(region: str, service_name: str) -> bool:
    """Whether a service, which comes as an interface, has gateway endpoints as well."""
    return gateway_service(region, service_name) is not None


def _gateways(network: Network, vpc_id: str, service_name: str) -> list[Endpoint]:
    every = network.endpoints.values()
    return [e for e in every if e.vpc_id == vpc_id and e.service_name == service_name]


def shown(endpoint: InterfaceEndpoint) -> dict[str, Any]:
    """An interface endpoint's options as describes show them."""
    only = (
        {_ONLY: endpoint.inbound_only} if has_both(endpoint.region, endpoint.service_name) else {}
    )
    return {_RECORDS: endpoint.record_type, **only}


def check_unneeded(network: Network, gateway: Endpoint) -> None:
    """Refuses to let a gateway endpoint go that an interface endpoint leaves the VPC's traffic to.

    Raises:
        AwsError: in the words of cloudposse/terraform-aws-vpc #153. That a further gateway endpoint
            doesn't help, nor that the other one is being deleted: believed.
    """
    for each in network.interfaces_to(gateway.vpc_id):
        if each.inbound_only and each.service_name == gateway.service_name:
            raise invalid_parameter(
                f"Gateway endpoint cannot be deleted while Interface endpoint {each.id} for the"
                f" service has {_ONLY} set to true."
            )
