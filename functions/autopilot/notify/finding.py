"""Something that ops should know and that lasts until it is put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

NetworkKind = Literal[
    "RouteTableBusy",
    "RouteTakenAway",
    "QuotaNear",
    "QuotaReached",
    "PlannedChange",
    "EndpointFailed",
    "ForeignEndpointPolicy",
    "ChangeFailed",
    "EventsNotArriving",
]
ConnectionKind = Literal[
    "ConnectionHeld",
    "ConnectionNotAllowed",
    "PlannedAnswer",
    "AnswerFailed",
    "NotificationsNotRegistered",
    "NotificationsNotArriving",
    "ZonesMisaligned",
    "ZoneAdvice",
]
ServiceKind = Literal[
    "ServiceUnwanted",
    "AlreadyPublished",
    "PrivateNameNotVerified",
    "PlannedServiceChange",
    "ServiceChangeFailed",
    "ServiceEventsNotArriving",
]
InterfaceKind = Literal[
    "InterfaceNotPossible",
    "ServedByOthers",
    "PrivateDnsOff",
    "InterfaceUnwanted",
    "InterfaceEndpointFailed",
    "InterfaceChangeFailed",
    "PlannedInterfaceChange",
    "ParameterNotOurs",
    "InterfaceQuotaNear",
    "InterfaceQuotaReached",
]
RemovalKind = Literal[
    "StillServing",
    "RouteContested",
    "WithdrawalPlanned",
    "WithdrawalFailed",
    "RetirementPlanned",
    "RetirementFailed",
    "StillConnected",
]
Kind = Literal[
    NetworkKind, ConnectionKind, ServiceKind, InterfaceKind, RemovalKind, "WorkflowFailed"
]
Severity = Literal["info", "action", "failure"]

_OF_NETWORK: Mapping[str, NetworkKind] = {kind: kind for kind in get_args(NetworkKind)}
_OF_CONNECTIONS: Mapping[str, ConnectionKind] = {kind: kind for kind in get_args(ConnectionKind)}
_OF_SERVICES: Mapping[str, ServiceKind] = {kind: kind for kind in get_args(ServiceKind)}
_OF_INTERFACES: Mapping[str, InterfaceKind] = {kind: kind for kind in get_args(InterfaceKind)}


@dataclass(frozen=True)
class Finding:
    """One finding; `data` is small and holds ids and numbers, plain JSON types only.

    `subject` is what it is about: "vpc-1/s3", "vpce-svc-1/vpce-2", a Region, "network/Carry out"
    (a state of a workflow). What findings on connections and zones bear is written where they are
    made: `autopilot.connections.plan`, `autopilot.connections.zones`; on published services:
    `autopilot.services.plan`; on interface endpoints: `autopilot.interfaces.plan`.

    | kind | subject | data |
    |---|---|---|
    | RouteTableBusy | vpc/service | endpoint_id: ours, or null; route_table_ids; until: ISO |
    | | | start of the next window, or null |
    | RouteTakenAway | vpc/service | endpoint_id: ours, or null; route_table_ids; times |
    | QuotaNear | Region | used, wanted, limit, limit_read, why_not_read |
    | QuotaReached | Region | the same, left_undone: item ids (50 at most), left_undone_count |
    | PlannedChange | vpc/service | action, endpoint_id, route_table_ids, set_policy, reason |
    | EndpointFailed | vpc/service | endpoint_id, state |
    | ForeignEndpointPolicy | vpc/service | endpoint_ids: others', endpoint_policy: its name |
    | ChangeFailed | vpc/service | what `change_failed` puts there |
    | WorkflowFailed | workflow/state | workflow, state, error, cause, trigger |
    | EventsNotArriving, | "sweep" | found_by_sweep, sweeps_in_a_row |
    | NotificationsNotArriving, | | |
    | ServiceEventsNotArriving | | |
    | NotificationsNotRegistered | endpoint service | error, message |
    | StillServing | vpc/endpoint | endpoint_id, service_name, subnet_id, others, by |
    | RouteContested | vpc/endpoint/table | action, thing, parts, service_name, by |
    | WithdrawalPlanned | vpc/thing | action, thing, parts, reason, by |
    | WithdrawalFailed, | vpc/thing, thing | error, message, action, thing, parts, reason |
    | RetirementFailed | | |
    | RetirementPlanned | "everything" | why, things: ids (50 at most), counts: by kind |
    | StillConnected | endpoint service | connections: endpoint ids (50 at most), count |
    """

    kind: Kind
    subject: str
    severity: Severity
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Stable as long as it is the same finding: kind and subject."""
        return f"{self.kind}/{self.subject}"

    @property
    def of_network(self) -> NetworkKind | None:
        """Its kind if it is the network workflow's."""
        return _OF_NETWORK.get(self.kind)

    @property
    def of_connections(self) -> ConnectionKind | None:
        """Its kind if it is the connections workflow's."""
        return _OF_CONNECTIONS.get(self.kind)

    @property
    def of_services(self) -> ServiceKind | None:
        """Its kind if it is the services workflow's."""
        return _OF_SERVICES.get(self.kind)

    @property
    def of_interfaces(self) -> InterfaceKind | None:
        """Its kind if it is the interfaces workflow's."""
        return _OF_INTERFACES.get(self.kind)

    @property
    def vpc_id(self) -> str | None:
        """The VPC that it is about, None if it is about no single one."""
        return self.subject.split("/")[0] if self.subject.startswith("vpc-") else None

    @property
    def service_id(self) -> str | None:
        """The endpoint service that it is about, None if it is about no single one."""
        return self.subject.split("/")[0] if self.subject.startswith("vpce-svc-") else None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject,
            "severity": self.severity,
            "data": dict(self.data),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Finding:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return Finding(data["kind"], data["subject"], data["severity"], dict(data["data"]))
