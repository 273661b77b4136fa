"""Private DNS names of endpoint services: given, and proven by a record."""

from __future__ import annotations

import re

from .. import chance
from ..call import Call
from ..errors import invalid_parameter
from ..listing import Item
from ..privatelink import PrivateDns, Service

_DOMAIN = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


def view(name: PrivateDns) -> Item:
    """The members by which a service shows its name."""
    return {
        "PrivateDnsName": name.name,
        "PrivateDnsNameConfiguration": {
            "State": name.state,
            "Type": "TXT",
            "Value": name.value,
            "Name": name.record,
        },
    }


def new(name: str | None) -> PrivateDns | None:
    """A new name with its record; form of both: PrivateLink guide, "manage DNS names".

    Raises:
        AwsError: it is no domain name in lower case.
    """
    if not name:
        return None
    if not _DOMAIN.fullmatch(name):
        raise invalid_parameter(f"The private DNS name {name} is not valid.")
    return PrivateDns(
        name, f"_{chance.token_hex('proof', 10)}", f"vpce:{chance.token_urlsafe('proof', 15)}"
    )


def changed(call: Call, service: Service) -> PrivateDns | None:
    """The name after a ModifyVpcEndpointServiceConfiguration; another one is to be proven anew.

    Raises:
        AwsError: it is no domain name in lower case.
    """
    name = call.get("PrivateDnsName")
    if call.get("RemovePrivateDnsName"):
        return None
    if not name or (service.private_dns and service.private_dns.name == name):
        return service.private_dns
    return new(name)


def verify(call: Call, service: Service) -> Item:
    """Looks for the record once the world has settled; whether it is there is a setting.

    Raises:
        AwsError: the service has no private name.
    """
    name = service.private_dns
    if name is None:
        raise invalid_parameter(f"The service {service.id} has no private DNS name.")
    result = "verified" if call.world.settings.private_dns_verifies else "failed"
    call.world.later(
        "private name checked", (call.network,), lambda _: setattr(name, "state", result)
    )
    return {"ReturnValue": True}
