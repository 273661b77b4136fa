"""Policies of event buses: PutPermission, and CloudFormation's resources, as AWS takes them.

MiniStack takes no whole policy, keeps PutPermission's principal and condition as no policy can have
them, and its CloudFormation has no `AWS::Events::EventBusPolicy` and forgets a bus's `Policy`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

_BUS, _POLICY = "AWS::Events::EventBus", "AWS::Events::EventBusPolicy"
Statement = dict[str, Any]


def install() -> None:
    """Install the hooks."""
    eventbridge._put_permission = _put_permission
    provisioners._RESOURCE_HANDLERS[_POLICY] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }
    _keep_a_bus_policy()


def _put_permission(data: dict[str, Any]) -> Any:
    bus = data.get("EventBusName") or "default"
    if bus != "default" and bus not in eventbridge._event_buses:
        words = f"Event bus {bus} does not exist."
        return error_response_json("ResourceNotFoundException", words, 400)
    if data.get("Policy"):
        eventbridge._event_bus_policies[bus] = json.loads(data["Policy"])
    else:
        _add(bus, _statement(bus, data))
    return eventbridge.json_response({})


def _statement(bus: str, data: Mapping[str, Any]) -> Statement:
    """A statement of PutPermission's parameters, which the API reference gives."""
    who, condition = str(data.get("Principal") or "*"), data.get("Condition")
    made: Statement = {
        "Sid": data.get("StatementId"),
        "Effect": "Allow",
        "Principal": who if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"},
        "Action": data.get("Action") or "events:PutEvents",
        "Resource": f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}",
    }
    if condition:
        made["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return made


def _add(bus: str, statement: Statement) -> None:
    _remove(bus, str(statement["Sid"]))
    empty = {"Version": "2012-10-17", "Statement": []}
    policy: Mapping[str, Any] = eventbridge._event_bus_policies.get(bus) or empty
    statements = [*policy["Statement"], statement]
    eventbridge._event_bus_policies[bus] = {**policy, "Statement": statements}


def _remove(bus: str, statement_id: str) -> None:
    asked = {"EventBusName": bus, "StatementId": statement_id}
    eventbridge._remove_permission(asked)


def _create(_logical_id: str, given: Mapping[str, Any], _stack: str) -> Any:
    bus, name = str(given.get("EventBusName") or "default"), str(given["StatementId"])
    if bus != "default" and bus not in eventbridge._event_buses:
        raise ValueError(f"Event bus {bus} does not exist.")
    said = given.get("Statement")
    _add(bus, {**said, "Sid": name} if said else _statement(bus, given))
    return f"{bus}|{name}", {}


def _delete(physical_id: str, _given: Mapping[str, Any]) -> None:
    bus, _, name = physical_id.partition("|")
    _remove(bus, name)


def _update(
    physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack: str, *_more: Any
) -> Any:
    _delete(physical_id, old)
    return _create("", new, stack)


def _keep_a_bus_policy() -> None:
    handlers = provisioners._RESOURCE_HANDLERS[_BUS]
    create, update = handlers["create"], handlers["update"]

    def keep(made: Any, given: Mapping[str, Any]) -> Any:
        if given.get("Policy"):
            eventbridge._event_bus_policies[made[0]] = dict(given["Policy"])
        return made

    def created(logical_id: str, given: dict[str, Any], *more: Any) -> Any:
        return keep(create(logical_id, given, *more), given)

    def updated(name: str, old: Any, given: dict[str, Any], *more: Any, **named: Any) -> Any:
        return keep(update(name, old, given, *more, **named), given)

    handlers.update(create=created, update=updated)
