"""Permissions of endpoint services: which principals may find a service and ask it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..call import Call, Operations
from ..errors import AwsError, invalid_parameter
from ..identifiers import PERMISSION
from ..listing import Item, Kind, Listing, describe
from ..network import Network, new_id
from ..principals import Principal, invalid_principal, parse
from ..privatelink import Permission, Service
from . import endpoint_services

_SCOPES = ("vpc-endpoint", "transit-gateway-attachment")


def view(network: Network, permission: Permission, _now: float) -> Item:
    """A permission as DescribeVpcEndpointServicePermissions shows it."""
    return {
        "PrincipalType": permission.kind,
        "Principal": permission.principal,
        "ServicePermissionId": permission.id,
        "Tags": network.tags_of(permission.id),
        "ServiceId": permission.service_id,
        "PermissionType": permission.scope,
    }


def _unsaid(call: Call, item: Item) -> Item:
    """The item as an AWS shows it that says the type only where it isn't the default."""
    if call.world.settings.permission_types or item["PermissionType"] != _SCOPES[0]:
        return item
    return {name: value for name, value in item.items() if name != "PermissionType"}


def _all(network: Network) -> Iterable[Permission]:
    for service in network.services.values():
        yield from service.permissions.values()


KIND = Kind("vpc-endpoint-service-permission", _all, lambda _permission: None, view)

_LISTING = Listing(
    kind=KIND,
    result="AllowedPrincipals",
    ids="(none)",
    id_kind=PERMISSION,
    id_filter="service-permission-id",
    vpc_filter=None,
    filters={
        "permission-type": ("PermissionType",),
        "principal": ("Principal",),
        "principal-type": ("PrincipalType",),
        # Not AWS's: how the operation's ServiceId narrows the list down.
        "service-id": ("ServiceId",),
    },
)
_page = describe(_LISTING)


def _describe(call: Call) -> Item:
    service_id = call.get("ServiceId")
    endpoint_services.own(call, service_id)
    filters = call.get("Filters", [])
    if any(each.get("Name") == "service-id" for each in filters):
        raise AwsError("InvalidFilter", "The filter 'service-id' is invalid")
    only = {"Name": "service-id", "Values": [service_id]}
    page = _page(replace(call, parameters={**call.parameters, "Filters": [*filters, only]}))
    return {**page, _LISTING.result: [_unsaid(call, each) for each in page[_LISTING.result]]}


def allow(service: Service, principal: Principal, scope: str) -> Permission:
    """Adds a permission to a service."""
    made = Permission(new_id("vpce-svc-perm"), service.id, principal.text, principal.kind, scope)
    service.permissions[made.id] = made
    return made


def _held(service: Service, principal: str, scope: str) -> Permission | None:
    for each in service.permissions.values():
        if (each.principal, each.scope) == (principal, scope):
            return each
    return None


def _modify(call: Call) -> Item:
    """Adds and removes; what is there already, or not there at all, changes nothing."""
    service, scope = endpoint_services.own(call, call.get("ServiceId")), _scope(call)
    partition = call.network.partition
    wanted = [parse(each, partition) for each in call.get("AddAllowedPrincipals", [])]
    _refuse_organizations(call, wanted)
    unwanted = [parse(each, partition) for each in call.get("RemoveAllowedPrincipals", [])]
    for principal in unwanted:
        found = _held(service, principal.text, scope)
        if found is not None:
            del service.permissions[found.id]
            call.network.forget_tags(found.id)
    added = [
        allow(service, principal, scope)
        for principal in dict.fromkeys(wanted)
        if _held(service, principal.text, scope) is None
    ]
    return {"AddedPrincipals": [_added(each) for each in added], "ReturnValue": True}


def _refuse_organizations(call: Call, wanted: Iterable[Principal]) -> None:
    if call.world.settings.organization_principals:
        return
    for each in wanted:
        if ":organizations:" in each.text:
            raise invalid_principal(each.text)


def _scope(call: Call) -> str:
    """The PermissionType; only services of gateway load balancers have another than the first."""
    scope: str = call.get("PermissionType", _SCOPES[0])
    if scope not in _SCOPES:
        raise invalid_parameter(f"The permission type {scope} is not valid.")
    if scope != _SCOPES[0]:
        raise invalid_parameter(
            f"The permission type {scope} is supported only for Gateway Load Balancer endpoint"
            " services."
        )
    return scope


def _added(permission: Permission) -> Item:
    return {
        "PrincipalType": permission.kind,
        "Principal": permission.principal,
        "ServicePermissionId": permission.id,
        "ServiceId": permission.service_id,
        "PermissionType": permission.scope,
    }


OPERATIONS: Operations = {
    "DescribeVpcEndpointServicePermissions": _describe,
    "ModifyVpcEndpointServicePermissions": _modify,
}
