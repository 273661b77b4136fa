"""What makes the stack a spoke of a fleet: whose it is, and where its code and policy lie."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, BootstraplessSynthesizer, IStackSynthesizer

from infra.policy.where import STACK


@dataclass(frozen=True)
class SpokeOf:
    """The hub that a spoke tells, and how the spoke is deployed.

    `code_key`, `policy_key`: of objects in the hub's bucket of each Region, which have the
    functions' code without a policy and a layer with `infra.staging.layered`; "" in a plain spoke,
    which the CDK deploys with ordinary assets. `release`: what the heartbeats say that it runs.
    `approvers`: who may be named as the person who answers, () for whoever the hub names.
    """

    organization: str
    hub_account: str
    hub_region: str
    target: str
    release: str = ""
    code_key: str = ""
    policy_key: str = ""
    approvers: tuple[str, ...] = ()

    @property
    def by_stack_set(self) -> bool:
        """Whether a StackSet deploys it: without bootstrap, assets, a name of its own."""
        return bool(self.code_key)

    @property
    def bus_arn(self) -> str:
        """The hub's bus."""
        where = f"arn:{Aws.PARTITION}:events:{self.hub_region}:{self.hub_account}"
        return f"{where}:event-bus/EndpointAutopilotHub"

    @property
    def asker_arn(self) -> str:
        """The role of the hub's that alone may call what answers it."""
        return f"arn:{Aws.PARTITION}:iam::{self.hub_account}:role/EndpointAutopilotHubAsk"

    @property
    def bucket_name(self) -> str:
        """The hub's bucket in the spoke's Region."""
        return f"endpoint-autopilot-{self.hub_account}-{Aws.REGION}"


def synthesizer(spoke: SpokeOf | None) -> IStackSynthesizer | None:
    """How the template is made: None for the CDK's own way, which asks for a bootstrap."""
    return BootstraplessSynthesizer() if spoke and spoke.by_stack_set else None


def owner(spoke: SpokeOf | None, stack: str) -> str:
    """The value of the owner tag: a StackSet gives each of its stacks another name, and the next
    one has to know what the last one made."""
    return STACK if spoke and spoke.by_stack_set else stack
