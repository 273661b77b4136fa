"""What an account's overlay may not change: what the template that it shares is made of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.fleet.policies import HUB_TELLS
from infra.fleet.template import FACETS, changed
from infra.policy.keys import KEYS
from infra.policy.where import STACK
from infra.policy_file import Configuration, load
from infra.stack import EndpointAutopilotStack
from tests.infra.synthesis import app, stand_in

PROFILE = {"name": "a", "vpcs": {"tags": {"a": "b"}}, "services": ["logs"]}
WINDOW = {"days": ["sat"], "from": "02:00", "to": "05:00", "timezone": "UTC"}
BASE: dict[str, Any] = {
    "interface_endpoints": [PROFILE],
    "gateway_endpoints": {"busy_route_tables": "window", "change_window": WINDOW},
    "organization": {"id": "o-a1b2c3d4e5", "read_by": "self"},
    "retire": "now",
}
# Every key of the policy that the template doesn't take, with something else than BASE's.
HARMLESS: dict[str, Any] = {
    "mode": "audit",
    "tag_values": "patterns",
    "vpcs": {"skip_tags": {"x": "y"}},
    "gateway_endpoints": {
        "services": ["s3"],
        "policy": "open",
        "grace": {"wait": "5 minutes", "for": "stacks", "tags": {"a": "b"}},
    },
    "interface_endpoints": [PROFILE, {**PROFILE, "name": "b", "services": ["kms"]}],
    "retire": "report",
    "idle": {"after": "40 days", "wait": "9 days", "keep_tags": {"k": "v"}},
    "endpoint_services": {
        "publish_load_balancers": {"tags": {"p": "q"}},
        "allowed_principals": ["222222222222"],
        "supported_regions": ["eu-west-1"],
        "private_dns_names": {"lb": "api.example.com"},
        "retire": "report",
    },
    "connections": {
        "allow": [{"account": "222222222222"}],
        "deny": [{"account": "333333333333"}],
        "otherwise": "reject",
        "no_longer_allowed": "alert",
    },
    "organization": {"id": "o-zzzzzzzzzz"},
    "zones": {"require": "any"},
    "notify": {"owner_tag": "team"},
    "endpoint_policies": {"open": "open.json"},
}
# One key of each facet's, with something that makes another template.
HARMFUL: dict[str, dict[str, Any]] = {
    "the schedules": {"sweep": "every day"},
    "a schedule": {"gateway_endpoints": {"busy_route_tables": "audit"}},
    "a rule and a permission": {"interface_endpoints": []},
    "a permission to read traffic": {"retire": "idle"},
    "an alarm": {"connections": {"hold_for": "3 days"}},
    "the permission to ask the organization": {
        "organization": {"read_by": "arn:aws:iam::333333333333:role/Reader"}
    },
    "the role that peers read zones by": {"zones": {"peers": [{"account": "222222222222"}]}},
    "a permission to read zones": {"zones": {"before_accepting": "hold"}},
    "the custom actions of a chat": {"notify": {"chat_buttons": True}},
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    Path("open.json").write_text(json.dumps({"Statement": everybody}))


def over(below: Any, above: Any) -> Any:
    """As an overlay lies over a policy."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{k: over(below.get(k), v) for k, v in above.items()}}


def configured(overlay: dict[str, Any]) -> Configuration:
    Path("p.yaml").write_text(json.dumps(over(BASE, overlay)))
    return load("p.yaml")


def template(overlay: dict[str, Any], folder: Path) -> str:
    """As the unit's accounts share it: without what names the code, which the policy is in here."""
    folder.mkdir()
    built = app(folder / "out")
    stack = EndpointAutopilotStack(
        built, STACK, configuration=configured(overlay), bundle=stand_in(folder)
    )
    made = built.synth().get_stack_by_name(stack.stack_name).template
    return re.sub(r"[0-9a-f]{64}", "digest", json.dumps(made))


def test_what_the_table_leaves_out_changes_no_template(tmp_path: Path) -> None:
    assert changed(configured({}), configured(HARMLESS)) == []
    assert template(HARMLESS, tmp_path / "b") == template({}, tmp_path / "a")


@pytest.mark.parametrize("facet", FACETS)
def test_what_the_table_names_is_found(facet: str) -> None:
    (found,) = changed(configured({}), configured(HARMFUL[facet]))
    assert found == (facet, FACETS[facet][0])


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The policy's keys in a tree, as far down as the policy's own sections go."""
    found = set[tuple[str, ...]]()
    for key, value in tree.items():
        name = ".".join((*path, key))
        found |= leaves(value, (*path, key)) if name in KEYS else {(*path, key)}
    return found


def test_every_key_of_the_policy_is_on_one_side_or_the_other() -> None:
    every = {
        (*(section.split(".") if section != "the policy" else ()), key)
        for section, keys in KEYS.items()
        for key in keys
        if (f"{section}.{key}" if section != "the policy" else key) not in KEYS
    }
    shared = {key for keys, _ in FACETS.values() for key in keys}
    shared |= {(*key, inner) for key in shared for inner in KEYS.get(".".join(key), ())} | {
        ("notify", "letter_at", inner) for inner in KEYS["notify.letter_at"]
    }
    assert leaves(HARMLESS) | shared | set(HUB_TELLS) >= every
