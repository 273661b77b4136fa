"""Makes, changes and deletes the endpoint services that the stack publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, assert_never

from autopilot.aws import connection_answers
from autopilot.aws.endpoint_services import connected, services
from autopilot.aws.errors import (
    AlreadyExists,
    AwsError,
    NotFound,
    NotOurs,
    NotSettledYet,
    OperationInProgress,
    ParameterMismatch,
    PrincipalRejected,
    RefusedByAws,
    StillConnected,
    refusal,
)
from autopilot.aws.pages import call, tagged
from autopilot.reconcile.identity import client_token
from autopilot.reconcile.tags import owned_by
from autopilot.services.facts import EndpointService, service_tags
from autopilot.services.plan import ServiceItem, ServiceOutcome

# The entries of a permission list that are about endpoints; the others are nobody's business here.
_ENTRIES = "vpc-endpoint"
_CREATE = "ec2:CreateVpcEndpointServiceConfiguration"
_DELETE = "ec2:DeleteVpcEndpointServiceConfigurations"
# The plan no longer fits how things stand: another look tells what does.
_STALE = (AlreadyExists, NotFound, ParameterMismatch, NotOurs, StillConnected)
# Ops hear anyway that the name isn't verified; whether AWS is at it already doesn't matter.
_NOT_VERIFIED = (*_STALE, OperationInProgress, RefusedByAws)


def apply(item: ServiceItem, owner: str, execution: str) -> ServiceOutcome:
    """Carry out one change; its outcome. Raises the AwsErrors that make it no outcome yet."""
    stale = _NOT_VERIFIED if item.action == "verify" else _STALE
    try:
        return _apply(item, owner, execution)
    except stale as error:
        return ServiceOutcome(item, "stale", type(error).__name__, str(error))


def _apply(item: ServiceItem, owner: str, execution: str) -> ServiceOutcome:
    match item.action:
        case "publish":
            return ServiceOutcome.published(item, *publish(item, owner, execution))
        case "allow":
            return ServiceOutcome.allowed(item, allow(item, owner), PrincipalRejected.__name__)
        case "change" | "revoke" | "verify" | "retire":
            _CALLS[item.action](item, owner)
            return ServiceOutcome(item, "done")
        case _:
            assert_never(item.action)


def publish(item: ServiceItem, owner: str, execution: str) -> tuple[str, str]:
    """Make the service that `item` describes; its id and name, or those of one that is there.

    Repeatable within an execution: the client token is the same. AWS lets several services stand
    for one load balancer, so another execution's is looked for first (one that both miss goes with
    the next look). Raises AlreadyExists if somebody else has made one, other AwsErrors,
    ValueError.
    """
    if not item.balancer_arn:
        raise ValueError(f"{item.id}: a service needs a load balancer")
    if there := _made_meanwhile(item, owner):
        return there.id, there.name
    answer = call(
        "ec2", "CreateVpcEndpointServiceConfiguration", **_creation(item, owner, execution)
    )
    made = answer["ServiceConfiguration"]
    return str(made["ServiceId"]), str(made.get("ServiceName", ""))


def _made_meanwhile(item: ServiceItem, owner: str) -> EndpointService | None:
    """The stack's service for the load balancer. Raises AlreadyExists for somebody else's."""
    behind = [service for service in services() if item.balancer_arn in service.balancer_arns]
    ours = [service for service in behind if owned_by(service.tags, owner)]
    if behind and not ours:
        raise AlreadyExists(f"{_CREATE}: {behind[0].id} stands for the load balancer already")
    return min(ours, key=lambda service: service.id) if ours else None


def _creation(item: ServiceItem, owner: str, execution: str) -> dict[str, Any]:
    asked = (item.balancer_arn, item.private_name or "", *sorted(item.add_regions))
    return {
        "AcceptanceRequired": True,
        "NetworkLoadBalancerArns": [item.balancer_arn],
        "ClientToken": client_token(execution, *asked),
        **tagged("vpc-endpoint-service", service_tags(owner, item.balancer_arn)),
        **_given(PrivateDnsName=item.private_name, SupportedRegions=item.add_regions),
    }


def _given(**members: str | bool | tuple[str, ...] | None) -> dict[str, Any]:
    """The members of a request that say something."""
    lists = {name: [*m] if isinstance(m, tuple) else m for name, m in members.items()}
    return {name: member for name, member in lists.items() if member}


def change(item: ServiceItem, owner: str) -> None:
    """Put right what `item` names, in one call, which takes the load balancers' zones as well.

    Raises NotOurs, NotFound, other AwsErrors.
    """
    _check_owner(item, owner, "ModifyVpcEndpointServiceConfiguration")
    request = _given(
        PrivateDnsName=item.private_name,
        AddNetworkLoadBalancerArns=item.add_balancers,
        RemoveNetworkLoadBalancerArns=item.remove_balancers,
        AddSupportedRegions=item.add_regions,
        RemoveSupportedRegions=item.remove_regions,
        AcceptanceRequired=item.require_acceptance,
    )
    call("ec2", "ModifyVpcEndpointServiceConfiguration", ServiceId=item.service_id, **request)


def allow(item: ServiceItem, owner: str) -> Mapping[str, str]:
    """Put the principals on the list; those that AWS doesn't take, with its words.

    One that AWS refuses fails the whole call, so the others are put there by calls of their own.
    Raises RefusedByAws if all are refused for another reason than themselves, AwsError's other
    subclasses.
    """
    _check_owner(item, owner, "ModifyVpcEndpointServicePermissions")
    refused = _allow(item.service_id, item.principals)
    errors = list(refused.values())
    if len(errors) == len(item.principals) and isinstance(errors[0], RefusedByAws):
        raise errors[0]
    return {principal: str(error) for principal, error in refused.items()}


def _allow(service_id: str, principals: Sequence[str]) -> Mapping[str, AwsError]:
    """Those that are refused: looked for by halves, so that one of fifty costs a dozen calls."""
    try:
        _permit(service_id, AddAllowedPrincipals=list(principals))
    except (PrincipalRejected, RefusedByAws) as error:
        if len(principals) == 1:
            return {principals[0]: error}
        return {k: v for part in _parts(principals) for k, v in _allow(service_id, part).items()}
    return {}


def _parts(principals: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Organizations and units apart, which AWS may not take at all; else two halves."""
    of_organizations = [p for p in principals if ":organizations:" in p]
    others = [p for p in principals if p not in of_organizations]
    if of_organizations and others:
        return others, of_organizations
    middle = len(principals) // 2
    return principals[:middle], principals[middle:]


def revoke(item: ServiceItem, owner: str) -> None:
    """Take the principals off the list."""
    _check_owner(item, owner, "ModifyVpcEndpointServicePermissions")
    _permit(item.service_id, RemoveAllowedPrincipals=list(item.principals))


def verify(item: ServiceItem, owner: str) -> None:
    """Have AWS look for the record of the private DNS name."""
    _check_owner(item, owner, "StartVpcEndpointServicePrivateDnsVerification")
    call("ec2", "StartVpcEndpointServicePrivateDnsVerification", ServiceId=item.service_id)


def unpublish(item: ServiceItem, owner: str) -> None:
    """Delete the service; `item.reject`: cut what is connected first.

    Raises StillConnected if it is in use, NotSettledYet while what was cut still holds it, NotOurs,
    NotFound, other AwsErrors.
    """
    _check_owner(item, owner, "DeleteVpcEndpointServiceConfigurations")
    living = connected([item.service_id]).get(item.service_id, ())
    if living and item.reject:
        connection_answers.reject(item.service_id, living)
    elif living:
        raise StillConnected(f"{_DELETE}: {item.service_id} has {len(living)} connections")
    _delete(item)


def _delete(item: ServiceItem) -> None:
    """A failure stands in the answer, as a code and words, and raises nothing by itself."""
    answer = call("ec2", "DeleteVpcEndpointServiceConfigurations", ServiceIds=[item.service_id])
    failed = answer.get("Unsuccessful", ())
    if not failed:
        return
    error = refusal(failed[0].get("Error", {}), _DELETE)
    if isinstance(error, NotFound):
        return
    if isinstance(error, StillConnected) and item.reject:
        raise NotSettledYet(str(error))
    raise error


def _permit(service_id: str, **principals: Sequence[str]) -> None:
    call(
        "ec2",
        "ModifyVpcEndpointServicePermissions",
        ServiceId=service_id,
        PermissionType=_ENTRIES,
        **principals,
    )


def _check_owner(item: ServiceItem, owner: str, operation: str) -> None:
    """Raises NotFound or NotOurs unless the service is there and carries the tag of `owner`."""
    if not item.service_id:
        raise ValueError(f"{item.id}: no service id")
    found = next(services([item.service_id]), None)
    if found is None:
        raise NotFound(f"ec2:{operation}: {item.service_id} is gone, or going")
    if not owned_by(found.tags, owner):
        raise NotOurs(f"ec2:{operation}: {item.service_id} doesn't carry the tag of {owner}")


_CALLS: Mapping[str, Callable[[ServiceItem, str], None]] = {
    "change": change,
    "revoke": revoke,
    "verify": verify,
    "retire": unpublish,
}
