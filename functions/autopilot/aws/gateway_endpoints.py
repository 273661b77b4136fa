"""Changes gateway endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, assert_never

from autopilot.aws import errors
from autopilot.aws.pages import call, pages, tagged, tags_of
from autopilot.aws.step import identity, logger
from autopilot.gateway.facts import Endpoint
from autopilot.gateway.plan import Item, NetworkOutcome
from autopilot.gateway.recheck import GONE, Remaining
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import client_token
from autopilot.reconcile.tags import endpoint_tags, owned_by

# One table may be refused for itself, and the call with it: then the others go without it.
_ONE_TABLE = (errors.NotFound, errors.RouteAlreadyExists, errors.RefusedByAws, errors.AccessDenied)
_MOST_REFUSALS = 5


class Endpoints(Protocol):
    """Makes the calls: this module, or what a test puts in its place."""

    def create(self, item: Item, owner: str, policy: str | None, execution: str) -> str:
        """Make one; its id."""

    def modify(self, item: Item, owner: str, policy: str | None) -> str:
        """Change one; its id."""


def carry_out(
    standing: Remaining, policy: Policy, execution: str, endpoints: Endpoints
) -> NetworkOutcome:
    """The change without the tables that AWS refuses by name: one bad one fails the whole call.

    Raises NoLongerWanted, other AwsErrors.
    """
    if standing.item is None:
        raise errors.NoLongerWanted(
            f"right before the call: {standing.why or 'the VPC is left alone'}"
        )
    item, refused = standing.item, dict[str, str]()
    while True:
        try:
            endpoint_id = _change(item, policy, execution, endpoints)
            break
        except _ONE_TABLE as error:
            named = {id_ for id_ in item.route_table_ids if id_ in str(error)}
            if not 0 < len(named) < len(item.route_table_ids) or len(refused) >= _MOST_REFUSALS:
                raise
            refused |= dict.fromkeys(named, str(error))
            kept = tuple(id_ for id_ in item.route_table_ids if id_ not in named)
            item = replace(item, route_table_ids=kept)
    if refused:
        logger.warning("tables refused by name", id=item.id, tables=refused)
    gone = [id_ for id_, why in standing.left.items() if why == GONE]
    done = replace(item, endpoint_id=endpoint_id)
    return NetworkOutcome(done, "done", left_out=tuple(sorted({*refused, *gone})))


def _change(item: Item, policy: Policy, execution: str, endpoints: Endpoints) -> str:
    document, owner = policy.document(item.endpoint_policy), identity().owner
    match item.action:
        case "create":
            return endpoints.create(item, owner, document, execution)
        case "modify":
            return endpoints.modify(item, owner, document)
        case _:
            assert_never(item.action)


def create(item: Item, owner: str, policy: str | None, execution: str) -> str:
    """Make the endpoint that `item` describes; its id. `policy`: JSON text, None for full access.

    Repeatable within an execution: the client token is the same. Raises AwsErrors,
    ValueError if the item names no VPC or no table.
    """
    if not item.vpc_id or not item.route_table_ids:
        raise ValueError(f"{item.id}: a gateway endpoint needs a VPC and route tables")
    document = {"PolicyDocument": policy} if policy is not None else {}
    answer = call(
        "ec2",
        "CreateVpcEndpoint",
        VpcEndpointType="Gateway",
        VpcId=item.vpc_id,
        ServiceName=item.service_name,
        RouteTableIds=list(item.route_table_ids),
        ClientToken=client_token(
            execution, item.vpc_id, item.service, *sorted(item.route_table_ids)
        ),
        **tagged("vpc-endpoint", endpoint_tags(owner, item.service)),
        **document,
    )
    return str(answer["VpcEndpoint"]["VpcEndpointId"])


def modify(item: Item, owner: str, policy: str | None) -> str:
    """Add the tables and set the policy that `item` names, in one call; the endpoint's id.

    Reads the endpoint first: it may have been deleted, given away or served since the plan.
    Raises NotOurs, NotFound, other AwsErrors.
    """
    endpoint = _ours(item.endpoint_id or "", owner)
    missing = [t for t in item.route_table_ids if t not in endpoint.route_table_ids]
    request: dict[str, object] = {"AddRouteTableIds": missing} if missing else {}
    if item.set_policy:
        request |= {"ResetPolicy": True} if policy is None else {"PolicyDocument": policy}
    if request:
        call("ec2", "ModifyVpcEndpoint", VpcEndpointId=endpoint.id, **request)
    return endpoint.id


def _ours(endpoint_id: str, owner: str) -> Endpoint:
    if not endpoint_id:
        raise ValueError("no endpoint id: AWS would describe every endpoint")
    answer = next(pages("DescribeVpcEndpoints", VpcEndpointIds=[endpoint_id]), None)
    endpoint = _endpoint(answer) if answer else None
    if endpoint is None or not endpoint.lives:
        raise errors.NotFound(f"ec2:DescribeVpcEndpoints: {endpoint_id} is gone, or going")
    if not owned_by(endpoint.tags, owner) or endpoint.requester_managed:
        raise errors.NotOurs(
            f"ec2:ModifyVpcEndpoint: {endpoint_id} doesn't carry the tag of {owner}"
        )
    return endpoint


def _endpoint(answer: Mapping[str, Any]) -> Endpoint:
    """What a change asks of the endpoint."""
    return Endpoint(
        *(answer["VpcEndpointId"], answer["VpcId"], answer["ServiceName"], answer["State"]),
        route_table_ids=tuple(answer.get("RouteTableIds", ())),
        requester_managed=answer.get("RequesterManaged", False),
        tags=tags_of(answer),
    )
