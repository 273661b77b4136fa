"""What the policy file says of interface endpoints: what it means, every mistake's line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from autopilot.core.policy import InterfaceProfile, Policy
from autopilot.core.policy_json import from_json, to_json

from infra.policy_file import PolicyMistakes, load


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str) -> Policy:
    Path("p.yaml").write_text(text)
    return load("p.yaml").policy


def mistakes(text: str) -> list[str]:
    with pytest.raises(PolicyMistakes) as raised:
        read(text)
    return str(raised.value).splitlines()


WHOLE = """
interface_endpoints:
  - name: workloads
    vpcs: {tags: {network: private}}
    subnets: {tags: {Name: "private-*"}}
    services: [logs, ecr.api, com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0]
    private_dns: false
    private_dns_only_for_inbound_resolver_endpoint: false
    policy: org
    allow_from: [10.0.0.0/8, "fd00::/8"]
    ports: [443, 5432]
  - name: all
    vpcs: {tags: {Name: "*"}}
    services: [ssm]
    allow_from: vpc
retire: now
endpoint_policies: {org: org.json}
"""


def test_a_whole_file() -> None:
    document = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    Path("org.json").write_text(json.dumps({"Statement": [document]}))
    found = read(WHOLE)
    own = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
    assert found.interface_endpoints == (
        InterfaceProfile(
            "workloads",
            ("logs", "ecr.api", own),
            {"network": "private"},
            {"Name": "private-*"},
            private_dns=False,
            endpoint_policy="org",
            allow_from=("10.0.0.0/8", "fd00::/8"),
            ports=(443, 5432),
            inbound_only=False,
        ),
        InterfaceProfile("all", ("ssm",), {"Name": "*"}),
    )
    assert found.retire_interfaces == "now"
    assert from_json(json.loads(json.dumps(to_json(found)))) == found


def test_nothing_is_made_by_default() -> None:
    found = read("")
    assert (found.interface_endpoints, found.retire_interfaces) == ((), "report")


def profile(**changes: str) -> str:
    given = {"name": "a", "vpcs": "{tags: {n: p}}", "services": "[logs]", **changes}
    lines = [f"{key}: {value}" for key, value in given.items() if value]
    return "interface_endpoints:\n  - " + "\n    ".join(lines) + "\n"


def test_the_whole_internet_is_let_in_where_it_is_written_in_full() -> None:
    (found,) = read(profile(allow_from='["0.0.0.0/0", "::/0"]')).interface_endpoints
    assert found.allow_from == ("0.0.0.0/0", "::/0")


IN = "a profile of interface_endpoints"
BLOCKS = "write `vpc`, or blocks such as [10.0.0.0/8]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (profile(name=""), "2: a profile has no name; write name: workloads"),
        (profile(services=""), "2: a profile has no services; write services: [logs]"),
        (profile(services="[]"), "4: a profile has no services; write services: [logs]"),
        (
            profile(services="[Logs]"),
            f'4: an entry of services in {IN} is "Logs", which is no service; write short names'
            " such as logs or ecr.api, or full ones (com.amazonaws.vpce.…)",
        ),
        (
            profile(vpcs=""),
            f"2: vpcs in {IN} has no tags; write vpcs: {{tags: {{network: private}}}}, or"
            ' tags: {Name: "*"} for all with a Name',
        ),
        (
            profile(policy="nobody"),
            '5: "nobody" is no endpoint policy; name an entry of endpoint_policies (none there)',
        ),
        (
            profile(private_dns="maybe"),
            f'5: private_dns in {IN} is "maybe"; write true or false',
        ),
        (
            profile(allow_from="[0.0.0.0]"),
            f'5: an entry of allow_from in {IN} is "0.0.0.0"; AWS writes it 0.0.0.0/32; {BLOCKS}',
        ),
        (
            profile(allow_from="[10.0.0.1/8]"),
            f'5: an entry of allow_from in {IN} is "10.0.0.1/8", which is no CIDR block: 10.0.0.1/8'
            f" has host bits set; {BLOCKS}",
        ),
        (
            profile(allow_from="[]"),
            f"5: allow_from is empty: nobody could reach the endpoints; {BLOCKS}",
        ),
        (
            profile(allow_from="everybody"),
            f'5: allow_from in {IN} is "everybody"; make it a list; {BLOCKS}',
        ),
        (
            profile(ports="[443, 70000]"),
            f'5: an entry of ports in {IN} is "70000"; write ports from 1 to 65535, such as [443]',
        ),
        (
            profile(service="logs"),
            f'5: "service" is no key of {IN}; did you mean services? {IN} takes name, vpcs,'
            " subnets, services, private_dns, private_dns_only_for_inbound_resolver_endpoint,"
            " policy, allow_from or ports",
        ),
        (
            profile() + profile().split("\n", 1)[1],
            '5: "a" is the name of two profiles; give each its own: it names their security groups',
        ),
        ("retire: later\n", '1: retire is "later"; write report or now'),
        (
            "interface_endpoints: logs\n",
            '1: interface_endpoints is "logs"; make it a list; write [{name: workloads, vpcs:'
            " {tags: {network: private}}, services: [logs]}]",
        ),
    ],
)
def test_mistake(text: str, said: str) -> None:
    assert mistakes(text) == [f"p.yaml:{said}"]
