"""Asks MiniStack's IAM evaluator whether somebody may do something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ministack.app
from ministack.core import iam_evaluator as evaluator
from ministack.services import iam as their_iam

from lab import scps
from lab.denials import DENIALS
from lab.inside import scope


@dataclass(frozen=True)
class Check:
    """One action on one resource; `context` holds condition keys, whose case doesn't matter.

    Keys that AWS doesn't send for the action and the resource (`lab.request_keys`) may be there:
    they count as absent. `within`: the action that was asked for, where AWS names that one first
    and this one last.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, Any] = field(default_factory=dict)
    within: str | None = None


@dataclass(frozen=True)
class Refusal:
    """What IAM doesn't allow, and whom; `by_resource`: the resource's own policy doesn't,
    `by_organization`: a service control policy doesn't.
    """

    check: Check
    principal: str
    explicit: bool = False
    by_resource: bool = False
    by_organization: bool = False

    @property
    def words(self) -> str:
        """The sentence that AWS writes (IAM guide, "Troubleshoot access denied messages")."""
        where = "" if self.check.resource == "*" else f" on resource: {self.check.resource}"
        action = self.check.action
        kind = "resource-based" if self.by_resource else "identity-based"
        if self.by_organization:
            kind = "service control"
        why = (
            f"with an explicit deny in a {kind} policy".replace("a i", "an i")
            if self.explicit
            else f"because no {kind} policy allows the {action} action"
        )
        asked = self.check.within or action
        return f"User: {self.principal} is not authorized to perform: {asked}{where} {why}"


def noted(refusal: Refusal) -> Refusal:
    """The refusal itself, which is on the list of denials from now on."""
    DENIALS.add(refusal.principal, refusal.check.action, refusal.check.resource, refusal.words)
    return refusal


def enforced() -> bool:
    """Whether permissions are enforced (`lab.hooks.enforce_iam`)."""
    return bool(ministack.app.AUTH)


def of_key(access_key: str, account: str, region: str, checks: Iterable[Check]) -> Refusal | None:
    """The first of `checks` that the owner of `access_key` doesn't pass; roots pass them all."""
    with scope(account, region):  # the evaluator looks for a user's own policies here only
        principal = evaluator.resolve_principal(access_key, account)
    if isinstance(principal, evaluator.AuthError):
        return Refusal(next(iter(checks)), access_key)
    return None if principal.policies is None else _first(principal, region, checks)


def of_role(role_arn: str, region: str, checks: Iterable[Check]) -> Refusal | None:
    """The first of `checks` that a service which has assumed `role_arn` doesn't pass."""
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    policies = evaluator._gather_role_policies(name, account)
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/lab"
    boundary = evaluator._permissions_boundary(their_iam._roles, name, account)
    limits = [*boundary, *scps.limits(account)]
    principal = evaluator.PrincipalInfo(arn, "AssumedRole", account, policies, limits=limits)
    return _first(principal, region, checks)


def _first(principal: Any, region: str, checks: Iterable[Check]) -> Refusal | None:
    for check in checks:
        context = evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=check.action,
            resource_arn=check.resource,
            region=region,
            source_ip="127.0.0.1",
            secure_transport=True,
            service_context={key.lower(): value for key, value in check.context.items()},
            principal_keys=principal.keys,
        )
        result = evaluator.evaluate(context, principal.policies, *principal.limits)
        if result.decision != "Allow":
            explicit, above = result.decision == "Deny", scps.limits(principal.account)
            everything = [evaluator.parse_policy_document(scps.EVERYTHING)]
            lets = evaluator.evaluate(context, everything, *above).decision == "Allow"
            return noted(Refusal(check, principal.arn, explicit, by_organization=not lets))
    return None
