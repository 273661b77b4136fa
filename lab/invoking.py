"""Functions of other accounts: invoked by their ARN, as far as both accounts allow it.

Lambda guide, "Granting function access to other accounts": the caller's own policy and the
function's both have to allow it, and the function runs in its own account. MiniStack finds none.
A role that a function's policy names has to be there when it is named; the policy means that one,
not a later one of its name (IAM guide, "Principal"; the words are in several reports). While the
policy names one that is gone it takes no further statement (cloudformation-coverage-roadmap #1189).
A principal of an account that hasn't enabled the Region isn't known there: believed, SES does so
(terraform-provider-aws #22549).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import iam as their_iam
from ministack.services import lambda_svc

from lab import iam, regions
from lab.buckets import caller
from lab.inside import scope

INVOKE = "lambda:InvokeFunction"
_FUNCTION = re.compile(r"arn:[^:]+:lambda:([^:]+):(\d{12}):function:([^:]+)(?::([^:]+))?")
_PRINCIPAL = re.compile(r"arn:[^:]+:iam::(\d{12}):(role|user)/(.+)")
_INVALID = "The provided principal was invalid. Please check the principal and try again."
#: The unique id of the role or user that a statement named, by the function's ARN and the Sid.
_named: dict[tuple[str, str], str] = {}


def install() -> None:
    """Install the hooks."""
    _invoke_in_other_accounts()
    lambda_svc.function_policy_for_arn = policy_of
    _ask_for_principals()


def policy_of(arn: str) -> tuple[dict[str, Any], str] | None:
    """A function's policy and its account; another account's that isn't there lets nobody in."""
    found = _FUNCTION.match(arn)
    if found is None:
        return None
    region, account, name, _ = found.groups()
    function = lambda_svc._functions.get_scoped(account, region, name)
    if function is None:
        return None if account == get_account_id() else ({}, account)
    plain = f"arn:aws:lambda:{region}:{account}:function:{name}"
    said = [s for s in function["policy"]["Statement"] if _still_means(plain, s)]
    return {**function["policy"], "Statement": said}, account


def _still_means(arn: str, statement: Mapping[str, Any]) -> bool:
    known = _named.get((arn, str(statement.get("Sid"))))
    return known is None or known == _id_of(_principal_in(statement))


def _principal_in(statement: Mapping[str, Any]) -> str:
    principal = statement.get("Principal")
    return str(principal.get("AWS", "")) if isinstance(principal, Mapping) else str(principal)


def _id_of(principal: str) -> str | None:
    """The unique id of a role or user, None if there is none."""
    found = _PRINCIPAL.fullmatch(principal)
    if found is None:
        return None
    account, kind, path = found.groups()
    store, field = (their_iam._roles, "RoleId") if kind == "role" else (their_iam._users, "UserId")
    held = store.get_scoped(account, None, path.rsplit("/", 1)[-1])
    return str(held[field]) if held and held["Arn"] == principal else None


def _ask_for_principals() -> None:
    add = lambda_svc._add_permission

    def added(name: str, data: dict[str, Any], *more: Any, **named: Any) -> Any:
        principal = str(data.get("Principal") or "")
        known = _id_of(principal)
        arn = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{name}"
        if not _knows(principal, known) or _names_somebody_gone(arn, name):
            return error_response_json("InvalidParameterValueException", _INVALID, 400)
        answer = add(name, data, *more, **named)
        if known is not None:
            _named[arn, str(data.get("StatementId"))] = known
        return answer

    lambda_svc._add_permission = added


def _knows(principal: str, known: str | None) -> bool:
    """Whether a role or user is there, and its account's are known in this Region."""
    found = _PRINCIPAL.fullmatch(principal)
    return found is None or (known is not None and regions.enabled(found[1], get_region()))


def _names_somebody_gone(arn: str, name: str) -> bool:
    function = lambda_svc._functions.get(name)
    said = function["policy"]["Statement"] if function else ()
    return not all(_still_means(arn, each) for each in said)


def _invoke_in_other_accounts() -> None:
    theirs = lambda_svc._invoke

    async def invoke(
        name: str, event: Any, headers: Any, qualifier: str | None = None, query: Any = None
    ) -> Any:
        found = _FUNCTION.fullmatch(name)  # MiniStack leaves only what it doesn't find as an ARN
        if found is None:
            return await theirs(name, event, headers, qualifier, query)
        region, account, plain, alias = found.groups()
        refused = _unreachable(region) or _refused(name, account)
        if refused is not None:
            return refused
        with scope(account, region):
            return await theirs(plain, event, headers, qualifier or alias, query)

    lambda_svc._invoke = invoke


def _unreachable(region: str) -> Any:
    """Functions are invoked in their own Region (aws-lambda-power-tuning #18: the words)."""
    if region == get_region():
        return None
    words = f"Functions from '{region}' are not reachable in this region ('{get_region()}')"
    return error_response_json("ResourceNotFoundException", words, 404)


def _refused(arn: str, account: str) -> Any:
    """The refusal of the function's policy: MiniStack asks none for an account's root."""
    if account == get_account_id() or not iam.enforced():
        return None
    who, found = caller(), policy_of(arn)
    context = evaluator.EvalContext(
        principal_arn=who,
        principal_type="AssumedRole" if ":assumed-role/" in who else "Root",
        principal_account=get_account_id(),
        action=INVOKE,
        resource_arn=arn,
        region=get_region(),
    )
    policy = found[0] if found else None
    decision = evaluator.evaluate_resource_policy(policy, context).decision
    if decision == "Allow":
        return None
    refusal = iam.Refusal(iam.Check(INVOKE, arn), who, decision == "Deny", by_resource=True)
    return error_response_json("AccessDeniedException", iam.noted(refusal).words, 403)
