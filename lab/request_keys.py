"""Hooks: the condition keys of a request are those that AWS sends, no fewer and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as evaluator

from lab.leading_keys import leading_keys
from lab.reference import sends


def install() -> None:
    """Install both hooks."""
    _name_what_requests_say()
    _leave_out_what_aws_does_not_send()


def _name_what_requests_say() -> None:
    # MiniStack doesn't have the keys of events:PutEvents, dynamodb:LeadingKeys and ssm:Overwrite.
    theirs = iam_actions.request_tag_context

    def context(service: str, action: str, body: bytes, params: dict[str, Any]) -> Any:
        known = theirs(service, action, body, params)
        if service == "dynamodb" and (keys := leading_keys(body)):
            return {**known, "dynamodb:LeadingKeys": keys}
        if action == "ssm:PutParameter":
            return {**known, **_overwrite(json.loads(body or b"{}"))}
        if action == "events:PutEvents":
            return {**known, **_of_entries(json.loads(body or b"{}"))}
        return known

    iam_actions.request_tag_context = context


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
