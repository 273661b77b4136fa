"""What a checkup finds: ailments, each with what mends it, and what could not be looked at."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["broken", "weak"]
"""`broken`: something doesn't work now. `weak`: it works, and something else won't be noticed,
won't hold, or isn't as it was deployed."""

KINDS: Mapping[str, Severity] = {
    "stack-failed": "broken",
    "stack-busy": "weak",
    "stack-drifted": "weak",
    "gone": "broken",
    "stale-version": "weak",
    "stale-policy": "weak",
    "ledger-unprotected": "weak",
    "no-trail": "broken",
    "trail-stopped": "broken",
    "trail-leaves-out": "broken",
    "nobody-listens": "broken",
    "unconfirmed": "weak",
    "unsubscribed": "weak",
    "filtered": "weak",
    "relay-unsubscribed": "broken",
    "key-unusable": "broken",
    "resource-policy": "broken",
    "not-notified": "broken",
    "dead-letters": "weak",
    "alarm-on": "weak",
    "alarm-muted": "weak",
    "alarm-blind": "weak",
    "rule-disabled": "broken",
    "rule-changed": "broken",
    "schedule-disabled": "broken",
    "schedule-changed": "broken",
    "intake-off": "broken",
    "function-failed": "broken",
    "function-stopped": "broken",
    "function-changed": "weak",
    "invoke-denied": "broken",
    "no-logs": "weak",
    "execution-failed": "weak",
    "no-sweep": "broken",
    "quota-near": "weak",
    "quota-full": "broken",
    "no-concurrency": "weak",
    "role-trust": "broken",
    "role-policy": "broken",
    "role-extra": "weak",
    "denied": "broken",
    "organization-denies": "broken",
}
"""Every kind of ailment, in the order of telling (docs/doctor.md says what each means)."""


@dataclass(frozen=True)
class Ailment:
    """Something that isn't as it should be.

    `subject`: a name or an ARN. `why`: what comes of it. `mend`: commands for a shell, in this
    order; `first`: what to do or know before them.
    """

    kind: str
    subject: str
    what: str
    why: str
    mend: tuple[str, ...] = ()
    first: str = ""

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Unchecked:
    """What could not be looked at. `needs`: the permission that would do, "" if it isn't that."""

    what: str
    why: str
    needs: str = ""


@dataclass(frozen=True)
class Checkup:
    """What came of it. `notes`: what nobody can see from here, which is nobody's mistake."""

    ailments: tuple[Ailment, ...]
    unchecked: tuple[Unchecked, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The exit code."""
        if self.ailments:
            return 2
        return 1 if self.unchecked else 0


@dataclass(frozen=True)
class Shell:
    """How commands are written: with the Region and the profile that the operator named."""

    region: str | None = None
    profile: str | None = None
    stack: str = ""

    def aws(self, service: str, operation: str, *words: str, **options: str) -> str:
        """A command of the AWS CLI. `options`: rest_api_id="x" for --rest-api-id x."""
        named = [word for name, value in options.items() for word in (f"--{_dashed(name)}", value)]
        said = shlex.join(["aws", service, operation, *named, *words])
        here = {"region": self.region if "region" not in options else None, "profile": self.profile}
        more = [f"--{name} {shlex.quote(value)}" for name, value in here.items() if value]
        return " ".join([said, *more])

    def autopilot(self, *words: str) -> str:
        """One of our own commands."""
        here = {"stack": self.stack, "region": self.region, "profile": self.profile}
        more = [f"--{name} {shlex.quote(value)}" for name, value in here.items() if value]
        return " ".join([f"./autopilot {shlex.join(words)}", *more])


DEPLOY = "npx cdk deploy"
AGAIN: tuple[str, ...] = ("npx cdk destroy", DEPLOY)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


@dataclass(frozen=True)
class Seen:
    """A resource of the stack, as it is deployed: what the template gave it, worked out.

    `properties`: None for what can't be worked out, inside of them too.
    """

    logical: str
    type: str
    physical: str
    properties: Mapping[str, object] = field(default_factory=dict)
