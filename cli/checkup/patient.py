"""What every look of a checkup needs: the stack, its template, whom to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml
from autopilot.aws.pages import call

from cli.checkup.asking import Asking, Gone, every
from cli.checkup.model import Ailment, Seen
from cli.checkup.template import Place, Template
from cli.checkup.things import gone
from cli.deployed import Deployed, deployed
from cli.session import Here

Found = tuple[Seen, Mapping[str, Any]]


@dataclass(frozen=True)
class Patient:
    """A deployed stack. `stack`: as DescribeStacks has it. `notes`: what nobody can see.

    `deployed`: what its functions run.
    """

    here: Here
    stack: Mapping[str, Any]
    template: Template
    ask: Asking
    now: datetime
    deployed: Deployed | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def audits(self) -> bool:
        """Whether it is known that nothing is done and nothing registered, by the policy."""
        policy = self.deployed.policy if self.deployed else None
        return policy is not None and policy.mode == "audit"

    def each(
        self,
        kind: str,
        what: str,
        comes: str,
        read: Callable[[Seen], Any],
        ailing: Callable[[Seen, Any], Iterator[Ailment]],
    ) -> Iterator[Ailment]:
        """What is wrong with each resource of a type; `comes`: what comes of one that is gone."""
        for seen, answer in self.read(kind, what, read):
            if isinstance(answer, Gone):
                yield gone(seen, comes)
            elif answer is not None:
                yield from ailing(seen, answer)

    def read(self, kind: str, what: str, read: Callable[[Seen], Any]) -> list[tuple[Seen, Any]]:
        """Each resource of a type, as AWS has it: GONE, or None where it can't be told."""
        return self.ask.each(what, (s for s in self.template.of(kind) if s.physical), read)


def admit(here: Here, ask: Asking, now: datetime) -> Patient:
    """Read the stack and its template. Raises AwsErrors: without them nothing can be looked at."""
    name = here.stack_name
    (stack,) = call("cloudformation", "DescribeStacks", StackName=name)["Stacks"]
    summaries = every(
        "cloudformation", "ListStackResources", "StackResourceSummaries", StackName=name
    )
    body = call("cloudformation", "GetTemplate", StackName=name)["TemplateBody"]
    template = Template(
        _parsed(body) if isinstance(body, str) else body,
        {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in summaries},
        Place(here.caller.split(":")[1], here.us.region, here.us.account, name),
        {p["ParameterKey"]: p.get("ParameterValue", "") for p in stack.get("Parameters", ())},
    )
    return Patient(here, stack, template, ask, now, deployed(here))


def _parsed(body: str) -> Any:
    """A template's text. The CDK CLI sends small ones as YAML, which JSON is, too."""
    return yaml.safe_load(body)
