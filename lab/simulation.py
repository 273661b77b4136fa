"""IAM's policy simulator for roles and users, by the evaluator that the lab's own calls meet.

As the IAM API reference has SimulatePrincipalPolicy: each action on each resource, with the
condition keys that the caller gives and no others; the permissions boundary and the organization's
service control policies count, and are told apart; resource policies aren't asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator as evaluator
from ministack.services import iam

from lab import scps

_WORDS = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}
_PAGE = 100
_ROLE = "role"
_ENTITY = re.compile(r"arn:[a-z-]+:iam::(\d{12}):(role|user)/(?:.*/)?([^/]+)")
Limits = list[Any]


@dataclass(frozen=True)
class Entity:
    """Whose policies are simulated. `policies`: each with its name."""

    arn: str
    account: str
    policies: Mapping[str, Any]
    boundary: Limits
    organization: Limits


@dataclass(frozen=True)
class Verdict:
    """What comes of one action on one resource."""

    resource: str
    decision: str
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    boundary: bool | None
    organization: bool | None


def install() -> None:
    """Answer SimulatePrincipalPolicy."""
    # MiniStack asks for the first resource only, with no condition keys and no boundary.
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = answer


def answer(params: Mapping[str, Any]) -> Any:
    """The API's answer to a request, given in the query protocol's names."""
    arn = iam._p(params, "PolicySourceArn")
    entity = _entity(arn)
    if entity is None:
        if ":assumed-role/" in arn or not arn.startswith("arn:"):
            return iam._error(400, "InvalidInput", f"Invalid Entity Arn: {arn}", ns="iam")
        return iam._error(404, "NoSuchEntity", f"The entity {arn} cannot be found.", ns="iam")
    actions = [*_listed(params, "ActionNames")]
    wrong = next((action for action in actions if ":" not in action), None)
    if wrong or not actions:
        return iam._error(400, "InvalidInput", f"Invalid action: {wrong}", ns="iam")
    start = int(iam._p(params, "Marker") or 0)
    until = start + int(iam._p(params, "MaxItems") or _PAGE)
    resources = [*_listed(params, "ResourceArns")] or ["*"]
    context = {key.lower(): values for key, values in _context(params)}
    results = "".join(
        _result(action, [_judge(entity, action, resource, context) for resource in resources])
        for action in actions[start:until]
    )
    more = f"<Marker>{until}</Marker>" if until < len(actions) else ""
    body = (
        f"<EvaluationResults>{results}</EvaluationResults>"
        f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}"
    )
    name = "SimulatePrincipalPolicy"
    return iam._xml(200, f"{name}Response", f"<{name}Result>{body}</{name}Result>", ns="iam")


def _listed(params: Mapping[str, Any], name: str) -> Iterator[str]:
    for number in count(1):
        value = iam._p(params, f"{name}.member.{number}")
        if not value:
            return
        yield value


def _context(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for number in count(1):
        entry = f"ContextEntries.member.{number}"
        name = iam._p(params, f"{entry}.ContextKeyName")
        if not name:
            return
        values = [*_listed(params, f"{entry}.ContextKeyValues")]
        kind = iam._p(params, f"{entry}.ContextKeyType")
        yield name, values if kind.endswith("List") else next(iter(values), "")


def _entity(arn: str) -> Entity | None:
    found = _ENTITY.fullmatch(arn)
    if found is None:
        return None
    account, kind, name = found.groups()
    store = iam._roles if kind == _ROLE else iam._users
    record = store.get_scoped(account, None, name)
    if record is None or record["Arn"] != arn:
        return None
    if kind == _ROLE:
        policies = dict(_of_role(record, account))
    else:
        policies = {"user": flat(evaluator._gather_user_policies(name, account))}
    boundary = evaluator._permissions_boundary(store, name, account)
    return Entity(arn, account, policies, boundary, scps.limits(account))


def flat(documents: Any) -> list[Any]:
    """All statements of several documents."""
    return [statement for document in documents for statement in document]


def _of_role(record: Mapping[str, Any], account: str) -> Iterator[tuple[str, Any]]:
    for name, document in (record.get("InlinePolicies") or {}).items():
        # AWS's ids of inline policies: "role_NAME_POLICY" (IAM guide, "Testing IAM policies").
        yield f"role_{record['RoleName']}_{name}", evaluator.parse_policy_document(document)
    for arn in record.get("AttachedPolicies", []):
        document = evaluator._resolve_managed_policy_document(arn, account)
        yield arn.rpartition("/")[2], evaluator.parse_policy_document(document or {})


def _judge(entity: Entity, action: str, resource: str, context: Mapping[str, Any]) -> Verdict:
    asked = evaluator.EvalContext(
        principal_arn=entity.arn,
        principal_type="AssumedRole",
        principal_account=entity.account,
        action=action,
        resource_arn=resource,
        region=str(context.get("aws:requestedregion", "")),
        secure_transport=str(context.get("aws:securetransport", "false")).lower() == "true",
        service_context=dict(context),
    )
    policies = list(entity.policies.values())
    limits = [*entity.boundary, *entity.organization]
    decision = evaluator.evaluate(asked, policies, *limits).decision
    effect = "Deny" if decision == "Deny" else "Allow"
    return Verdict(
        resource,
        _WORDS[decision],
        tuple(
            name
            for name, statements in entity.policies.items()
            if decision != "ImplicitDeny" and evaluator._first_match(asked, statements, effect)
        ),
        tuple(_missing(entity, action, context)) if decision != "Deny" else (),
        _lets(asked, entity.boundary),
        _lets(asked, entity.organization),
    )


def _lets(asked: Any, limits: Limits) -> bool | None:
    """Whether limits let it pass; None if there are none."""
    everything = [evaluator.parse_policy_document(scps.EVERYTHING)]
    if not limits:
        return None
    return bool(evaluator.evaluate(asked, everything, *limits).decision == "Allow")


def _missing(entity: Entity, action: str, context: Mapping[str, Any]) -> Iterator[str]:
    """The keys of the identity's policies about the action that the request doesn't give."""
    found = {
        key
        for statement in flat(entity.policies.values())
        if evaluator._action_matches(action, statement.actions, statement.not_actions)
        for block in statement.conditions.values()
        for key in block
    }
    yield from sorted(key for key in found if key.lower() not in context)


def _result(action: str, verdicts: list[Verdict]) -> str:
    worst = next((v for v in verdicts if v.decision != "allowed"), verdicts[0])
    every = verdicts[0].resource == "*" and len(verdicts) == 1
    members = "".join(f"<member>{_specific(verdict)}</member>" for verdict in verdicts)
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>*</EvalResourceName><EvalDecision>{worst.decision}</EvalDecision>"
        f"{_details(worst, missing=every)}{_organization(verdicts)}"
        f"{'' if every else f'<ResourceSpecificResults>{members}</ResourceSpecificResults>'}"
        "</member>"
    )


def _specific(verdict: Verdict) -> str:
    return (
        f"<EvalResourceName>{escape(verdict.resource)}</EvalResourceName>"
        f"<EvalResourceDecision>{verdict.decision}</EvalResourceDecision>"
        f"{_details(verdict, missing=True)}"
    )


def _details(verdict: Verdict, *, missing: bool) -> str:
    matched = "".join(
        f"<member><SourcePolicyId>{escape(name)}</SourcePolicyId></member>"
        for name in verdict.matched
    )
    keys = "".join(f"<member>{escape(key)}</member>" for key in verdict.missing if missing)
    said = "" if verdict.boundary is None else str(verdict.boundary).lower()
    boundary = (
        "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>"
        f"{said}</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
    )
    return (
        f"<MatchedStatements>{matched}</MatchedStatements>"
        f"<MissingContextValues>{keys}</MissingContextValues>{boundary if said else ''}"
    )


def _organization(verdicts: list[Verdict]) -> str:
    """For the action as a whole: botocore's model knows it for no single resource."""
    if verdicts[0].organization is None:
        return ""
    allowed = str(all(verdict.organization for verdict in verdicts)).lower()
    return (
        "<OrganizationsDecisionDetail><AllowedByOrganizations>"
        f"{allowed}</AllowedByOrganizations></OrganizationsDecisionDetail>"
    )
