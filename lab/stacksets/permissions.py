"""What IAM is asked for when a call is about a StackSet, or about an organizational unit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import organizations

from lab.inside import scope
from lab.scps import master_of


def install() -> None:
    """Give calls that name one its ARN; MiniStack asks for them on no resource, or on any."""
    theirs = iam_actions.extract_resource_arn

    def resource(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *where: str
    ) -> str:
        region, account = where
        if service == "cloudformation":
            found = _stack_set(iam_actions._query_param(query, "StackSetName"), region, account)
        else:
            found = _parent(body, account) if service == "organizations" else ""
        return found or str(theirs(service, method, path, headers, body, query, *where))

    iam_actions.extract_resource_arn = resource


def _stack_set(name: str | None, region: str, account: str) -> str:
    """Service Authorization Reference, CloudFormation: type stackset. It lies in the management
    account, whoever administers it (CloudFormation guide, "Register a delegated administrator");
    that IAM names that account there is believed.
    """
    identity = f"{name}:*" if name and ":" not in name else name
    owner = master_of(account) or account
    return f"arn:aws:cloudformation:{region}:{owner}:stackset/{identity}" if identity else ""


def _parent(body: bytes, account: str) -> str:
    """Service Authorization Reference, Organizations: types organizationalunit and root."""
    asked: Any = json.loads(body or b"{}")
    parent = str(asked.get("ParentId", "")) if isinstance(asked, Mapping) else ""
    if not parent:
        return ""
    owner = master_of(account) or account
    with scope(owner, "us-east-1"):
        of = organizations._orgs.get("self", {}).get("Id", "*")
    kind = "root" if parent.startswith("r-") else "ou"
    return f"arn:aws:organizations::{owner}:{kind}/{of}/{parent}"
