"""`./autopilot --fleet …`: what it says of all accounts, and what it hands down."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws.ledger import _columns
from autopilot.fleet import news
from autopilot.fleet.answers import Trail, put
from autopilot.fleet.heard import Heard
from autopilot.fleet.hearing import Told as News_
from autopilot.fleet.wire import Heartbeat, Held, News, OpenFinding, Spoke
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import FINDINGS, Key, noted

from cli.fleet import answering
from tests.cli.conftest import NO_STACK, Aws, Run, stack
from tests.unit.connections.builders import MemoryLedger

NOW = datetime.now(UTC)
ENDPOINT, HOLD = "vpce-0123456789abcdef0", "hold-vpce-0123456789abcdef0-1"
ONE, TWO = Spoke("222222222222", "us-east-1"), Spoke("333333333333", "eu-west-1")
REQUEST = Held(
    ENDPOINT,
    HOLD,
    "444444444444",
    "vpce-svc-0a",
    "name",
    "2026-11-29T09:00:12.345678+00:00",
    "2026-12-06",
    "no rule",
)


class Hub:
    """The hub's table, and the function that asks."""

    def __init__(self, aws: Aws) -> None:
        self.table = MemoryLedger()
        self.asked: list[Any] = []
        self.answer: Any = {"answer": {"id": "q", "taken": True}, "id": "q"}
        outputs = {"HubTableName": "hub", "HubAskFunctionName": "ask", "RunningRelease": "r2"}
        aws.will(
            DescribeStacks=stack(**outputs),
            Query=self._query,
            ExecuteStatement=self._partitions,
            Invoke=self._invoke,
        )

    def heard(self, spoke: Spoke, ago: timedelta = timedelta(0), **beat: Any) -> None:
        at = (NOW - ago).isoformat()
        said = {"release": "r2", "version": "v", "policy": "p", "target": "dev", **beat}
        seen = Heard(spoke, Heartbeat(at, **said), at, at, at, at)
        self.table.write([noted(seen.key, seen.body, None, execution="", now=NOW)])

    def tells(self, spoke: Spoke, severity: str = "info", **said: Any) -> None:
        told = {"id": f"n{len(self.table.table)}", "kinds": ("HoldAnswered",), "change": "done",
                "title": "Alice accepted a request", "subject": "s", "text": "t",
                "at": NOW.isoformat(), "ids": (f"vpce-svc-0a/{ENDPOINT}", HOLD), "by": "alice",
                **said}  # fmt: skip
        made = News(severity=severity, **told)
        self.table.write(news.writes_of(News_("m", spoke, made.at, made), NOW))

    def _query(self, **request: Any) -> dict[str, Any]:
        values = request["ExpressionAttributeValues"]
        found = self.table.rows(values[":pk"]["S"], values.get(":sk", {}).get("S", ""))
        turned = found if request.get("ScanIndexForward", True) else found[::-1]
        return {"Items": [_columns(row) for row in turned]}

    def _partitions(self, **request: Any) -> dict[str, Any]:
        named = [each["S"] for each in request["Parameters"]]
        return {"Items": [_columns(row) for pk in named for row in self.table.rows(pk)]}

    def _invoke(self, **request: Any) -> dict[str, Any]:
        self.asked.append(json.loads(request["Payload"]))
        told = {"spoke": self.asked[-1]["spoke"], **self.answer}
        return {"Payload": io.BytesIO(json.dumps(told).encode())}


@pytest.fixture
def hub(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(answering, "_PATIENCE", 0.05)
    monkeypatch.setattr(answering, "_EVERY", 0.01)
    return Hub(aws)


@pytest.mark.parametrize("command", ["status", "requests", "history", "why x", "accept x"])
def test_without_a_hub_it_says_where_to_look(aws: Aws, run: Run, command: str) -> None:
    aws.will(DescribeStacks=NO_STACK)
    ran = run("--fleet", *command.split())
    assert ran.code == 1 and "There is no hub (stack EndpointAutopilotHub)" in ran.err
    assert "which fleet.yaml names" in ran.err


def test_the_commands_of_one_account_are_as_they_were(run: Run) -> None:
    assert "doctor" in run("--help").out and "doctor" not in run("--fleet", "--help").out
    assert run("--fleet", "doctor").code == 1


def test_status_shows_the_worst_first(hub: Hub, run: Run) -> None:
    hub.heard(ONE, cents=1234, coverage={"ways": 4, "ways_private": 4})
    hub.heard(TWO, timedelta(hours=7), release="r1", cents=100)
    hub.heard(
        Spoke("555555555555", "us-east-1"),
        holds=(REQUEST,),
        hold_count=1,
        findings=(OpenFinding("f", "K", "failure", "t"),),
        finding_count=3,
        coverage={"ways": 5, "ways_private": 1, "ways_not_private": 3, "ways_left_alone": 1},
    )
    found = Finding("SpokeSilent", str(TWO), "failure", {})
    body = {"kind": found.kind, "subject": found.subject, "severity": found.severity,
            "data": "{}", "first_seen": "2026-11-30"}  # fmt: skip
    hub.table.write([noted(Key(FINDINGS, found.id), body, None, execution="", now=NOW)])
    ran = run("--fleet", "status")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[0] == (
        "3 spokes in 3 accounts and 2 Regions:"
        " 1 silent, 1 with failures, 1 request held, 3 findings"
    )
    assert "release r2: 2 of 3 run it" in lines and "5 of 9 ways to services are private" in lines
    assert "endpoints cost $13.34 a month (not known of 1)" in lines
    assert "failure: SpokeSilent: 333333333333/eu-west-1, since 2026-11-30 00:00 UTC" in lines
    # The command asks the clock itself: on a busy machine a minute may be over.
    worded = [re.sub(r"(hours) \d+ minutes?", r"\1", line) for line in lines]
    assert [line for line in worded if "/" in line][1:] == [
        "333333333333/eu-west-1: silent for 7 hours, release r1, $1.00 a month",
        "555555555555/us-east-1: 1 failure, 1 request held, 3 findings, 3 ways not private",
    ]
    assert lines[-1] == "1 spoke: nothing to do (--all shows each)"
    assert "222222222222/us-east-1: nothing to do" in run("--fleet", "status", "--all").out
    one = run("--fleet", "status", "--account", TWO.account, "--json").json
    assert [each["spoke"] for each in one["spokes"]] == [str(TWO)] and len(one["findings"]) == 1
    assert run("--fleet", "status", "--account", ONE.account, "--json").json["findings"] == []
    told = run("--fleet", "status", "--json").json
    assert [each["spoke"][:3] for each in told["spokes"]] == ["333", "555", "222"]
    assert told["totals"]["silent"] == 1 and told["release"] == "r2"


def test_a_large_fleet_is_read_at_once(hub: Hub, run: Run) -> None:
    for account in range(250):
        for region in range(10):
            hub.heard(Spoke(f"{account:012d}", f"us-east-{region}"), holds=(REQUEST,) * 3)
    told = run("--fleet", "status", "--json").json
    assert told["totals"]["spokes"] == 2500


def test_requests_names_what_waits_and_how_to_answer(hub: Hub, run: Run) -> None:
    hub.heard(ONE, holds=(REQUEST,), hold_count=1)
    ran = run("--fleet", "requests")
    assert ran.code == 0 and "why it waits: no rule" in ran.out
    assert f"{ENDPOINT} of account 444444444444 asks for vpce-svc-0a (name) in {ONE}" in ran.out
    assert "since 2026-11-29 09:00 UTC" in " ".join(ran.out.split())
    assert "until 2026-12-06 00:00 UTC: then it is rejected" in ran.out
    assert f"./autopilot --fleet accept {ENDPOINT}" in ran.out
    assert run("--fleet", "requests", "--json").json["requests"][0]["hold"] == HOLD


def test_what_heartbeats_do_not_name_is_no_all_clear(hub: Hub, run: Run) -> None:
    hub.heard(ONE, hold_count=7)
    ran = run("--fleet", "requests")
    assert ran.code == 1 and f"{ONE}: 7 more wait." in ran.out
    ran = run("--fleet", "accept", ENDPOINT)
    assert ran.code == 1 and f"Not all that waits is known of {ONE}" in ran.err


def test_an_answer_goes_down_in_the_persons_name_and_is_followed(hub: Hub, run: Run) -> None:
    hub.heard(ONE, holds=(REQUEST,), hold_count=1)
    hub.tells(TWO)  # of the same name, in another account
    hub.tells(ONE)
    ran = run("--fleet", "accept", ENDPOINT, "--reason", "ok")
    assert (ran.code, ran.out) == (0, f"{ENDPOINT} in {ONE} is accepted, by alice.\n")
    (asked,) = hub.asked
    assert (asked["spoke"], asked["ask"]) == (str(ONE), "answer")
    assert asked["payload"] == {"endpoint_id": ENDPOINT, "hold": HOLD, "answer": "accept",
                                "by": "alice", "reason": "ok", "minutes": 60}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "severity", "words"),
    [
        (
            {"answer": {"id": "q", "taken": False, "why": "overtaken: too late"}},
            "info",
            "overtaken",
        ),
        ({"answer": None, "refused": "AccessDenied", "why": "no"}, "info", "(AccessDenied): no."),
        ({"answer": {"id": "q", "taken": True}}, "action", "Alice accepted a request"),
        ({"answer": {"id": "q", "taken": True}}, "", "hasn't told what became of it"),
    ],
)
def test_what_is_not_carried_out_is_no_success(
    hub: Hub, run: Run, answer: Mapping[str, Any], severity: str, words: str
) -> None:
    hub.heard(ONE, holds=(REQUEST,), hold_count=1)
    hub.answer = answer
    if severity:
        hub.tells(ONE, severity)
    ran = run("--fleet", "reject", ENDPOINT, "--reason", "no", "--by", "bob")
    assert ran.code == 1 and words in ran.out + ran.err
    assert hub.asked[0]["payload"]["by"] == "bob"


def test_an_endpoint_that_waits_in_two_spokes_has_to_be_told_apart(hub: Hub, run: Run) -> None:
    hub.heard(ONE, holds=(REQUEST,), hold_count=1)
    hub.heard(TWO, holds=(REQUEST,), hold_count=1)
    hub.tells(TWO)
    ran = run("--fleet", "accept", ENDPOINT)
    assert ran.code == 1 and f"waits in {ONE}, {TWO}: name one" in ran.err
    assert run("--fleet", "accept", ENDPOINT, "--account", TWO.account).code == 0
    assert run("--fleet", "accept", ENDPOINT, "--in", TWO.region).code == 0
    assert [each["spoke"] for each in hub.asked] == [str(TWO)] * 2


def test_history_shows_what_happened_and_who_answered(hub: Hub, run: Run) -> None:
    hub.tells(ONE)
    hub.tells(TWO, ids=("vpc-1",), title="A VPC \x1b[2J")
    trail = Trail("q1", str(ONE), ENDPOINT, HOLD, "accept", "alice", "ok", NOW.isoformat(),
                  NOW.isoformat(), 1, "refused", "expired")  # fmt: skip
    hub.table.write([put(trail, None, NOW)])
    every = run("--fleet", "history")
    assert f"done, by alice in {ONE}: Alice accepted a request" in every.out
    assert "\x1b" not in every.out and every.code == 0
    assert f"alice: accept {ENDPOINT} in {ONE}: not taken" in every.out and "expired" in every.out
    for chosen in ([ENDPOINT], [HOLD], ["--account", ONE.account]):
        told = run("--fleet", "history", *chosen, "--json").json
        assert [each["spoke"] for each in told["entries"]] == [str(ONE)]
        assert [each["by"] for each in told["answers"]] == ["alice"]
    assert run("--fleet", "history", "vpc-1", "--json").json["answers"] == []


TYPED = re.compile(r"(?:`|^\s*)(\./autopilot --fleet [^`<…\n]+)", re.MULTILINE)


def documented() -> list[str]:
    """Every command over the fleet that documents or messages tell people to type."""
    root = Path(__file__).parents[2]
    files = [root / "README.md", *root.glob("docs/*.md"), *root.glob("tests/unit/messages/*.txt")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = {each.partition("  #")[0].strip() for each in TYPED.findall(text)}
    return sorted(each for each in found if each.split()[2] != "plan")  # it has tests of its own


def test_every_documented_command_over_the_fleet_runs(hub: Hub, run: Run) -> None:
    hub.heard(ONE, holds=(REQUEST,), hold_count=1)
    hub.tells(ONE)
    looked = {"known": True, "view": VIEW, "history": {"entries": [], "more": False}}
    hub.answer["answer"] |= looked
    for mentioned in documented():
        # Without a request it is a mention: what there is to run is its help.
        mere = mentioned.split()[2:] in (["accept"], ["reject"], ["why"])
        command = f"{mentioned} --help" if mere else mentioned
        ran = run(*shlex.split(command)[1:])
        assert (ran.code, ran.err) == (0, ""), command


VIEW = {
    "place": {"stack": "s", "account": ONE.account, "region": ONE.region, "mode": "", "at": ""},
    "vpcs": [], "services": [], "waiting": [], "problems": [], "unknown": [],
}  # fmt: skip


def test_why_asks_the_spoke_that_has_it(hub: Hub, run: Run) -> None:
    hub.heard(ONE, holds=(REQUEST,), hold_count=1)
    hub.heard(TWO)
    hub.tells(TWO, ids=("vpc-1",))
    past: dict[str, Any] = {"entries": [], "more": False}
    hub.answer = {"answer": {"known": True, "view": VIEW, "history": past, "history_lost": ""}}
    assert run("--fleet", "why", ENDPOINT).code == 0
    assert run("--fleet", "why", "vpc-1").code == 0
    ran = run("--fleet", "why", "vpc-9", "--account", ONE.account)
    assert ran.code == 0 and f"vpc-9 in account {ONE.account}, us-east-1" in ran.out
    assert [each["spoke"] for each in hub.asked] == [str(ONE), str(TWO), str(ONE)]
    assert hub.asked[0]["payload"] == {"what": "why", "id": ENDPOINT, "schema": 1}
    ran = run("--fleet", "why", "vpc-9")
    assert ran.code == 1 and "The hub has heard nothing of vpc-9: name one" in ran.err
    hub.answer = {"answer": {"known": False, "said": "Nothing is called vpc-1."}}
    assert "says: Nothing is called vpc-1." in run("--fleet", "why", "vpc-1").err
