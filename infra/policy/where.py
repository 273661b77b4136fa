"""What the policy file doesn't say and its checks need: the stack's name, the Region."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.policy.names import group_name

from infra.policy.values import policy_name

# EC2 API reference, CreateSecurityGroup.
LONGEST_GROUP_NAME = 255


STACK = "EndpointAutopilot"
"""What our stack is called."""


@dataclass(frozen=True)
class Where:
    """The stack that is deployed, and the Region; None: nobody says."""

    stack: str = STACK
    region: str | None = None

    def profile_name(self, text: str) -> str:
        """The name of a profile, which the name of its security groups holds.

        Raises ValueError: other than small letters, digits and hyphens; too long.
        """
        longest = LONGEST_GROUP_NAME - len(group_name(self.stack, ""))
        if len(text) > longest:
            raise ValueError(
                f"has {len(text)} characters, and its security groups' names room for {longest}"
            )
        return policy_name(text)


SOMEWHERE = Where()
