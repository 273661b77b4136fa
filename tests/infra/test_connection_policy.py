"""What the policy file says of connections and zones: what it means, every mistake's line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from autopilot.policy.model import (
    ConnectionPolicy,
    OrganizationPolicy,
    Peer,
    Policy,
    Rule,
    ServiceFilter,
    ZonePolicy,
)
from autopilot.reconcile.codec import decode, encode

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
connections:
  allow:
    - {account: 012345678901}
    - {account: "222222222222", services: {ids: [vpce-svc-0123456789abcdef0]}}
    - {organization: o-a1b2c3d4e5, services: {tags: {tier: shared, open: "*"}}}
    - organizational_unit: ou-ab12-11111111
  deny:
    - {account: "333333333333"}
  otherwise: reject
  no_longer_allowed: alert
  hold_for: 36 hours
organization: {id: o-a1b2c3d4e5, read_by: "arn:aws-cn:iam::444444444444:role/path/Reader"}
zones:
  require: any
  before_accepting: hold
  peers: [{account: "222222222222"}, {organization: o-zzzzzzzzzz}]
"""


def test_a_whole_file() -> None:
    found = read(WHOLE)
    assert found.connections == ConnectionPolicy(
        allow=(
            Rule("account", "012345678901"),
            Rule("account", "222222222222", ServiceFilter(ids=("vpce-svc-0123456789abcdef0",))),
            Rule(
                "organization",
                "o-a1b2c3d4e5",
                ServiceFilter(tags={"tier": "shared", "open": "*"}),
            ),
            Rule("organizational_unit", "ou-ab12-11111111"),
        ),
        deny=(Rule("account", "333333333333"),),
        otherwise="reject",
        no_longer_allowed="alert",
        hold_for_seconds=36 * 3600,
    )
    assert found.organization == OrganizationPolicy(
        "o-a1b2c3d4e5", "arn:aws-cn:iam::444444444444:role/path/Reader"
    )
    peers = (Peer("account", "222222222222"), Peer("organization", "o-zzzzzzzzzz"))
    assert found.zones == ZonePolicy("any", "hold", peers)
    assert decode(Policy, json.loads(json.dumps(encode(found)))) == found


def test_by_default_only_the_services_own_list_names_anybody_and_strangers_wait_a_week() -> None:
    found = read("connections:\norganization: {id: o-a1b2c3d4e5}\n")
    assert found.connections == ConnectionPolicy()
    assert found.connections.allow == (Rule("allowed_principals"),)
    assert found.connections.hold_for_seconds == 7 * 86400
    assert found.organization == OrganizationPolicy("o-a1b2c3d4e5", None)
    assert read("organization: {id: o-a1b2c3d4e5, read_by: self}\n").organization is not None


def test_nobody_may_be_accepted_by_rule() -> None:
    assert read("connections: {allow: []}").connections.allow == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2 minutes", 120), ("1 hour", 3600), ("7 days", 604800), ("300 days", 25_920_000)],
)
def test_hold_for(text: str, seconds: int) -> None:
    found = read(f"connections: {{hold_for: {text}}}").connections
    assert found.hold_for_seconds == seconds


KINDS = "account, organization or organizational_unit"
ALL_KINDS = f"allowed_principals, {KINDS}"
DIGITS = "write its 12 digits in quotes: without them a leading zero gets lost"
IDS = "write ids: [vpce-svc-0123456789abcdef0]"
ALL_SERVICES = "or leave services out for all of them"
HOLD_FOR = "write N hours or days, up to 300 days"
ALLOW = "a rule of connections.allow"
DENY = "a rule of connections.deny"
READ_BY = "write self, or a role's ARN such as arn:aws:iam::333333333333:role/OrganizationReader"


def rule(*allow: str, deny: str = "", more: str = "") -> str:
    """Rules from line 3 on, one a line; the rule of `deny` on line 10."""
    lines = ["connections:", "  allow:", *(f"    - {{{each}}}" for each in allow)]
    if deny:
        lines += [""] * (8 - len(lines)) + ["  deny:", f"    - {{{deny}}}"]
    return "\n".join([*lines, more]) + "\n"


ORGANIZATION = "organization: {id: o-a1b2c3d4e5}"
A, B = 'account: "222222222222"', 'account: "333333333333"'
OF_ONE = "services: {ids: [vpce-svc-00000000000000001]}"
OF_TWO = "services: {ids: [vpce-svc-00000000000000001, vpce-svc-00000000000000002]}"
SHARED = "services: {tags: {tier: shared}}"

TABLE: list[tuple[str, list[str]]] = [
    # who is named
    (rule("account: 12345678901"), [f'3: account in {ALLOW} is "12345678901", which has 11 '
                                    f"digits; {DIGITS}"]),
    (rule('account: "arn:aws:iam::222222222222:root"'),
     [f'3: account in {ALLOW} is "arn:aws:iam::222222222222:root", which is no account id; '
      f"{DIGITS}"]),
    (rule("account: [x]"), [f"3: account in {ALLOW} is a list; {DIGITS}"]),
    (rule("organization: o-A1B2C3D4E5", more=ORGANIZATION),
     [f'3: organization in {ALLOW} is "o-A1B2C3D4E5", which is no organization\'s id; write an id '
      "such as o-a1b2c3d4e5"]),
    (rule("organizational_unit: ou-ab12", more=ORGANIZATION),
     [f'3: organizational_unit in {ALLOW} is "ou-ab12", which is no organizational unit\'s id; '
      "write an id such as ou-ab12-11111111"]),
    (rule("organizational_unit: r-ab12", more=ORGANIZATION),
     [f'3: organizational_unit in {ALLOW} is "r-ab12", the root: that is everybody in the '
      "organization; write an id such as ou-ab12-11111111"]),
    (rule("allowed_principals: false"),
     [f'3: allowed_principals in {ALLOW} is "false"; write true, or leave the rule out']),
    (rule(A, f'{B}, organization: o-a1b2c3d4e5'),
     [f"4: {ALLOW} names account and organization; write exactly one of {ALL_KINDS}"]),
    (rule(SHARED), [f"3: {ALLOW} names nobody; write exactly one of {ALL_KINDS}"]),
    (rule('acount: "222222222222"'),
     [f'3: "acount" is no key of {ALLOW}; did you mean account? {ALLOW} takes {ALL_KINDS[:-23]}, '
      "organizational_unit or services"]),
    (rule(f"{A}, peers: []"), [f'3: "peers" is no key of {ALLOW}; it belongs under zones']),
    ("connections:\n  allow:\n",
     ['2: connections.allow is nothing; make it a list; write [{account: "222222222222"}], or [] '
      "for nobody"]),
    ('connections:\n  allow: ["222222222222"]\n',
     [f'2: {ALLOW} is "222222222222"; write {{account: "222222222222"}}']),
    ("connections: {deny: [{allowed_principals: true}]}\n",
     [f"1: {DENY} names allowed_principals, whom the service's own list lets in; write {KINDS}"]),
    # the organization
    (rule("organization: o-a1b2c3d4e5", "organizational_unit: ou-ab12-11111111"),
     ["3: o-a1b2c3d4e5 can't be looked up: the policy has no organization; add organization: {id: "
      "o-a1b2c3d4e5, read_by: self}",
      "4: ou-ab12-11111111 can't be looked up: the policy has no organization; add organization: "
      "{id: o-a1b2c3d4e5, read_by: self}"]),
    (rule("organization: o-zzzzzzzzzz", more=ORGANIZATION),
     ["3: o-zzzzzzzzzz can't be looked up: organization.id is o-a1b2c3d4e5; name that one; "
      "accounts of another are named one by one"]),
    ("organization: {read_by: self}\n",
     ["1: organization.id is missing; write an id such as o-a1b2c3d4e5"]),
    ("organization:\n  id: a1b2c3d4e5\n",
     ['2: organization.id is "a1b2c3d4e5", which is no organization\'s id; write an id such as '
      "o-a1b2c3d4e5"]),
    ("organization:\n  id: o-a1b2c3d4e5\n  read_by: OrganizationReader\n",
     [f'3: organization.read_by is "OrganizationReader"; {READ_BY}']),
    (rule("organization: o-a1b2c3d4e5", more="organization: {id: o-1}"),
     ['4: organization.id is "o-1", which is no organization\'s id; write an id such as '
      "o-a1b2c3d4e5"]),
    # which services
    (rule(f"{A}, services: {{ids: []}}"),
     [f"3: ids in services in {ALLOW} is empty: the rule can never match; {IDS}, {ALL_SERVICES}"]),
    (rule(f"{A}, services: {{tags: {{}}}}"),
     [f"3: tags in services in {ALLOW} is empty: the rule can never match; write tags: "
      f"{{key: value}}, {ALL_SERVICES}"]),
    (rule(f"{A}, services: {{ids: [com.amazonaws.vpce.us-east-1.vpce-svc-1]}}"),
     [f"3: an entry of ids in services in {ALLOW} is "
      '"com.amazonaws.vpce.us-east-1.vpce-svc-1", which is no endpoint service\'s id; ' + IDS]),
    (rule(f"{A}, services: {{}}"),
     [f"3: services in {ALLOW} has neither ids nor tags; {IDS} or tags: {{key: value}}, "
      f"{ALL_SERVICES}"]),
    (rule(f"{A}, services: {{ids: [vpce-svc-0123456789abcdef0], tags: {{a: b}}}}"),
     [f"3: services in {ALLOW} has both ids and tags; {IDS} or tags: {{key: value}}, "
      f"{ALL_SERVICES}"]),
    (rule(f"{A}, services: [vpce-svc-0123456789abcdef0]"),
     [f"3: services in {ALLOW} is a list; write its keys below it, indented: ids, tags",
      f"3: services in {ALLOW} has neither ids nor tags; {IDS} or tags: {{key: value}}, "
      f"{ALL_SERVICES}"]),
    # rules against each other
    (rule(A, B, A),
     ["5: the rule on account 222222222222 stands twice, first on line 3; keep one of them"]),
    (rule("allowed_principals: true", "allowed_principals: True"),
     ["4: the rule on allowed principals stands twice, first on line 3; keep one of them"]),
    (rule(B, A, deny=A),
     ["4: account 222222222222 is allowed here and denied on line 10; keep one of them; deny would "
      "win"]),
    (rule(f"{A}, {OF_ONE}", deny=f"{A}, {OF_ONE}"),
     ["3: account 222222222222 is allowed here and denied on line 10; keep one of them; deny would "
      "win"]),
    (rule(f"{A}, {OF_ONE}", deny=A),
     ["3: the rule on account 222222222222 can never match: line 10 denies account 222222222222; "
      "drop it, or deny for fewer services"]),
    (rule(f"{A}, {OF_ONE}", deny=f"{A}, {OF_TWO}"),
     ["3: the rule on account 222222222222 can never match: line 10 denies account 222222222222; "
      "drop it, or deny for fewer services"]),
    (rule(f"{A}, {SHARED}", deny=f'{A}, services: {{tags: {{tier: "*"}}}}'),
     ["3: the rule on account 222222222222 can never match: line 10 denies account 222222222222; "
      "drop it, or deny for fewer services"]),
    (rule("organizational_unit: ou-ab12-11111111", deny="organization: o-a1b2c3d4e5",
          more=ORGANIZATION),
     ["3: the rule on organizational unit ou-ab12-11111111 can never match: line 10 denies "
      "organization o-a1b2c3d4e5; drop it, or deny for fewer services"]),
    # single values
    ("connections: {otherwise: rejected}\n",
     ['1: connections.otherwise is "rejected"; did you mean reject? write hold or reject']),
    ("connections: {no_longer_allowed: cut}\n",
     ['1: connections.no_longer_allowed is "cut"; write reject or alert']),
    ("connections: {hold_for: a week}\n", [f'1: connections.hold_for is "a week"; {HOLD_FOR}']),
    ("connections: {hold_for: 0 days}\n", [f'1: connections.hold_for is "0 days"; {HOLD_FOR}']),
    ("connections: {hold_for: 301 days}\n",
     [f'1: connections.hold_for is "301 days": no execution waits that long; {HOLD_FOR}']),
    ("hold_for: 7 days\n", ['1: "hold_for" is no key of the policy; it belongs under connections']),
    # zones
    ("zones: {require: some}\n", ['1: zones.require is "some"; write all or any']),
    ("zones: {before_accepting: reject}\n",
     ['1: zones.before_accepting is "reject"; write warn or hold']),
    ("zones:\n  peers:\n  - 222222222222\n",
     ['3: a peer of zones.peers is "222222222222"; write {account: "222222222222"}']),
    ("zones:\n  peers:\n  - account: 22222222222\n  - {}\n",
     [f'3: account in a peer of zones.peers is "22222222222", which has 11 digits; {DIGITS}',
      "4: a peer of zones.peers names nobody; write exactly one of account or organization"]),
    ("zones:\n  peers:\n  - {account: '222222222222'}\n  - {account: 222222222222}\n",
     ["4: account 222222222222 stands twice in zones.peers, first on line 3; keep one of them"]),
    ("zones: {peers: {account: '222222222222'}}\n",
     ['1: zones.peers is a mapping; make it a list; write [{account: "222222222222"}], or [] for '
      "none"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_mistake(text: str, expected: list[str]) -> None:
    assert mistakes(text) == [f"p.yaml:{line}" for line in expected]


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        (A, B),
        (A, f"{A}, {OF_ONE}"),
        (f"{A}, {OF_TWO}", f"{A}, {OF_ONE}"),
        (f"{A}, {OF_ONE}", f"{A}, {SHARED}"),
        (f'{A}, services: {{tags: {{tier: "*"}}}}', f"{A}, {SHARED}"),
        ("organization: o-a1b2c3d4e5", "organizational_unit: ou-ab12-11111111"),
        ("organization: o-a1b2c3d4e5", A),
        ("allowed_principals: true", A),
    ],
)
def test_a_rule_that_deny_only_narrows_stands(allow: str, deny: str) -> None:
    assert read(rule(allow, deny=deny, more=ORGANIZATION)).connections.deny
