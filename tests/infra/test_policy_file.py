"""The policy file: what it means, and every mistake with its line."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path

import pytest
from autopilot.policy.model import ChangeWindow, Policy
from autopilot.reconcile.codec import decode, encode

from infra.policy.document import LONGEST
from infra.policy_file import Configuration, PolicyMistakes, load

FULL_ACCESS = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str | bytes) -> Configuration:
    Path("p.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load("p.yaml")


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(PolicyMistakes) as raised:
        read(text)
    return str(raised.value).splitlines()


@pytest.mark.parametrize("text", ["{}", "# all the defaults\n{}\n", "vpcs:\nnotify:\n"])
def test_a_file_that_names_nothing_means_all_defaults(text: str) -> None:
    assert read(text) == Configuration()


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "\n\n", "~\n", "null"])
def test_an_empty_file_is_a_mistake(text: str) -> None:
    """Else a file that was emptied by accident would turn an account from audit to enforce."""
    said = ["p.yaml:1: the file says nothing; write {} if all the defaults are meant"]
    assert mistakes(text) == said


def test_the_shipped_file_states_the_defaults() -> None:
    assert load(Path(__file__).parents[2] / "autopilot.yaml") == Configuration()


def test_defaults_touch_no_busy_table_and_let_a_tag_opt_out() -> None:
    policy = Configuration().policy
    assert policy.gateway_endpoints.busy_route_tables == "audit"
    assert policy.skip_tags == {"endpoint-autopilot": "off"}


WHOLE = """
mode: audit
vpcs:
  skip_tags: {team: "*", network: off}
gateway_endpoints:
  services: [s3express, s3]
  policy: org-only
  busy_route_tables: window
  change_window: {days: [sun, sat], from: 22:30, to: "05:00", timezone: Europe/Berlin}
notify:
  emails: [a@example.com, b@example.org]
sweep: every 90 minutes
endpoint_policies:
  org-only: policies/o.json
"""


def test_a_whole_file() -> None:
    Path("policies").mkdir()
    text = json.dumps(FULL_ACCESS, indent=1) + "\n"
    Path("policies/o.json").write_text(text)
    found = read(WHOLE)
    assert found.emails == ("a@example.com", "b@example.org")
    assert found.sweep_minutes == 90
    assert found.policy.mode == "audit"
    assert found.policy.skip_tags == {"team": "*", "network": "off"}
    gateway = found.policy.gateway_endpoints
    assert gateway.services == ("s3express", "s3")
    assert found.policy.document(gateway.endpoint_policy) == text
    assert gateway.change_window == ChangeWindow(
        ("sat", "sun"), time(22, 30), time(5), "Europe/Berlin"
    )
    assert decode(Policy, json.loads(json.dumps(encode(found.policy)))) == found.policy


def test_endpoint_policies_are_found_beside_the_policy_file(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "o.json").write_text(json.dumps(FULL_ACCESS))
    (tmp_path / "else" / "p.yaml").write_text("endpoint_policies: {open: o.json}")
    assert set(load("else/p.yaml").policy.endpoint_policies) == {"open"}


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("every 5 minutes", 5),
        ("every 1 hour", 60),
        ("every hour", 60),
        ("every 2 days", 2880),
        ("every 31 days", 44640),
    ],
)
def test_sweep(text: str, minutes: int) -> None:
    assert read(f"sweep: {text}").sweep_minutes == minutes


SWEEP = "write every N minutes, hours or days, 5 minutes to 31 days"
ALL = (
    "the policy takes mode, tag_values, vpcs, gateway_endpoints, interface_endpoints, retire, "
    "idle, endpoint_services, connections, organization, zones, notify, sweep or endpoint_policies"
)
GATEWAY = "gateway_endpoints takes services, policy, busy_route_tables, change_window or grace"
CLOCK = 'write "HH:MM", 00:00 to 23:59'
SERVICE = "write s3, dynamodb or s3express"
EMAIL = "write an address such as netops@example.com"
DAYS = "write mon, tue, wed, thu, fri, sat or sun"
WINDOW = 'days: [sat, sun], from: "02:00", to: "05:00", timezone: Europe/Berlin'


def window(**parts: str) -> str:
    """A change window on line 3, with some parts replaced."""
    good = {"days": "[sat]", "from": '"02:00"', "to": '"05:00"', "timezone": "UTC"}
    inside = ", ".join(f"{key}: {value}" for key, value in (good | parts).items() if value)
    return f"gateway_endpoints:\n  busy_route_tables: window\n  change_window: {{{inside}}}\n"


TABLE: list[tuple[str | bytes, list[str]]] = [
    # the file
    (b"mode: enforce\nsweep: \xff\n", ["2: the file isn't UTF-8 text; save it in UTF-8"]),
    ("mode: audit\x07\n", ["1: a control character (U+0007); delete it"]),
    ("vpcs:\n\tskip_tags: {}\n", ["2: a tab; indent with spaces"]),
    (
        "mode: audit\n---\nmode: audit\n",
        ["2: a second document begins here; keep all of the policy in one"],
    ),
    (
        "mode: [audit\nsweep: x\n",
        [
            "2: not valid YAML while parsing a flow sequence: expected ',' or ']', but got ':'; "
            "mind the indentation and the quotes"
        ],
    ),
    (
        "- mode\n",
        [
            "1: the policy is a list; write its keys below it, indented: mode, tag_values, vpcs, "
            "gateway_endpoints, interface_endpoints, retire, idle, endpoint_services, connections, "
            "organization, zones, notify, sweep, endpoint_policies"
        ],
    ),
    # keys
    (
        "mode: audit\nswep: every hour\n",
        [f'2: "swep" is no key of the policy; did you mean sweep? {ALL}'],
    ),
    ("emails: []\n", ['1: "emails" is no key of the policy; it belongs under notify']),
    (
        "mode: audit\nsweep: every hour\nmode: audit\n",
        ['3: "mode" stands twice in the policy, first on line 1; keep one of them'],
    ),
    ("? [a]\n: b\n", ["1: a key of the policy is a list; a key is a single word"]),
    (
        "gateway_endpoints:\n  private_dns: true\n",
        [f'2: "private_dns" is no key of gateway_endpoints; {GATEWAY}'],
    ),
    ("vpcs: off\n", ['1: vpcs is "off"; write its keys below it, indented: skip_tags']),
    # single values
    ("mode: enforced\n", ['1: mode is "enforced"; did you mean enforce? write enforce or audit']),
    ("mode:\n", ["1: mode is nothing; write enforce or audit"]),
    ("mode: [audit]\n", ["1: mode is a list; write enforce or audit"]),
    (
        "gateway_endpoints: {busy_route_tables: windows, }\n",
        [
            '1: gateway_endpoints.busy_route_tables is "windows"; did you mean window? '
            "write now, window or audit"
        ],
    ),
    ("sweep: 6 hours\n", [f'1: sweep is "6 hours"; {SWEEP}']),
    ("sweep: every 0 hours\n", [f'1: sweep is "every 0 hours"; {SWEEP}']),
    ("sweep: every 4 minutes\n", [f'1: sweep is "every 4 minutes", less than 5 minutes; {SWEEP}']),
    (
        "sweep: every 32 days\n",
        [f'1: sweep is "every 32 days": a lost event would wait that long; {SWEEP}'],
    ),
    # lists
    (
        "notify: {emails: ops@example.com}\n",
        [f'1: notify.emails is "ops@example.com"; make it a list; {EMAIL}'],
    ),
    (
        "notify:\n  emails:\n  - ops@example.com\n  - ops at example.com\n  - ops@example.com\n",
        [
            f'4: an entry of notify.emails is "ops at example.com"; {EMAIL}',
            '5: "ops@example.com" stands twice in notify.emails; keep one of them',
        ],
    ),
    (
        "gateway_endpoints:\n  services: [s3, sqs, [s3], s3]\n",
        [
            f'2: an entry of gateway_endpoints.services is "sqs", which has no gateway endpoint; '
            f"{SERVICE}",
            f"2: an entry of gateway_endpoints.services is a list; {SERVICE}",
            '2: "s3" stands twice in gateway_endpoints.services; keep one of them',
        ],
    ),
    # tags
    (
        "vpcs:\n  skip_tags:\n    a: [x]\n    b:\n",
        [
            '3: vpcs.skip_tags.a is a list; write key: "value", or key: "*" for any value',
            '4: vpcs.skip_tags.b is nothing; write key: "value", or key: "*" for any value',
        ],
    ),
    (
        f"vpcs: {{skip_tags: {{{'k' * 129}: v}}}}\n",
        [
            f'1: "{"k" * 129}" is no tag that AWS allows; keys have 1 to 128 characters, values '
            "up to 256"
        ],
    ),
    # the change window
    (
        "gateway_endpoints:\n  services: [s3]\n  busy_route_tables: window\n",
        [
            "3: busy_route_tables is window, but there is no change_window; add change_window: "
            f"{{{WINDOW}}}"
        ],
    ),
    (
        window(days="[saturday, sun]"),
        [
            f'3: an entry of gateway_endpoints.change_window.days is "saturday", which is no day; '
            f"{DAYS}"
        ],
    ),
    (window(days="[]"), ["3: the change window has no days; write days: [sat, sun]"]),
    (
        window(days="", timezone=""),
        [
            "3: gateway_endpoints.change_window.days is missing; write days: [sat, sun]",
            "3: gateway_endpoints.change_window.timezone is missing; write timezone: Europe/Berlin",
        ],
    ),
    (
        window(**{"from": "25:00", "to": "2am"}),
        [
            f'3: gateway_endpoints.change_window.from is "25:00"; {CLOCK}',
            f'3: gateway_endpoints.change_window.to is "2am"; {CLOCK}',
        ],
    ),
    (
        window(to='"02:00"'),
        ["3: the change window ends when it begins; let `to` differ from `from`"],
    ),
    (
        window(timezone="Europe/Berln"),
        [
            '3: gateway_endpoints.change_window.timezone is "Europe/Berln", which is no time zone; '
            "write an IANA name such as Europe/Berlin"
        ],
    ),
    # endpoint policies
    (
        "gateway_endpoints:\n  policy: org-only\n",
        ['2: "org-only" is no endpoint policy; name an entry of endpoint_policies (none there)'],
    ),
    (
        "endpoint_policies:\n  open: missing.json\n",
        [
            "2: missing.json can't be read (No such file or directory); name a file, relative to "
            "the policy file"
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_mistake(text: str | bytes, expected: list[str]) -> None:
    assert mistakes(text) == [f"p.yaml:{line}" for line in expected]


def test_a_missing_file_is_told_like_any_mistake() -> None:
    with pytest.raises(PolicyMistakes) as raised:
        load("none.yaml")
    assert str(raised.value) == (
        "none.yaml:1: the file can't be read (No such file or directory); name a file that exists"
    )


def test_all_mistakes_are_told_at_once() -> None:
    Path("bad.json").write_text("{\n}")
    text = "sweep: never\nmodes: x\nmode: on\nendpoint_policies: {x: bad.json, Y_: bad.json}\n"
    assert [line.split(";")[0] for line in mistakes(text)] == [
        "bad.json:1: the document has no Statement",
        'p.yaml:1: sweep is "never"',
        'p.yaml:2: "modes" is no key of the policy',
        'p.yaml:3: mode is "on"',
        'p.yaml:4: "Y_" is no name for an endpoint policy',
    ]


STATEMENT = '"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"'

DOCUMENTS: list[tuple[str, list[str]]] = [
    ('{"Statement": [\n]', ["2: not valid JSON: Expecting ',' delimiter; mind commas and quotes"]),
    ("", ["1: not valid JSON: Expecting value; mind commas and quotes"]),
    ("[]", ['1: the document is a list; write {"Statement": [...]}']),
    ("{}", ['1: the document has no Statement; write {"Statement": [...]}']),
    (
        '{"Statement": []}',
        ["1: Statement is empty and would deny everything; write at least one"],
    ),
    (
        '{"Statement": ["x"]}',
        ['1: a statement is "x"; write {"Effect": "Allow", ...}'],
    ),
    (
        f'{{"Version": "2012-10-18",\n\t"Statement": {{{STATEMENT}}}}}',
        ['1: Version is "2012-10-18"; write 2012-10-17 or 2008-10-17'],
    ),
    (
        f'{{\n"Statements": [],\n"Statement": {{{STATEMENT}}}}}',
        ['2: "Statements" is no key of the document; did you mean Statement?'],
    ),
    (
        '{"Statement": {\n"Effect": "allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
        ['2: Effect is "allow"; write Allow or Deny'],
    ),
    (
        '{"Statement": {}}',
        [
            "1: a statement has no Effect; write Allow or Deny",
            "1: a statement has no Principal; write Principal or NotPrincipal",
            "1: a statement has no Action; write Action or NotAction",
            "1: a statement has no Resource; write Resource or NotResource",
        ],
    ),
    (
        f'{{"Statement": {{{STATEMENT}, "NotAction": "s3:*"}}}}',
        ["1: a statement has both Action and NotAction; write Action or NotAction"],
    ),
    (
        '{"Statement": {"Effect": "Allow", "Principal": "me",\n"Action": 5,\n"Resource": []}}',
        [
            '1: Principal is "me"; write "*" or {"AWS": "<ARN or account>"}',
            '2: Action is "5"; write a string or a list of strings',
            "3: Resource is an empty list; write a string or a list of strings",
        ],
    ),
    (
        '{"Statement": {"Effect": "Deny", "Principal": {"aws": "*"}, "Action": "*", '
        '"Resource": "*"}}',
        ['1: "aws" is no key of Principal; did you mean AWS?'],
    ),
]


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS)
def test_mistake_in_an_endpoint_policy(text: str, expected: list[str]) -> None:
    Path("d.json").write_text(text)
    found = mistakes("endpoint_policies: {mine: d.json}")
    assert found == [f"d.json:{line}" for line in expected]


GATEWAY_PRINCIPAL = (
    "a gateway endpoint's policy takes no other Principal than *: of an account that is named here"
    ' only the root user would get through; write "Principal": "*", and say who is meant by a'
    " Condition on aws:PrincipalArn, aws:PrincipalAccount or aws:PrincipalOrgID"
)
ALL = '"Action": "*", "Resource": "*"'
FOR_GATEWAYS = "gateway_endpoints: {policy: mine}\nendpoint_policies: {mine: d.json}"


@pytest.mark.parametrize(
    "principal",
    [
        '"Principal": {"AWS": "111111111111"}',
        '"Principal": {"AWS": "arn:aws:iam::111111111111:role/app"}',
        '"Principal": {"AWS": ["*", "arn:aws:iam::111111111111:root"]}',
        '"Principal": {"Service": "*"}',
        '"Principal": {"AWS": "*", "Service": "ec2.amazonaws.com"}',
        '"NotPrincipal": "*"',
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_gateway_endpoints_policy_names_everybody(principal: str, effect: str) -> None:
    good = f'{{"Effect": "Allow", "Principal": "*", {ALL}}}'
    bad = f'{{"Effect": "{effect}",\n{principal}, {ALL}}}'
    Path("d.json").write_text(f'{{"Statement": [{good}, {bad}]}}')
    assert mistakes(FOR_GATEWAYS) == [f"d.json:2: {GATEWAY_PRINCIPAL}"]
    # For interface endpoints, and for nobody yet, it may stand.
    assert read("endpoint_policies: {mine: d.json}").policy.endpoint_policies


@pytest.mark.parametrize("principal", ['"*"', '{"AWS": "*"}', '{"AWS": ["*"]}'])
def test_everybody_has_several_spellings(principal: str) -> None:
    Path("d.json").write_text(
        f'{{"Statement": {{"Effect": "Allow", "Principal": {principal}, {ALL}}}}}'
    )
    assert read(FOR_GATEWAYS).warnings == ()


def document_of(length: int) -> str:
    text = json.dumps(FULL_ACCESS)
    return text + " " * (length - len(text))


def test_an_endpoint_policy_may_have_20480_characters_white_space_included() -> None:
    Path("d.json").write_text(document_of(LONGEST))
    assert read("endpoint_policies: {mine: d.json}").policy.endpoint_policies
    Path("d.json").write_text(document_of(LONGEST + 1))
    assert mistakes("endpoint_policies: {mine: d.json}") == [
        "d.json:1: 20,481 characters, white space included; AWS takes 20,480: merge statements or "
        "indent less"
    ]


def test_an_endpoint_policy_with_conditions_tabs_and_escapes_is_fine() -> None:
    statement = {
        "Sid": "Ours",
        "Effect": "Allow",
        "Principal": {"AWS": ["*", "arn:aws:iam::111111111111:root"]},
        "NotAction": ["s3:DeleteBucket"],
        "Resource": "arn:aws:s3:::b\u00fccher/*\u2028",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent="\t")
    Path("d.json").write_text(text.replace("/", "\\/"))
    assert read("endpoint_policies: {mine: d.json}").policy.endpoint_policies["mine"]
