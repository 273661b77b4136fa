"""What IAM is asked about an organizational unit or the root: its own ARN."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import organizations

from lab.inside import scope
from lab.scps import master_of


def install() -> None:
    """Have MiniStack ask for the unit whose members are listed, not for all."""
    theirs = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any, **more: Any) -> Any:
        # method, path, headers, body, parameters, Region, account
        found = _parent(request[3], request[6]) if service == "organizations" else ""
        return found or theirs(service, *request, **more)

    iam_actions.extract_resource_arn = resource


def _parent(body: bytes, account: str) -> str:
    """Service Authorization Reference, Organizations: types organizationalunit and root. They are
    the management account's, whoever asks."""
    asked: Any = json.loads(body or b"{}")
    parent = str(asked.get("ParentId", "")) if isinstance(asked, Mapping) else ""
    if not parent:
        return ""
    owner = master_of(account) or account
    with scope(owner, "us-east-1"):
        of = organizations._orgs["self"]["Id"]
    kind = "root" if parent.startswith("r-") else "ou"
    return f"arn:aws:organizations::{owner}:{kind}/{of}/{parent}"
