"""What IAM's simulation is asked about a role, and what its answers say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.checkup.model import Ailment, Shell
from cli.checkup.roles import MOST_NAMED, Role
from cli.checkup.template import items


@dataclass(frozen=True)
class Question:
    """What a simulation is asked: each action on each resource, with these condition keys.

    `context`: by key (its name, its values), as SimulatePrincipalPolicy's ContextEntries.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: Mapping[str, tuple[str, ...]]
    pairs: frozenset[tuple[str, str]]

    def alone(self) -> Iterator[Question]:
        """The same question, one action on one resource at a time."""
        for action, resource in sorted(self.pairs):
            pair = frozenset({(action, resource)})
            yield Question((action,), (resource,), self.context, pair)


def questions(role: Role, given: Mapping[str, str]) -> list[Question]:
    """What to ask of a role: as few questions as its conditions and resources allow.

    `given`: the condition keys of every request. "*" is asked apart from ARNs.
    """
    groups: list[tuple[dict[str, tuple[str, ...]], list[Mapping[str, Any]]]] = []
    for statement in role.allows():
        context = {key: values for key, values in _context(statement)}
        anywhere = items(statement["Resource"]) == ["*"]
        for known, held in groups:
            same = (items(held[0]["Resource"]) == ["*"]) is anywhere
            if same and all(known.get(key, value) == value for key, value in context.items()):
                known |= context
                held.append(statement)
                break
        else:
            groups.append((context, [statement]))
    always = {key: (value,) for key, value in given.items()}
    return [_question(held, {**always, **context}) for context, held in groups]


def _question(
    held: Iterable[Mapping[str, Any]], context: Mapping[str, tuple[str, ...]]
) -> Question:
    pairs = {
        (str(action), str(resource))
        for statement in held
        for action in items(statement["Action"])
        for resource in items(statement["Resource"])
        if resource is not None
    }
    return Question(
        tuple(sorted({action for action, _ in pairs})),
        tuple(sorted({resource for _, resource in pairs})),
        context,
        frozenset(pairs),
    )


def _context(statement: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Values that meet a statement's conditions, as far as they name any."""
    for operator, block in (statement.get("Condition") or {}).items():
        if "Not" in operator or operator == "Null":
            continue
        for key, values in block.items():
            several = operator.startswith(("ForAllValues", "ForAnyValue"))
            said = tuple(map(_text, items(values)))
            yield key, said if several else said[:1]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Denied:
    """What a simulation says that a role may not do.

    `by`: "organization", "boundary", a policy's id (an explicit denial), "" (nothing allows it).
    """

    action: str
    resource: str
    by: str
    explicit: bool = False


def denied(question: Question, results: Iterable[Mapping[str, Any]]) -> Iterator[Denied]:
    """What isn't allowed of a question's pairs (SimulatePrincipalPolicy's EvaluationResults).

    What depends on a condition key that nobody gave is left out: nothing is known of it.
    """
    pairs = {(action.lower(), resource): action for action, resource in question.pairs}
    for result in results:
        action = str(result["EvalActionName"]).lower()
        for each in result.get("ResourceSpecificResults") or [_whole(result, question)]:
            known = pairs.get((action, each["EvalResourceName"]))
            if known and each["EvalResourceDecision"] != "allowed":
                by = _by(result, each)
                if by or not each.get("MissingContextValues"):
                    explicit = each["EvalResourceDecision"] == "explicitDeny"
                    yield Denied(known, each["EvalResourceName"], by, explicit)


def _whole(result: Mapping[str, Any], question: Question) -> Mapping[str, Any]:
    """The result of a question about one resource, or all, in the form of one of several."""
    name = question.resources[0] if len(question.resources) == 1 else "*"
    return {
        **result, "EvalResourceName": name, "EvalResourceDecision": result["EvalDecision"]
    }  # fmt: skip


def _by(result: Mapping[str, Any], each: Mapping[str, Any]) -> str:
    organization = result.get("OrganizationsDecisionDetail") or {}
    if organization.get("AllowedByOrganizations") is False:
        return "organization"
    boundary = each.get("PermissionsBoundaryDecisionDetail") or result.get(
        "PermissionsBoundaryDecisionDetail"
    )
    if (boundary or {}).get("AllowedByPermissionsBoundary") is False:
        return "boundary"
    matched = each.get("MatchedStatements") or ()
    if each["EvalResourceDecision"] == "explicitDeny" and matched:
        return str(matched[0].get("SourcePolicyId", ""))
    return ""


def forbidden(
    role: Role, found: Sequence[Denied], *, edited: bool, shell: Shell
) -> Iterator[Ailment]:
    """What a role may not do, but for what its organization denies (`from_above`).

    `edited`: that its own policies were edited is told of already.
    """
    for cause in dict.fromkeys(each.by for each in found):
        if cause == "organization" or (cause == "" and edited):
            continue
        named = _named(each.action for each in found if each.by == cause)
        what = f"The role {role.seen.logical} may not call {named}"
        if cause == "boundary":
            yield _bounded(role, what, shell)
        else:
            words = f"the policy {cause} denies it" if cause else "none of its policies allows it"
            mend = _lift(role, cause, shell)
            yield Ailment("denied", role.name, f"{what}: {words}.", _FAILS, mend, _ask(cause))


_FAILS = "Whatever needs that fails."


def _ask(cause: str) -> str:
    """What to do before a denial is taken away."""
    return "Ask who put it there: it may be a lock after an incident." if cause else ""


def _bounded(role: Role, what: str, shell: Shell) -> Ailment:
    return Ailment(
        "denied",
        role.name,
        f"{what}: its permissions boundary doesn't allow it.",
        _FAILS,
        (shell.aws("iam", "delete-role-permissions-boundary", role_name=role.name),),
        "Only if nobody demands it of this role; else have the boundary allow it.",
    )


def from_above(
    found: Sequence[tuple[Role, Denied]], account: str, shell: Shell
) -> Iterator[Ailment]:
    """What service control policies deny to roles: one ailment for all of them."""
    above = [(role, each) for role, each in found if each.by == "organization"]
    if not above:
        return
    roles = {role.name: role for role, _ in above}
    logical = _named(role.seen.logical for role in roles.values())
    yield Ailment(
        "organization-denies",
        account,
        f"A service control policy of your organization denies {_named(e.action for _, e in above)}"
        f" to {logical}.",
        _FAILS,
        (
            shell.aws(
                *("organizations", "list-policies-for-target"),
                target_id=account,
                filter="SERVICE_CONTROL_POLICY",
            ),
        ),
        "With the management account's credentials this lists the account's policies (those of the"
        " units above it, too); have them let the stack's roles through.",
    )


def _named(names: Iterable[str]) -> str:
    each = [*dict.fromkeys(names)]
    more = f" and {len(each) - MOST_NAMED} more" if len(each) > MOST_NAMED else ""
    return f"{', '.join(each[:MOST_NAMED])}{more}"


def _lift(role: Role, cause: str, shell: Shell) -> tuple[str, ...]:
    """The command that takes away the inline policy that denies; simulate names it so."""
    prefix = f"role_{role.name}_"
    if cause.startswith(prefix):
        name = cause.removeprefix(prefix)
        named = {"role_name": role.name, "policy_name": name}
        return (shell.aws("iam", "delete-role-policy", **named),)
    listed = shell.aws("iam", "list-attached-role-policies", role_name=role.name)
    return (listed,)
