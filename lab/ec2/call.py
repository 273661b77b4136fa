"""One call: who asks what of which network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .network import Network
from .tagging import check_count, check_specification, read_tags
from .world import World


@dataclass(frozen=True)
class Caller:
    """Who calls: 12-digit account, Region, and the ARN that GetCallerIdentity would give."""

    account: str
    region: str
    arn: str


@dataclass(frozen=True)
class Call:
    """A parsed request, and the world that it meets."""

    world: World
    caller: Caller
    operation: str
    parameters: dict[str, Any]

    @property
    def network(self) -> Network:
        """The caller's own network."""
        return self.world.network(self.caller.account, self.caller.region)

    def get(self, member: str, default: Any = None) -> Any:
        """A member of the request."""
        return self.parameters.get(member, default)

    def tags_for(self, resource_type: str) -> dict[str, str]:
        """The tags that TagSpecifications gives to a type.

        Raises:
            AwsError: a specification for another type of resource, or a tag that EC2 refuses.
        """
        given: list[dict[str, str]] = []
        for specification in self.get("TagSpecifications", []):
            check_specification(specification, resource_type)
            given += specification["Tags"]
        tags = read_tags(given, reserved="InvalidTagKey.Malformed")
        check_count(tags)
        return tags


Handler = Callable[[Call], dict[str, Any]]
Operations = dict[str, Handler]
