"""Name tags in mails: what bears one leads with it, and no name can make a line of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from autopilot.notify.names import LONGEST, clean, kept, named, names_in, remembered
from autopilot.notify.phrases import in_title
from autopilot.notify.render import message, text
from autopilot.reconcile.naming import MOST, names_of
from autopilot.reconcile.tags import OWNER_TAG, Tags
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.notify.account import Account, later, recording
from tests.unit.notify.reports import about, busy, check_limits, done, finding, place, report

NAMES = {"vpc-1": "payments", "rtb-1": "private a", "vpce-svc-1": "orders"}


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("1 change in vpc-1 failed", "1 change in payments (vpc-1) failed"),
        ("vpc-1/s3: rtb-1, rtb-2", "payments (vpc-1)/s3: private a (rtb-1), rtb-2"),
        ("vpc-10 and vpc-1's", "vpc-10 and payments (vpc-1)'s"),
        ("the service (vpce-svc-1)", "the service (vpce-svc-1)"),
        ("com.amazonaws.vpce.us-east-1.vpce-svc-1", "com.amazonaws.vpce.us-east-1.vpce-svc-1"),
        ("arn:aws:ec2:us-east-1:1:vpc/vpc-1", "arn:aws:ec2:us-east-1:1:vpc/vpc-1"),
        ("https://x/#Service:id=vpce-svc-1", "https://x/#Service:id=vpce-svc-1"),
    ],
)
def test_the_name_comes_first_and_the_id_after_it(words: str, told: str) -> None:
    assert named(words, NAMES) == told


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("payments", "payments"),
        (" a\r\nWHAT TO DO\t1.\u2028 rm ", "a WHAT TO DO 1. rm"),
        ("a\x00b\x1b[31mc", "a?b?[31mc"),
        ("\u202egnp.exe", "?gnp.exe"),
        ("\ud800", "?"),
        ("  ", ""),
        ("\u200b", "?"),
        ("x" * 300, "x" * 77 + "..."),
        ("Größe 💥", "Größe 💥"),
    ],
)
def test_a_name_is_one_short_line(tag: str, shown: str) -> None:
    assert clean(tag) == shown


def test_a_name_that_names_another_id_is_not_named_again() -> None:
    assert named("vpc-1", {"vpc-1": "vpc-2", "vpc-2": "x"}) == "vpc-2 (vpc-1)"


def test_a_title_shortens_the_name_before_it_cuts_the_id() -> None:
    id_ = "vpc-0123456789abcdef0"
    title = in_title(f"1 busy route table in {id_} without an endpoint's routes", {id_: "n" * 80})

    assert title == f"1 busy route table in {'n' * 21}... ({id_}) without an endpoint's routes"


@given(st.text(max_size=300))
def test_no_name_forges_a_line_of_a_mail_or_breaks_a_limit(name: str) -> None:
    notice = about("opened", [busy("vpc-1/s3"), busy("vpc-2/s3")], place())
    at = place()._replace(names={"vpc-1": name, "rtb-1": name})

    plain = text(notice, place()).splitlines()
    assert len(text(notice, at).splitlines()) == len(plain)
    assert [line[:12] for line in text(notice, at).split("\n") if line[:1] != "-"][:3] == [
        line[:12] for line in plain if line[:1] != "-"
    ][:3]
    sent = message(notice, at)
    check_limits(sent)
    assert json.loads(json.loads(sent.body)["sqs"])["subjects"] == ["vpc-1/s3", "vpc-2/s3"]


def test_commands_take_ids_alone() -> None:
    notice = about("opened", [busy("vpc-1/s3")], place())
    plain, told = (text(notice, place()._replace(names=names)) for names in ({}, NAMES))

    assert told != plain
    assert [line for line in told.splitlines() if line.startswith("aws ")] == [
        line for line in plain.splitlines() if line.startswith("aws ")
    ]


def test_rows_keep_the_names_that_they_need_and_older_ones_keep_none() -> None:
    assert kept(NAMES, "vpc-1/s3 rtb-9") == {"names": '{"vpc-1": "payments"}'}
    assert kept(NAMES, "vpc-9/s3") == {}
    assert remembered([{}, {"names": '{"vpc-1": "payments"}'}]) == {"vpc-1": "payments"}
    assert names_in("com.x.vpce-svc-1", NAMES) == {"vpce-svc-1": "orders"}


@dataclass
class Thing:
    id: str
    tags: Tags = field(default_factory=dict)


def test_a_plan_carries_the_names_of_what_it_speaks_of() -> None:
    vpcs = [Thing("vpc-1", {"Name": "payments"}), Thing("vpc-2", {"Name": "idle"}), Thing("vpc-3")]
    ours = Thing("vpce-1-s3", {"Name": "endpoint-autopilot-s3", OWNER_TAG: "us"})
    tables = [Thing("rtb-1", {"Name": " a\nb "})]

    spoken = ((busy("vpc-1/s3"),), (done("vpc-3/s3"), done("vpc-1/s3")))
    assert names_of(spoken, vpcs, [ours], tables) == {"vpc-1": "payments", "rtb-1": "a b"}


def test_a_plan_carries_no_more_names_than_a_workflows_state_has_room_for() -> None:
    crowd = [
        Thing(f"{kind}-{n}", {"Name": "n" * 255}) for n in range(300) for kind in ("rtb", "vpc")
    ]
    spoken = [[thing.id for thing in crowd]]

    names = names_of(spoken, crowd)
    assert len(names) == MOST
    assert all(id_.startswith("vpc-") for id_ in names), "VPCs first"
    assert len(json.dumps(names)) < 25_000
    assert all(len(name) <= LONGEST for name in names.values())


def test_what_is_over_is_told_with_its_name_when_the_thing_is_gone() -> None:
    account = Account()
    there = report(findings=[busy("vpc-1/s3")], name="a")
    assert there.plan
    account.record(replace(there, plan=replace(there.plan, names={"vpc-1": "payments"})))
    account.record(report(name="b"), later(60))

    assert [each["title"] for each in account.heard] == [
        "1 busy route table in payments (vpc-1) without an endpoint's routes",
        "Resolved in payments (vpc-1): busy route tables no longer wait",
    ]
    assert account.heard[1]["names"] == {"vpc-1": "payments"}


def test_what_was_done_unheard_is_told_with_its_name_later() -> None:
    account = Account()
    account.ops.listeners = 0
    did = report(done("vpc-1/s3"), findings=[finding("QuotaNear", "us-east-1", limit=20)])
    assert did.plan
    account.record(replace(did, plan=replace(did.plan, names={"vpc-1": "payments"})))
    account.ops.listeners = 1
    account.look_who_listens(later(5))

    (mail,) = (json.loads(each.body)["default"] for each in account.ops.messages)
    assert "Gateway endpoints in payments (vpc-1): 1 created: payments (vpc-1)/s3" in mail
