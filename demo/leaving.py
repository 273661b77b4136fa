"""Chapter 13: somebody deletes the VPC, with what is ours still in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from botocore.exceptions import ClientError

from demo.scenes import Network, endpoints_in
from demo.stage import Stage
from demo.telling import chapter, expect, say, show_mail, show_rows

Calls = Mapping[str, Callable[[], object]]
REFUSED = "DependencyViolation"


def a_vpc_is_deleted(stage: Stage, network: Network) -> None:
    """Chapter 13: in the order of `terraform destroy`, which tries again what was refused."""
    chapter("13. The VPC is given up: `terraform destroy`, and our endpoints are still in it")
    ec2, vpc = stage.ec2, network.vpc_id
    subnets = _subnets_left(stage, vpc)
    _delete(stage, {id_: partial(ec2.delete_subnet, SubnetId=id_) for id_ in subnets}, "subnets")
    for table in network.table_ids:
        ec2.delete_route_table(RouteTableId=table)
    say(f"   {len(network.table_ids)} route tables go at once")
    _delete(stage, {vpc: partial(ec2.delete_vpc, VpcId=vpc)}, "VPC")
    told = stage.await_told("SteppedAside", about=vpc)
    show_mail(told[0], steps=1)
    of = [{"Name": "vpc-id", "Values": [vpc]}]

    def left() -> list[object]:
        groups = ec2.describe_security_groups(Filters=of)["SecurityGroups"]
        return [*endpoints_in(ec2, vpc), *groups]

    # Describes may trail the last deletion.
    found = stage.wait_for(left, lambda things: not things, "our endpoints and groups are gone")
    expect(not found, "nothing is left, and nobody had to know that we were there")


def _subnets_left(stage: Stage, vpc: str) -> list[str]:
    """The VPC's subnets, once the team's own network interfaces are gone, as terraform does it."""
    of = [{"Name": "vpc-id", "Values": [vpc]}]
    for each in stage.ec2.describe_network_interfaces(Filters=of)["NetworkInterfaces"]:
        if each["InterfaceType"] == "interface":
            stage.ec2.delete_network_interface(NetworkInterfaceId=each["NetworkInterfaceId"])
    found = stage.ec2.describe_subnets(Filters=of)["Subnets"]
    return [subnet["SubnetId"] for subnet in found]


def _delete(stage: Stage, calls: Calls, what: str) -> None:
    """Delete them; what AWS refuses, again and again until it goes."""
    first = {id_: _refusal(call) for id_, call in calls.items()}
    show_rows((what, "AWS says"), *((id_, why or "deleted") for id_, why in first.items()))
    left = {id_: calls[id_] for id_, why in first.items() if why}
    expect(bool(left), f"AWS refuses {len(left)} of {len(first)}: our endpoints are in the way")
    stage.wait_for(partial(_still_refused, left), lambda refused: not refused, "it tries again")
    expect(not left, "we stepped aside: it went through")


def _still_refused(left: dict[str, Callable[[], object]]) -> list[str]:
    """Try each of `left` once more and take out what goes; what is refused."""
    for id_ in [id_ for id_, call in left.items() if not _refusal(call)]:
        del left[id_]
    return [*left]


def _refusal(call: Callable[[], object]) -> str:
    """Why AWS refuses because of what is inside; "" if it does as asked."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] != REFUSED:
            raise
        return REFUSED
    return ""
