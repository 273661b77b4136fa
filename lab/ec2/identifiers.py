"""Resource ids: what form they have, and what EC2 answers when one is malformed or unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import AwsError, quoted

_HEX = re.compile(r"[0-9a-f]{8}(?:[0-9a-f]{9})?")


@dataclass(frozen=True)
class IdKind:
    """A kind of id. The messages take `{id}`; `many` is the message for several missing ones."""

    prefix: str
    not_found: str
    missing: str
    malformed: str
    broken: str = 'Invalid id: "{id}" (expecting "{prefix}-...")'
    many: str = ""

    def check(self, identifier: str) -> str:
        """The id itself.

        Raises:
            AwsError: it has not the form of this kind.
        """
        head, _, tail = identifier.partition(f"{self.prefix}-")
        if head or not _HEX.fullmatch(tail):
            text = self.broken.format(id=identifier, prefix=self.prefix)
            raise AwsError(self.malformed, text)
        return identifier

    def unknown(self, *identifiers: str) -> AwsError:
        """The error for ids that do not exist."""
        text = self.missing if len(identifiers) == 1 or not self.many else self.many
        return AwsError(self.not_found, text.format(id=quoted(identifiers)))


def _classic(prefix: str, code: str, noun: str) -> IdKind:
    """A kind of EC2's older framework, whose messages all have one form."""
    return IdKind(
        prefix=prefix,
        not_found=f"{code}.NotFound",
        missing=f"The {noun} ID '{{id}}' does not exist",
        malformed=f"{code}.Malformed",
        many=f"The {noun} IDs '{{id}}' do not exist",
    )


def _endpoint_style(prefix: str, code: str, noun: str) -> IdKind:
    """A kind as the VPC endpoint calls name it (terraform-provider-aws #111 has the wording)."""
    return IdKind(
        prefix=prefix,
        not_found=f"{code}.NotFound",
        missing=f"The {noun} Id '{{id}}' does not exist",
        malformed=f"{code}.Malformed",
        broken=(
            "Invalid Id: '{id}' (expecting '{prefix}-...; the Id may only contain lowercase"
            " alphanumeric characters and a single dash')"
        ),
    )


VPC = _classic("vpc", "InvalidVpcID", "vpc")
SUBNET = _classic("subnet", "InvalidSubnetID", "subnet")
ROUTE_TABLE = _classic("rtb", "InvalidRouteTableID", "routeTable")
INTERFACE = _classic("eni", "InvalidNetworkInterfaceID", "networkInterface")
INTERNET_GATEWAY = _classic("igw", "InvalidInternetGatewayID", "internetGateway")
ASSOCIATION = _classic("rtbassoc", "InvalidAssociationID", "association")
ALLOCATION = _classic("eipalloc", "InvalidAllocationID", "allocation")
PREFIX_LIST = _classic("pl", "InvalidPrefixListID", "prefix list")
ACL = _classic("acl", "InvalidNetworkAclID", "networkAcl")
DHCP_OPTIONS = _classic("dopt", "InvalidDhcpOptionID", "dhcpOption")
#: DescribePrefixLists spells it its own way.
PLAIN_PREFIX_LIST = _classic("pl", "InvalidPrefixListId", "prefix list")
GROUP = IdKind(
    prefix="sg",
    not_found="InvalidGroup.NotFound",
    missing="The security group '{id}' does not exist",
    malformed="InvalidGroupId.Malformed",
)
GROUP_RULE = IdKind(
    prefix="sgr",
    not_found="InvalidSecurityGroupRuleId.NotFound",
    missing="The security group rule ID '{id}' does not exist",
    malformed="InvalidSecurityGroupRuleId.Malformed",
)
NAT_GATEWAY = IdKind(
    prefix="nat",
    not_found="NatGatewayNotFound",
    missing="The Nat Gateway {id} was not found",
    malformed="NatGatewayMalformed",
)
ENDPOINT = _endpoint_style("vpce", "InvalidVpcEndpointId", "Vpc Endpoint")
ENDPOINT_VPC = _endpoint_style("vpc", "InvalidVpcId", "Vpc")
ENDPOINT_TABLE = _endpoint_style("rtb", "InvalidRouteTableId", "Route Table")
#: DeleteVpcEndpoints names a missing endpoint by the second code (terraform-provider-aws
#: looks for it there).
ENDPOINT_TO_DELETE = _endpoint_style("vpce", "InvalidVpcEndpoint", "Vpc Endpoint")
ENDPOINT_SUBNET = _endpoint_style("subnet", "InvalidSubnetId", "Subnet")
SERVICE = _endpoint_style("vpce-svc", "InvalidVpcEndpointServiceId", "VpcEndpointService")
#: DeleteVpcEndpointServiceConfigurations has a code of its own (openshift/hypershift looks for it).
SERVICE_TO_DELETE = _endpoint_style("vpce-svc", "InvalidVpcEndpointService", "VpcEndpointService")
#: terraform-provider-aws knows this code; its wording is believed.
NOTIFICATION = IdKind(
    prefix="vpce-nfn",
    not_found="InvalidConnectionNotification",
    missing="The connection notification '{id}' does not exist",
    malformed="InvalidConnectionNotification",
)
CONNECTION = _endpoint_style(
    "vpce-con", "InvalidVpcEndpointConnectionId", "Vpc Endpoint Connection"
)
PERMISSION = _endpoint_style(
    "vpce-svc-perm", "InvalidVpcEndpointServicePermissionId", "Vpc Endpoint Service Permission"
)

_TAGGABLE: dict[str, tuple[IdKind, str]] = {
    "vpc": (VPC, "vpc"),
    "subnet": (SUBNET, "subnet"),
    "rtb": (ROUTE_TABLE, "route-table"),
    "eni": (INTERFACE, "network-interface"),
    "igw": (INTERNET_GATEWAY, "internet-gateway"),
    "eipalloc": (ALLOCATION, "elastic-ip"),
    "sg": (GROUP, "security-group"),
    "sgr": (GROUP_RULE, "security-group-rule"),
    "acl": (ACL, "network-acl"),
    "dopt": (DHCP_OPTIONS, "dhcp-options"),
    "nat": (NAT_GATEWAY, "natgateway"),
    "vpce": (ENDPOINT, "vpc-endpoint"),
    "vpce-con": (CONNECTION, "vpc-endpoint-connection"),
    "vpce-svc": (SERVICE, "vpc-endpoint-service"),
    "vpce-svc-perm": (PERMISSION, "vpc-endpoint-service-permission"),
}


def taggable(identifier: str) -> tuple[IdKind, str] | None:
    """The kind of an id that can bear tags, with DescribeTags' name of its type."""
    whole, first = identifier.rpartition("-")[0], identifier.partition("-")[0]
    return _TAGGABLE.get(whole) or _TAGGABLE.get(first)


def check_all(kind: IdKind, identifiers: Iterable[str]) -> None:
    """Checks the form of every id.

    Raises:
        AwsError: one of them is malformed.
    """
    for identifier in identifiers:
        kind.check(identifier)
