"""One account's network in one Region: moto's EC2 backend, plus what the lab adds to it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ec2.models import EC2Backend

from . import chance
from .prefix_lists import CIDRS, IPV6_CIDRS, OTHERS, list_name, prefix_list_id
from .privatelink import Connection, InterfaceEndpoint, Notification, Service


@dataclass
class Endpoint:
    """A gateway endpoint. `settled_at` is when the change now running ends (seconds, epoch)."""

    id: str
    vpc_id: str
    service: str
    service_name: str
    prefix_list_ids: list[str]
    policy: str
    created: datetime
    settled_at: float
    route_table_ids: list[str] = field(default_factory=list)
    pending: bool = True
    deleting: bool = False
    requester_managed: bool = False
    error: tuple[str, str] | None = None
    address_type: str = "ipv4"
    record_type: str = "ipv4"


@dataclass(frozen=True)
class Gone:
    """An endpoint that is deleted and still listed for a while: what describes show of it."""

    id: str
    vpc_id: str
    item: dict[str, Any]


class Network(EC2Backend):  # type: ignore[misc]  # moto is untyped
    """moto's backend without its default VPC, with VPC endpoints and real prefix lists."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.endpoints: dict[str, Endpoint] = {}
        self.interface_endpoints: dict[str, InterfaceEndpoint] = {}
        self.gone_endpoints: dict[str, Gone] = {}
        self.services: dict[str, Service] = {}
        self.connections: dict[str, Connection] = {}
        self.notifications: dict[str, Notification] = {}

    def create_default_vpc(self) -> None:
        """Makes none: accounts of the lab start empty (CreateDefaultVpc makes one)."""
        return

    def _load_amis(self) -> None:
        """Loads none: the lab runs no instances, and the catalogue costs time and memory."""

    def create_default_pls(self) -> None:
        """AWS's prefix lists, with ids that all accounts share."""
        sixes = {f"ipv6.{service}": blocks for service, blocks in IPV6_CIDRS.items()}
        for short, blocks in {**CIDRS, **sixes, **OTHERS}.items():
            known = set(self.managed_prefix_lists)
            self._create_aws_managed_prefix_list(
                name=list_name(self.region_name, short),
                address_family="IPv6" if ":" in blocks[0] else "IPv4",
                entries=[{"Cidr": cidr} for cidr in blocks],
            )
            made = (set(self.managed_prefix_lists) - known).pop()
            listing = self.managed_prefix_lists.pop(made)
            listing.id = prefix_list_id(self.region_name, short)
            listing.prefix_list_arn = (
                f"arn:{self.partition}:ec2:{self.region_name}:aws:prefix-list/{listing.id}"
            )
            self.managed_prefix_lists[listing.id] = listing

    def tags_of(self, identifier: str) -> list[dict[str, str]]:
        """A resource's tags in EC2's shape (straight from moto's store: its own way is slow)."""
        return [{"Key": k, "Value": v} for k, v in self.tags.get(identifier, {}).items()]

    def forget_tags(self, identifier: str) -> None:
        """Drops the tags of a resource that is gone."""
        self.tags.pop(identifier, None)

    def all_subnets(self) -> Iterator[Any]:
        """Every subnet, in the order of their making."""
        for subnets in self.subnets.values():
            yield from subnets.values()

    def subnets_of(self, vpc_id: str) -> list[Any]:
        """The VPC's subnets."""
        return [subnet for subnet in self.all_subnets() if subnet.vpc_id == vpc_id]

    def tables_of(self, vpc_id: str) -> list[Any]:
        """The VPC's route tables, the main one included."""
        return [table for table in self.route_tables.values() if table.vpc_id == vpc_id]

    def interfaces_in(self, subnet_id: str) -> list[Any]:
        """The network interfaces in a subnet."""
        return [eni for eni in self.enis.values() if eni.subnet.id == subnet_id]

    def endpoints_of(self, vpc_id: str) -> list[Endpoint | InterfaceEndpoint]:
        """The VPC's endpoints, those being deleted included."""
        gateways = [each for each in self.endpoints.values() if each.vpc_id == vpc_id]
        return [*gateways, *self.interfaces_to(vpc_id)]

    def interfaces_to(self, vpc_id: str) -> list[InterfaceEndpoint]:
        """The VPC's interface endpoints."""
        every = self.interface_endpoints.values()
        return [endpoint for endpoint in every if endpoint.vpc_id == vpc_id]

    @property
    def permission_ids(self) -> set[str]:
        """The ids of every permission of the account's services."""
        return {
            each.id for service in self.services.values() for each in service.permissions.values()
        }

    @property
    def connection_ids(self) -> set[str]:
        """The ids of every connection to the account's services."""
        return {connection.id for connection in self.connections.values()}

    def free_address(self, subnet: Any) -> str | None:
        """The lowest free IPv4 address of a subnet (AWS keeps the first four and the last)."""
        if not subnet.cidr_block:
            return None
        taken = {
            address["PrivateIpAddress"]
            for eni in self.interfaces_in(subnet.id)
            for address in eni.private_ip_addresses
        }
        network = ipaddress.ip_network(subnet.cidr_block)
        for number in range(4, network.num_addresses - 1):
            address = str(network.network_address + number)
            if address not in taken:
                return address
        return None


def new_id(prefix: str) -> str:
    """A resource id of today's length, such as `vpce-0123456789abcdef0`."""
    return f"{prefix}-{'0' + chance.token_hex(prefix, 8)}"
