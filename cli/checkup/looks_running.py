"""Looks at what runs: rules, schedules, functions, workflows, the ledger, quotas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from autopilot.aws import quotas as read_quotas
from autopilot.aws.pages import call, pages, type_of

from cli.checkup import functions, quotas, things, triggers
from cli.checkup.asking import Gone, every
from cli.checkup.model import Ailment, Seen
from cli.checkup.patient import Found, Patient

# These share a VPC's quota (VPC guide, "Amazon VPC quotas").
_OF_INTERFACES = ("Interface", "GatewayLoadBalancer")
_FAILS = "The workflows that need it fail."


def look_at_triggers(patient: Patient) -> Iterator[Ailment]:
    """Rules, schedules and the mapping that takes events out of the queue."""
    shell = patient.ask.shell
    yield from patient.each(
        "AWS::Events::Rule",
        "the rules",
        "What it listened to is noticed at the next sweep only, or never.",
        _rule,
        lambda seen, found: triggers.of_rule(seen, found[0], found[1], shell),
    )
    yield from patient.each(
        "AWS::Scheduler::Schedule",
        "the schedules",
        "What events missed is never found.",
        lambda seen: call("scheduler", "GetSchedule", Name=seen.physical),
        lambda seen, found: triggers.of_schedule(seen, found, shell),
    )
    yield from patient.each(
        "AWS::Lambda::EventSourceMapping",
        "what takes events out of the queue",
        "Events wait in the queue for days, and only sweeps find what they meant.",
        lambda seen: call("lambda", "GetEventSourceMapping", UUID=seen.physical),
        lambda seen, found: things.of_mapping(seen, found, shell),
    )


def _rule(seen: Seen) -> Any:
    name = seen.physical.rpartition("/")[2]
    targets = every("events", "ListTargetsByRule", "Targets", Rule=name)
    return call("events", "DescribeRule", Name=name), [*targets]


def look_at_functions(patient: Patient) -> Iterator[Ailment]:
    """Each function: whether it can run, and as it was deployed."""
    shell, known = patient.ask.shell, list[Found]()

    def ailing(seen: Seen, found: Mapping[str, Any]) -> Iterator[Ailment]:
        known.append((seen, found))
        yield from functions.of_function(seen, found, shell)

    yield from patient.each(
        "AWS::Lambda::Function",
        "the functions",
        _FAILS,
        lambda seen: call("lambda", "GetFunction", FunctionName=seen.physical),
        ailing,
    )
    yield from functions.of_code(known, shell)
    gone = {seen.physical for seen in patient.template.of("AWS::Lambda::Function")} - {
        seen.physical for seen, _ in known
    }
    for seen, policy in patient.read("AWS::Lambda::Permission", "who may run functions", _policy):
        name = str(seen.properties.get("FunctionName")).split(":")[-1]
        if policy is not None and name not in gone:
            document = {} if isinstance(policy, Gone) else policy
            yield from functions.of_permission(seen, document, shell)


def _policy(seen: Seen) -> Any:
    named = {"FunctionName": seen.properties["FunctionName"]}
    return json.loads(call("lambda", "GetPolicy", **named)["Policy"])


def look_at_logs(patient: Patient) -> Iterator[Ailment]:
    """Whether the log groups are there."""
    groups = [seen for seen in patient.template.of("AWS::Logs::LogGroup") if seen.physical]
    prefix = _common([seen.physical for seen in groups])
    asked = {"logGroupNamePrefix": prefix} if prefix else {}
    found = patient.ask.one(
        "the log groups", lambda: [*every("logs", "DescribeLogGroups", "logGroups", **asked)]
    )
    if isinstance(found, list):
        days = {each["logGroupName"]: each.get("retentionInDays") for each in found}
        yield from functions.of_logs(groups, days, patient.ask.shell)


def _common(names: list[str]) -> str:
    """How all of the names begin; "" if differently."""
    first, last = min(names, default=""), max(names, default="")
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[:same]


def look_at_executions(patient: Patient) -> Iterator[Ailment]:
    """How the latest executions ended, and whether sweeps begin."""
    since = patient.stack.get("LastUpdatedTime") or patient.stack["CreationTime"]
    schedules = [
        (seen, triggers.pace(seen)) for seen in patient.template.of("AWS::Scheduler::Schedule")
    ]

    def latest(seen: Seen) -> Any:
        return call("states", "ListExecutions", stateMachineArn=seen.physical, maxResults=20)

    def ailing(seen: Seen, found: Mapping[str, Any]) -> Iterator[Ailment]:
        pace = functions.swept(seen, schedules)
        machine = functions.Machine(seen, found["executions"], pace)
        yield from functions.of_machine(machine, since, patient.now, patient.ask.shell)

    yield from patient.each(
        "AWS::StepFunctions::StateMachine", "the workflows", "It can't be started.", latest, ailing
    )


def look_at_ledger(patient: Patient) -> Iterator[Ailment]:
    """Whether the ledger is there, can be restored, and forgets what has expired."""

    shell = patient.ask.shell

    def ailing(seen: Seen, _found: Any) -> Iterator[Ailment]:
        backups = patient.ask.one("the ledger's backups", partial(_backups, seen))
        if isinstance(backups, Mapping):
            yield from things.of_backups(seen, backups, shell)
        expiry = patient.ask.one("whether the ledger forgets", partial(_expiry, seen))
        if isinstance(expiry, Mapping):
            yield from things.of_expiry(seen, expiry, shell)

    yield from patient.each(
        "AWS::DynamoDB::Table",
        "the ledger",
        "Who was let in by which rule is forgotten, and every execution fails.",
        lambda seen: call("dynamodb", "DescribeTable", TableName=seen.physical),
        ailing,
    )


def _backups(seen: Seen) -> Any:
    answer = call("dynamodb", "DescribeContinuousBackups", TableName=seen.physical)
    return answer["ContinuousBackupsDescription"]


def _expiry(seen: Seen) -> Any:
    answer = call("dynamodb", "DescribeTimeToLive", TableName=seen.physical)
    return answer["TimeToLiveDescription"]


def look_at_quotas(patient: Patient) -> Iterator[Ailment]:
    """Whether quotas leave room for endpoints and functions."""
    found = patient.ask.one(
        "how many endpoints there are", lambda: [*pages("DescribeVpcEndpoints")]
    )
    if isinstance(found, list):
        yield from _endpoints(patient, found)
    account = patient.ask.one(
        "how many functions may run at once",
        lambda: call("lambda", "GetAccountSettings")["AccountLimit"],
    )
    if isinstance(account, Mapping):
        yield from quotas.of_concurrency(account, patient.ask.shell)


def _endpoints(patient: Patient, found: list[Any]) -> Iterator[Ailment]:
    shell, region = patient.ask.shell, patient.here.us.region
    kinds = Counter(type_of(each) for each in found)
    by_vpc = Counter(each["VpcId"] for each in found if type_of(each) in _OF_INTERFACES)
    limit = read_quotas.gateway_endpoints()
    named = f"gateway endpoints in {region}"
    yield from quotas.of_count(named, region, quotas.GATEWAYS, kinds["Gateway"], limit, shell)
    of_vpc = read_quotas.interface_endpoints() if by_vpc else limit
    for vpc, count in sorted(by_vpc.items()):
        named = f"interface endpoints in {vpc}"
        yield from quotas.of_count(named, vpc, quotas.INTERFACES, count, of_vpc, shell)
    _note_assumed(patient, limit.why_not_read or of_vpc.why_not_read)


def _note_assumed(patient: Patient, why: str | None) -> None:
    if why:
        patient.notes.append(f"Quotas of endpoints are taken to be AWS's defaults: {why}")
