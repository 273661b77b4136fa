"""Looks at what is allowed: each role's policies, IAM's simulation of them, rehearsed calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

from autopilot.aws.errors import AwsError, RefusedByAws
from autopilot.aws.pages import call, pages

from cli.checkup import dry_run, roles, simulated
from cli.checkup.asking import Gone, every
from cli.checkup.model import Ailment
from cli.checkup.patient import Patient
from cli.checkup.things import gone

_ROLES, _SIMULATED = "the roles' policies", "what the roles may do"
_DONE = "DryRunOperation"


def look_at_roles(patient: Patient) -> Iterator[Ailment]:
    """Each role: as deployed, and allowed what it needs."""
    wanted = roles.wanted(patient.template)
    as_deployed = [*_compared(patient, wanted)]
    yield from as_deployed
    edited = {each.subject for each in as_deployed if each.kind == "role-policy"}
    yield from _allowed(patient, wanted, edited)


def _compared(patient: Patient, wanted: list[roles.Role]) -> Iterator[Ailment]:
    for role, present in patient.ask.each(_ROLES, wanted, _present):
        if isinstance(present, Gone):
            yield gone(role.seen, "Whatever acts with it fails.")
        elif present is not None:
            yield from roles.changed(role, present, patient.ask.shell)


def _allowed(
    patient: Patient, wanted: list[roles.Role], edited: Collection[str]
) -> Iterator[Ailment]:
    found, shell = list[tuple[roles.Role, simulated.Denied]](), patient.ask.shell
    for role, denied in patient.ask.each(_SIMULATED, wanted, partial(_simulated, patient)):
        if isinstance(denied, list):
            found += [(role, each) for each in denied]
            own = role.name in edited
            yield from simulated.forbidden(role, denied, edited=own, shell=shell)
    yield from simulated.from_above(found, patient.here.us.account, shell)
    patient.notes.append(
        "IAM's simulation knows no resource control policies, and no policies of endpoints in the"
        " way of calls; a refused rehearsal, and the workflows' own notices, would show them."
    )


def _present(role: roles.Role) -> roles.Present:
    named = {"RoleName": role.name}
    found = call("iam", "GetRole", **named)["Role"]
    inline = {
        name: call("iam", "GetRolePolicy", **named, PolicyName=name)["PolicyDocument"]
        for name in every("iam", "ListRolePolicies", "PolicyNames", **named)
    }
    attached = every("iam", "ListAttachedRolePolicies", "AttachedPolicies", **named)
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    arns = [each["PolicyArn"] for each in attached]
    return roles.Present(found["AssumeRolePolicyDocument"], inline, arns, boundary)


def _simulated(patient: Patient, role: roles.Role) -> list[simulated.Denied]:
    us = patient.here.us
    given = {
        "aws:RequestedRegion": us.region,
        "aws:PrincipalAccount": us.account,
        "aws:PrincipalArn": role.arn,
        "aws:SecureTransport": "true",
        "ec2:Region": us.region,
    }
    return [
        denied
        for question in simulated.questions(role, given)
        for part, results in _answers(role, question)
        for denied in simulated.denied(part, results)
    ]


def _answers(
    role: roles.Role, question: simulated.Question
) -> Iterator[tuple[simulated.Question, list[Mapping[str, Any]]]]:
    """What is simulated; one by one if IAM doesn't take it all together."""
    try:
        yield question, _simulate(role, question)
    except RefusedByAws as refused:
        if len(question.pairs) == 1 or "InvalidInput" not in str(refused):
            raise
        for alone in question.alone():
            yield alone, _simulate(role, alone)


def _simulate(role: roles.Role, question: simulated.Question) -> list[Mapping[str, Any]]:
    return [
        *every(
            "iam",
            "SimulatePrincipalPolicy",
            "EvaluationResults",
            PolicySourceArn=role.arn,
            ActionNames=[*question.actions],
            ResourceArns=[*question.resources],
            ContextEntries=[
                {
                    "ContextKeyName": key,
                    "ContextKeyValues": [*values],
                    # What holds several values is called so: aws:TagKeys, dynamodb:LeadingKeys.
                    "ContextKeyType": "stringList" if key.endswith("Keys") else "string",
                }
                for key, values in question.context.items()
            ],
        )
    ]


def rehearse(patient: Patient) -> Iterator[Ailment]:
    """What AWS says to calls that change nothing, with the operator's own credentials."""
    us, shell = patient.here.us, patient.ask.shell
    owner = [{"Name": "owner-id", "Values": [us.account]}]
    found = patient.ask.one("a rehearsal of calls", lambda: [*pages("DescribeVpcs", Filters=owner)])
    if not isinstance(found, list):
        return
    if not found:
        patient.notes.append("There is no VPC in which a call could be rehearsed.")
        return
    for each in dry_run.rehearsals(found[0]["VpcId"], us.region, us.owner):
        error = _refusal(each)
        if error is not None:
            yield from dry_run.refused_above(each.operation, error, us.account, shell)
            patient.notes.extend(dry_run.own_lack(each.operation, error))


def _refusal(rehearsal: dry_run.Rehearsal) -> AwsError | None:
    """What AWS refuses a call with; None if it would have done it."""
    try:
        call("ec2", rehearsal.operation, DryRun=True, **rehearsal.request)
    except AwsError as error:
        return None if _DONE in str(error) else error
    return None
