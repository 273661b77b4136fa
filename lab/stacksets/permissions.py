"""What IAM is asked for when a call is about a StackSet."""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions

from lab.scps import master_of


def install() -> None:
    """Give calls that name a StackSet its ARN; MiniStack asks for them on no resource."""
    theirs = iam_actions.extract_resource_arn

    def resource(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *where: str
    ) -> str:
        name = iam_actions._query_param(query, "StackSetName")
        if service != "cloudformation" or not name:
            return str(theirs(service, method, path, headers, body, query, *where))
        # Service Authorization Reference, CloudFormation: type stackset. It lies in the management
        # account, whoever administers it (CloudFormation guide, "Register a delegated
        # administrator"); that IAM names that account there is believed.
        region, account = where
        owner = master_of(account) or account
        identity = name if ":" in name else f"{name}:*"
        return f"arn:aws:cloudformation:{region}:{owner}:stackset/{identity}"

    iam_actions.extract_resource_arn = resource
