"""Every permission of the connections' functions is needed: without it, ops hear of the denial."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.exceptions import ClientError

from demo import scenes
from tests.end_to_end.permissions import UNSEEN, Permission, permissions, the, without
from tests.end_to_end.reception import (
    PEER,
    PROVIDER,
    READER,
    STRANGER,
    Case,
    Reception,
    offer_zones,
    reception,
)

# A role of this one is not assumed before its permission is taken out.
LATE_PEER = "555555555555"
# Permissions that the story can't show to be missing, each with the reason.
SILENT = {
    **UNSEEN,
    "sqs:SendMessage": "dead letters of asynchronous calls; only relay's are, shown below",
    "events:PutEvents": "relay's: shown in its own test below",
}
SILENT_OF = {
    ("OpenHold", "states:SendTaskSuccess"): "used if the request is answered while its hold opens",
    ("PlanConnect", "dynamodb:DeleteItem"): "used for what was accepted a quarter of an hour ago",
    ("AnswerConnect", "dynamodb:DeleteItem"): "used if AWS refuses an answer: shown below",
    ("AnswerConnect", "ec2:CreateTags"): "a second memory, which AWS may not take: the first stays",
    ("PlanConnect", "ec2:DeleteTags"): "the same: a tag that stays gives no right beside a row",
}
KINDS = (
    "WorkflowFailed",
    "AnswerFailed",
    "NotificationsNotRegistered",
    "ConnectionAccepted",  # says why zones aren't known
    "ZoneAdvice",  # says why there is none
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    """A lab of its own: roles are crippled here."""
    with reception(tmp_path_factory.mktemp("policy"), peers=(PEER, LATE_PEER)) as made:
        yield made


def step_of(permission: Permission) -> str:
    return permission.role.removeprefix("EndpointAutopilot-ConnectionFunctions")


def story(desk: Reception, case: Case, *, answered: bool) -> str:
    """A look at everything there is; then, if so, a person answers the hold. What it was told."""
    desk.look(case)
    if not answered:
        return ""
    desk.opened(case.held)
    return desk.answer_hold(case.held)


def seen(desk: Reception) -> list[Permission]:
    return [
        permission
        for permission in permissions(desk.stage, "ConnectionFunctions")
        if permission.action not in SILENT
        and not any(
            step_of(permission).startswith(step) and permission.action == action
            for step, action in SILENT_OF
        )
    ]


def test_nothing_is_denied_and_each_permission_is_missed(desk: Reception) -> None:
    for _ in range(2):  # the second one closes what the first one held
        case = desk.prepare()
        desk.lab.clear_denials()
        story(desk, case, answered=False)
        assert not desk.undone(case)
        assert not desk.failures()
    assert json.loads(desk.answer_hold(case.held))["answer"] == "accept"
    desk.stage.told("HoldAnswered", case.held)
    assert not desk.lab.denials(), "with none taken out, no call to any service is denied"

    listed = seen(desk)
    assert len(listed) > 25, "the roles were found"
    assert not [permission.words for permission in listed if not missed(desk, permission)]


def missed(desk: Reception, permission: Permission) -> bool:
    """Whether ops, or the person who answers, hear of the action that is denied."""
    step = step_of(permission)
    case = desk.prepare(LATE_PEER if permission.action == "sts:AssumeRole" else PEER)
    with without(desk.stage, permission):
        said = story(desk, case, answered=step.startswith(("AnswerHold", "AnswerConnect")))
        heard = permission.action in said or hears(desk, permission.action)
    desk.look(case)
    if step.startswith("OpenHold"):
        settle(desk)
    return heard


def settle(desk: Reception) -> None:
    """Have a hold go well: its workflow's failure is told anew only once it is over."""
    case = desk.prepare()
    desk.look(case)
    desk.opened(case.held)
    desk.answer_hold(case.held)
    desk.stage.told("HoldAnswered", case.held)


def hears(desk: Reception, action: str) -> bool:
    """Whether ops are told of the action; what an execution says at its end comes soon after."""
    try:
        scenes.wait_until(
            lambda: [m for kind in KINDS for m in desk.stage.of_kind(kind, action)],
            bool,
            f"ops hear of {action}",
            seconds=10,
            every=0.1,
        )
    except scenes.NotInTime:
        return False
    return True


def test_a_claim_that_may_not_be_taken_back_is_told(desk: Reception) -> None:
    case = desk.prepare()
    desk.lab.fault("AcceptVpcEndpointConnections", error="UnauthorizedOperation")
    with without(desk.stage, the(desk.stage, "dynamodb:DeleteItem", "ConnectionFunctionsAnswer")):
        desk.look(case)
    assert desk.stage.of_kind("AnswerFailed", "dynamodb:DeleteItem")


def test_a_notification_that_may_not_be_relayed_ends_among_the_dead_letters(
    desk: Reception,
) -> None:
    sqs, functions = desk.lab.client("sqs"), desk.lab.client("lambda")
    relay = desk.function("Relay")
    urls = sqs.list_queues()["QueueUrls"]
    dead = next(url for url in urls if "QueuesDeadLetters" in url)  # an alarm watches it
    # The template says so (tests/infra); the lab's CloudFormation forgets it.
    arn = f"arn:aws:sqs:us-east-1:{PROVIDER}:{dead.rpartition('/')[2]}"
    functions.update_function_configuration(FunctionName=relay, DeadLetterConfig={"TargetArn": arn})
    record = {"Sns": {"MessageId": "1", "Message": desk.service.id}}
    with without(desk.stage, the(desk.stage, "events:PutEvents", "ConnectionFunctionsRelay")):
        # As SNS invokes it; the lab's SNS waits for the answer and tries once only.
        functions.invoke(
            FunctionName=relay,
            InvocationType="Event",
            Payload=json.dumps({"Records": [record]}),
        )
        (letter,) = scenes.wait_until(
            lambda: sqs.receive_message(QueueUrl=dead).get("Messages", []), bool, "a dead letter"
        )
    assert desk.service.id in letter["Body"]
    assert "events:PutEvents" in letter["Body"]


def session(
    desk: Reception, step: str, service: str, account: str = PROVIDER, region: str = "us-east-1"
) -> Any:
    """A client that may do what the step's function may; a person can't take on its own role."""
    own = desk.lab.client("iam", PROVIDER)
    role = next(p.role for p in permissions(desk.stage, f"ConnectionFunctions{step}"))
    name = f"as-{step}-{uuid4().hex[:8]}"
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    trust = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": root}]
    iam = desk.lab.client("iam", account)
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": trust})
    )["Role"]["Arn"]
    for policy in own.list_role_policies(RoleName=role)["PolicyNames"]:
        document = own.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    keys = desk.lab.client("sts", account).assume_role(RoleArn=made, RoleSessionName="test")
    return boto3.client(
        service,
        endpoint_url=desk.lab.url,
        region_name=region,
        aws_access_key_id=keys["Credentials"]["AccessKeyId"],
        aws_secret_access_key=keys["Credentials"]["SecretAccessKey"],
        aws_session_token=keys["Credentials"]["SessionToken"],
    )


@pytest.mark.parametrize("verdict", ["accept", "reject"])
@pytest.mark.parametrize(("account", "region"), [(STRANGER, "us-east-1"), (PROVIDER, "eu-west-1")])
def test_services_of_another_account_or_region_may_not_be_answered(
    desk: Reception, verdict: str, account: str, region: str
) -> None:
    answers = session(desk, "AnswerConnect", "ec2", account, region)
    call = getattr(answers, f"{verdict}_vpc_endpoint_connections")
    service = f"arn:aws:ec2:{region}:{account}:vpc-endpoint-service/vpce-svc-0123456789abcdef0"
    with pytest.raises(ClientError) as refused:
        call(ServiceId=service.rpartition("/")[2], VpcEndpointIds=["vpce-0123456789abcdef0"])
    error = refused.value.response["Error"]
    assert error["Code"] == "UnauthorizedOperation"
    assert f"on resource: {service} because no identity-based policy" in error["Message"]


def test_services_of_this_account_and_region_may_be_answered(desk: Reception) -> None:
    asked = desk.ask(STRANGER)
    answers = session(desk, "AnswerConnect", "ec2")
    made = answers.reject_vpc_endpoint_connections(
        ServiceId=desk.service.id, VpcEndpointIds=[asked]
    )
    assert not made.get("Unsuccessful")


def test_only_the_peers_readers_may_be_assumed(desk: Reception) -> None:
    offer_zones(desk.lab, PEER, "Admin")
    offer_zones(desk.lab, STRANGER)
    zones = session(desk, "CheckZones", "sts")

    assert zones.assume_role(RoleArn=role_arn(PEER, READER), RoleSessionName="test")
    for refused in (role_arn(PEER, "Admin"), role_arn(STRANGER, READER)):
        with pytest.raises(ClientError, match=r"AccessDenied.*sts:AssumeRole"):
            zones.assume_role(RoleArn=refused, RoleSessionName="test")


def role_arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"
