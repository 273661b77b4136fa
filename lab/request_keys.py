"""Hooks: the condition keys of a request are those that AWS sends, no fewer and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as evaluator

from lab.leading_keys import leading_keys, select_in
from lab.reference import sends


def install() -> None:
    """Install all hooks."""
    _name_what_requests_say()
    _check_a_select_as_what_it_is()
    _leave_out_what_aws_does_not_send()


def _name_what_requests_say() -> None:
    # MiniStack doesn't have the keys of events:PutEvents, dynamodb:LeadingKeys and ssm:Overwrite.
    theirs = iam_actions.request_tag_context

    def context(service: str, action: str, body: bytes, params: dict[str, Any]) -> Any:
        known = theirs(service, action, body, params)
        if service == "dynamodb" and (select := select_in(body)):
            known = {**known, "dynamodb:FullTableScan": str(not select.keys).lower()}
        if service == "dynamodb" and (keys := leading_keys(body)):
            return {**known, "dynamodb:LeadingKeys": keys}
        if action == "ssm:PutParameter":
            return {**known, **_overwrite(json.loads(body or b"{}"))}
        if action == "events:PutEvents":
            return {**known, **_of_entries(json.loads(body or b"{}"))}
        return known

    iam_actions.request_tag_context = context


def _check_a_select_as_what_it_is() -> None:
    # ExecuteStatement is no action of IAM's: a SELECT is dynamodb:PartiQLSelect on its table
    # (DynamoDB guide, "IAM security policies with PartiQL").
    theirs = iam_actions.dynamodb_transaction_checks

    def checks(action: str, body: bytes, region: str, account: str) -> list[tuple[str, str]]:
        select = select_in(body) if action == "dynamodb:ExecuteStatement" else None
        if select is None:
            return list(theirs(action, body, region, account))
        table = f"arn:aws:dynamodb:{region}:{account}:table/{select.table}"
        return [("dynamodb:PartiQLSelect", table)]

    iam_actions.dynamodb_transaction_checks = checks


def _overwrite(request: Mapping[str, Any]) -> dict[str, str]:
    """Only if the request says it: whether AWS says "false" else is written nowhere."""
    said = request.get("Overwrite")
    return {} if said is None else {"ssm:Overwrite": str(bool(said)).lower()}


def _of_entries(request: Mapping[str, Any]) -> dict[str, str]:
    entries = request.get("Entries", [])
    sources = sorted({entry.get("Source", "") for entry in entries})
    types = sorted({entry.get("DetailType", "") for entry in entries})
    one = {"events:source": sources, "events:detail-type": types}
    return {key: found[0] for key, found in one.items() if len(found) == 1}


def _leave_out_what_aws_does_not_send() -> None:
    # MiniStack knows the tags of whatever a request is about; a condition on a key that AWS doesn't
    # send for an action and a resource is false there.
    theirs = evaluator._resolve_condition_key

    def resolved(key: str, context: Any) -> Any:
        sent = sends(context.action, context.resource_arn, key)
        return theirs(key, context) if sent else None

    evaluator._resolve_condition_key = resolved
