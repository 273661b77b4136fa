"""One call: who asks what of which network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import AwsError
from .network import Network
from .tagging import check_count, check_tag
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
        tags: dict[str, str] = {}
        for specification in self.get("TagSpecifications", []):
            named = specification.get("ResourceType", resource_type)
            if named != resource_type:
                raise AwsError(
                    "InvalidParameterValue",
                    f"'{named}' is not a valid taggable resource type for this operation.",
                )
            for tag in specification.get("Tags", []):
                key, value = tag.get("Key", ""), tag.get("Value", "")
                check_tag(key, value)
                tags[key] = value
        check_count(tags)
        return tags


Handler = Callable[[Call], dict[str, Any]]
Operations = dict[str, Handler]
