"""Reads how the VPCs stand in which others' calls were refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autopilot.aws.pages import filters, pages, tags_of, type_of
from autopilot.reconcile.attached import AttachedEndpoint, Group
from autopilot.reconcile.tags import owned_by
from autopilot.reconcile.withdrawn import STACK_TAG
from autopilot.withdraw.events import Demand
from autopilot.withdraw.facts import Interface, NetworkContents, Vpc, VpcContents

_PAGE = 1000
_TABLES_PAGE = 100
_ONLY = "PrivateDnsOnlyForInboundResolverEndpoint"
_Rows = Mapping[str, list[Any]]


def survey(demands: Iterable[Demand], owner: str) -> NetworkContents:
    """The VPCs that the demands lead to; all of one only where something of `owner`'s is in it."""
    stacks: dict[str, str] = {}
    vpc_of = _places(tuple(demands), stacks)
    vpc_ids = sorted({*vpc_of.values()})
    if not vpc_ids:
        return NetworkContents()
    vpcs = tuple(_list("Vpcs", "vpc-id", vpc_ids))
    owners = {v["VpcId"]: v["OwnerId"] for v in vpcs}
    stacks |= _stacks(vpcs, "VpcId")
    endpoints = _by_vpc(_list("VpcEndpoints", "vpc-id", vpc_ids), attached_endpoint)
    groups = _by_vpc(_list("SecurityGroups", "vpc-id", vpc_ids), _named_group)
    found = {v: (*endpoints[v], *groups[v]) for v in owners}
    touched = [v for v in found if any(owned_by(each.tags, owner) for each in found[v])]
    subnets, tables, interfaces = _others(touched)
    lists = (endpoints, groups, subnets, tables, interfaces)
    by_vpc = {
        vpc_id: VpcContents(vpc_id, account, *(tuple(each[vpc_id]) for each in lists))
        for vpc_id, account in owners.items()
    }
    named = tuple(Vpc(v["VpcId"], tags_of(v)) for v in vpcs)
    return NetworkContents(by_vpc, vpc_of, stacks, named)


def attached_endpoint(answer: Mapping[str, Any]) -> AttachedEndpoint:
    """An endpoint of any type as the API describes it; VPC Lattice's have no service's name."""
    return AttachedEndpoint(
        id=answer["VpcEndpointId"],
        vpc_id=answer["VpcId"],
        service_name=answer.get("ServiceName", ""),
        type=type_of(answer),
        state=answer["State"],
        requester_managed=answer.get("RequesterManaged", False),
        table_ids=tuple(sorted(answer.get("RouteTableIds", ()))),
        subnet_ids=tuple(sorted(answer.get("SubnetIds", ()))),
        group_ids=tuple(sorted(group["GroupId"] for group in answer.get("Groups", ()))),
        interface_ids=tuple(sorted(answer.get("NetworkInterfaceIds", ()))),
        tags=tags_of(answer),
        inbound_only=answer.get("DnsOptions", {}).get(_ONLY, False),
    )


def group(answer: Mapping[str, Any]) -> Group:
    """A security group as the API describes it."""
    return Group(answer["GroupId"], answer["VpcId"], answer["GroupName"], tags_of(answer))


def _stacks(answers: Iterable[Mapping[str, Any]], member: str) -> dict[str, str]:
    """The CloudFormation stacks that made resources, by the resources' ids."""
    tagged = ((each[member], tags_of(each)) for each in answers)
    return {id_: tags[STACK_TAG] for id_, tags in tagged if STACK_TAG in tags}


def _places(demands: tuple[Demand, ...], stacks: dict[str, str]) -> dict[str, str]:
    """The VPC of each resource that is demanded and still there; a VPC's is itself.

    Puts the stacks that made tables into `stacks`.
    """
    found = {demand.id: demand.id for demand in demands if demand.kind == "vpc"}
    for kind, key, name, member in (
        ("subnet", "Subnets", "subnet-id", "SubnetId"),
        ("group", "SecurityGroups", "group-id", "GroupId"),
        ("route", "RouteTables", "route-table-id", "RouteTableId"),
    ):
        ids = {demand.id for demand in demands if demand.kind == kind}
        if ids:
            listed = tuple(_list(key, name, ids))
            found |= {each[member]: each["VpcId"] for each in listed}
            stacks |= _stacks(listed, member)
    return found


def _others(vpc_ids: list[str]) -> tuple[_Rows, _Rows, _Rows]:
    """Subnets, tables but the main one, and network interfaces, by VPC."""
    if not vpc_ids:
        nothing: _Rows = defaultdict(list)
        return nothing, nothing, nothing
    return (
        _by_vpc(_list("Subnets", "vpc-id", vpc_ids), lambda subnet: subnet["SubnetId"]),
        _by_vpc(_list("RouteTables", "vpc-id", vpc_ids), _own_table),
        _by_vpc(_list("NetworkInterfaces", "vpc-id", vpc_ids), _interface_of),
    )


def _by_vpc(answers: Iterable[Mapping[str, Any]], read: Any) -> _Rows:
    found = defaultdict[str, list[Any]](list)
    for answer in answers:
        made = read(answer)
        if made is not None:
            found[answer["VpcId"]].append(made)
    return found


def _named_group(answer: Mapping[str, Any]) -> Group | None:
    """The default group goes with its VPC; nobody else may bear its name (EC2 API reference)."""
    return None if answer["GroupName"] == "default" else group(answer)


def _own_table(answer: Mapping[str, Any]) -> str | None:
    main = any(each.get("Main", False) for each in answer.get("Associations", ()))
    return None if main else str(answer["RouteTableId"])


def _interface_of(answer: Mapping[str, Any]) -> Interface:
    groups = tuple(sorted(group["GroupId"] for group in answer.get("Groups", ())))
    return Interface(answer["NetworkInterfaceId"], answer.get("SubnetId", ""), groups)


def _list(key: str, name: str, values: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    size = _TABLES_PAGE if key == "RouteTables" else _PAGE
    # Interfaces that the account hides from itself keep a subnet too.
    more: dict[str, Any] = {"IncludeManagedResources": True} if key == "NetworkInterfaces" else {}
    for chosen in filters(name, values):
        yield from pages(f"Describe{key}", Filters=chosen, MaxResults=size, **more)
