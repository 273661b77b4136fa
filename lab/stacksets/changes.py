"""Calls that change a StackSet: each begins an operation, or is refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region

from lab.stacksets import organization, running, store, targets, templates
from lab.stacksets.model import (
    LOCK,
    Act,
    Instance,
    Operation,
    Outcome,
    Preferences,
    StackSet,
    StackSetError,
    invalid,
)

Request = dict[str, Any]
#: What a StackSet keeps of the request that made or changed it.
_KEPT = ("Description", "Parameters", "Capabilities", "Tags", "AutoDeployment", "ManagedExecution")


def home(request: Mapping[str, Any]) -> str:
    """The management account that a call is about. Raises StackSetError."""
    return organization.management_of(get_account_id(), str(request.get("CallAs", "SELF")))


def found(request: Mapping[str, Any]) -> StackSet:
    """The StackSet that a call names. Raises StackSetError."""
    return store.find(home(request), get_region(), str(request["StackSetName"]))


def create(request: Request) -> dict[str, Any]:
    """CreateStackSet."""
    if request.get("PermissionModel", "SELF_MANAGED") != "SERVICE_MANAGED":
        raise invalid("The lab has no self-managed StackSets: PermissionModel SERVICE_MANAGED")
    management, region, name = home(request), get_region(), str(request["StackSetName"])
    _check_name(name)
    _check_automatic(request.get("AutoDeployment"), needed=True)
    template = templates.template_in(request)
    if template is None:
        raise invalid("Either TemplateBody or TemplateURL is required")
    templates.check(template, request)
    id_ = f"{name}:{uuid.uuid4()}"
    arn = f"arn:aws:cloudformation:{region}:{management}:stackset/{id_}"
    raw = {key: request[key] for key in _KEPT if key in request}
    store.add(StackSet(name, id_, arn, management, region, template, raw))
    return {"StackSetId": id_}


def _check_name(name: str) -> None:
    """Letters, digits and hyphens, a letter first, 128 at most (API reference, CreateStackSet)."""
    good = name[:1].isalpha() and name.replace("-", "").isalnum() and name.isascii()
    if not good or len(name) > 128:
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackSetName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )


def _check_automatic(said: Mapping[str, Any] | None, needed: bool) -> None:
    """Enabled must be said; RetainStacksOnAccountRemoval only and always when it is true."""
    if said is None:
        if needed:
            raise invalid("AutoDeployment is required for service-managed StackSets")
        return
    if said.get("DependsOn"):
        raise invalid("The lab knows no AutoDeployment.DependsOn")
    retain = said.get("RetainStacksOnAccountRemoval")
    if said.get("Enabled") and retain is None:
        raise invalid("RetainStacksOnAccountRemoval is required if AutoDeployment is enabled")
    if not said.get("Enabled") and retain is not None:
        raise invalid("RetainStacksOnAccountRemoval takes an enabled AutoDeployment")


def update(request: Request) -> dict[str, Any]:
    """UpdateStackSet: every instance, or those that the request names; the rest is outdated."""
    with LOCK:
        stack_set = found(request)
        _may_begin(stack_set, request)
        template = templates.template_in(request)
        if template is None and not request.get("UsePreviousTemplate"):
            raise invalid("Either TemplateBody, TemplateURL or UsePreviousTemplate is required")
        _check_automatic(request.get("AutoDeployment"), needed=False)
        _check_update(stack_set, request)
        raw = {**stack_set.raw, **{key: request[key] for key in _KEPT if key in request}}
        raw["Capabilities"] = request.get("Capabilities", ())
        raw["Parameters"] = _parameters(stack_set, request)
        templates.check(template or stack_set.template, raw)
        wanted = targets.in_request(stack_set.management, request, needed=False)
        chosen = _chosen(stack_set, request, wanted)
        stack_set.raw, stack_set.template = raw, template or stack_set.template
        if template is not None or "Parameters" in request:
            _outdate(stack_set)
        return _begin(stack_set, request, "UPDATE", chosen)


def _check_update(stack_set: StackSet, request: Request) -> None:
    """API reference, ManagedExecution (its code: B) and UpdateStackSet, AutoDeployment."""
    active = request.get("ManagedExecution", {}).get("Active", stack_set.managed)
    if active != stack_set.managed and stack_set.busy:
        words = "The execution configuration can't be changed while operations run or are queued"
        raise StackSetError("InvalidOperationException", words)
    if "AutoDeployment" in request and (request.get("DeploymentTargets") or request.get("Regions")):
        raise invalid("If you specify AutoDeployment, don't specify DeploymentTargets or Regions")


def _outdate(stack_set: StackSet) -> None:
    for instance in stack_set.instances.values():
        instance.status = "INOPERABLE" if instance.status == "INOPERABLE" else "OUTDATED"


def _parameters(stack_set: StackSet, request: Request) -> list[Mapping[str, Any]]:
    before = {each["ParameterKey"]: each for each in stack_set.raw.get("Parameters", ())}
    return [
        before.get(each["ParameterKey"], each) if each.get("UsePreviousValue") else each
        for each in request.get("Parameters", ())
    ]


def _chosen(
    stack_set: StackSet, request: Request, wanted: targets.Targets | None
) -> list[Instance]:
    """Instances that were left in an unstable state take part in no update."""
    regions = request.get("Regions")
    if wanted is not None:
        some = targets.existing(stack_set, wanted)
    else:
        some = [*stack_set.instances.values()]
    some = [each for each in some if not regions or each.region in regions]
    return [each for each in some if each.status != "INOPERABLE"]


def delete(request: Request) -> dict[str, Any]:
    """DeleteStackSet: only an empty one."""
    with LOCK:
        try:
            stack_set = found(request)
        except StackSetError as error:
            if error.code == "StackSetNotFoundException":
                return {}  # it is gone, as was wanted
            raise
        if stack_set.busy:
            raise _in_progress(stack_set)
        if stack_set.instances:
            raise StackSetError("StackSetNotEmptyException", "StackSet is not empty")
        stack_set.deleted = True
    return {}


def create_instances(request: Request) -> dict[str, Any]:
    """CreateStackInstances; what is there already is deployed again (believed)."""
    with LOCK:
        stack_set, wanted = _wanted(request)
        targets.remember(stack_set, wanted)
        chosen = [*targets.to_create(stack_set, wanted)]
        for instance in chosen:
            instance.overrides = request.get("ParameterOverrides", ())
        return _begin(stack_set, request, "CREATE", chosen)


def update_instances(request: Request) -> dict[str, Any]:
    """UpdateStackInstances: other parameters, and the StackSet's present template."""
    with LOCK:
        stack_set, wanted = _wanted(request)
        chosen = targets.existing(stack_set, wanted)
        for instance in chosen:
            instance.overrides = request.get("ParameterOverrides", instance.overrides)
        return _begin(stack_set, request, "UPDATE", chosen)


def delete_instances(request: Request) -> dict[str, Any]:
    """DeleteStackInstances; with RetainStacks the stacks stay and aren't the StackSet's anymore."""
    with LOCK:
        stack_set, wanted = _wanted(request)
        chosen = targets.existing(stack_set, wanted)
        targets.forget(stack_set, wanted)
        return _begin(stack_set, request, "DELETE", chosen)


def _wanted(request: Request) -> tuple[StackSet, targets.Targets]:
    stack_set = found(request)
    _may_begin(stack_set, request)
    wanted = targets.in_request(stack_set.management, request)
    if wanted is None or not wanted.regions:
        raise invalid("Regions are required")
    return stack_set, wanted


def _may_begin(stack_set: StackSet, request: Request) -> None:
    name = request.get("OperationId")
    if any(each.id == name for each in stack_set.operations):
        raise StackSetError("OperationIdAlreadyExistsException", f"Operation {name} exists")
    if stack_set.busy and not stack_set.managed:
        raise _in_progress(stack_set)
    how = request.get("OperationPreferences") or {}
    for pair in ("FailureTolerance", "MaxConcurrent"):
        if {f"{pair}Count", f"{pair}Percentage"} <= how.keys():
            raise invalid(f"You can specify {pair}Count or {pair}Percentage, not both")


def _in_progress(stack_set: StackSet) -> StackSetError:
    words = f"Another Operation on StackSet {stack_set.arn} is in progress"
    running_one = next(each.id for each in stack_set.operations if not each.is_over)
    return StackSetError("OperationInProgressException", f"{words}: {running_one}")


def _begin(
    stack_set: StackSet, request: Request, act: Act, chosen: Iterable[Instance]
) -> dict[str, Any]:
    retain = bool(request.get("RetainStacks")) if act == "DELETE" else None
    operation = Operation(
        str(request.get("OperationId") or uuid.uuid4()),
        act,
        Preferences(request.get("OperationPreferences") or {}),
        [Outcome(each, act, retained=bool(retain)) for each in chosen],
        request.get("DeploymentTargets"),
        retain,
    )
    running.start(stack_set, operation)
    return {"OperationId": operation.id}


def stop(request: Request) -> dict[str, Any]:
    """StopStackSetOperation: what runs goes on to its end, the rest is canceled."""
    with LOCK:
        operation = store.operation(found(request), str(request["OperationId"]))
        if operation.status not in ("RUNNING", "QUEUED"):
            words = f"Operation {operation.id} is in {operation.status} and can't be stopped"
            raise StackSetError("InvalidOperationException", words)
        if operation.status == "RUNNING":
            operation.status = "STOPPING"
    return {}
