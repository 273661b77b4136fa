"""What the policy file says of published services, and the documents that are shipped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from autopilot.policy.model import Policy, PublishPolicy
from autopilot.reconcile.codec import decode, encode

from infra.policy.document import LONGEST
from infra.policy_file import PolicyMistakes, load
from tests.infra.synthesis import ROOT

SHIPPED = ("account-only", "org-only")


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
endpoint_services:
  publish_load_balancers: {tags: {endpoint-autopilot: publish, team: "*"}}
  allowed_principals:
    - 012345678901
    - "222222222222"
    - arn:aws:iam::222222222222:root
    - arn:aws-cn:iam::222222222222:user/alice@example.com
    - arn:aws:iam::222222222222:role/Consumer
    - arn:aws:organizations::222222222222:organization/o-a1b2c3d4e5
    - arn:aws:organizations::222222222222:ou/o-a1b2c3d4e5/ou-ab12-11111111
    - everyone
  supported_regions: [eu-west-1, us-gov-east-1, ap-southeast-2]
  private_dns_names: {orders: api.example.com, a-b: "*.b.example.com"}
  retire: report
"""


def test_a_whole_section() -> None:
    found = read(WHOLE)
    assert found.endpoint_services == PublishPolicy(
        load_balancer_tags={"endpoint-autopilot": "publish", "team": "*"},
        allowed_principals=(
            "012345678901",
            "222222222222",
            "arn:aws:iam::222222222222:root",
            "arn:aws-cn:iam::222222222222:user/alice@example.com",
            "arn:aws:iam::222222222222:role/Consumer",
            "arn:aws:organizations::222222222222:organization/o-a1b2c3d4e5",
            "arn:aws:organizations::222222222222:ou/o-a1b2c3d4e5/ou-ab12-11111111",
            "*",
        ),
        supported_regions=("eu-west-1", "us-gov-east-1", "ap-southeast-2"),
        private_dns_names={"orders": "api.example.com", "a-b": "*.b.example.com"},
        retire="report",
    )
    assert decode(Policy, json.loads(json.dumps(encode(found)))) == found


@pytest.mark.parametrize("text", ["{}", "endpoint_services:\n", "endpoint_services: {}\n"])
def test_by_default_nothing_is_published(text: str) -> None:
    assert read(text).endpoint_services == PublishPolicy()


WHO = 'write an account ("222222222222", in quotes), or the ARN of a root, user, role'
PUBLISH = "endpoint_services.publish_load_balancers"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('allowed_principals: ["*"]', 'is "*", which lets everyone who knows the name ask: list'),
        ('allowed_principals: ["*"]', "or write everyone if that is what you mean"),
        ("allowed_principals: [22222]", 'is "22222", which has 5 digits; ' + WHO),
        (
            "allowed_principals: [arn:aws:iam::222222222222:role/path/r]",
            "whose path AWS doesn't take here",
        ),
        (
            "allowed_principals: [arn:aws:sts::222222222222:assumed-role/r/s]",
            "a session: name its role",
        ),
        ("allowed_principals: [arn:aws:iam::222222222222:group/g]", "which AWS doesn't take here"),
        ("allowed_principals: [ec2.amazonaws.com]", "which AWS doesn't take here"),
        ("allowed_principals: [ou-ab12-11111111]", "which AWS doesn't take here"),
        ("allowed_principals: [everyone, everyone]", "stands twice"),
        ("supported_regions: [Frankfurt]", 'is "Frankfurt", which is no Region'),
        ("supported_regions: us-east-1", "make it a list"),
        (
            "private_dns_names: {orders: API.example.com}",
            'endpoint_services.private_dns_names.orders is "API.example.com"; write a domain',
        ),
        ("private_dns_names: {orders: localhost}", "write a domain name in lower case"),
        ("private_dns_names: {a/b: a.example.com}", '"a/b" is no name of a load balancer'),
        ("retire: reports", "did you mean report?"),
        ("retire: soon", "write report, when_unused or now"),
        ("publish_load_balancers: {tags: {}}", f"{PUBLISH}.tags is empty: no load balancer"),
        ("publish_load_balancers: {name: x}", f'"name" is no key of {PUBLISH}'),
        ("publish_load_balancers: {tags: [a]}", f"{PUBLISH}.tags is a list"),
        ("principals: []", '"principals" is no key of endpoint_services'),
    ],
)
def test_mistake(line: str, expected: str) -> None:
    found = mistakes(f"mode: audit\nendpoint_services:\n  {line}\n")
    assert any(expected in mistake for mistake in found), found
    assert all(mistake.startswith("p.yaml:3: ") for mistake in found)


def shipped(name: str) -> Path:
    return ROOT / "policies" / f"{name}.json"


def use(name: str, text: str) -> str:
    Path("d.json").write_text(text)
    return f"gateway_endpoints: {{policy: {name}}}\nendpoint_policies: {{{name}: d.json}}\n"


def test_the_documents_that_are_shipped() -> None:
    assert sorted(path.stem for path in (ROOT / "policies").iterdir()) == sorted(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_document_is_refused_until_it_is_filled_in(name: str) -> None:
    shutil.copy(shipped(name), "d.json")
    found = mistakes(use(name, Path("d.json").read_text()))
    who = "organization-id" if name == "org-only" else "account-id"
    assert found[0].startswith(f"d.json:12: <{who}> is still to be filled in; write ")
    assert sum(f"<{who}>" in each for each in found) == 2
    assert sum("<region> is still to be filled in" in each for each in found) == 4
    assert len(found) == 6


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_document_filled_in_is_taken(name: str) -> None:
    text = shipped(name).read_text()
    for placeholder, value in (
        ("<organization-id>", "o-a1b2c3d4e5"),
        ("<account-id>", "111111111111"),
        ("<region>", "us-east-1"),
    ):
        text = text.replace(placeholder, value)
    found = read(use(name, text))
    assert found.document(name) == text
    assert len(text) < LONGEST


def test_any_placeholder_is_found_where_it_stands() -> None:
    allow = '"Effect": "Allow", "Principal": "*", "Action": "*"'
    text = f'{{"Statement": [{{{allow},\n"Resource": "<x y>"}}]}}'
    assert mistakes(use("own", text)) == [
        "d.json:2: <x y> is still to be filled in; write what belongs there"
    ]
