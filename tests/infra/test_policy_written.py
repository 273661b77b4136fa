"""A configuration as its file would say it, and where each value is from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.fleet.file import read_fleet
from infra.policy.merge import at
from infra.policy.origin import Value, values
from infra.policy.report import Report
from infra.policy.written import duration, written
from infra.policy_file import compose_policy, load

PROFILE = {"name": "a", "vpcs": {"tags": {"a": "b"}}, "services": ["logs"]}
WHOLE: dict[str, Any] = {
    "mode": "audit",
    "tag_values": "patterns",
    "vpcs": {"skip_tags": {"x": "y"}},
    "gateway_endpoints": {
        "services": ["s3express"],
        "policy": "open",
        "busy_route_tables": "window",
        "change_window": {"days": ["sat"], "from": "02:00", "to": "05:00", "timezone": "UTC"},
        "grace": {"wait": "90 seconds", "for": "stacks", "tags": {"a": "b"}},
    },
    "interface_endpoints": [
        {**PROFILE, "policy": "open", "allow_from": ["10.0.0.0/8"], "ports": [443, 8443]},
        {
            **PROFILE,
            "name": "b",
            "subnets": {"tags": {"n": "o"}},
            "services": [{"name": "s3", "region": "us-west-2"}, "iam"],
            "private_dns": False,
            "private_dns_only_for_inbound_resolver_endpoint": True,
            "ip_address_type": "dualstack",
        },
    ],
    "retire": "idle",
    "idle": {"after": "40 days", "wait": "1 day", "keep_tags": {"k": "v"}},
    "endpoint_services": {
        "publish_load_balancers": {"tags": {"p": "q"}},
        "allowed_principals": ["222222222222", "everyone"],
        "supported_regions": ["eu-west-1"],
        "private_dns_names": {"lb": "api.example.com"},
        "retire": "report",
    },
    "connections": {
        "allow": [
            {"allowed_principals": True, "services": {"ids": ["vpce-svc-0123456789abcdef0"]}},
            {"account": "222222222222", "services": {"tags": {"s": "t"}}},
            {"organizational_unit": "ou-ab12-11111111"},
        ],
        "deny": [{"account": "333333333333"}],
        "otherwise": "reject",
        "no_longer_allowed": "alert",
        "hold_for": "36 hours",
    },
    "organization": {"id": "o-a1b2c3d4e5", "read_by": "arn:aws:iam::333333333333:role/Reader"},
    "zones": {
        "require": "any",
        "before_accepting": "hold",
        "peers": [{"account": "222222222222"}],
    },
    "notify": {
        "emails": ["a@example.com"],
        "owner_tag": "team",
        "owners": {"x": ["b@example.com"]},
        "chat_buttons": True,
        "letter": "weekly",
        "letter_at": {"day": "fri", "time": "17:00", "timezone": "Europe/Berlin"},
    },
    "sweep": "every 90 minutes",
    "endpoint_policies": {"open": "open.json"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    Path("open.json").write_text(json.dumps({"Statement": everybody}))


def without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_nothing(v) for k, v in value.items() if v is not None}
    return value


@pytest.mark.parametrize("said", [WHOLE, {}, {"notify": {"letter": "off"}}], ids=["all", "", "off"])
def test_what_is_written_means_the_same_again(said: dict[str, Any]) -> None:
    Path("p.yaml").write_text(json.dumps(said))
    found = load("p.yaml")
    again = without_nothing(written(found))
    extra = {k: said[k] for k in ("tag_values", "endpoint_policies") if k in said}
    Path("again.yaml").write_text(json.dumps({**again, **extra}))
    made = load("again.yaml")
    assert (made.policy, made.emails, made.sweep_minutes, made.letter) == (
        found.policy,
        found.emails,
        found.sweep_minutes,
        found.letter,
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (90, "90 seconds"), (60, "1 minute"), (7200, "2 hours"), (86400, "1 day")],
)
def test_a_duration_is_in_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert duration(seconds) == words


FLEET = """\
organization: o-a1b2c3d4e5
hub: {account: "111111111111", region: us-east-1}
emails: [ops@example.com]
targets:
  canary:
    unit: ou-ab12-11111111
    regions: [us-east-1]
    overlay: {vpcs: {skip_tags: {more: y}}}
    accounts: {"222222222222": two.yaml}
"""


def test_each_value_is_told_with_the_file_and_line_that_it_is_from() -> None:
    Path("p.yaml").write_text(
        "mode: audit\nsweep: every day\nvpcs:\n  skip_tags: {x: y}\n".replace("\\\n", "\n")
    )
    Path("two.yaml").write_text(
        "mode: enforce\nconnections:\n  allow:\n"
        '  - {account: "333333333333"}\n  - {account: "444444444444"}\n'
    )
    Path("fleet.yaml").write_text(FLEET)
    read = read_fleet("fleet.yaml", "p.yaml")
    (target,) = read.fleet.targets
    account = "222222222222"
    found = {v.key: v for v in values(target.accounts[account], read.nodes["canary", account])}
    assert found["mode"] == Value("mode", "enforce", "two.yaml:1")
    assert found["sweep"] == Value("sweep", "every day", "p.yaml:2")
    assert found["retire"] == Value("retire", "report", "default")
    assert found["vpcs.skip_tags.x"] == Value("vpcs.skip_tags.x", "y", "p.yaml:4")
    assert found["vpcs.skip_tags.more"].source == "fleet.yaml:8"
    assert found["connections.allow[1]"].value == {"account": "444444444444"}
    assert found["connections.allow[1]"].source == "two.yaml:5"


def test_files_of_endpoint_policies_are_told_by_their_names() -> None:
    Path("p.yaml").write_text(json.dumps(WHOLE))
    node = compose_policy(Report("p.yaml"), Path("p.yaml"))
    found = {v.key: v.value for v in values(load("p.yaml"), node)}
    assert found["endpoint_policies.open"] == "open.json"
    assert at(node, "endpoint_policies", "open") is not None
