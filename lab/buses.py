"""Events to buses of other accounts and Regions: by a rule, and by PutEvents.

MiniStack delivers them nowhere. EventBridge guide, "Sending and receiving events between accounts"
and "between Regions": the rule's role has to be allowed to put them, and so has the sender by the
bus's policy. An event keeps the account and Region it comes from, and in its Region its id; another
Region's bus gives it an id of its own (localstack's test_events_cross_account_region.snapshot.json,
recorded from AWS in June 2024). That its time stays is believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import eventbridge

from lab import grants, iam
from lab.buckets import caller
from lab.inside import scope
from lab.undelivered import OUTAGES, Delivery, Failure, try_to

PUT = "events:PutEvents"
EVENTS = "events.amazonaws.com"
_MODIFIED = ("Input", "InputPath", "InputTransformer")


def install() -> None:
    """Install the hooks."""
    _deliver_to_buses()
    _take_events_for_other_accounts()
    _refuse_what_buses_do_not_take()


def bus_of(arn: str) -> tuple[str, str, str] | None:
    """A bus's account, Region and name; None for what is no bus."""
    parts = arn.split(":", 5)
    if parts[2:3] != ["events"] or not parts[-1].startswith("event-bus/"):
        return None
    return parts[4], parts[3], parts[5].removeprefix("event-bus/")


def _deliver_to_buses() -> None:
    invoke = eventbridge._invoke_target

    def invoked(target: dict[str, Any], event: Any, rule: Any, view: Any = None) -> Any:
        if bus_of(str(target.get("Arn"))) is None:
            return invoke(target, event, rule, view)
        return try_to(_send, Delivery(target, event, str(rule.get("Arn"))))

    eventbridge._invoke_target = invoked


def _send(delivery: Delivery) -> Failure | None:
    """Deliver an event to a bus, or say why not."""
    arn = str(delivery.target["Arn"])
    account, region, name = bus_of(arn) or ("", "", "")
    failure = _hop(delivery, region) or (_refusal(delivery, arn) if iam.enforced() else None)
    if failure is not None:
        return failure
    if OUTAGES.cut_off(arn):
        return _unreachable(account)
    here = get_region()
    with scope(account, region):
        if name != "default" and name not in eventbridge._event_buses:
            return Failure("NO_RESOURCE", f"Event bus {name} does not exist.")
        path = [*(delivery.event.get("_DispatchPath") or ()), delivery.source]
        moved = {**delivery.event, "EventBusName": name, "_DispatchPath": path}
        admit({**moved, "EventId": eventbridge.new_uuid()} if region != here else moved)
    return None


def _hop(delivery: Delivery, region: str) -> Failure | None:
    """One bus sends an event on to another; that one doesn't (same guide, and "between buses")."""
    if not delivery.event.get("_DispatchPath"):
        return None
    kind = "ACCOUNT" if region == get_region() else "REGION"
    words = "Events received from another event bus cannot be forwarded to this event bus."
    return Failure(f"THIRD_{kind}_HOP_DETECTED", words)


def _unreachable(account: str) -> Failure:
    """Believed: which code AWS has for it is written nowhere."""
    kind = "CROSS_REGION" if account == get_account_id() else "CROSS_ACCOUNT"
    return Failure(f"{kind}_INGESTION_FAILED", "The target event bus could not be reached.", True)


def _refusal(delivery: Delivery, arn: str) -> Failure | None:
    """What a role, its trust or the bus's policy doesn't allow."""
    role, source = str(delivery.target.get("RoleArn") or ""), delivery.source
    account = source.split(":")[4]
    context = {
        "aws:SourceArn": source,
        "aws:SourceAccount": account,
        "events:eventBusInvocation": "true",
        **_of_event(delivery.event),
    }
    if role:
        refused = grants.of_trust(role, EVENTS, get_region(), context)
        if refused is not None:
            return Failure("FAILED_TO_ASSUME_ROLE", refused.words)
        refused = iam.of_role(role, get_region(), [iam.Check(PUT, arn, context)])
        if refused is not None:
            return Failure("NO_PERMISSIONS", refused.words)
    who = _session(role) if role else f"arn:aws:iam::{account}:root"
    by_policy = lets_in(arn, who, context, organization=bool(role))
    return None if by_policy is None else Failure("NO_PERMISSIONS", by_policy.words)


def _session(role: str) -> str:
    account, name = role.split(":")[4], role.rsplit("/", 1)[-1]
    return f"arn:aws:sts::{account}:assumed-role/{name}/lab"


def _of_event(event: Mapping[str, Any]) -> dict[str, str]:
    kind = str(event.get("DetailType", ""))
    return {"events:source": str(event.get("Source", "")), "events:detail-type": kind}


def lets_in(
    arn: str, who: str, context: Mapping[str, str], *, organization: bool = True
) -> iam.Refusal | None:
    """The refusal of a bus's policy, if any; the bus's own account needs none.

    `organization`: whether the sender counts as a member of one: without a role it doesn't.
    """
    account, region, name = bus_of(arn) or ("", "", "")
    policy = eventbridge._event_bus_policies.get_scoped(account, region, name)
    check = iam.Check(PUT, arn, context)
    asked = evaluator.EvalContext(
        principal_arn=who,
        principal_type="AssumedRole" if ":assumed-role/" in who else "Root",
        principal_account=who.split(":")[4],
        action=PUT,
        resource_arn=arn,
        region=region,
        secure_transport=True,
        service_context={key.lower(): value for key, value in context.items()},
        principal_keys={} if organization else {"aws:principalorgid": None},
    )
    decision = evaluator.evaluate_resource_policy(policy or None, asked).decision
    own = account == asked.principal_account
    if decision == "Allow" or (own and decision != "Deny"):
        return None
    return iam.noted(iam.Refusal(check, who, decision == "Deny", by_resource=True))


def admit(record: dict[str, Any]) -> None:
    """Have a bus of the present account and Region take an event."""
    eventbridge._events_log_list().append(record)
    view = eventbridge._pattern_event_view(record)
    eventbridge._dispatch_event(record, view)
    kept = {name: value for name, value in record.items() if name != "_DispatchPath"}
    eventbridge._archive_event(kept, view)


def _take_events_for_other_accounts() -> None:
    put = eventbridge._put_events

    def put_events(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = list(data.get("Entries") or ())
        foreign = {place: bus for place, entry in enumerate(entries) if (bus := _foreign(entry))}
        if not foreign:
            return put(data, allow_aws_source)
        for place, bus in foreign.items():
            refused = lets_in(bus, caller(), _by_hand(entries[place])) if iam.enforced() else None
            if refused is not None:
                return error_response_json("AccessDeniedException", refused.words, 400)
        own = [entry for place, entry in enumerate(entries) if place not in foreign]
        status, headers, body = put({**data, "Entries": own}, allow_aws_source)
        said = json.loads(body)
        answers = iter(said["Entries"])
        both = [
            _put_there(entry, foreign[place]) if place in foreign else next(answers)
            for place, entry in enumerate(entries)
        ]
        failed = sum("ErrorCode" in each for each in both)
        return status, headers, json.dumps({"FailedEntryCount": failed, "Entries": both}).encode()

    eventbridge._put_events = put_events


def _foreign(entry: Mapping[str, Any]) -> str | None:
    """The ARN of another account's bus in this Region, if an entry is for one.

    A bus of another Region isn't found here, whoever owns it: PutEvents goes to a Region's own.
    """
    arn = str(entry.get("EventBusName") or "")
    account, region, _ = bus_of(arn) or ("", "", "")
    return arn if region == get_region() and account != get_account_id() else None


def _by_hand(entry: Mapping[str, Any]) -> dict[str, str]:
    return {**_of_event(entry), "events:eventBusInvocation": "false"}


def _put_there(entry: Mapping[str, Any], bus: str) -> dict[str, str]:
    account, region, name = bus_of(bus) or ("", "", "")
    if str(entry.get("Source", "")).startswith("aws."):
        words = "Not authorized for the source."
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": words}
    if OUTAGES.cut_off(bus):
        return {"ErrorCode": "InternalFailure", "ErrorMessage": "The bus could not be reached."}
    record = {
        "EventId": eventbridge.new_uuid(),
        **{key: entry.get(key, "") for key in ("Source", "DetailType")},
        "Detail": entry.get("Detail", "{}"),
        "EventBusName": name,
        "Time": int(eventbridge._now_ts()),
        "Resources": entry.get("Resources", []),
        "Account": get_account_id(),
        "Region": get_region(),
    }
    with scope(account, region):
        if name != "default" and name not in eventbridge._event_buses:
            words = f"Event bus {name} does not exist."
            return {"ErrorCode": "ResourceNotFoundException", "ErrorMessage": words}
        admit(record)
    return {"EventId": str(record["EventId"])}


def _refuse_what_buses_do_not_take() -> None:
    # API reference, PutTargets: a bus gets events as they are.
    theirs = eventbridge._validate_target_arn

    def validated(target: dict[str, Any]) -> Any:
        if bus_of(str(target.get("Arn", ""))) and any(target.get(key) for key in _MODIFIED):
            words = f"Modifying the input for target {target.get('Id')} is not supported."
            return error_response_json("ValidationException", words, 400)
        return theirs(target)

    eventbridge._validate_target_arn = validated
