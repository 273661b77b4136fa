"""The resource type AWS::CloudFormation::StackSet, as AWS's own resource provider works.

Its order of calls, its words for a failed operation, when it calls at all and what it tries again
are those of aws-cloudformation/aws-cloudformation-resource-providers-cloudformation
(BaseHandlerStd, the handlers, Comparator, InstancesAnalyzer).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners, stacks

from lab.ec2.errors import AwsError
from lab.stacksets import changes, organization, store, wire
from lab.stacksets.model import Operation, StackSet, StackSetError

TYPE = "AWS::CloudFormation::StackSet"
Properties = Mapping[str, Any]
Made = tuple[str, dict[str, Any]]
Place = tuple[str, str, str]
_REPLACES = ("StackSetName", "PermissionModel")
#: Of the properties, what UpdateStackSet takes.
_CONFIGURED = (
    *("Description", "TemplateBody", "TemplateURL", "Parameters", "Capabilities", "Tags"),
    "AutoDeployment",
)
#: What tells the provider that UpdateStackSet is needed, besides an address of a template: what is
#: behind it may be another one. Neither capabilities nor preferences do.
_COMPARED = ("Description", "TemplateBody", "Parameters", "Tags", "AutoDeployment")
#: What is tried again while another operation goes on.
_PATIENT = ("UpdateStackSet", "UpdateStackInstances", "DeleteStackInstances")
_LONGEST = 850
#: Seconds between two tries while another operation is in progress.
_EVERY = 0.2


class ResourceError(ValueError):
    """The resource, and with it the stack, fails with these words."""


def install() -> None:
    """Have MiniStack's CloudFormation make, change and delete StackSets."""
    provisioners._RESOURCE_HANDLERS[TYPE] = {"create": create, "update": update, "delete": delete}
    # Another name makes another StackSet, and deletes the old one afterwards.
    provisioners._REPLACING_PROPERTIES[TYPE] = frozenset(_REPLACES)
    provisioners._CUSTOM_NAME_REPLACEMENT[TYPE] = {"name": "StackSetName"}
    threads, sent_back = stacks._runs_on_worker_thread, stacks._sends_back_failed_update
    stacks._runs_on_worker_thread = lambda kind: kind == TYPE or threads(kind)
    # A StackSet whose update failed half way gets its former template again.
    stacks._sends_back_failed_update = lambda kind: kind == TYPE or sent_back(kind)


def create(_logical_id: str, properties: Properties, _stack: str) -> Made:
    """Make the StackSet and its instances. Raises ResourceError; then nothing is left."""
    request = {**_configured(properties), **_named(properties), **_managed(properties)}
    id_ = str(_ask("CreateStackSet", changes.create, request)["StackSetId"])
    try:
        for group in properties.get("StackInstancesGroup", ()):
            _instances("CreateStackInstances", changes.create_instances, id_, properties, group)
    except ResourceError:
        delete(id_, properties)
        raise
    return id_, {"StackSetId": id_}


def _named(properties: Properties) -> dict[str, Any]:
    names = ("StackSetName", "PermissionModel", "CallAs")
    return {key: properties[key] for key in names if key in properties}


def _configured(properties: Properties) -> dict[str, Any]:
    return {key: properties[key] for key in _CONFIGURED if key in properties}


def _managed(properties: Properties) -> dict[str, Any]:
    said = properties.get("ManagedExecution")
    return {"ManagedExecution": said} if said else {}


def update(id_: str, old: Properties, new: Properties, _stack: str) -> Made:
    """Delete, update, create and change instances, in this order. Raises ResourceError."""
    before, after = _standing_groups(old), _standing_groups(new)
    if _managed(old) != _managed(new):
        kept = {key: new[key] for key in ("Capabilities",) if key in new}
        how = {"ManagedExecution": {"Active": False}, **_managed(new), "UsePreviousTemplate": True}
        _update(id_, new, {**kept, **how})
    for group in _gathered(before, [key for key in before if key not in after]):
        _delete_group(id_, old, group)
    if "TemplateURL" in new or any(old.get(key) != new.get(key) for key in _COMPARED):
        _update(id_, new, {**_configured(new), **_preferences(new)})
    for group in _gathered(after, [key for key in after if key not in before]):
        _instances("CreateStackInstances", changes.create_instances, id_, new, group)
    for group in _gathered(after, [k for k in after if k in before and after[k] != before[k]]):
        _instances("UpdateStackInstances", changes.update_instances, id_, new, group)
    return id_, {"StackSetId": id_}


def _update(id_: str, properties: Properties, said: Mapping[str, Any]) -> None:
    request = {"StackSetName": id_, **said, **_call_as(properties)}
    _wait(id_, properties, _ask("UpdateStackSet", changes.update, request))


def delete(id_: str, properties: Properties) -> None:
    """Delete the instances that the properties name, then the StackSet, which has to be empty then.

    Raises ResourceError.
    """
    try:
        _find(id_, properties)
    except StackSetError as error:
        if error.code == "StackSetNotFoundException":
            return
        raise _failed(error.message, "InvalidRequest") from error
    standing = _standing_groups(properties)
    for group in _gathered(standing, standing):
        _delete_group(id_, properties, group)
    _ask("DeleteStackSet", changes.delete, {"StackSetName": id_, **_call_as(properties)})


def _standing_groups(properties: Properties) -> dict[Place, str]:
    """Where instances shall be, by unit, filter and Region; with their overrides."""
    return {
        (unit, _filter_of(group), region): json.dumps(group.get("ParameterOverrides", ()))
        for group in properties.get("StackInstancesGroup", ())
        for unit in group.get("DeploymentTargets", {}).get("OrganizationalUnitIds", ())
        for region in group["Regions"]
    }


def _filter_of(group: Mapping[str, Any]) -> str:
    said = group.get("DeploymentTargets", {})
    return json.dumps({k: v for k, v in said.items() if k != "OrganizationalUnitIds"})


def _gathered(where: Mapping[Place, str], chosen: Iterable[Place]) -> Iterator[dict[str, Any]]:
    """One group for each unit and filter, with all its Regions."""
    regions: dict[tuple[str, str, str], list[str]] = {}
    for place in chosen:
        unit, narrowed, region = place
        regions.setdefault((unit, narrowed, where[place]), []).append(region)
    for (unit, narrowed, overrides), found in regions.items():
        targets = {**json.loads(narrowed), "OrganizationalUnitIds": [unit]}
        group = {"DeploymentTargets": targets, "Regions": found}
        yield {**group, "ParameterOverrides": json.loads(overrides)}


def _delete_group(id_: str, properties: Properties, group: Mapping[str, Any]) -> None:
    keep = {"RetainStacks": False}
    whole = {key: value for key, value in group.items() if key != "ParameterOverrides"}
    act = changes.delete_instances
    try:
        _instances("DeleteStackInstances", act, id_, properties, {**whole, **keep})
    except ResourceError as error:
        cause = error.__cause__
        if not isinstance(cause, AwsError) or cause.code != "StackInstanceNotFoundException":
            raise


def _instances(
    operation: str, act: wire.Act, id_: str, properties: Properties, group: Mapping[str, Any]
) -> None:
    how = {**_call_as(properties), **_preferences(properties)}
    _wait(id_, properties, _ask(operation, act, {"StackSetName": id_, **group, **how}))


def _call_as(properties: Properties) -> dict[str, Any]:
    return {"CallAs": properties["CallAs"]} if "CallAs" in properties else {}


def _preferences(properties: Properties) -> dict[str, Any]:
    said = properties.get("OperationPreferences")
    return {"OperationPreferences": said} if said else {}


def _ask(operation: str, act: Callable[[dict[str, Any]], Any], request: dict[str, Any]) -> Any:
    """Call CloudFormation as its provider does, which waits for some while another goes on."""
    typed = wire.typed(operation, request)
    while True:
        try:
            wire.check(wire.model_of(operation).input_shape, typed)
            return act(typed)
        except AwsError as error:
            if error.code != "OperationInProgressException" or operation not in _PATIENT:
                said = f"{error.message} (Service: CloudFormation, Status Code: {error.status})"
                raise _failed(said, "InvalidRequest") from error
        time.sleep(_EVERY)


def _find(id_: str, properties: Properties) -> StackSet:
    call_as = str(properties.get("CallAs", "SELF"))
    management = organization.management_of(get_account_id(), call_as)
    return store.find(management, get_region(), id_)


def _wait(id_: str, properties: Properties, begun: Mapping[str, Any]) -> None:
    operation = store.operation(_find(id_, properties), str(begun["OperationId"]))
    operation.done.wait()
    if operation.status != "SUCCEEDED":
        words = _words(operation)
        words = f"Resource of type '{words}' with identifier '{id_}' did not stabilize."
        raise _failed(words, "NotStabilized")


def _words(operation: Operation) -> str:
    reasons = dict.fromkeys(
        f" [{each.reason}]" for each in operation.outcomes if each.status == "FAILED"
    )
    begin = f"Stack set operation [{operation.id}] was unexpectedly stopped or failed."
    words = f"{begin} status reason(s):{''.join(reasons)}"
    more = "... Use list-stack-set-operation-results for more information."
    return words if len(words) <= _LONGEST else words[:_LONGEST] + more


def _failed(message: str, code: str) -> ResourceError:
    token = uuid.uuid4()
    return ResourceError(
        f'Resource handler returned message: "{message}" '
        f"(RequestToken: {token}, HandlerErrorCode: {code})"
    )
