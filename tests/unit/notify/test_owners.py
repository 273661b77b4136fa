"""A message per owner: whose a thing is, which messages there are, and that nobody misses any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from autopilot.gateway.report import NetworkReport
from autopilot.notify.notice import Notice, Place, Subject
from autopilot.notify.owners import MOST_APART, together, whose
from autopilot.notify.render import message
from autopilot.notify.render_json import dumped
from autopilot.policy.model import NotifyPolicy, Policy
from autopilot.policy.tags import owner_in
from autopilot.reconcile.naming import owners_of
from autopilot.reconcile.tags import Tags
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.notify.account import Account, later, parts_of, recording
from tests.unit.notify.reports import FakeOps, busy, check_limits, done, finding, report

OWNERS = {
    "vpc-1": "team-a",
    "vpc-2": "team-b",
    "rtb-2": "team-b",
    "vpce-svc-1": "team-c",
    "vpce-9": "team-d",
    "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/orders/1": "team-e",
}
CHINESE = "\u6f22"
POLICY = Policy(notify=NotifyPolicy(owner_tag="owner"))


@dataclass
class Thing:
    id: str
    tags: Tags = field(default_factory=dict)


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.mark.parametrize(
    ("subject", "facts", "owners"),
    [
        ("vpc-1/s3", {}, ["team-a"]),
        ("vpc-3/s3", {}, []),
        ("vpc-1/s3", {"route_table_ids": ["rtb-2"]}, ["team-b"]),
        ("vpc-1/s3", {"route_table_ids": ["rtb-1"]}, ["team-a"]),
        ("vpc-1/s3", {"route_table_ids": ["rtb-1", "rtb-2"]}, ["team-a", "team-b"]),
        ("vpc-3/s3", {"route_table_ids": ["rtb-1", "rtb-2"]}, ["team-b"]),
        ("vpc-1/logs/vpce-9", {}, ["team-d"]),
        ("vpc-1/logs", {"endpoint_ids": ["vpce-9"]}, ["team-d"]),
        ("vpce-svc-1/vpce-7", {"owner": "222222222222"}, ["team-c"]),
        ("vpce-svc-2/vpce-7", {}, []),
        ("load balancer orders", {"balancer_arn": list(OWNERS)[-1]}, ["team-e"]),
        ("us-east-1", {"left_undone": ["vpc-1/s3", "vpc-2/s3"]}, ["team-a", "team-b"]),
        # AWS's words may name anything.
        ("vpc-1/s3", {"message": "not for you on vpc-2 and rtb-2"}, ["team-a"]),
        ("network/Plan the changes", {"cause": "vpc-1"}, ["team-a"]),
        ("vpc-1/s3", {"zones": {"use1-az1": ["subnet-1"]}, "n": 3, "x": None}, ["team-a"]),
    ],
)
def test_whose_a_thing_is(subject: str, facts: dict[str, Any], owners: list[str]) -> None:
    assert list(whose(subject, facts, OWNERS)) == owners
    assert whose(subject, facts, {}) == ()


@pytest.mark.parametrize(
    ("things", "groups"),
    [
        ([((), 1), ((), 2)], {(): [1, 2]}),
        ([(("a",), 1), ((), 2), (("b",), 3), (("a",), 4)], {(): [2], ("a",): [1, 4], ("b",): [3]}),
        ([(("a",), 1), (("a", "b"), 2), (("c",), 3)], {("a", "b"): [1, 2], ("c",): [3]}),
        ([(("c",), 1), (("a", "b"), 2), (("b", "c"), 3)], {("a", "b", "c"): [1, 2, 3]}),
    ],
)
def test_owners_who_share_a_thing_share_a_message(things: Any, groups: Any) -> None:
    assert dict(together(things)) == groups


@given(st.lists(st.tuples(st.sets(st.sampled_from("abcdefgh")).map(sorted), st.integers())))
def test_each_thing_is_in_one_message_and_an_owner_has_no_more_than_one(things: Any) -> None:
    told = together([(tuple(owners), thing) for owners, thing in things])

    said = [thing for _, of_it in told for thing in of_it]
    assert sorted(said) == sorted(thing for _, thing in things)
    names = [owner for owners, _ in told for owner in owners]
    assert len(names) == len(set(names))
    for owners, thing in things:
        assert any(thing in of_it and set(owners) <= set(theirs) for theirs, of_it in told)


def test_a_crowd_of_owners_shares_the_last_message() -> None:
    told = together([((f"o{n}",), n) for n in range(30)])

    assert len(told) == MOST_APART
    assert len(told[-1][0]) == 30 - (MOST_APART - 1) == len(told[-1][1])


def test_names_of_a_crowd_never_fill_a_message() -> None:
    """SNS would refuse it at every try, and with it all that the execution has to tell."""
    names = [f"{n:04}{CHINESE * 96}" for n in range(400)]
    told = together([((name,), name) for name in names])

    assert sorted(name for _, of_it in told for name in of_it) == names
    assert all(len("".join(owners).encode()) <= 20_000 for owners, _ in told)
    assert all(sent(owners) < 262_144 for owners, _ in told)


def test_a_digest_reaches_ops_however_many_owners_it_is_for() -> None:
    assert sent(tuple(f"{n:05}{CHINESE * 95}" for n in range(5000))) < 262_144


def sent(owners: tuple[str, ...]) -> int:
    """The bytes of a message for these owners."""
    facts = tuple(Subject(f"vpc-{n}/logs", "x" * 200, {"a": 1}) for n in range(200))
    made = Notice("Kind", "opened", "info", "t", ("w",), ("y",), facts, (), owners=owners)
    told = message(made, Place("1" * 12, "us-east-1", "S", "", "2026-01-01", owner_tag="o"))
    return len((told.body + dumped(dict(told.attributes))).encode())


def owned(of: NetworkReport, **owners: tuple[str, ...]) -> NetworkReport:
    assert of.plan
    return replace(of, plan=replace(of.plan, owners=owners))


def account() -> Account:
    return Account(policy=POLICY)


def test_each_owner_has_a_message_and_ops_hear_everything_once() -> None:
    here = account()
    findings = [busy("vpc-1/s3"), busy("vpc-2/s3"), busy("vpc-3/s3")]
    told = here.record(
        owned(
            report(done("vpc-1/dynamodb"), done("vpc-2/dynamodb"), findings=findings),
            a=("vpc-1",),
            b=("vpc-2",),
        )
    )

    assert sorted(told) == [
        ("GatewayEndpointsChanged", "done", ["vpc-1/dynamodb"]),
        ("GatewayEndpointsChanged", "done", ["vpc-2/dynamodb"]),
        ("RouteTableBusy", "opened", ["vpc-1/s3"]),
        ("RouteTableBusy", "opened", ["vpc-2/s3"]),
        ("RouteTableBusy", "opened", ["vpc-3/s3"]),
    ]
    assert [message["owners"] for message in here.heard] == [[], ["a"], ["b"]]
    assert [m.attributes.get("owner") for m in here.ops.messages] == [None, "a", "b"]
    assert len({message["id"] for message in here.heard}) == 3
    assert here.record(owned(report(findings=findings, name="again"), a=("vpc-1",))) == []
    assert len(here.bus.events) == 2, "others build on each change once"


def test_what_two_own_is_told_to_both_in_one_message() -> None:
    here = account()
    both = [busy("vpc-1/s3", ["rtb-1", "rtb-2"]), busy("vpc-1/dynamodb", ["rtb-1"])]
    here.record(owned(report(findings=both), a=("vpc-1",), b=("rtb-2",)))

    (message,) = here.ops.messages
    assert message.attributes["owner"] == ("a", "b")
    assert message.subject.startswith("[a and 1 more] ")
    (said,) = here.heard
    assert [part["subjects"] for part in parts_of(said)] == [["vpc-1/s3", "vpc-1/dynamodb"]]


def test_an_end_is_told_to_the_owner_though_the_thing_is_gone() -> None:
    here = account()
    here.record(owned(report(findings=[busy("vpc-1/s3")]), a=("vpc-1",)))
    here.record(report(name="b"), later(5))

    assert [message["owners"] for message in here.heard] == [["a"], ["a"]]
    assert here.heard[1]["change"] == "resolved"


def test_without_the_tag_in_the_policy_nothing_is_anybodys() -> None:
    here = account()
    here.record(owned(report(findings=[busy("vpc-1/s3")]), a=("vpc-1",)))
    here.policy = Policy()
    here.record(owned(report(done("vpc-1/s3"), name="b"), a=("vpc-1",)), later(5))

    assert here.heard[1]["owners"] == []
    assert "owner" not in here.ops.messages[1].attributes


def test_a_try_that_died_half_way_goes_on_with_the_owners_it_had_not_told() -> None:
    class Refuses(FakeOps):
        def publish(self, message: Any) -> None:
            if message.attributes.get("owner") == "b" and self.broken:
                raise self.broken.pop()
            self.messages.append(message)

    here = account()
    here.ops = Refuses(broken=[RuntimeError("SNS")])
    did = owned(report(done("vpc-1/s3"), done("vpc-2/s3")), a=("vpc-1",), b=("vpc-2",))
    with pytest.raises(RuntimeError):
        here.record(did)
    here.record(did)

    assert [m.attributes["owner"] for m in here.ops.messages] == ["a", "b"]


def test_who_begins_to_listen_is_told_of_what_is_each_owners() -> None:
    here = account()
    here.ops.listeners = 0
    here.record(
        owned(report(done("vpc-2/s3"), findings=[busy("vpc-1/s3")]), a=("vpc-1",), b=("vpc-2",))
    )
    here.ops.listeners = 1
    (welcome,) = here.look_who_listens(later(5))

    assert welcome["kind"] == "Welcome"
    assert welcome["owners"] == ["a", "b"]


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("team-a", "team-a"),
        ("", ""),
        (" a\r\nBcc: x@example.com ", "a Bcc: x@example.com"),
        ('"]\\', "?]?"),
        ("x" * 256, "x" * 97 + "..."),
        ("Größe 💥", "Größe 💥"),
        ("\u202e\ud800", "??"),
    ],
)
def test_an_owner_is_one_short_line_in_which_nothing_is_escaped(tag: str, shown: str) -> None:
    assert owner_in(tag) == shown
    assert owner_in(shown) == shown, "a filter may name what messages have"


@given(st.lists(st.text(min_size=1, max_size=256), min_size=1, max_size=60))
def test_no_owner_forges_a_line_or_breaks_a_limit(tags: list[str]) -> None:
    owners: dict[str, tuple[str, ...]] = {}
    for number, tag in enumerate(tags):
        if name := owner_in(tag):
            owners[name] = (*owners.get(name, ()), f"vpc-{number}")
    left = [f"vpc-{number}/s3" for number in range(len(tags))]
    here = account()
    full = finding("QuotaReached", "us-east-1", limit=20, used=20, left_undone=left)
    here.record(owned(report(findings=[full]), **owners))

    (message,) = here.ops.messages
    check_limits(message)
    plain = account()
    plain.record(report(findings=[full]))
    (without,) = plain.ops.messages
    lines, more = (json.loads(m.body)["default"].split("\n") for m in (without, message))
    assert len(more) == len(lines) + bool(owners)
    assert not owners or more[-3].startswith("Owner (tag owner): ")


def test_a_plan_carries_all_owners_of_what_it_speaks_of() -> None:
    vpcs = [Thing(f"vpc-{n}", {"owner": "a" if n % 2 else " b\n"}) for n in range(600)]
    spoken = [busy(f"vpc-{n}/s3") for n in range(500)]

    found = owners_of("owner", spoken, vpcs, [Thing("rtb-1", {"owner": ""})])
    assert {owner: len(ids) for owner, ids in found.items()} == {"a": 250, "b": 250}
    assert owners_of("", spoken, vpcs) == {}


def test_the_topic_is_told_who_hears_of_an_owners_things_only() -> None:
    here = account()
    here.record(report(findings=[busy()]))
    assert here.ops.partly == []

    owners = {"a": ("a@example.com", "both@example.com"), "b": ("both@example.com",)}
    here.policy = Policy(notify=NotifyPolicy("owner", owners))
    here.record(report(findings=[busy("vpc-2/s3")], name="b"))
    assert here.ops.partly == [{"a@example.com", "both@example.com"}]
