"""The functions of the connections and hold workflows, with what each may do."""

from __future__ import annotations

from autopilot.policy.model import Policy
from constructs import Construct

from infra.function import Common, Function, Size
from infra.functions import OWNER_TAG, ec2_arns, may_put_events
from infra.ledger import Ledger
from infra.topics import ConnectionTopic
from infra.zone_reader import readable

# As in `functions`: 512 MiB for the import and the first client, 1,024 for reading pages of XML.
RELAY = Size(memory=512, timeout=30)
PLAN_CONNECTIONS = Size(memory=1024, timeout=120)
ANSWER_CONNECTIONS = Size(memory=512, timeout=60)
REGISTER_NOTIFICATIONS = Size(memory=512, timeout=120)
SYNC_HOLDS = Size(memory=512, timeout=120)
OPEN_HOLD = Size(memory=512, timeout=30)
ANSWER_HOLD = Size(memory=512, timeout=30)
CHECK_ZONES = Size(memory=512, timeout=120)

# The ledger's partitions. A test holds them against the code that writes them.
CONNECTIONS, HOLDS, ORGANIZATION = "connection", "hold", "organization"
# Tags of connections. A test holds them against the code that writes them.
MARKS = (
    OWNER_TAG,
    *(f"endpoint-autopilot:{each}" for each in ("rule", "accepted-by", "accepted-at")),
)
READ, WRITE, DELETE = "Query", "PutItem", "DeleteItem"
ANY_SERVICE = "It serves endpoint services that don't exist yet, all of this account."
PEERS_READER = "Peers' accounts aren't known, the role's name is; those who have it name us there."


class ConnectionFunctions(Construct):
    """`relay`, and the steps from planning to answering, holding and comparing zones."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        common: Common,
        ledger: Ledger,
        topic: ConnectionTopic,
        policy: Policy,
    ) -> None:
        super().__init__(scope, id)
        self._common, self._ledger, self._policy = common, ledger, policy
        self.relay = self._relay(topic)
        self.plan_connections = self._plan_connections(topic)
        self.register_notifications = self._register_notifications(topic)
        self.answer_connections = self._answer_connections()
        self.sync_holds = self._of_holds("SyncHolds", "sync_holds", SYNC_HOLDS)
        self.open_hold = self._of_holds("OpenHold", "open_hold", OPEN_HOLD)
        self.answer_hold = self._of_holds("AnswerHold", "answer_hold", ANSWER_HOLD)
        self.check_zones = self._check_zones()

    def _function(self, id: str, module: str, size: Size, **environment: str) -> Function:
        return Function(
            self, id, common=self._common, module=module, size=size, environment=environment
        )

    @property
    def _table(self) -> str:
        return self._ledger.table.table_name

    def _relay(self, topic: ConnectionTopic) -> Function:
        relay = self._function("Relay", "relay", RELAY)
        may_put_events(relay)
        topic.feeds(relay.function, self._common.dead_letters)
        return relay

    def _plan_connections(self, topic: ConnectionTopic) -> Function:
        plan = self._function(
            "PlanConnections",
            "plan_connections",
            PLAN_CONNECTIONS,
            LEDGER_TABLE=self._table,
            CONNECTION_TOPIC_ARN=topic.topic.topic_arn,
        )
        plan.allow(
            "ec2:DescribeVpcEndpointServiceConfigurations",
            "ec2:DescribeVpcEndpointConnections",
            "ec2:DescribeVpcEndpointConnectionNotifications",
            on="*",
        )
        may_read_permissions(plan)
        self._let_mark(plan, "DeleteTags", "ResourceTag")
        self._ledger.let(plan, READ, WRITE, DELETE, among=[CONNECTIONS])
        self._ledger.let(plan, READ, among=[HOLDS])
        self._let_ask_the_organization(plan)
        if self._policy.zones.before_accepting == "hold":
            self._let_read_zones(plan)
        return plan

    def _register_notifications(self, topic: ConnectionTopic) -> Function:
        register = self._function(
            "RegisterNotifications",
            "register_notifications",
            REGISTER_NOTIFICATIONS,
            CONNECTION_TOPIC_ARN=topic.topic.topic_arn,
        )
        # A notification is no resource: both are checked on its service (Service Authorization
        # Reference, "Amazon EC2").
        register.allow(
            "ec2:CreateVpcEndpointConnectionNotification",
            "ec2:ModifyVpcEndpointConnectionNotification",
            on=ec2_arns("vpc-endpoint-service"),
            because=ANY_SERVICE,
        )
        return register

    def _answer_connections(self) -> Function:
        answer = self._function(
            "AnswerConnections",
            "answer_connections",
            ANSWER_CONNECTIONS,
            LEDGER_TABLE=self._table,
        )
        answer.allow(
            "ec2:DescribeVpcEndpointConnections",
            "ec2:DescribeVpcEndpointServiceConfigurations",
            on="*",
        )
        may_read_permissions(answer)
        answer.allow(
            "ec2:AcceptVpcEndpointConnections",
            "ec2:RejectVpcEndpointConnections",
            on=ec2_arns("vpc-endpoint-service"),
        )
        self._let_mark(answer, "CreateTags", "RequestTag")
        self._ledger.let(answer, READ, WRITE, DELETE, among=[CONNECTIONS])
        self._ledger.let(answer, READ, WRITE, among=[HOLDS])
        self._ledger.let(answer, READ, among=[ORGANIZATION])
        return answer

    def _let_mark(self, function: Function, action: str, whose: str) -> None:
        """Our own tags on connections, and no others."""
        function.allow(
            f"ec2:{action}",
            on=ec2_arns("vpc-endpoint-connection"),
            when={
                "StringEquals": {f"aws:{whose}/{OWNER_TAG}": self._common.owner},
                "ForAllValues:StringEquals": {"aws:TagKeys": list(MARKS)},
            },
            because="It answers connections that don't exist yet, all of this account's services.",
        )

    def _of_holds(self, id: str, module: str, size: Size) -> Function:
        """Starting executions comes with the workflow."""
        function = self._function(id, module, size, LEDGER_TABLE=self._table)
        # No resource, says the Service Authorization Reference. Without the task's token, which
        # only the ledger holds, nobody can use it.
        function.allow("states:SendTaskSuccess", on="*")
        self._ledger.let(function, READ, WRITE, among=[HOLDS])
        return function

    def _check_zones(self) -> Function:
        check = self._function("CheckZones", "check_zones", CHECK_ZONES)
        check.allow("ec2:DescribeVpcEndpointServices", on="*")
        self._let_read_zones(check)
        return check

    def _let_read_zones(self, function: Function) -> None:
        function.allow("ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", on="*")
        for role in readable(self._policy.zones.peers):
            function.allow("sts:AssumeRole", on=role, because=_reason(role))

    def _let_ask_the_organization(self, function: Function) -> None:
        organization = self._policy.organization
        if organization is None:
            return
        self._ledger.let(function, READ, WRITE, among=[ORGANIZATION])
        if organization.read_by is None:
            # An account of nobody's organization has no ARN of ours: what a narrower permission
            # says of it, "not found" or "denied", is written nowhere; and all asked for are read.
            function.allow("organizations:DescribeAccount", "organizations:ListParents", on="*")
        else:
            function.allow("sts:AssumeRole", on=organization.read_by)


def may_read_permissions(function: Function) -> None:
    """Let a function read who is on the permission lists of the account's endpoint services."""
    services = ec2_arns("vpc-endpoint-service")
    function.allow("ec2:DescribeVpcEndpointServicePermissions", on=services, because=ANY_SERVICE)


def _reason(role: str) -> str:
    return PEERS_READER if "*" in role else ""
