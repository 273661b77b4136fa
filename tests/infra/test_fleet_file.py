"""fleet.yaml: what it means, which policy each account gets, and every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.fleet.file import load_fleet
from infra.fleet.model import Fleet, Wave
from infra.policy_file import PolicyMistakes

POLICY = """\
mode: audit
vpcs: {skip_tags: {team: x}}
connections:
  allow: [{account: "444444444444"}]
"""
WHOLE = """\
organization: o-a1b2c3d4e5
hub: {account: "111111111111", region: us-east-1}
emails: [ops@example.com]
approvers: [alice@example.com, chat]
chat_buttons: true
silent_after: 4 hours
targets:
  canary:
    unit: ou-ab12-11111111
    regions: [us-east-1, eu-west-1]
    overlay: {mode: enforce}
    accounts:
      "222222222222": {connections: {otherwise: reject}, vpcs: {skip_tags: null}}
      "333333333333": overlays/three.yaml
  production: {unit: ou-ab12-22222222, regions: [us-east-1]}
waves:
  - targets: [canary]
    wait: 0 minutes
  - targets: [production]
    tolerance: 10%
plain:
  "999999999999": {regions: [us-east-1], overlay: {sweep: every day}}
"""
HEAD = """\
organization: o-a1b2c3d4e5
hub: {account: "111111111111", region: us-east-1}
emails: [ops@example.com]
targets:
"""
TARGET = "  canary: {unit: ou-ab12-11111111, regions: [us-east-1]"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("overlays").mkdir()
    Path("overlays/three.yaml").write_text("vpcs:\n  skip_tags: {more: y}\n")
    Path("autopilot.yaml").write_text(POLICY)


def read(text: str) -> Fleet:
    Path("fleet.yaml").write_text(text)
    return load_fleet("fleet.yaml", "autopilot.yaml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(PolicyMistakes) as raised:
        read(text)
    return str(raised.value).splitlines()


def test_a_whole_file() -> None:
    found = read(WHOLE)
    assert (found.organization, found.account, found.region) == (
        "o-a1b2c3d4e5",
        "111111111111",
        "us-east-1",
    )
    assert found.emails == ("ops@example.com",)
    assert (found.approvers, found.chat_buttons) == (("alice@example.com", "chat"), True)
    assert found.silent_after_minutes == 240
    assert [(t.name, t.unit, t.regions) for t in found.targets] == [
        ("canary", "ou-ab12-11111111", ("us-east-1", "eu-west-1")),
        ("production", "ou-ab12-22222222", ("us-east-1",)),
    ]
    assert found.waves == (Wave(("canary",), 0, 0), Wave(("production",), 10, 10))
    assert [(p.account, p.regions, p.configuration.sweep_minutes) for p in found.plain] == [
        ("999999999999", ("us-east-1",), 1440)
    ]
    assert found.warnings == ()


def test_an_overlay_lies_over_the_policy_and_an_accounts_over_its_units() -> None:
    canary, production = read(WHOLE).targets
    assert canary.configuration.policy.mode == "enforce"
    assert production.configuration.policy.mode == "audit"
    two, three = (canary.accounts[account].policy for account in ("222222222222", "333333333333"))
    assert (two.mode, three.mode) == ("enforce", "enforce")
    assert two.connections.otherwise == "reject"
    assert two.connections.allow == production.configuration.policy.connections.allow


def test_mappings_merge_and_nothing_takes_the_default_back() -> None:
    canary, _ = read(WHOLE).targets
    assert canary.accounts["333333333333"].policy.skip_tags == {"team": "x", "more": "y"}
    assert canary.accounts["222222222222"].policy.skip_tags == {"endpoint-autopilot": "off"}


def test_a_list_is_replaced() -> None:
    overlay = '{connections: {allow: [{account: "555555555555"}]}}'
    (target,) = read(f"{HEAD}{TARGET}, overlay: {overlay}}}\n").targets
    assert [rule.value for rule in target.configuration.policy.connections.allow] == [
        "555555555555"
    ]


def test_owners_hear_of_their_own_things_where_some_policy_names_their_tag() -> None:
    owners = "owners: {team-a: [a@example.com]}\n"
    found = read(f"{HEAD}{TARGET}, overlay: {{notify: {{owner_tag: team}}}}}}\n{owners}")
    assert found.owners == {"team-a": ("a@example.com",)}
    assert read(f"{HEAD}{TARGET}}}\n").owners == {}


def test_without_waves_all_targets_are_one() -> None:
    assert read(f"{HEAD}{TARGET}}}\n").waves == (Wave(("canary",)),)


def test_in_a_fleet_the_hub_tells() -> None:
    Path("autopilot.yaml").write_text(
        "notify: {emails: [a@example.com], owner_tag: t, owners: {x: [b@example.com]}}\n"
    )
    found = read(f"{HEAD}{TARGET}}}\n")
    configuration = found.targets[0].configuration
    assert (configuration.emails, configuration.letter) == ((), None)
    assert configuration.policy.notify.owners == {}
    assert configuration.policy.notify.owner_tag == "t"
    assert [str(each) for each in found.warnings] == [
        "autopilot.yaml:1: warning: notify.emails has no effect in a fleet: the hub tells; "
        "write emails in fleet.yaml",
        "autopilot.yaml:1: warning: notify.owners has no effect in a fleet: the hub tells; "
        "write owners in fleet.yaml",
    ]


KEYS = (
    "the fleet takes organization, hub, emails, owners, approvers, chat_buttons, silent_after,"
    " targets, waves or plain"
)
POLICY_KEYS = (
    "the policy takes mode, tag_values, vpcs, gateway_endpoints, interface_endpoints, retire, idle,"
    " endpoint_services, connections, organization, zones, notify, sweep or endpoint_policies"
)
UNIT = "write an id such as ou-ab12-11111111, or the root's, such as r-ab12"
DIGITS = "write its 12 digits in quotes: without them a leading zero gets lost"
OVERLAY = "write the policy's keys below it, or the path of a YAML file beside this one"
TELLS = "has no effect in a fleet: the hub tells"
OWN_UNIT = "give the account a unit of its own, and that a target"
SHARED = "of the stack, which an account shares with its unit"
EXAMPLE = "write canary: {unit: ou-ab12-11111111, regions: [us-east-1]}"


def with_overlay(overlay: str) -> str:
    return f"{HEAD}{TARGET},\n  overlay: {{{overlay}}}}}\n"


def with_account(overlay: str) -> str:
    return f'{HEAD}{TARGET}, accounts: {{\n  "222222222222": {{{overlay}}}}}}}\n'


def with_waves(waves: str) -> str:
    more = "  production: {unit: ou-ab12-22222222, regions: [us-east-1]}\n"
    return f"{HEAD}{TARGET}}}\n{more}{waves}\n"


TABLE: list[tuple[str, list[str]]] = [
    # the file
    (
        "{}\n",
        [
            "1: organization is missing; write an id such as o-a1b2c3d4e5",
            f"1: hub.account is missing; {DIGITS}",
            "1: hub.region is missing; write a Region such as us-east-1",
            f"1: there are no targets; {EXAMPLE}",
        ],
    ),
    (
        f"{HEAD}{TARGET}}}\n---\n{{}}\n",
        ["6: a second document begins here; keep all of the policy in one"],
    ),
    (
        f"{HEAD}{TARGET}}}\nwave: []\n",
        [f'6: "wave" is no key of the fleet; did you mean waves? {KEYS}'],
    ),
    (
        f"{HEAD}{TARGET}}}\nmode: audit\n",
        [
            '6: "mode" is no key of the fleet; it belongs under overlay, or in autopilot.yaml',
        ],
    ),
    (
        f"{HEAD}{TARGET}, wait: 10 minutes}}\n",
        ['5: "wait" is no key of targets.canary; it belongs under an entry of waves'],
    ),
    # single values
    (
        f"{HEAD}{TARGET}}}\nsilent_after: 1 hour\n",
        [
            '6: silent_after is "1 hour", and a spoke speaks once an hour; write N hours or days,'
            " 2 hours to 7 days"
        ],
    ),
    (
        f"{HEAD}{TARGET}}}\nsilent_after: 8 days\n",
        [
            '6: silent_after is "8 days": a broken spoke would be told that late; write N hours or'
            " days, 2 hours to 7 days"
        ],
    ),
    (
        f'{HEAD}{TARGET}}}\napprovers: ["*", alice smith, bob@example.com]\n',
        [
            f"6: an entry of approvers is {shown}; write a name without blanks, such as"
            " alice@example.com, or leave approvers out"
            for shown in ('"*"', '"alice smith"')
        ],
    ),
    (
        f"{HEAD}{TARGET}}}\nowners: {{team-a: [Ops@example.com]}}\n",
        [
            "6: Ops@example.com stands under emails and owners; keep one: SNS subscribes an address"
            " once, to everything or to some",
            "6: owners has no effect: no tag names an owner; add notify.owner_tag: KEY in"
            " autopilot.yaml, or in an overlay",
        ],
    ),
    (
        f"{HEAD}{TARGET}}}\nchat_buttons: sometimes\n",
        ['6: chat_buttons is "sometimes"; write true or false'],
    ),
    (
        f"{HEAD}{TARGET}}}\napprovers: [alice@example.com]\nchat_buttons: true\n",
        [
            "7: chat_buttons is true, and approvers doesn't name chat, as whom a button answers:"
            " each would be refused; add chat to approvers, if whoever may press it in the channel"
            " may answer"
        ],
    ),
    (
        HEAD.replace("us-east-1", "us-east-9") + f"{TARGET}}}\n",
        [
            '2: hub.region is "us-east-9", which is no Region that this version knows (did you mean'
            " us-east-2?); write a Region such as us-east-1"
        ],
    ),
    # targets
    (f"{HEAD}  []\n", [f"5: targets is a list; {EXAMPLE}", f"5: there are no targets; {EXAMPLE}"]),
    (
        f"{HEAD}  my_team: {{}}\n",
        [
            '5: a target of targets is "my_team"; use letters, digits and hyphens, a letter first',
            f"5: there are no targets; {EXAMPLE}",
        ],
    ),
    (
        f"{HEAD}  {'a' * 65}: {{}}\n",
        [
            "5: a target of targets has 65 characters, and its stacks' names room for 64; use"
            " letters, digits and hyphens, a letter first",
            f"5: there are no targets; {EXAMPLE}",
        ],
    ),
    (
        f"{HEAD}  canary: {{regions: []}}\n",
        [
            f"5: targets.canary.unit is missing; {UNIT}",
            "5: targets.canary.regions names no Region; write regions: [us-east-1]",
        ],
    ),
    (
        f"{HEAD}  canary: {{unit: ou-ab12, regions: [us-east-1]}}\n",
        [f'5: targets.canary.unit is "ou-ab12", which is no organizational unit\'s id; {UNIT}'],
    ),
    (
        f"{HEAD}{TARGET}}}\n  two: {{regions: [us-east-1],\n    unit: ou-ab12-11111111}}\n",
        [
            "7: ou-ab12-11111111 is the unit of canary and of two; keep one of them: its accounts"
            " would get two stacks"
        ],
    ),
    (
        f"{HEAD}{TARGET}}}\n  all: {{unit: r-ab12, regions: [us-east-1]}}\n",
        [
            "6: r-ab12 is the root, which holds the units of the other targets, too; name the units"
            " that are meant: their accounts would get two stacks"
        ],
    ),
    (
        f"{HEAD}{TARGET.replace('[us-east-1]', '[us-east-1, cn-north-1, mars]')}}}\n",
        [
            '5: an entry of targets.canary.regions is "mars", which is no Region; write Regions'
            " such as us-east-1",
            "5: cn-north-1 is in another partition than the hub's us-east-1; give each partition a"
            " fleet of its own",
        ],
    ),
    (
        f"{HEAD}{TARGET.replace('[us-east-1]', '[us-east-1, me-south-1]')}}}\n",
        [
            "5: me-south-1 has no bucket names that are an account's own, and spokes take their"
            " code from such a bucket; deploy its accounts by hand: name them under plain"
        ],
    ),
    (
        f"{HEAD.replace('us-east-1', 'me-central-1')}{TARGET}}}\n",
        [
            "2: me-central-1 has no bucket names that are an account's own, and spokes take their"
            " code from such a bucket; give the hub another Region"
        ],
    ),
    # overlays
    (
        f"{HEAD}{TARGET}, overlay: gone.yaml}}\n",
        [f'5: the overlay is "gone.yaml", which is no file; {OVERLAY}'],
    ),
    (f"{HEAD}{TARGET}, overlay: [a]}}\n", [f"5: an overlay is a list; {OVERLAY}"]),
    (
        with_overlay("mod: audit"),
        [f'6: "mod" is no key of the policy; did you mean mode? {POLICY_KEYS}'],
    ),
    (
        with_overlay("notify: {emails: [a@example.com], letter: off, letter_at: {}}"),
        [
            f"6: notify.emails {TELLS}; write emails in fleet.yaml",
            f"6: notify.letter {TELLS}; drop it: spokes write no letters",
            f"6: notify.letter_at {TELLS}; drop it: spokes write no letters",
            "6: notify.letter_at says nothing where letter is off; leave it out, or write letter:"
            " weekly",
        ],
    ),
    (
        with_overlay('connections: {deny: [{account: "444444444444"}]}'),
        [
            "autopilot.yaml:4: account 444444444444 is allowed here and denied on line 6 of"
            " fleet.yaml; keep one of them; deny would win"
        ],
    ),
    (
        with_overlay("organization: {id: o-zzzzzzzzzz}"),
        ["6: organization.id is o-zzzzzzzzzz, and the fleet's is o-a1b2c3d4e5; let the two agree"],
    ),
    # accounts
    (
        f"{HEAD}{TARGET}, accounts: {{2222: {{}}}}}}\n",
        [
            f'5: an account of targets.canary.accounts is "2222", which has 4 digits; {DIGITS}',
        ],
    ),
    (
        with_account("mode: on"),
        ['6: mode is "on"; write enforce or audit'],
    ),
    (
        with_account("sweep: every day"),
        [f"6: sweep decides the schedules {SHARED}; {OWN_UNIT}"],
    ),
    (
        f'{with_account("mode: audit")}plain: {{"222222222222": {{regions: [us-east-1]}}}}\n',
        [
            "7: the account 222222222222 stands under targets.canary.accounts and under plain; keep"
            " one of them: an account belongs to one"
        ],
    ),
    # waves
    (
        with_waves("waves: []"),
        [
            f"7: the target {name} is in no wave: it would never be deployed; add it to the targets"
            " of one"
            for name in ("canary", "production")
        ],
    ),
    (
        with_waves("waves:\n- targets: [canary]\n- targets: [prod, production, canary]"),
        [
            '9: an entry of targets in an entry of waves is "prod", which is no target; name canary'
            " or production",
            "9: the target canary is in two waves, first on line 8; keep one of them",
        ],
    ),
    (
        with_waves("waves:\n- targets: [canary, production]\n  wait: 15 minutes\n- tolerance: 10"),
        [
            '9: wait in an entry of waves is "15 minutes"; write N minutes, 0 to 14',
            "10: a wave has no targets; name canary or production",
            '10: tolerance in an entry of waves is "10"; write a part of each Region\'s accounts,'
            ' "0%" to "100%"',
        ],
    ),
    # plain
    (
        f'{HEAD}{TARGET}}}\nplain: {{\n  "999999999999": {{overlay: {{retire: off}}}}}}\n',
        [
            "7: plain.999999999999.regions names no Region; write regions: [us-east-1]",
            '7: retire is "off"; write report, now or idle',
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_mistake(text: str, expected: list[str]) -> None:
    assert mistakes(text) == [
        line if line.startswith("autopilot.yaml") else f"fleet.yaml:{line}" for line in expected
    ]


def test_a_mistake_in_an_overlays_file_is_told_there() -> None:
    Path("overlays/three.yaml").write_text("mode: audit\nsweep: often\nretire: now\n")
    assert mistakes(WHOLE) == [
        'overlays/three.yaml:2: sweep is "often"; write every N minutes, hours or days, 5 minutes'
        " to 31 days"
    ]
    Path("overlays/three.yaml").write_text("mode: audit\nsweep: every day\n")
    assert mistakes(WHOLE) == [
        f"overlays/three.yaml:2: sweep decides the schedules {SHARED}; {OWN_UNIT}"
    ]
    Path("overlays/three.yaml").write_text("")
    assert mistakes(WHOLE) == [
        "overlays/three.yaml:1: the file says nothing; write {} if all the defaults are meant"
    ]


def test_documents_are_found_beside_the_file_that_names_them() -> None:
    Path("overlays/three.yaml").write_text("endpoint_policies: {own: own.json}\n")
    assert mistakes(WHOLE) == [
        "overlays/three.yaml:1: overlays/own.json can't be read (No such file or directory); name a"
        " file, relative to the policy file"
    ]


def test_all_mistakes_are_told_at_once_and_once() -> None:
    Path("autopilot.yaml").write_text("mode: on\n")
    Path("overlays/three.yaml").write_text("retire: off\n")
    assert [line.split(";")[0] for line in mistakes(WHOLE.replace("4 hours", "ever"))] == [
        'autopilot.yaml:1: mode is "on"',
        'fleet.yaml:6: silent_after is "ever"',
        'overlays/three.yaml:1: retire is "off"',
    ]


def test_a_mistake_of_one_region_only_is_found() -> None:
    profile = "{name: a, vpcs: {tags: {a: b}}, services: [com.amazonaws.us-east-1.logs]}"
    Path("overlays/three.yaml").write_text(f"interface_endpoints: [{profile}]\n")
    whole = WHOLE.replace("{mode: enforce}", "overlays/three.yaml")
    assert [line for line in mistakes(whole) if "deployed" in line] == [
        "overlays/three.yaml:1: com.amazonaws.us-east-1.logs is a service of us-east-1, and this is"
        " deployed into eu-west-1; write its short name, or {name: com.amazonaws.us-east-1.logs,"
        " region: us-east-1} if you mean it"
    ]
