"""What PrivateLink keeps: endpoint services, permissions, interface endpoints, connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .aws_services import amazon_domain

#: Types of endpoints that VPC Lattice serves: they name no service (AWS CLI's examples).
LATTICE = frozenset({"Resource", "ServiceNetwork", "Tunnel"})


@dataclass
class Permission:
    """Who may ask: `kind` is the API's PrincipalType, `scope` its PermissionType."""

    id: str
    service_id: str
    principal: str
    kind: str
    scope: str = "vpc-endpoint"


@dataclass
class PrivateDns:
    """A service's private DNS name, and the TXT record `record` = `value` that proves it."""

    name: str
    record: str
    value: str
    state: str = "pendingVerification"


@dataclass
class Service:
    """An endpoint service that an account publishes.

    `zone_ids` are those of its load balancers when it was last created or modified: a zone that a
    balancer gains later is not the service's until then (PrivateLink guide, load balancers).
    `kind` is the type of its endpoints: Interface or GatewayLoadBalancer.
    """

    id: str
    owner: str
    region: str
    acceptance_required: bool
    balancer_arns: list[str]
    zone_ids: list[str]
    supported_regions: list[str]
    created: datetime
    #: From when on endpoints can ask for it (seconds since the epoch).
    ready_at: float = 0.0
    kind: str = "Interface"
    address_types: list[str] = field(default_factory=lambda: ["ipv4"])
    private_dns: PrivateDns | None = None
    permissions: dict[str, Permission] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name by which consumers ask for it."""
        return f"com.amazonaws.vpce.{self.region}.{self.id}"

    @property
    def dns_suffix(self) -> str:
        """What the names of its endpoints end with."""
        return f"{self.id}.{self.region}.vpce.{amazon_domain(self.region)}"


@dataclass
class InterfaceEndpoint:
    """An endpoint with network interfaces. `interfaces` is subnet id -> network interface id.

    `settled_at` is when the change now running ends; `service_id` is None for AWS's own services.
    `kind` is its VpcEndpointType; one of LATTICE has `lattice_arn` where others have a service.
    `inbound_only`: private DNS is for inbound resolvers, and not for the VPC itself.
    """

    id: str
    owner: str
    region: str
    vpc_id: str
    service_name: str
    service_region: str
    service_id: str | None
    dns_label: str
    dns_suffix: str
    private_dns_name: str | None
    private_zone_id: str
    policy: str
    created: datetime
    state: str
    settled_at: float
    group_ids: list[str]
    private_dns: bool = False
    interfaces: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    requester_managed: bool = False
    error: tuple[str, str] | None = None
    kind: str = "Interface"
    lattice_arn: str = ""
    address_type: str = "ipv4"
    record_type: str = "ipv4"
    inbound_only: bool = False


@dataclass(frozen=True)
class Attachment:
    """A transit gateway attachment that asks a service for a connection."""

    id: str
    owner: str
    state: str


@dataclass
class Connection:
    """What the provider sees of an endpoint, or of an attachment, that asks for its service."""

    id: str
    service_id: str
    created: datetime
    balancer_arns: list[str]
    endpoint: InterfaceEndpoint | None = None
    attachment: Attachment | None = None

    @property
    def state(self) -> str:
        """The state, as the API writes it."""
        if self.endpoint is not None:
            return self.endpoint.state
        return self.attachment.state if self.attachment else "failed"


@dataclass
class Notification:
    """A connection notification: which events of a service or of an endpoint go to which topic."""

    id: str
    topic_arn: str
    events: list[str]
    region: str
    service_id: str | None = None
    endpoint_id: str | None = None
    enabled: bool = True
