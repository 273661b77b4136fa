"""What a target's policy layer holds: its policy, and those of accounts with an overlay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from autopilot.fleet.belongs import Belongs
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode

from infra.fleet.model import Target
from infra.staging import ship_timezone

# Lambda unpacks a layer below /opt and has /opt/python on Python's path (its guide, "Packaging
# layers for Python").
PACKAGE = "python/deployed_policy"


def layer_of(target: Target, belongs: Belongs) -> Mapping[str, bytes]:
    """The layer's files by their paths; `belongs`: the fleet and its place there."""
    accounts = target.accounts.items()
    policies = [target.configuration.policy, *(one.policy for _, one in accounts)]
    return {
        **_time_zones(policies),
        f"{PACKAGE}/__init__.py": b'"""The policy that is deployed here."""\n',
        f"{PACKAGE}/spoke.json": json.dumps(encode(belongs), indent=1, sort_keys=True).encode(),
        f"{PACKAGE}/policy.json": _written(target.configuration.policy),
        **{f"{PACKAGE}/accounts/{name}.json": _written(one.policy) for name, one in accounts},
    }


def _written(policy: Policy) -> bytes:
    return json.dumps(encode(policy), indent=1, sort_keys=True).encode()


def _time_zones(policies: list[Policy]) -> dict[str, bytes]:
    windows = [policy.gateway_endpoints.change_window for policy in policies]
    zones = {window.timezone for window in windows if window}
    with TemporaryDirectory() as parent:
        root = Path(parent)
        for zone in sorted(zones):
            ship_timezone(root / "python", zone)
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }
