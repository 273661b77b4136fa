"""Events that go to buses of other accounts and Regions, or nowhere."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, LabError, wait_until

HUB, SPOKE, STRANGER, MANAGEMENT = "620000000001", "620000000002", "620000000003", "620000000009"
HOME, AWAY = "us-east-1", "eu-west-1"
EVENTS = "events.amazonaws.com"


def client(lab: Lab, service: str, account: str, region: str) -> Any:
    return lab.session(account).client(service, region_name=region)


@pytest.fixture(scope="module")
def organization(one_lab: Lab) -> str:
    for account in (HUB, SPOKE):
        one_lab.join(account, MANAGEMENT)
    found = one_lab.client("organizations", HUB).describe_organization()["Organization"]
    return str(found["Id"])


@pytest.fixture
def source() -> str:
    return f"test.{uuid.uuid4().hex[:12]}"


class Place:
    """A queue in an account and Region that EventBridge may send to."""

    def __init__(self, lab: Lab, account: str, region: str) -> None:
        self.account, self.region = account, region
        self._sqs = client(lab, "sqs", account, region)
        self.url = self._sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:12]}")["QueueUrl"]
        asked = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn: str = asked["Attributes"]["QueueArn"]
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": EVENTS},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})

    def got(self, seconds: int = 5) -> list[dict[str, Any]]:
        found = self._sqs.receive_message(
            QueueUrl=self.url, WaitTimeSeconds=seconds, MessageAttributeNames=["All"]
        ).get("Messages", [])
        return [{"body": json.loads(m["Body"]), "why": attributes(m)} for m in found]


def attributes(message: dict[str, Any]) -> dict[str, str]:
    return {name: a["StringValue"] for name, a in message.get("MessageAttributes", {}).items()}


def bus(lab: Lab, statement: dict[str, Any] | None) -> str:
    """A bus of the hub's, with a policy of this statement."""
    events, name = client(lab, "events", HUB, HOME), f"bus-{uuid.uuid4().hex[:12]}"
    arn: str = events.create_event_bus(Name=name)["EventBusArn"]
    if statement:
        said = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": arn, **statement}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [said]})
        events.put_permission(EventBusName=name, Policy=policy)
    return arn


def of_organization(organization: str) -> dict[str, Any]:
    condition = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    return {"Sid": "organization", "Principal": "*", "Condition": condition}


def role(lab: Lab, account: str, bus_arn: str, trusted: str = EVENTS) -> str:
    iam, name = client(lab, "iam", account, HOME), f"r-{uuid.uuid4().hex[:12]}"
    trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus_arn}
    documents = [{"Version": "2012-10-17", "Statement": [each]} for each in (trust, may)]
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(documents[0]))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(documents[1]))
    return str(made["Role"]["Arn"])


def rule(
    lab: Lab, account: str, region: str, source: str, target: dict[str, Any], on: str = "default"
) -> str:
    events, name = client(lab, "events", account, region), f"rule-{uuid.uuid4().hex[:12]}"
    pattern = json.dumps({"source": [source]})
    arn: str = events.put_rule(Name=name, EventPattern=pattern, EventBusName=on)["RuleArn"]
    events.put_targets(Rule=name, EventBusName=on, Targets=[{"Id": "1", **target}])
    return arn


def put(lab: Lab, account: str, region: str, source: str, on: str = "default") -> dict[str, Any]:
    entry = {
        "Source": source,
        "DetailType": "a test",
        "Detail": json.dumps({"of": source}),
        "EventBusName": on,
    }
    entries = client(lab, "events", account, region).put_events(Entries=[entry])["Entries"]
    answer: dict[str, Any] = entries[0]
    return answer


def heard(lab: Lab, bus_arn: str, source: str) -> Place:
    """A queue that hears what comes to a bus of the hub's."""
    place = Place(lab, HUB, HOME)
    rule(lab, HUB, HOME, source, {"Arn": place.arn}, bus_arn.rpartition("/")[2])
    return place


def test_an_event_crosses_accounts_and_regions_as_it_is(
    lab: Lab, organization: str, source: str
) -> None:
    to = bus(lab, of_organization(organization))
    hub = heard(lab, to, source)
    rule(lab, SPOKE, AWAY, source, {"Arn": to, "RoleArn": role(lab, SPOKE, to)})
    put_id = put(lab, SPOKE, AWAY, source)["EventId"]
    (message,) = hub.got()
    event = message["body"]
    assert (event["account"], event["region"]) == (SPOKE, AWAY)
    assert event["detail"] == {"of": source}
    # Another Region's bus gives it an id of its own.
    assert event["id"] != put_id


def test_in_its_region_an_event_keeps_its_id(lab: Lab, organization: str, source: str) -> None:
    to = bus(lab, of_organization(organization))
    hub = heard(lab, to, source)
    rule(lab, SPOKE, HOME, source, {"Arn": to, "RoleArn": role(lab, SPOKE, to)})
    put_id = put(lab, SPOKE, HOME, source)["EventId"]
    (message,) = hub.got()
    assert message["body"]["id"] == put_id
    assert (message["body"]["account"], message["body"]["region"]) == (SPOKE, HOME)


def crossing(
    lab: Lab, source: str, to: str, account: str = SPOKE, role_arn: str | None = None
) -> dict[str, str]:
    """Send an event that isn't delivered; what the dead letter says of it."""
    dead = Place(lab, account, AWAY)
    target = {
        "Arn": to,
        "RoleArn": role_arn or role(lab, account, to),
        "DeadLetterConfig": {"Arn": dead.arn},
    }
    sent_by = rule(lab, account, AWAY, source, target)
    put(lab, account, AWAY, source)
    (message,) = dead.got()
    assert message["body"]["detail"] == {"of": source}
    why: dict[str, str] = message["why"]
    assert (why.pop("RULE_ARN"), why.pop("TARGET_ARN")) == (sent_by, to)
    return why


def test_a_stranger_to_the_organization_is_not_let_in(
    lab: Lab, organization: str, source: str
) -> None:
    to = bus(lab, of_organization(organization))
    hub = heard(lab, to, source)
    why = crossing(lab, source, to, STRANGER)
    assert (why["ERROR_CODE"], why["RETRY_ATTEMPTS"]) == ("NO_PERMISSIONS", "0")
    assert "no resource-based policy allows the events:PutEvents action" in why["ERROR_MESSAGE"]
    assert not hub.got(0)


@pytest.mark.parametrize(
    ("other", "trusted", "code"),
    [(True, EVENTS, "NO_PERMISSIONS"), (False, "scheduler.amazonaws.com", "FAILED_TO_ASSUME_ROLE")],
)
def test_the_rules_role_has_to_be_allowed_and_to_trust(
    lab: Lab, organization: str, source: str, other: bool, trusted: str, code: str
) -> None:
    to = bus(lab, of_organization(organization))
    may = role(lab, SPOKE, f"{to}-other" if other else to, trusted)
    assert crossing(lab, source, to, role_arn=may)["ERROR_CODE"] == code


def test_a_bus_that_is_not_there_is_not_tried_again(lab: Lab, source: str) -> None:
    to = bus(lab, {"Principal": "*"})
    gone = bus(lab, {"Principal": {"AWS": f"arn:aws:iam::{SPOKE}:root"}})
    client(lab, "events", HUB, HOME).delete_event_bus(Name=gone.rpartition("/")[2])
    assert crossing(lab, source, gone)["ERROR_CODE"] == "NO_RESOURCE"
    assert to != gone


def test_a_bus_passes_nothing_on_to_a_third(lab: Lab, organization: str, source: str) -> None:
    first = bus(lab, of_organization(organization))
    third = client(lab, "events", HUB, HOME).create_event_bus(Name=f"b-{uuid.uuid4().hex[:12]}")
    to, dead = third["EventBusArn"], Place(lab, HUB, HOME)
    target = {
        "Arn": to,
        "RoleArn": role(lab, HUB, to),
        "DeadLetterConfig": {"Arn": dead.arn},
    }
    rule(lab, HUB, HOME, source, target, first.rpartition("/")[2])
    rule(lab, SPOKE, AWAY, source, {"Arn": first, "RoleArn": role(lab, SPOKE, first)})
    put(lab, SPOKE, AWAY, source)
    (message,) = dead.got()
    assert message["why"]["ERROR_CODE"] == "THIRD_ACCOUNT_HOP_DETECTED"


def test_an_account_that_tells_a_bus_of_its_own_is_heard_once(
    lab: Lab, organization: str, source: str
) -> None:
    """A hub that is a spoke as well, in the same account and Region: its events don't go round."""
    to = bus(lab, of_organization(organization))
    hub = heard(lab, to, source)
    rule(lab, HUB, HOME, source, {"Arn": to, "RoleArn": role(lab, HUB, to)})
    put(lab, HUB, HOME, source)
    (message,) = hub.got()
    assert (message["body"]["account"], message["body"]["region"]) == (HUB, HOME)
    assert not hub.got(1)


def test_nobody_of_the_organization_speaks_as_aws_or_as_another_product(
    lab: Lab, organization: str
) -> None:
    allowed = of_organization(organization)
    allowed["Condition"]["StringEquals"]["events:source"] = "endpoint-autopilot"
    to = bus(lab, allowed)
    hub = heard(lab, to, "endpoint-autopilot")
    assert put(lab, SPOKE, HOME, "endpoint-autopilot", to)["EventId"]
    assert len(hub.got()) == 1
    for source in ("aws.ec2", "other", "Endpoint-Autopilot"):
        with pytest.raises(ClientError, match="AccessDenied"):
            put(lab, SPOKE, HOME, source, to)
    anybody = bus(lab, of_organization(organization))
    answer = put(lab, SPOKE, HOME, "aws.ec2", anybody)
    assert answer["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_bus_takes_events_as_they_are_and_by_a_role(lab: Lab, source: str) -> None:
    to, name = bus(lab, None), f"rule-{uuid.uuid4().hex[:12]}"
    events = client(lab, "events", SPOKE, AWAY)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
    changed = {"Id": "1", "Arn": to, "RoleArn": role(lab, SPOKE, to), "Input": "{}"}
    with pytest.raises(ClientError, match="Modifying the input for target 1 is not supported"):
        events.put_targets(Rule=name, Targets=[changed])
    with pytest.raises(ClientError, match="RoleArn is required"):
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": to}])


@pytest.fixture
def reached(lab: Lab) -> Iterator[Lab]:
    yield lab
    lab._ask("DELETE", "buses")


def test_what_an_unreachable_bus_missed_comes_once_it_is_back(
    reached: Lab, organization: str, source: str
) -> None:
    lab, to = reached, bus(reached, of_organization(organization))
    hub, dead = heard(lab, to, source), Place(lab, SPOKE, AWAY)
    may = role(lab, SPOKE, to)
    target = {"Arn": to, "RoleArn": may, "DeadLetterConfig": {"Arn": dead.arn}}
    rule(lab, SPOKE, AWAY, source, target)
    lab.bus(to, down=True)
    put(lab, SPOKE, AWAY, source)
    assert not hub.got(1)
    lab.bus(to, down=False)
    (message,) = hub.got()
    assert message["body"]["detail"] == {"of": source}
    assert not dead.got(0)
    with pytest.raises(LabError, match="down"):
        lab._ask("POST", "buses", {"bus": to, "down": "no"})


def test_what_is_tried_too_often_is_a_dead_letter(
    reached: Lab, organization: str, source: str
) -> None:
    lab, to = reached, bus(reached, of_organization(organization))
    dead = Place(lab, SPOKE, AWAY)
    target = {
        "Arn": to,
        "RoleArn": role(lab, SPOKE, to),
        "DeadLetterConfig": {"Arn": dead.arn},
        "RetryPolicy": {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 3600},
    }
    rule(lab, SPOKE, AWAY, source, target)
    lab.bus(to, down=True)
    put(lab, SPOKE, AWAY, source)
    (message,) = wait_until(lambda: dead.got(1) or None, 10, "the dead letter")
    assert message["why"]["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert message["why"]["RETRY_ATTEMPTS"] == "1"
    assert message["why"]["ERROR_CODE"] == "CROSS_ACCOUNT_INGESTION_FAILED"


def test_put_events_by_hand_bears_the_callers_account_and_the_buss_region(
    lab: Lab, organization: str, source: str
) -> None:
    to = bus(lab, of_organization(organization))
    hub = heard(lab, to, source)
    put(lab, SPOKE, HOME, source, to)
    (message,) = hub.got()
    assert (message["body"]["account"], message["body"]["region"]) == (SPOKE, HOME)
    with pytest.raises(ClientError, match=r"AccessDenied.*no resource-based policy allows"):
        put(lab, STRANGER, HOME, source, to)
    # Another Region's bus isn't one of this endpoint's.
    assert put(lab, SPOKE, AWAY, source, to)["ErrorCode"] == "ResourceNotFoundException"


def test_put_permission_lets_one_account_in(lab: Lab, source: str) -> None:
    to = bus(lab, None)
    hub, events = heard(lab, to, source), client(lab, "events", HUB, HOME)
    name = to.rpartition("/")[2]
    events.put_permission(
        EventBusName=name, StatementId="one", Principal=STRANGER, Action="events:PutEvents"
    )
    put(lab, STRANGER, HOME, source, to)
    assert hub.got()
    events.remove_permission(EventBusName=name, StatementId="one")
    with pytest.raises(ClientError, match="AccessDenied"):
        put(lab, STRANGER, HOME, source, to)


def test_a_stack_makes_a_bus_with_its_policy(lab: Lab, organization: str, source: str) -> None:
    stacks, name = client(lab, "cloudformation", HUB, HOME), f"s-{uuid.uuid4().hex[:12]}"
    allowed = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": {"Fn::GetAtt": ["Bus", "Arn"]},
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}},
    }
    policy = {
        "Type": "AWS::Events::EventBusPolicy",
        "Properties": {
            "EventBusName": {"Ref": "Bus"},
            "StatementId": "organization",
            "Statement": allowed,
        },
    }
    bus_ = {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}}
    body = json.dumps({"Resources": {"Bus": bus_, "Policy": policy}})
    stacks.create_stack(StackName=name, TemplateBody=body)
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    to = f"arn:aws:events:{HOME}:{HUB}:event-bus/{name}"
    hub = heard(lab, to, source)
    put(lab, SPOKE, HOME, source, to)
    assert hub.got()
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    events = client(lab, "events", HUB, HOME)
    assert name not in {each["Name"] for each in events.list_event_buses()["EventBuses"]}
