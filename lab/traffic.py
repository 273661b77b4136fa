"""Traffic that a person plants: CloudWatch then has what AWS writes of an endpoint or NAT gateway.

No call of the API can put it there. Of an endpoint AWS writes a minute only if it received traffic
in it (PrivateLink guide, "CloudWatch metrics for AWS PrivateLink"), and nothing of one that leads
to another Region.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab import measures
from lab.alarms import publish
from lab.checks import BadInputError, checked, number, text, whole
from lab.ec2 import Ec2
from lab.ec2.outside import Carrier
from lab.inside import scope
from lab.metrics import Datum

_RULES = {
    "id": ("the id of an interface endpoint or a NAT gateway", text),
    "bytes": ("a whole number from 0 on", whole(0, 10**18)),
    "subnet_id": ("the subnet of the endpoint through which it went", text),
    "days_ago": ("a number from 0 to 455", number(0, 455)),
    "service_name": ("what the metrics call the service instead", text),
}


def plant(ec2: Ec2, data: Any) -> dict[str, Any]:
    """Have CloudWatch know of a minute's traffic; raises BadInputError."""
    said = checked(data, _RULES)
    if "id" not in said or "bytes" not in said:
        raise BadInputError("send id and bytes")
    try:
        carrier = ec2.carrier(said["id"])
    except ValueError as mistake:
        raise BadInputError(str(mistake)) from mistake
    subnet = said.get("subnet_id") or next(iter(carrier.subnet_ids), "")
    if carrier.dimensions and subnet not in carrier.subnet_ids:
        raise BadInputError(f"subnet_id: {said['id']} has no subnet {subnet!r}")
    when = ec2.time() - float(said.get("days_ago", 0)) * 86_400
    with scope(carrier.account, carrier.region):
        publish(_data(carrier, subnet, said, when))
    return {}


def forget(ec2: Ec2) -> None:
    """Begin EC2's world anew, traffic included."""
    ec2.forget()
    measures.forget()


def _data(carrier: Carrier, subnet: str, said: dict[str, Any], when: float) -> Iterator[Datum]:
    size = float(said["bytes"])
    if not carrier.dimensions:
        for name in ("BytesOutToDestination", "BytesInFromDestination"):
            gateway = {"NatGatewayId": str(said["id"])}
            yield Datum("AWS/NATGateway", name, gateway, size, "Bytes", when)
        return
    whole_ = dict(carrier.dimensions)
    if "service_name" in said:
        whole_["Service Name"] = said["service_name"]
    of_metric = {
        "ActiveConnections": (1.0, "Count"),
        "BytesProcessed": (size, "Bytes"),
        "NewConnections": (1.0, "Count"),
        "PacketsDropped": (0.0, "Count"),
        "RstPacketsReceived": (0.0, "Count"),
    }
    for name, (value, unit) in of_metric.items():
        for dimensions in (whole_, {**whole_, "Subnet Id": subnet}):
            yield Datum("AWS/PrivateLinkEndpoints", name, dimensions, value, unit, when)
