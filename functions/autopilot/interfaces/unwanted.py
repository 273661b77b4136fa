"""Endpoints of ours that no profile wants any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autopilot.interfaces.desired import DesiredEndpoint, is_ours, serves
from autopilot.interfaces.draft import Draft, Situation
from autopilot.interfaces.facts import Endpoint, Vpc
from autopilot.interfaces.items import EndpointItem
from autopilot.interfaces.messages import UNWANTED
from autopilot.interfaces.names import PROFILE_TAG, label


def retire(
    vpcs: Sequence[Vpc], wants: Iterable[DesiredEndpoint], now: Situation, draft: Draft
) -> None:
    """Add to `draft` that ops shall know of them; and their end, where policy says `retire: now`.

    That comes with the first sweep, or a person's look, after ops were told: an event may follow
    within seconds, and a slip in the policy must leave time to be noticed.
    """
    wanted = {(want.vpc.id, name): want for want in wants for name in want.names}
    for vpc in vpcs:
        for endpoint in now.facts.endpoints_in(vpc.id):
            want = wanted.get((vpc.id, endpoint.service_name))
            unwanted = want is None or not serves(endpoint, want.names, want.regions)
            if unwanted and endpoint.standing != "going" and is_ours(endpoint, now.us):
                _retire(endpoint, now, draft)


def _retire(endpoint: Endpoint, now: Situation, draft: Draft) -> None:
    service = label(endpoint.service_name, now.us.region)
    subject = f"{endpoint.vpc_id}/{service}/{endpoint.id}"
    at_once = now.policy.retire_interfaces == "now"
    data = {
        "endpoint_id": endpoint.id,
        "service_name": endpoint.service_name,
        "state": endpoint.state,
        "retire": now.policy.retire_interfaces,
    }
    finding = UNWANTED.about(subject, data)
    if at_once and now.scheduled and finding.id in now.told:
        draft.items.append(
            EndpointItem(
                id=subject,
                action="delete",
                vpc_id=endpoint.vpc_id,
                profile=endpoint.tags.get(PROFILE_TAG, ""),
                service=service,
                service_name=endpoint.service_name,
                endpoint_id=endpoint.id,
                cause="unwanted",
                reason="no profile wants our endpoint any more, and ops were told",
            )
        )
    draft.findings.append(finding)
    draft.left["not wanted, reported"] += 1
