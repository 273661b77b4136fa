"""The demo's organization: a management account, a hub, two units, and whoever operates it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo import people
from lab.client import Lab, LabSession
from lab.organization import Organization
from lab.settings import REPOSITORY, SECRET

MANAGEMENT = "999999999999"
HUB = "100000000001"
STRANGER = "333333333333"
"""An account of nobody's organization."""
REGIONS = ("us-east-1", "eu-west-1")
OPS = "ops@example.com"
APPROVER = "maria@example.com"
STACK = "EndpointAutopilotHub"
POLICY = Path(__file__).parent / "policy"
_CDK = REPOSITORY / "node_modules" / ".bin" / "cdk"


@dataclass
class World:
    """A lab with an organization in it; `folder` holds the operator's two files.

    `accounts`: by the unit's name.
    """

    lab: Lab
    folder: Path
    organization: Organization
    accounts: dict[str, list[str]]

    @property
    def everybody(self) -> list[str]:
        """All accounts that a StackSet serves."""
        return [account for accounts in self.accounts.values() for account in accounts]

    def client(self, service: str, account: str = HUB, region: str = REGIONS[0]) -> Any:
        """A client of an account's in a Region."""
        return LabSession(self.lab.url, account, region).client(service)

    def outputs(self) -> dict[str, str]:
        """What the hub's stack tells of itself."""
        return self.lab.outputs(HUB, STACK)

    def write(self, name: str, text: str) -> None:
        """Write one of the operator's files."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        """Read one of them."""
        return (self.folder / name).read_text(encoding="utf-8")

    def cdk(self, *words: str) -> str:
        """Run the real CDK CLI in the repository, as the hub's account; what it prints."""
        env = _kept() | self._named() | {
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            "TMPDIR": str(self.folder),
            "CDK_HOME": str(self.folder),
            "AWS_REGION": REGIONS[0],
            **people.shell(self.lab, HUB, SECRET),
        }  # fmt: skip
        said = [str(_CDK), *words, "--output", str(self.folder / "cdk.out"), "--no-notices"]
        # A bootstrap needs no app: where there is none, none is synthesised for it.
        where = self.folder if words[0] == "bootstrap" else REPOSITORY
        return people.typed(f"`cdk {' '.join(words)}` works", said, env, seconds=900, where=where)

    def autopilot(self, *words: str, account: str = HUB, code: int = 0) -> str:
        """Run `./autopilot` as somebody in an account, by default the hub's; what it prints.

        `code`: the exit code that it is to end with.
        """
        env = _kept() | self._named() | people.shell(self.lab, account, SECRET)
        return people.typed(
            f"`./autopilot {' '.join(words)}` works",
            [str(REPOSITORY / "autopilot"), *words],
            {**env, "AWS_REGION": REGIONS[0]},
            seconds=120,
            code=code,
        )

    def _named(self) -> dict[str, str]:
        return {
            "POLICY": str(self.folder / "autopilot.yaml"),
            "FLEET": str(self.folder / "fleet.yaml"),
        }


def _kept() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def organized(
    lab: Lab, folder: Path, canaries: int, workloads: int, *, hub_inside: bool = False
) -> World:
    """An organization with two units of so many accounts, whose hub administers its StackSets.

    `hub_inside`: the hub's account is one more of the canaries.
    """
    canary = [*([HUB] if hub_inside else []), *_numbered(2, canaries)]
    accounts = {"canary": canary, "workloads": _numbered(5, workloads)}
    made = lab.organization(accounts, management=MANAGEMENT, administrator=HUB)
    operators_files(folder, made.id, made.units)
    return World(lab, folder, made, accounts)


def _numbered(first: int, count: int) -> list[str]:
    return [f"{first}{number:011d}" for number in range(1, count + 1)]


def operators_files(folder: Path, organization: str, units: Mapping[str, str]) -> None:
    """Copy the demo's policy and fleet, with the organization's own ids."""
    shutil.copytree(POLICY, folder, dirs_exist_ok=True)
    fleet = folder / "fleet.yaml"
    text = fleet.read_text(encoding="utf-8").replace("<organization>", organization)
    for name, unit in units.items():
        text = text.replace(f"<{name}>", unit)
    fleet.write_text(text, encoding="utf-8")
