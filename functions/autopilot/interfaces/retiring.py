"""What becomes of endpoints that retire: items and findings of a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.messages import IDLE, RETIRED
from autopilot.interfaces.plan import EndpointItem
from autopilot.interfaces.retirement import Retirement
from autopilot.interfaces.situation import Desired, DesiredEndpoint, Draft, Situation
from autopilot.policy.names import label
from autopilot.reconcile.tags import PROFILE_TAG


def retire(now: Situation, desired: Desired) -> Desired:
    """What is left to the profiles, with what becomes of the endpoints that retire."""
    made = Draft()
    endpoints = tuple(each for each in desired.endpoints if not _holds(each, now, made))
    unwanted = tuple(each for each in desired.unwanted if not _holds_unwanted(each, now, made))
    return replace(desired, endpoints=endpoints, unwanted=unwanted, retiring=made)


def _holds(desired: DesiredEndpoint, now: Situation, made: Draft) -> bool:
    """Whether a retirement decides what becomes of it, not the profile. Adds what it comes to."""
    found = now.retirements.get(desired.subject)
    if found is None or found.stage == "back":
        return False
    if found.stage == "gone":
        made.findings.append(_retired(found))
        made.left["retired"] += 1
        return True
    made.findings.append(_idle(found, now))
    if found.stage == "announced":
        return False
    if desired.existing is None:
        return True  # another execution is noting that it is gone: nobody makes it anew meanwhile
    made.groups.add((desired.vpc.id, desired.profile.name))
    _leave(desired.existing, desired.service, found, now, made)
    return True


def _holds_unwanted(endpoint: Endpoint, now: Situation, made: Draft) -> bool:
    """The same of our endpoint that no profile wants."""
    service = label(endpoint.service_name, now.stack.region)
    found = now.retirements.get(f"{endpoint.vpc_id}/{service}")
    if found is None or found.endpoint_id != endpoint.id or found.stage == "gone":
        return False
    if found.stage == "back":
        _turn_on(endpoint, service, found, made)
        return False
    made.findings.append(_idle(found, now))
    if found.stage == "announced":
        return False
    _leave(endpoint, service, found, now, made)
    return True


def _leave(
    endpoint: Endpoint, service: str, found: Retirement, now: Situation, made: Draft
) -> None:
    """Private DNS goes off first; deleted is what has waited, was judged idle just now, and is told
    of: while its VPC was left alone, ops were told that it is settled."""
    made.left["retiring"] += 1
    common = _item(endpoint, service, found)
    if endpoint.private_dns:
        reason = f"nobody uses it ({found.reason}): its private DNS goes off before it is deleted"
        made.items.append(
            EndpointItem(action="modify", cause="idle", reason=reason, private_dns=False, **common)
        )
    elif found.is_due(now.at) and _is_told(found, now) and _judged_idle(endpoint, now):
        reason = f"nobody uses it ({found.reason}), nor has since its private DNS went off"
        made.items.append(EndpointItem(action="delete", cause="idle", reason=reason, **common))


def _turn_on(endpoint: Endpoint, service: str, found: Retirement, made: Draft) -> None:
    """No profile says any more how it should be: it gets what its retirement took."""
    was = found.remembered
    if was.get("private_dns") and not endpoint.private_dns:
        made.items.append(
            EndpointItem(
                action="modify",
                cause="restored",
                reason=found.ended,
                private_dns=True,
                inbound_only=was.get("inbound_only"),
                **_item(endpoint, service, found),
            )
        )


def _item(endpoint: Endpoint, service: str, found: Retirement) -> dict[str, Any]:
    """What all these changes say alike."""
    return {
        "id": found.subject,
        "vpc_id": endpoint.vpc_id,
        "profile": endpoint.tags.get(PROFILE_TAG, ""),
        "service": service,
        "service_name": endpoint.service_name,
        "endpoint_id": endpoint.id,
    }


def _is_told(found: Retirement, now: Situation) -> bool:
    return f"{IDLE.kind}/{found.subject}" in now.told


def _judged_idle(endpoint: Endpoint, now: Situation) -> bool:
    verdict = now.verdicts.get(endpoint.id)
    return verdict is not None and verdict.word == "idle"


def _idle(found: Retirement, now: Situation) -> Any:
    idle = now.policy.idle
    data = {
        "endpoint_id": found.endpoint_id,
        "service_name": found.service_name,
        "stage": "announced" if now.policy.mode == "audit" else found.stage,
        "audit": now.policy.mode == "audit",
        "reason": found.reason,
        "due": found.due or None,
        "wait_days": idle.wait_days,
    }
    return IDLE.about(found.subject, data)


def _retired(found: Retirement) -> Any:
    data = {
        "endpoint_id": found.endpoint_id,
        "service_name": found.service_name,
        "reason": found.reason,
        "since": found.at,
    }
    return RETIRED.about(found.subject, data)
