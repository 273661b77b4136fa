"""What a doctor makes of AWS's answers: one table for each kind of ailment, and its commands."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws.errors import AccessDenied, RefusedByAws, Throttled
from autopilot.policy.model import Policy
from autopilot.reconcile.quota import Limit

from cli.checkup import (
    deployment,
    dry_run,
    functions,
    listening,
    notified,
    quotas,
    things,
    trails,
    triggers,
)
from cli.checkup.asking import Asking, Gone
from cli.checkup.model import KINDS, Ailment, Checkup, Seen, Shell, Unchecked
from cli.checkup.template import comparable
from cli.deployed import Deployed

SHELL = Shell()
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TOPIC = "arn:aws:sns:us-east-1:111111111111:Ops"
SEEN = Seen("Thing", "AWS::Some::Thing", "thing-1")
ROOT = Path(__file__).parents[2]
ROOT_OF = "arn:aws:iam::111111111111:root"


def kinds(found: Iterable[Ailment]) -> list[str]:
    return [each.kind for each in found]


def words(command: str) -> dict[str, str]:
    """A command's options, by name."""
    said = shlex.split(command)
    return {
        name: value
        for name, value in zip(said, [*said[1:], "--"], strict=True)
        if name.startswith("--") and not value.startswith("--")
    }


def only(found: Iterable[Ailment]) -> Ailment:
    (each,) = found
    return each


# --- commands


def test_commands_are_quoted_and_bear_what_the_operator_named() -> None:
    shell = Shell("eu-west-1", "prod admin", "Other")
    made = shell.aws("sns", "set-topic-attributes", "--flag", topic_arn="a b", value='{"x": "$Y"}')
    assert shlex.split(made) == [
        *("aws", "sns", "set-topic-attributes", "--topic-arn", "a b", "--value", '{"x": "$Y"}'),
        *("--flag", "--region", "eu-west-1", "--profile", "prod admin"),
    ]
    home = shell.aws("cloudtrail", "start-logging", name="t", region="us-east-1")
    assert home.count("--region") == 1
    assert shell.autopilot("sweep") == (
        "./autopilot sweep --stack Other --region eu-west-1 --profile 'prod admin'"
    )
    assert Shell().autopilot("sweep") == "./autopilot sweep"


# --- what comes of it


@pytest.mark.parametrize(
    ("ailments", "unchecked", "code"),
    [
        ((), (), 0),
        ((), (Unchecked("x", "no"),), 1),
        ((Ailment("alarm-on", "a", "b", "c"),), (), 2),
        ((Ailment("alarm-on", "a", "b", "c"),), (Unchecked("x", "no"),), 2),
    ],
)
def test_the_exit_code(
    ailments: tuple[Ailment, ...], unchecked: tuple[Unchecked, ...], code: int
) -> None:
    assert Checkup(ailments, unchecked).code == code


def test_what_is_gone_is_no_lack_of_permission_and_a_denial_is_never_gone() -> None:
    ask = Asking(SHELL)

    def raises(error: Exception) -> Callable[[], Any]:
        def asked() -> Any:
            raise error

        return asked

    assert isinstance(ask.one("it", raises(RefusedByAws("iam:GetRole: NoSuchEntity: x"))), Gone)
    assert ask.unchecked == []
    denied = AccessDenied("iam:GetRole: AccessDenied: role does not exist for you")
    assert ask.one("roles", raises(denied)) is None
    assert ask.one("roles", raises(denied)) is None
    assert ask.one("rules", raises(Throttled("events:DescribeRule: Throttling: slow"))) is None
    assert [(each.what, each.needs) for each in ask.unchecked] == [
        ("roles", "iam:GetRole"),
        ("rules", ""),
    ]
    assert [one for one, _ in ask.each("n", range(20), lambda number: number)] == [*range(20)]


# --- trails

CALLS = frozenset({trails.Call("ec2.amazonaws.com", "CreateVpc")})
ALL = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]


def trail(selectors: Any = ALL, *, logging: bool = True, theirs: bool = False) -> trails.Trail:
    return trails.Trail("t", "arn:trail/t", "eu-west-1", logging, theirs, selectors)


def advanced(*fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    return [{"FieldSelectors": [category, *fields]}]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], ["no-trail"]),
        ([trail(logging=False)], ["trail-stopped"]),
        ([trail(logging=False), trail()], []),
        ([trail()], []),
        ([trail([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}])], []),
        ([trail([{"ReadWriteType": "ReadOnly"}])], ["trail-leaves-out"]),
        ([trail([{"IncludeManagementEvents": False}])], ["trail-leaves-out"]),
        ([trail([{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}])], []),
        ([trail(advanced())], []),
        ([trail(advanced({"Field": "readOnly", "Equals": ["false"]}))], []),
        ([trail(advanced({"Field": "readOnly", "Equals": ["true"]}))], ["trail-leaves-out"]),
        (
            [trail(advanced({"Field": "eventSource", "NotEquals": ["ec2.amazonaws.com"]}))],
            ["trail-leaves-out"],
        ),
        ([trail(advanced({"Field": "eventName", "StartsWith": ["Delete"]}))], ["trail-leaves-out"]),
        ([trail(advanced({"Field": "eventName", "NotStartsWith": ["Delete"]}))], []),
        ([trail([{"IncludeManagementEvents": False}]), trail(advanced())], []),
        ([trail(None, theirs=True)], []),
        ([trail([])], ["trail-leaves-out"]),
    ],
)
def test_a_trail_has_to_log_what_wakes(found: list[trails.Trail], expected: list[str]) -> None:
    assert kinds(trails.ailments(found, CALLS, "us-east-1", SHELL)) == expected


def test_adding_management_events_keeps_what_a_trail_selects() -> None:
    data = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
    basic = [
        {"IncludeManagementEvents": False, "ReadWriteType": "ReadOnly", "DataResources": [data]}
    ]
    made = only(trails.ailments([trail(basic)], CALLS, "us-east-1", SHELL)).mend[0]
    assert json.loads(words(made)["--event-selectors"]) == [
        {"IncludeManagementEvents": True, "ReadWriteType": "All", "DataResources": [data]}
    ]
    assert words(made)["--region"] == "eu-west-1", "a trail is changed where it is at home"

    fields = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]
    made = only(trails.ailments([trail(fields)], CALLS, "us-east-1", SHELL)).mend[0]
    kept, added = json.loads(words(made)["--advanced-event-selectors"])
    assert kept == fields[0]
    assert added["FieldSelectors"] == [{"Field": "eventCategory", "Equals": ["Management"]}]


# --- who listens


def heard(protocol: str, *, confirmed: bool = True, **more: Any) -> listening.Subscription:
    arn = f"{TOPIC}:1" if confirmed else "PendingConfirmation"
    return listening.Subscription(arn, protocol, f"{protocol}@example.com", **more)


@pytest.mark.parametrize(
    ("found", "emails", "expected"),
    [
        ([], [], ["nobody-listens"]),
        ([heard("email")], [], []),
        ([heard("email", confirmed=False)], [], ["nobody-listens", "unconfirmed"]),
        ([heard("sqs"), heard("email", confirmed=False)], [], ["unconfirmed"]),
        ([heard("sqs")], ["a@example.com"], ["unsubscribed"]),
        ([heard("email")], ["email@example.com"], []),
        ([heard("email", filter={"severity": ["info"]})], [], ["filtered"]),
        ([heard("email", filter={"kind": ["ChangeFailed"]})], [], ["filtered"]),
        ([heard("email", filter={"severity": ["failure"]})], [], ["filtered"]),
        ([heard("email", filter={"severity": ["failure", "action"]})], [], []),
        ([heard("email", filter={"severity": ["info"]}), heard("sqs")], [], []),
        (
            [heard(one, filter={"severity": [one]}) for one in ("failure", "action")],
            [],
            [],
        ),
    ],
)  # fmt: skip
def test_somebody_has_to_hear_all(
    found: list[listening.Subscription], emails: list[str], expected: list[str]
) -> None:
    assert kinds(listening.of_ops(TOPIC, found, emails, SHELL)) == expected


def test_a_fleets_hub_hears_all_of_a_spoke() -> None:
    pending = [heard("email", confirmed=False)]
    assert kinds(listening.of_ops(TOPIC, [], [], SHELL, hub_hears=True)) == []
    assert kinds(listening.of_ops(TOPIC, pending, [], SHELL, hub_hears=True)) == ["unconfirmed"]


def test_who_hears_of_an_owners_things_only_is_nobody_who_listens() -> None:
    """As the automation has it: it keeps all news until somebody hears everything."""
    theirs = heard("email", filter={"owner": ["team-a"]})
    owners = ["Email@example.com"]
    told = listening.of_ops(TOPIC, [theirs], ["email@example.com"], SHELL, owners)
    assert kinds(told) == ["nobody-listens"]
    everything = heard("sqs")
    assert kinds(listening.of_ops(TOPIC, [theirs, everything], [], SHELL, owners)) == []


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, None),
        ({"FilterPolicy": "{}"}, None),
        ({"FilterPolicy": '{"severity": ["failure"]}'}, {"severity": ["failure"]}),
        ({"FilterPolicy": "{"}, {"?": []}),
        ({"FilterPolicy": '{"a": ["b"]}', "FilterPolicyScope": "MessageBody"}, {"?": []}),
    ],
)
def test_a_filter_that_is_not_understood_counts_as_one_that_swallows(
    attributes: dict[str, str], expected: Any
) -> None:
    assert listening.filter_of(attributes) == expected


@pytest.mark.parametrize(
    ("state", "commands"),
    [
        ("Enabled", []),
        ("Disabled", ["enable-key"]),
        ("PendingDeletion", ["cancel-key-deletion", "enable-key"]),
    ],
)
def test_a_key_has_to_be_usable(state: str, commands: list[str]) -> None:
    found = [*listening.of_key({"KeyState": state, "KeyId": "k"}, [TOPIC], SHELL)]
    assert [command.split()[2] for each in found for command in each.mend] == commands


def test_the_relay_has_to_be_subscribed() -> None:
    relay = listening.Subscription(f"{TOPIC}:2", "lambda", "arn:relay")
    assert kinds(listening.of_relay(TOPIC, [relay], "arn:relay", SHELL)) == []
    assert kinds(listening.of_relay(TOPIC, [relay], "arn:other", SHELL)) == ["relay-unsubscribed"]


# --- notifications of connections


def notification(events: tuple[str, ...] = ("Connect", "Delete"), **more: str) -> dict[str, Any]:
    return {
        "ServiceId": "vpce-svc-1",
        "ConnectionNotificationId": "vpce-nfn-1",
        "ConnectionNotificationArn": TOPIC,
        "ConnectionEvents": [*events],
        "ConnectionNotificationState": "Enabled",
        **more,
    }


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([notification()], None),
        ([notification(("Accept", "Connect", "Delete", "Reject"))], None),
        ([notification(ConnectionNotificationArn="arn:other")], "none is registered"),
        ([], "none is registered"),
        ([notification(("Accept",))], "leaves out some events"),
        ([notification(ConnectionNotificationState="Disabled")], "is disabled"),
        ([notification(ConnectionNotificationState="Disabled"), notification()], None),
        ([notification(ServiceId="vpce-svc-2")], "none is registered"),
    ],
)
def test_each_service_has_to_notify(found: list[dict[str, Any]], why: str | None) -> None:
    told = [*notified.ailments(["vpce-svc-1"], found, TOPIC, SHELL)]
    assert [why in each.what for each in told if why] == ([True] if why else [])
    if why == "is disabled":
        assert "delete-vpc-endpoint-connection-notifications" in told[0].mend[0]
    assert all(each.mend[-1] == "./autopilot sweep --workflow connections" for each in told)


# --- policies of queues, topics and keys

ALLOW = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "arn:q",
}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "arn:q"}


STRANGERS = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "sqs:*",
    "Resource": "arn:q",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


@pytest.mark.parametrize(
    ("present", "ill"),
    [
        (policy(ALLOW), False),
        (policy({**ALLOW, "Sid": "s", "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"]}), False),
        (policy(ALLOW, {**ALLOW, "Principal": {"AWS": "222222222222"}}), False),
        (policy({**ALLOW, "Resource": ["arn:q"]}), False),
        (policy(ALLOW, {**STRANGERS, "Principal": "*"}), False),
        (policy({**ALLOW, "Principal": {"Service": ["events.amazonaws.com"]}}), False),
        (policy(), True),
        ({}, True),
        (policy({**ALLOW, "Principal": {"AWS": "222222222222"}}), True),
        (policy({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}), True),
        (policy(ALLOW, DENY), True),
    ],
)  # fmt: skip
def test_a_policy_has_to_let_in_whom_it_let_in(present: Any, ill: bool) -> None:
    wanted = policy(ALLOW, STRANGERS)
    found = kinds(things.of_policy("arn:q", present, wanted, "lost", "aws x"))
    assert found == (["resource-policy"] if ill else [])


def when(key: str, value: object) -> dict[str, Any]:
    return {"Condition": {"Bool": {key: value}}}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"Principal": "*"}, {"Principal": {"AWS": ["*"]}}, True),
        ({"Principal": {"AWS": "111111111111"}}, {"Principal": {"AWS": ROOT_OF}}, True),
        ({"Principal": {"AWS": "111111111111"}}, {"Principal": {"AWS": "222222222222"}}, False),
        (when("AWS:X", "true"), when("aws:x", True), True),
        (when("aws:x", "true"), when("aws:y", "true"), False),
        ({"Action": ["b", "a"], "Sid": "1"}, {"Action": ["a", "b"]}, True),
        ({"Action": ["a"]}, {"Action": "a"}, True),
    ],
)  # fmt: skip
def test_statements_are_the_same_however_they_are_written(one: Any, other: Any, same: bool) -> None:
    assert (comparable(one) == comparable(other)) is same


# --- dead letters, alarms, the mapping, the ledger


def test_dead_letters_go_back_where_they_belong_or_are_thrown_away() -> None:
    assert [*things.of_dead_letters(SEEN, "arn:dead", 0, None, SHELL)] == []
    back = only(things.of_dead_letters(SEEN, "arn:dead", 2, "arn:intake", SHELL))
    away = only(things.of_dead_letters(SEEN, "arn:dead", 1, None, SHELL))
    assert [c.split()[2] for c in back.mend[:2]] == ["receive-message", "start-message-move-task"]
    assert [c.split()[2] for c in away.mend[:2]] == ["receive-message", "purge-queue"]
    assert back.what.startswith("2 messages")
    assert away.what.startswith("1 message waits")


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "AlarmName": "a",
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "StateValue": "OK",
        "TreatMissingData": "notBreaching",
        "StateUpdatedTimestamp": NOW - timedelta(hours=5),
        **more,
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (alarm(), []),
        (alarm(StateValue="ALARM", AlarmDescription="do this"), ["alarm-on"]),
        (alarm(ActionsEnabled=False), ["alarm-muted"]),
        (alarm(AlarmActions=["arn:other"]), ["alarm-muted"]),
        (alarm(StateValue="INSUFFICIENT_DATA"), ["alarm-blind"]),
        (alarm(StateValue="INSUFFICIENT_DATA", TreatMissingData="ignore"), []),
        (alarm(StateValue="INSUFFICIENT_DATA", StateUpdatedTimestamp=NOW), []),
    ],
)
def test_an_alarm_has_to_be_able_to_tell(found: dict[str, Any], expected: list[str]) -> None:
    seen = Seen("Alarm", "AWS::CloudWatch::Alarm", "a", {"AlarmActions": [TOPIC]})
    told = [*things.of_alarm(seen, found, NOW, SHELL)]
    assert kinds(told) == expected
    if found["AlarmActions"] == ["arn:other"]:
        given = json.loads(words(told[0].mend[0])["--cli-input-json"])
        assert set(given["AlarmActions"]) == {"arn:other", TOPIC}, "somebody else's action stays"
        assert "StateValue" not in given


@pytest.mark.parametrize(
    ("state", "ill"),
    [("Enabled", False), ("Updating", False), ("Disabled", True), ("Disabling", True)],
)
def test_the_queue_has_to_feed_its_function(state: str, ill: bool) -> None:
    assert kinds(things.of_mapping(SEEN, {"State": state}, SHELL)) == ["intake-off"] * ill


def test_the_ledger_has_to_be_protected() -> None:
    on = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
    assert kinds(things.of_backups(SEEN, on, SHELL)) == []
    assert kinds(things.of_backups(SEEN, {}, SHELL)) == ["ledger-unprotected"]
    assert kinds(things.of_expiry(SEEN, {"TimeToLiveStatus": "ENABLED"}, SHELL)) == []
    off = only(things.of_expiry(SEEN, {"TimeToLiveStatus": "DISABLED"}, SHELL))
    assert "AttributeName=expires_at" in off.mend[0]


# --- rules and schedules

TARGET = {"Id": "Target0", "Arn": "arn:q", "Input": '{"a": 1}'}
PATTERN = {"source": ["aws.ec2"], "detail": {"eventName": ["CreateVpc"]}}
RULE = Seen("Rule", "AWS::Events::Rule", "r", {"EventPattern": PATTERN, "Targets": [TARGET]})
SAME = {"EventPattern": json.dumps(PATTERN, indent=1)}
EVERY = Seen("Look", "AWS::Events::Rule", "r", {"ScheduleExpression": "rate(5 minutes)"})


@pytest.mark.parametrize(
    ("seen", "rule", "targets", "expected"),
    [
        (RULE, SAME, [TARGET], []),
        (RULE, SAME, [TARGET, {**TARGET, "Id": "x"}], []),
        (RULE, {"EventPattern": "{}"}, [TARGET], ["rule-changed"]),
        (RULE, SAME, [], ["rule-changed"]),
        (RULE, SAME, [{**TARGET, "Input": "{}"}], ["rule-changed"]),
        (RULE, {**SAME, "State": "DISABLED"}, [TARGET], ["rule-disabled"]),
        (EVERY, {"ScheduleExpression": "rate(5 minutes)"}, [], []),
        (EVERY, {"ScheduleExpression": "rate(5 days)"}, [], ["rule-changed"]),
    ],
)  # fmt: skip
def test_a_rule_has_to_be_as_deployed(
    seen: Seen, rule: dict[str, str], targets: list[Any], expected: list[str]
) -> None:
    found = {"Name": "r", "State": "ENABLED", **rule}
    assert kinds(triggers.of_rule(seen, found, targets, SHELL)) == expected


def test_a_pattern_that_cannot_be_worked_out_is_not_called_changed() -> None:
    seen = Seen("R", "AWS::Events::Rule", "r", {"EventPattern": {"account": [None]}})
    found = {"Name": "r", "State": "ENABLED", "EventPattern": '{"account": ["1"]}'}
    assert kinds(triggers.of_rule(seen, found, [], SHELL)) == []


STARTS = {"Arn": "arn:machine", "RoleArn": "arn:role", "Input": "{}"}
SCHEDULE = Seen(
    "Sweep",
    "AWS::Scheduler::Schedule",
    "s",
    {"ScheduleExpression": "rate(6 hours)", "Target": {**STARTS, "RetryPolicy": {}}},
)


def test_a_schedule_in_utc_is_in_utc_by_either_name() -> None:
    zone = "ScheduleExpressionTimezone"
    seen = Seen("S", "AWS::Scheduler::Schedule", "s", {**SCHEDULE.properties, zone: "Etc/UTC"})
    found = {**SCHEDULE.properties, "Name": "s", "State": "ENABLED", zone: "UTC"}
    assert kinds(triggers.of_schedule(seen, found, SHELL)) == []
    moved = {**found, zone: "Europe/Berlin"}
    assert kinds(triggers.of_schedule(seen, moved, SHELL)) == ["schedule-changed"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"State": "DISABLED"}, ["schedule-disabled"]),
        ({"ScheduleExpression": "rate(6 days)"}, ["schedule-changed"]),
        ({"Target": {**STARTS, "Arn": "arn:other"}}, ["schedule-changed"]),
    ],
)
def test_a_schedule_has_to_be_as_deployed(more: dict[str, Any], expected: list[str]) -> None:
    found = {
        "Name": "s",
        "GroupName": "default",
        "State": "ENABLED",
        "ScheduleExpression": "rate(6 hours)",
        "Target": STARTS,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "CreationDate": NOW,
        **more,
    }
    told = [*triggers.of_schedule(SCHEDULE, found, SHELL)]
    assert kinds(told) == expected
    for each in told:
        given = json.loads(words(each.mend[0])["--cli-input-json"])
        assert given["State"] == "ENABLED"
        assert given["FlexibleTimeWindow"] == {"Mode": "OFF"}, "what isn't sent would be lost"
        assert "CreationDate" not in given
        if each.kind == "schedule-changed":
            assert given["Target"]["Arn"] == "arn:machine"


def test_a_schedule_keeps_its_time_zone() -> None:
    times = {"ScheduleExpression": "cron(0 8 ? * MON *)"}
    zoned = {**times, "ScheduleExpressionTimezone": "Europe/Berlin"}
    seen = Seen("Letter", "AWS::Scheduler::Schedule", "s", {**zoned, "Target": STARTS})
    found = {"Name": "s", "State": "ENABLED", "Target": STARTS, **zoned}
    assert kinds(triggers.of_schedule(seen, found, SHELL)) == []
    (told,) = triggers.of_schedule(seen, {**found, "ScheduleExpressionTimezone": "UTC"}, SHELL)
    given = json.loads(words(told.mend[0])["--cli-input-json"])
    assert (told.kind, given["ScheduleExpressionTimezone"]) == ("schedule-changed", "Europe/Berlin")


@pytest.mark.parametrize(
    ("expression", "window", "expected"),
    [
        ("rate(6 hours)", None, timedelta(hours=6)),
        ("rate(1 day)", {"MaximumWindowInMinutes": 30}, timedelta(days=1, minutes=30)),
        ("rate(5 minutes)", None, timedelta(minutes=5)),
        ("cron(0 9 ? * MON *)", None, None),
    ],
)
def test_the_pace_of_a_schedule(expression: str, window: Any, expected: Any) -> None:
    more = {"FlexibleTimeWindow": window} if window else {}
    seen = Seen("S", "AWS::Scheduler::Schedule", "s", {"ScheduleExpression": expression, **more})
    assert triggers.pace(seen) == expected


# --- functions and executions

FUNCTION = Seen(
    "F",
    "AWS::Lambda::Function",
    "f",
    {
        "Handler": "f.handler",
        "Timeout": 60,
        "Environment": {"Variables": {"OWNER": "E"}},
        "Code": {"S3Bucket": "b", "S3Key": "k.zip"},
    },
)


def function(concurrency: int | None = None, **more: Any) -> dict[str, Any]:
    configuration = {
        "FunctionName": "f",
        "Handler": "f.handler",
        "Timeout": 60,
        "Environment": {"Variables": {"OWNER": "E"}},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "CodeSha256": "one",
        **more,
    }
    reserved = {} if concurrency is None else {"ReservedConcurrentExecutions": concurrency}
    return {"Configuration": configuration, "Concurrency": reserved}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (function(), []),
        (function(State="Inactive"), []),
        (function(5), []),
        (function(0), ["function-stopped"]),
        (function(State="Failed", StateReason="no key"), ["function-failed"]),
        (function(LastUpdateStatus="Failed"), ["function-failed"]),
        (function(Timeout=3), ["function-changed"]),
        (function(Environment={"Variables": {"OWNER": "X"}}), ["function-changed"]),
        (function(Environment={}), ["function-changed"]),
    ],
)
def test_a_function_has_to_run_as_deployed(found: dict[str, Any], expected: list[str]) -> None:
    assert kinds(functions.of_function(FUNCTION, found, SHELL)) == expected


def test_the_function_with_other_code_than_the_rest_is_told() -> None:
    rest = [(FUNCTION, function()), (FUNCTION, function())]
    assert [*functions.of_code(rest, SHELL)] == []
    found = only(functions.of_code([*rest, (FUNCTION, function(CodeSha256="two"))], SHELL))
    assert words(found.mend[0])["--s3-key"] == "k.zip"


def test_a_service_has_to_be_let_in_to_run_a_function() -> None:
    seen = Seen(
        "Permission",
        "AWS::Lambda::Permission",
        "p",
        {
            "FunctionName": "arn:aws:lambda:us-east-1:1:function:f",
            "Action": "lambda:InvokeFunction",
            "Principal": "sns.amazonaws.com",
            "SourceArn": TOPIC,
        },
    )
    let_in = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Condition": {"ArnLike": {"AWS:SourceArn": TOPIC}},
    }
    assert kinds(functions.of_permission(seen, policy(let_in), SHELL)) == []
    for other in (policy(), {}, policy({**let_in, "Condition": {}})):
        assert kinds(functions.of_permission(seen, other, SHELL)) == ["invoke-denied"]


def test_a_hubs_role_has_to_be_let_in_and_has_no_source() -> None:
    role = "arn:aws:iam::999999999999:role/EndpointAutopilotHubAsk"
    asked = {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": role}
    seen = Seen("HubAsks", "AWS::Lambda::Permission", "p", asked)
    let_in = {"Effect": "Allow", "Principal": {"AWS": role}}
    assert kinds(functions.of_permission(seen, policy(let_in), SHELL)) == []
    (found,) = functions.of_permission(seen, policy({**let_in, "Principal": {}}), SHELL)
    assert "--source-arn" not in found.mend[0]


def test_log_groups_that_are_gone_come_back_with_their_days() -> None:
    group = Seen("Logs", "AWS::Logs::LogGroup", "g", {"RetentionInDays": 90})
    assert kinds(functions.of_logs([group], {"g": 90}, SHELL)) == []
    found = only(functions.of_logs([group], {}, SHELL))
    assert words(found.mend[1])["--retention-in-days"] == "90"


def ended(status: str, hours: float = 1) -> dict[str, Any]:
    return {"executionArn": "arn:e", "status": status, "startDate": NOW - timedelta(hours=hours)}


@pytest.mark.parametrize(
    ("executions", "expected"),
    [
        ([], []),
        ([ended("SUCCEEDED"), ended("FAILED")], []),
        ([ended("RUNNING"), ended("TIMED_OUT")], ["execution-failed"]),
        ([ended("FAILED")], ["execution-failed"]),
        ([ended("ABORTED")], []),
        ([ended("SUCCEEDED", hours=9)], ["no-sweep"]),
    ],
)
def test_executions_have_to_begin_and_to_end_well(executions: Any, expected: list[str]) -> None:
    machine = functions.Machine(SEEN, executions, timedelta(hours=6))
    deployed = NOW - timedelta(days=1 if executions else 0)
    assert kinds(functions.of_machine(machine, deployed, NOW, SHELL)) == expected


def test_what_no_schedule_starts_may_rest() -> None:
    machine = functions.Machine(SEEN, [])
    assert [*functions.of_machine(machine, NOW - timedelta(days=9), NOW, SHELL)] == []


# --- quotas


@pytest.mark.parametrize(
    ("used", "expected"),
    [(15, []), (16, ["quota-near"]), (20, ["quota-full"]), (25, ["quota-full"])],
)
def test_quotas_have_to_leave_room(used: int, expected: list[str]) -> None:
    found = [*quotas.of_count("endpoints", "here", quotas.GATEWAYS, used, Limit(20), SHELL)]
    assert kinds(found) == expected
    assert all(words(each.mend[0])["--desired-value"] == "40" for each in found)


@pytest.mark.parametrize(("left", "ill"), [(10, False), (1000, False), (9, True), (0, True)])
def test_functions_need_some_concurrency(left: int, ill: bool) -> None:
    account = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": left}
    assert kinds(quotas.of_concurrency(account, SHELL)) == ["no-concurrency"] * ill


# --- what is deployed


@pytest.mark.parametrize(
    ("status", "expected", "command"),
    [
        ("CREATE_COMPLETE", [], ""),
        ("UPDATE_COMPLETE", [], ""),
        ("UPDATE_IN_PROGRESS", ["stack-busy"], "./autopilot doctor"),
        ("UPDATE_ROLLBACK_COMPLETE", ["stack-failed"], "npx cdk deploy"),
        ("UPDATE_ROLLBACK_FAILED", ["stack-failed"], "continue-update-rollback"),
        ("ROLLBACK_COMPLETE", ["stack-failed"], "npx cdk destroy"),
    ],
)
def test_the_stack_has_to_be_whole(status: str, expected: list[str], command: str) -> None:
    found = [*deployment.of_stack({"StackName": "E", "StackStatus": status}, SHELL)]
    assert kinds(found) == expected
    assert all(command in each.mend[0] for each in found)


def test_drift_that_somebody_had_detected_is_told() -> None:
    drift = {"DriftInformation": {"StackDriftStatus": "DRIFTED"}}
    found = deployment.of_stack(
        {"StackName": "E", "StackStatus": "CREATE_COMPLETE", **drift}, SHELL
    )
    assert kinds(found) == ["stack-drifted"]


@pytest.mark.parametrize(
    ("deployed", "expected"),
    [
        (Deployed(Policy(), ()), []),
        (Deployed(Policy(mode="audit"), ()), ["stale-policy"]),
        (Deployed(Policy(), ("intake.py",)), ["stale-version"]),
        (Deployed(None, None, why="no"), []),
    ],
)
def test_what_runs_is_compared_with_the_checkout(deployed: Deployed, expected: list[str]) -> None:
    assert kinds(deployment.of_version(deployed, Policy())) == expected


# --- rehearsals

SCP = "explicit deny in a service control policy"


@pytest.mark.parametrize(
    ("error", "kind", "notes"),
    [
        (AccessDenied(f"ec2:CreateVpcEndpoint: UnauthorizedOperation: {SCP}"), "SERVICE", 0),
        (AccessDenied("ec2:X: UnauthorizedOperation: a resource control policy"), "RESOURCE", 0),
        (AccessDenied("ec2:X: UnauthorizedOperation: no identity-based policy allows"), None, 1),
        (RefusedByAws("ec2:X: InvalidParameter: service control policy"), None, 0),
    ],
)
def test_a_refusal_says_something_only_if_it_comes_from_above(
    error: Any, kind: str | None, notes: int
) -> None:
    found = [*dry_run.refused_above("CreateVpcEndpoint", error, "111111111111", SHELL)]
    assert [words(each.mend[0])["--filter"] for each in found] == (
        [f"{kind}_CONTROL_POLICY"] if kind else []
    )
    assert len(dry_run.own_lack("CreateVpcEndpoint", error)) == notes


# --- all of them


def told() -> Iterator[str]:
    """Every kind that some check tells of, by the sources."""
    for path in (ROOT / "cli" / "checkup").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "model.py":
            yield from (kind for kind in KINDS if re.search(rf'"{kind}"', text))


def test_every_kind_is_told_of_by_some_check() -> None:
    assert set(told()) == set(KINDS)


def test_every_kind_is_documented_in_their_order() -> None:
    text = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", text, re.MULTILINE)
    assert rows == [*KINDS.items()]
