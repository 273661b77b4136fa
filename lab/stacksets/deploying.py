"""Deploys and deletes one stack in one account and Region, as CloudFormation does there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from ministack.services.cloudformation import _stack_events, _stacks, handlers, helpers, stacks

from lab.inside import scope
from lab.stacksets import templates
from lab.stacksets.model import Instance, StackSet

#: So many stacks at once: more would only take each other's turns of two processors.
_AT_ONCE = threading.BoundedSemaphore(6)
_template: ContextVar[str] = ContextVar("the template of the StackSet at work")
#: What MiniStack sets in motion while the lab hands it a request.
_begun: ContextVar[list[asyncio.Task[Any]] | None] = ContextVar("stacks at work", default=None)
_loops: list[asyncio.AbstractEventLoop] = []
_OURS = "lab-stackset:template"
_UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
_NOTHING = "No updates are to be performed."
Params = dict[str, list[str]]


class FailedError(Exception):
    """A stack couldn't be deployed or deleted: the reason, in CloudFormation's words."""


def install() -> None:
    """Have MiniStack take a StackSet's template, which may be larger than a request's."""
    theirs = helpers._resolve_document

    def resolved(params: Mapping[str, Any], body_key: str, url_key: str, label: str) -> Any:
        if helpers._p(params, url_key) == _OURS:
            return _template.get(), None
        return theirs(params, body_key, url_key, label)

    helpers._resolve_document = resolved
    _know_what_is_begun()


def serve_on(loop: asyncio.AbstractEventLoop) -> None:
    """Have stacks deployed by the server's loop."""
    _loops.append(loop)


def _know_what_is_begun() -> None:
    theirs = handlers._create_stack_task_in_region

    def begin(work: Coroutine[Any, Any, Any], stack: Any, stack_id: str | None = None) -> None:
        begun = _begun.get()
        if begun is None:
            theirs(work, stack, stack_id)
            return
        with stacks._stack_region_context(stack, stack_id):
            begun.append(asyncio.get_running_loop().create_task(work))

    handlers._create_stack_task_in_region = begin


def deploy(stack_set: StackSet, instance: Instance) -> None:
    """Create or update the instance's stack, and wait for it. Raises FailedError."""
    with _AT_ONCE, scope(instance.account, instance.region):
        _template.set(stack_set.template)
        found = _stacks.get(instance.stack_name, {})
        state = found.get("StackStatus", "DELETE_COMPLETE")
        if state not in (*_UPDATABLE, "DELETE_COMPLETE"):
            # What failed to be created can't be updated: it is made anew (believed).
            _do(handlers._delete_stack, {"StackName": [instance.stack_name]})
        update = state in _UPDATABLE
        act = handlers._update_stack if update else handlers._create_stack
        try:
            _do(act, _request(stack_set, instance))
            _note(instance, ("UPDATE_COMPLETE", "CREATE_COMPLETE"))
        except FailedError as failed:
            if str(failed) != _NOTHING:
                raise


def delete(instance: Instance) -> None:
    """Delete the instance's stack, and wait until it is gone. Raises FailedError."""
    with _AT_ONCE, scope(instance.account, instance.region):
        if instance.stack_name in _stacks:
            _do(handlers._delete_stack, {"StackName": [instance.stack_name]})
            _note(instance, ("DELETE_COMPLETE",))


def _note(instance: Instance, good: Sequence[str]) -> None:
    """Take down the stack's id. Raises FailedError unless the stack has come to a good end."""
    stack = _stacks[instance.stack_name]
    instance.stack_id = stack["StackId"]
    if stack["StackStatus"] not in good:
        raise FailedError(_first_failure(stack))


def _first_failure(stack: Mapping[str, Any]) -> str:
    """The words of the last operation's first failed resource, as StackSets put them."""
    failure = f"Stack {stack['StackId']} is in {stack['StackStatus']}"
    for event in reversed(_stack_events.get(stack["StackId"], ())):
        whole = event["LogicalResourceId"] == stack["StackName"]
        if whole and event["ResourceStatusReason"] == "User Initiated":
            break
        if event["ResourceStatus"].endswith("_FAILED") and not whole:
            failure = (
                f"ResourceLogicalId:{event['LogicalResourceId']}, "
                f"ResourceType:{event['ResourceType']}, "
                f"ResourceStatusReason:{event['ResourceStatusReason']}."
            )
    return failure


def _request(stack_set: StackSet, instance: Instance) -> Params:
    own = {each["ParameterKey"]: each for each in stack_set.raw.get("Parameters", ())}
    own |= {each["ParameterKey"]: each for each in instance.overrides}
    params: Params = {"StackName": [instance.stack_name], "TemplateURL": [_OURS]}
    for number, each in enumerate(own.values(), 1):
        params[f"Parameters.member.{number}.ParameterKey"] = [each["ParameterKey"]]
        params[f"Parameters.member.{number}.ParameterValue"] = [each.get("ParameterValue", "")]
    for number, each in enumerate(stack_set.raw.get("Tags", ()), 1):
        params[f"Tags.member.{number}.Key"] = [each["Key"]]
        params[f"Tags.member.{number}.Value"] = [each["Value"]]
    for number, each in enumerate(stack_set.raw.get("Capabilities", ()), 1):
        params[f"Capabilities.member.{number}"] = [each]
    return params


def _do(act: Callable[[Params], Any], params: Params) -> None:
    """Do what MiniStack's API does, with all that it sets in motion, and wait for the end.

    It is done by the server's loop, as a request would be: MiniStack's services are made for one
    thread. The account, the Region and the template go along, as this thread's context.
    """
    waiting = asyncio.run_coroutine_threadsafe(_done(act, params), _loops[-1])
    status, _, body = waiting.result()
    if status != 200:
        raise FailedError(templates.words_of(body))


async def _done(act: Callable[[Params], Any], params: Params) -> Any:
    begun: list[asyncio.Task[Any]] = []
    _begun.set(begun)
    answer = act(params)
    _begun.set(None)
    await asyncio.gather(*begun)
    return answer
