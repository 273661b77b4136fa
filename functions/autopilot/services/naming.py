"""The tags of the services that we make, and the token that makes a creation repeatable."""

from __future__ import annotations

from hashlib import sha256

from autopilot.reconcile.names import OWNER_TAG
from autopilot.services.facts import name_of
from autopilot.services.plan import ServiceItem


def service_tags(owner: str, balancer_arn: str) -> dict[str, str]:
    """The tags of the service that the stack `owner` makes for a load balancer."""
    return {OWNER_TAG: owner, "Name": f"endpoint-autopilot-{name_of(balancer_arn)}"}


def client_token(execution: str, item: ServiceItem) -> str:
    """The token of a creation, 32 characters; as `autopilot.reconcile.names.client_token`.

    Not across executions: the token of a service that has been deleted since must not come again.
    """
    parts = (execution, item.balancer_arn, item.private_name or "", *sorted(item.add_regions))
    return sha256("\n".join(parts).encode()).hexdigest()[:32]
