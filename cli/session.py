"""The operator's account and Region, what is deployed there, and what the adapters need of it.

The adapters of `autopilot.aws` read their settings from the environment, as in Lambda; here they
are set from the stack's outputs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autopilot.aws.errors import AwsError
from autopilot.aws.ledger import Ledger
from autopilot.aws.pages import call
from autopilot.aws.unwritten import unwritten
from autopilot.notify.ledger import Rows
from autopilot.reconcile.identity import StackIdentity
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from cli.options import STACK
from cli.policy_file import SPOKE
from cli.problem import Problem

# What goes before a profile where both are there (the SDK's chain of credentials); the AWS CLI
# lets a profile that is asked for go first.
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# The adapters' settings, by the stack's outputs.
_SETTINGS = {"LedgerTableName": "LEDGER_TABLE", "ConnectionTopicArn": "CONNECTION_TOPIC_ARN"}


@dataclass(frozen=True)
class Here:
    """Where a command works. `caller`: the operator's ARN. `outputs`: {} if nothing is deployed.

    `stack`: what CloudFormation calls the stack, "" where that is the owner of what it makes.
    """

    us: StackIdentity
    caller: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    stack: str = ""

    @property
    def stack_name(self) -> str:
        """What commands have to call the stack."""
        return self.stack or self.us.owner

    def output(self, name: str) -> str:
        """An output of the deployed stack. Raises Problem if there is no stack, or an older one."""
        place = f"in account {self.us.account}, {self.us.region}"
        if not self.outputs:
            raise Problem(
                f"There is no stack {self.stack_name} {place}: deploy it (npx cdk deploy), or name"
                " another with --stack, --region or --profile."
            )
        if name not in self.outputs:
            raise Problem(
                f"The stack {self.stack_name} {place} has no output {name}: deploy this version of"
                " it (npx cdk deploy)."
            )
        return self.outputs[name]

    def ledger(self) -> Rows:
        """What the automation remembers, to be read only; nothing if nothing is deployed."""
        return unwritten(self.table())

    def table(self) -> Ledger | None:
        """The ledger itself, for who only reads; None if nothing is deployed."""
        name = self.outputs.get("LedgerTableName")
        return Ledger(name) if name else None


def connect(stack: str, region: str | None, profile: str | None) -> Here:
    """Where the operator's credentials lead. Raises Problem, AwsErrors.

    In a fleet's account nobody knows by heart what the StackSet has called the stack: it is found.
    """
    os.environ["AWS_REGION"] = region_of(region, profile)
    caller = call("sts", "GetCallerIdentity")
    outputs = _outputs(stack)
    if not outputs and stack == STACK:
        stack, outputs = _spoke() or (stack, outputs)
    # A StackSet's stack has a name of its own, and what it makes bears another one.
    owner = outputs.get("OwnerTag", stack)
    us = StackIdentity(owner, caller["Account"], os.environ["AWS_REGION"])
    here = Here(us, caller["Arn"], outputs, stack)
    os.environ.update(OWNER=owner, ACCOUNT_ID=us.account)
    for output, name in _SETTINGS.items():
        os.environ[name] = here.outputs.get(output, "")
    return here


def region_of(region: str | None, profile: str | None) -> str:
    """The Region that is meant. Raises Problem if there is none, or no credentials."""
    if profile:
        os.environ["AWS_PROFILE"] = profile
        for name in _KEYS:
            os.environ.pop(name, None)
    try:
        known = Session()
        found = region or os.environ.get("AWS_REGION") or known.get_config_variable("region")
        credentials = known.get_credentials()
    except BotoCoreError as error:
        raise Problem(f"{error}. Name another profile with --profile.") from error
    if credentials is None:
        raise Problem("There are no AWS credentials: name a profile with --profile, or log in.")
    if not found:
        raise Problem("No Region is set: name one with --region, or set AWS_REGION.")
    return str(found)


def _outputs(stack: str) -> dict[str, str]:
    """The outputs of the stack, {} if there is none."""
    try:
        (found,) = call("cloudformation", "DescribeStacks", StackName=stack)["Stacks"]
    except AwsError as error:
        # CloudFormation has no code of its own for it (API reference, DescribeStacks).
        if "does not exist" in str(error):
            return {}
        raise
    return _told(found)


def _told(stack: Mapping[str, Any]) -> dict[str, str]:
    outputs: Any = stack.get("Outputs", ())
    return {each["OutputKey"]: each["OutputValue"] for each in outputs}


def _spoke() -> tuple[str, dict[str, str]] | None:
    """The stack that a hub's StackSet has made here, and its outputs; None if there is none, or if
    one may look at stacks by their names only. Raises Problem for two: an account is moving."""
    try:
        found = {each["StackName"]: _told(each) for each in _stacks()}
    except AwsError:
        return None
    ours = {name: outputs for name, outputs in found.items() if SPOKE.fullmatch(name) and outputs}
    if len(ours) > 1:
        named = ", ".join(sorted(ours))
        raise Problem(f"Two stacks of a fleet are here: name one with --stack: {named}.")
    return next(iter(ours.items()), None)


def _stacks() -> Iterator[Mapping[str, Any]]:
    """All stacks of the account and Region. Raises AwsErrors."""
    more: dict[str, str] = {}
    while True:
        page = call("cloudformation", "DescribeStacks", **more)
        yield from page["Stacks"]
        if not (token := page.get("NextToken")):
            return
        more = {"NextToken": token}
