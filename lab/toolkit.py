"""The CDK's bootstrap of an account, as another account of the same run had it from the CDK CLI.

The CLI takes a second of a core for what CloudFormation does in a moment. The CDK guide has both
ways ("Bootstrap your environment for use with the AWS CDK": `cdk bootstrap --show-template`, then
CreateStack).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from lab.settings import SECRET, Settings

STACK = "CDKToolkit"


class ToolkitError(RuntimeError):
    """The stack could not be made; the message says why."""


class Toolkit:
    """What labs that share a cache know of the bootstrap: its template and its parameters."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.cache / "bootstrap.json" if settings.cache else None

    async def copy(self, account: str) -> bool:
        """Make the stack in an account; False if no lab has made one with the CDK CLI yet.

        Raises ToolkitError.
        """
        if self._file is None or not self._file.is_file():
            return False
        await asyncio.to_thread(self._make, account, json.loads(self._file.read_text()))
        return True

    async def keep(self, account: str) -> None:
        """Note the stack that the CDK CLI has made, if there is a cache."""
        if self._file is not None:
            known = await asyncio.to_thread(self._known, account)
            made = self._file.with_suffix(f".{self._settings.port}.{account}")
            made.write_text(json.dumps(known))
            made.rename(self._file)  # at once: other labs read it

    def _known(self, account: str) -> dict[str, Any]:
        stacks = self._stacks(account)
        (stack,) = stacks.describe_stacks(StackName=STACK)["Stacks"]
        template = stacks.get_template(StackName=STACK)["TemplateBody"]
        return {
            "TemplateBody": template if isinstance(template, str) else json.dumps(template),
            "Parameters": stack["Parameters"],
            "Capabilities": stack["Capabilities"],
        }

    def _make(self, account: str, known: dict[str, Any]) -> None:
        from botocore.exceptions import ClientError, WaiterError

        stacks = self._stacks(account)
        try:
            stacks.create_stack(StackName=STACK, **known)
            waiter = stacks.get_waiter("stack_create_complete")
            waiter.wait(StackName=STACK, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
        except stacks.exceptions.AlreadyExistsException:
            return
        except (ClientError, WaiterError) as failed:
            raise ToolkitError(str(failed)) from failed

    def _stacks(self, account: str) -> Any:
        import boto3  # type: ignore[import-untyped]  # it has no types

        return boto3.Session(
            aws_access_key_id=account,
            aws_secret_access_key=SECRET,
            region_name=self._settings.region,
        ).client("cloudformation", endpoint_url=self._settings.url)
