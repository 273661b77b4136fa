"""What makes the stack a spoke: the hub that it belongs to, and where its code and policy lie."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.fleet.belongs import Belongs
from aws_cdk import Aws, BootstraplessSynthesizer, Fn, IStackSynthesizer

from infra.policy.where import STACK

BUS = "EndpointAutopilotHub"
"""The hub's event bus, which takes what the organization's spokes tell."""
ASK_ROLE = "EndpointAutopilotHubAsk"
"""The role under which the hub asks: a spoke's functions admit no other from another account."""


def bucket_of(hub_account: str, region: str) -> str:
    """The bucket of a Region from which the spokes there take their code and policy.

    Its ending puts it into the namespace of the hub's account, where nobody else makes one (S3
    guide, "Account regional namespace naming rules").
    """
    return f"endpoint-autopilot-{hub_account}-{region}-an"


@dataclass(frozen=True)
class SpokeOf:
    """The hub, and this spoke's place in its fleet.

    `target`: whose StackSet it comes from; "" for a plain deployment. `release`: which release of
    the hub's it is; it is in the template only, never in the code or the policy's layer, whose keys
    it is made of. `code_key`, `policy_key`: what lies in the bucket of the spoke's own Region; ""
    for a plain deployment, which has ordinary assets. `approvers`: who may be named as the person
    who answers; () for whoever the hub's IAM lets ask.
    """

    hub_account: str
    hub_region: str
    organization: str
    target: str = ""
    release: str = ""
    code_key: str = ""
    policy_key: str = ""
    approvers: tuple[str, ...] = ()

    @property
    def by_stack_set(self) -> bool:
        """Whether a StackSet deploys it: without bootstrap and assets, under a name it makes up."""
        return bool(self.code_key)

    @property
    def belongs(self) -> Belongs:
        """What the functions are told of it, in `spoke.json` beside the policy."""
        return Belongs(
            self.organization, self.hub_account, self.hub_region, self.target, self.approvers
        )

    @property
    def bucket(self) -> str:
        """Where its code and policy lie."""
        return bucket_of(self.hub_account, Aws.REGION)

    @property
    def bus(self) -> str:
        """The ARN of the hub's bus."""
        where = f"{self.hub_region}:{self.hub_account}"
        return f"arn:{Aws.PARTITION}:events:{where}:event-bus/{BUS}"

    @property
    def ask_role(self) -> str:
        """The ARN of the role under which the hub asks."""
        return f"arn:{Aws.PARTITION}:iam::{self.hub_account}:role/{ASK_ROLE}"


def synthesizer(spoke: SpokeOf | None) -> IStackSynthesizer | None:
    """How the template is made: None for the CDK's own way, which asks for a bootstrap."""
    return BootstraplessSynthesizer() if spoke and spoke.by_stack_set else None


def owner(spoke: SpokeOf | None, stack: str) -> str:
    """The value of the owner tag: a StackSet gives each of its stacks another name, and the next
    one has to know what the last one made."""
    return STACK if spoke and spoke.by_stack_set else stack


def called(spoke: SpokeOf | None, stack: str) -> str:
    """What CloudFormation calls the stack, known only there in a StackSet's."""
    return Aws.STACK_NAME if spoke and spoke.by_stack_set else stack


def set_apart(spoke: SpokeOf | None, stack: str) -> str:
    """What tells the stack from others of its account in names of 64 characters: its name, of a
    StackSet's the 36 at the end of its ARN. For minutes an account that moves
    from one organizational unit to another has two."""
    return Fn.select(2, Fn.split("/", Aws.STACK_ID)) if spoke and spoke.by_stack_set else stack
