"""What IAM is asked about a StackSet: the StackSet's own ARN, which is the management account's.

Service Authorization Reference, CloudFormation: `stackset/${StackSetName}:${Id}`. That its account
is the management account's for a delegated administrator, too, is believed: so it stands in
DescribeStackSet's answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_region
from ministack.services.cloudformation import helpers

from lab import iam
from lab.buckets import caller
from lab.inside import lasting
from lab.scps import master_of
from lab.stacksets import store
from lab.stacksets.model import StackSetError, invalid

NO_ADMINISTRATOR = "Account used is not a delegated administrator"


def install() -> None:
    """Have MiniStack ask for the StackSet that a call names, not for all."""
    theirs = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any, **more: Any) -> Any:
        found = theirs(service, *request, **more)
        # method, path, headers, body, parameters, Region, account
        name = helpers._p(request[4], "StackSetName") if service == "cloudformation" else ""
        return _arn(name, request[5], request[6]) if name else found

    iam_actions.extract_resource_arn = resource


def check_administrator(request: Mapping[str, Any]) -> None:
    """Who may not see that the account is a delegated administrator is told that it is none
    (terraform-provider-aws #32536, #37069). Raises StackSetError."""
    who = caller()
    asks = request.get("CallAs") == "DELEGATED_ADMIN" and ":assumed-role/" in who
    if not asks or not iam.enforced():
        return
    checks = [iam.Check("organizations:ListDelegatedAdministrators")]
    if iam.of_role(lasting(who), get_region(), checks) is not None:
        raise invalid(NO_ADMINISTRATOR)


def _arn(name: str, region: str, account: str) -> str:
    management = master_of(account) or account
    try:
        return store.find(management, region, name).arn
    except StackSetError:
        return f"arn:aws:cloudformation:{region}:{management}:stackset/{name}:*"
