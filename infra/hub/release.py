"""A release: every target's template, the code and the policies, under names made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from infra.fleet.model import Fleet, Target
from infra.hub.archive import Files, digest_of, files_below, zipped
from infra.hub.template import RELEASE, template_of
from infra.spoke import SpokeOf
from infra.spoke_layer import layer_of

# Of 64: people read it in mails and type it to go back. Nothing is fetched by it that another could
# have made: the keys of code and policies are whole digests.
_SHOWN = 16


@dataclass(frozen=True)
class Release:
    """`digest` names it; `files` by the keys under which they lie in the hub's buckets.

    `code/` and `policy/` go to every Region, `releases/<digest>/<target>.json` to the hub's own.
    """

    digest: str
    files: Files

    def write(self, folder: Path) -> None:
        """Lay it into `folder`, as `spread_release` finds it in its bundle."""
        for key, content in self.files.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def template_key(release: str, target: str) -> str:
    """Where a target's template lies in the bucket of the hub's Region."""
    return f"releases/{release}/{target}.json"


def make_release(
    fleet: Fleet,
    bundle: Path,
    context: Mapping[str, Any] | None = None,
) -> Release:
    """Synthesise all targets. `bundle`: the functions', without a policy.

    Raises ReleaseUnfit, RuntimeError on a finding of cdk-nag's.
    """
    code = files_below(bundle)
    code_key = f"code/{digest_of(code)}.zip"
    files, templates = {code_key: zipped(code)}, dict[str, str]()
    for target in fleet.targets:
        spoke = _spoke(fleet, target, code_key)
        policy = layer_of(target, spoke.belongs)
        policy_key = f"policy/{digest_of(policy)}.zip"
        files[policy_key] = zipped(policy)
        spoke = replace(spoke, policy_key=policy_key)
        templates[target.name] = template_of(target, spoke, bundle, context)
    digest = digest_of({name: text.encode() for name, text in templates.items()})[:_SHOWN]
    for name, text in templates.items():
        # As JSON writes it, without the quotes.
        named = text.replace(json.dumps(RELEASE)[1:-1], digest)
        files[template_key(digest, name)] = named.encode()
    return Release(digest, files)


def _spoke(fleet: Fleet, target: Target, code_key: str) -> SpokeOf:
    return SpokeOf(
        hub_account=fleet.account,
        hub_region=fleet.region,
        organization=fleet.organization,
        target=target.name,
        code_key=code_key,
        approvers=fleet.approvers,
    )
