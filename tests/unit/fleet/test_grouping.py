"""Spokes' news as mails: the same is one, different things stay different, a flood is bounded."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from autopilot.fleet.grouping import MOST_MAILS, Group, mails
from autopilot.fleet.hearing import Told, sort
from autopilot.fleet.mail import message_of, message_of_rest
from autopilot.fleet.mail_steps import HELD
from autopilot.fleet.news import Waiting, happened, once, packs, waiting_of, writes_of
from autopilot.fleet.wire import News, Spoke
from autopilot.notify.render import LARGEST, Message
from autopilot.workflows import CATALOG
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.fleet.emails import HUB_PLACE
from tests.unit.fleet.said import NOW, SPOKE, event, news, records


def told(*given: tuple[Spoke, News]) -> list[Told]:
    return list(sort(records(*(event(what, who) for who, what in given)), NOW).news)


def waiting(*given: tuple[Spoke, News]) -> list[Waiting]:
    rows = [writes_of(each, NOW)[1].row for each in told(*given)]
    return [waiting_of(row) for row in rows if row]


def spokes(number: int) -> list[Spoke]:
    return [Spoke(f"{n:012}", "eu-central-1") for n in range(number)]


def text(message: Message) -> str:
    return str(json.loads(message.body)["default"])


def of(*given: tuple[Spoke, News], example: News | None = None) -> Message:
    (group,) = mails(waiting(*given)).own
    return message_of(group, example or given[0][1], HUB_PLACE)


def test_the_same_of_forty_accounts_is_one_mail_that_names_them() -> None:
    message = of(*((spoke, news()) for spoke in spokes(40)))

    assert message.subject == f"40 spokes of 40 accounts: {news().title}"
    said = text(message)
    assert "told by 40 accounts in 1 Region" in said
    assert said.count("\n- 0000000000") == 40
    assert news().text.strip() in said
    document = json.loads(json.loads(message.body)["sqs"])
    assert document["data"]["count"] == 40
    assert message.attributes == {
        "severity": "action", "kind": "RouteTableBusy", "account": HUB_PLACE.account,
        "region": HUB_PLACE.region,
    }  # fmt: skip


@pytest.mark.parametrize(
    "other", [{"title": "Else"}, {"change": "resolved"}, {"kinds": ("QuotaNear",)}]
)
def test_different_things_stay_different_mails(other: Any) -> None:
    found = mails(waiting((SPOKE, news()), (Spoke("3" * 12, "us-east-1"), news(**other))))

    assert len(found.own) == 2


def test_urgent_things_come_first_and_then_the_most_common() -> None:
    found = mails(
        waiting(
            *((spoke, news(title="info", severity="info")) for spoke in spokes(9)),
            (SPOKE, news(title="few")),
            *((spoke, news(title="many")) for spoke in spokes(3)),
            (SPOKE, news("n-2", title="failed", severity="failure")),
            (SPOKE, news("n-3", title="strange", severity="catastrophe")),
        )
    )
    titles = [group.first.title for group in found.own]
    assert (titles[:2], {*titles[2:4]}, titles[4:]) == (
        ["failed", "many"], {"few", "strange"}, ["info"],
    )  # fmt: skip


def test_a_group_is_as_urgent_as_its_most_urgent_news() -> None:
    two = spokes(2)
    message = of((two[0], news()), (two[1], news(severity="failure")))

    assert message.attributes["severity"] == "failure"


def test_one_spokes_news_is_passed_on_as_it_is() -> None:
    given = news(text="All of it,\nline by line.\n")
    said = text(of((SPOKE, given)))

    assert said.startswith("All of it,\nline by line.\n\n--\nendpoint-autopilot, hub")
    assert of((SPOKE, given)).attributes["account"] == SPOKE.account


def test_a_request_has_the_hubs_own_commands() -> None:
    """The kind is called as the spokes call it."""
    assert HELD in CATALOG
    asked = news(kinds=(HELD,), ids=("vpce-svc-1/vpce-0a1b", "5" * 12, "vpce-$(x)"))
    said = text(of((SPOKE, asked)))

    where = f"vpce-0a1b --account {SPOKE.account} --in {SPOKE.region}"
    assert f"`./autopilot --fleet accept {where}`" in said
    assert f"`./autopilot --fleet reject {where} --reason" in said
    assert "$(x)" not in said
    assert "--fleet accept" not in text(of((SPOKE, news(kinds=(HELD,), change="resolved"))))


def test_many_requests_have_a_few_commands_and_the_way_to_the_rest() -> None:
    asked = [(spoke, news(kinds=(HELD,), ids=(f"vpce-{n}",))) for n, spoke in enumerate(spokes(30))]
    said = text(of(*asked))

    assert said.count("--fleet accept") == 10
    assert "./autopilot --fleet requests" in said


def test_ten_thousand_news_of_300_titles_are_a_few_mails_and_all_are_counted() -> None:
    flood = [
        (Spoke(f"{n % 2500:012}", "eu-central-1"), news(f"n-{n}", title=f"title {n % 300}"))
        for n in range(10_000)
    ]
    found = mails(waiting(*flood))

    assert len(found.own) + bool(found.rest) == MOST_MAILS
    assert sum(len(group.news) for group in (*found.own, *found.rest)) == 10_000
    rest = message_of_rest(found.rest, HUB_PLACE)
    left = sum(len(group.news) for group in found.rest)
    assert rest.subject.startswith(f"{left} more things from ")
    said = text(rest)
    assert said.count("\n- [action] title ") == 100
    assert "and 181 more headlines" in said
    assert "./autopilot --fleet history" in said
    assert all(
        len(message_of(group, flood[0][1], HUB_PLACE).body.encode()) <= LARGEST
        for group in found.own
    )


def test_who_cries_wolf_takes_no_mail_from_the_others() -> None:
    """An account of the organization may put as much on the hub's bus as it likes."""
    loud, *others = spokes(13)
    elsewhere = Spoke(loud.account, "us-east-1")
    cries = [
        (who, news(f"{who.region}-{n}", severity="failure", title=f"Fire {who.region} {n}"))
        for who in (loud, elsewhere)
        for n in range(40)
    ]
    real = [(each, news(title=f"a real thing {n}")) for n, each in enumerate(others)]

    found = mails(waiting(*cries, *real))

    assert len(found.own) == MOST_MAILS - 1
    theirs = [group for group in found.own if group.first.spoke.account != loud.account]
    assert len(theirs) == len(real), "each has its own"
    assert sum(len(group.news) for group in (*found.own, *found.rest)) == 92, "nothing is left out"
    assert found.own[0].severity == found.rest[0].severity == "failure"


def test_one_account_alone_may_have_all_mails_where_there_are_enough() -> None:
    (one,) = spokes(1)
    assert len(mails(waiting(*((one, news(f"{n}", title=f"t {n}")) for n in range(20)))).own) == 20


def test_a_long_example_is_cut_until_the_message_fits_and_says_so() -> None:
    long = news(text="ü" * 200_000)
    message = of(*((spoke, long) for spoke in spokes(2000)), example=long)

    assert len(message.body.encode()) <= LARGEST
    assert "(cut here" in text(message)


def test_an_example_that_is_gone_leaves_what_is_known() -> None:
    (group,) = mails(waiting((SPOKE, news()))).own

    said = text(message_of(group, None, HUB_PLACE))

    assert said.startswith(f"{news().title}.\n\nWHERE\n- {SPOKE.account}: {SPOKE.region}\n")


@pytest.mark.parametrize("hostile", ["\x00\x1b[31m", "\u202e", "a\nBcc: x", "\ud800"])
def test_whatever_a_spoke_says_the_subject_is_one_plain_line(hostile: str) -> None:
    message = of((SPOKE, news(title=hostile, subject=hostile, text=hostile, ids=(hostile,))))

    assert message.subject.isprintable()
    assert message.subject.isascii()
    assert len(message.subject) < 100
    assert "\x1b" not in text(message)


NEWS = st.builds(
    lambda n, who, title: (spokes(3)[who], news(f"n-{n}", title=title)),
    st.integers(0, 5),
    st.integers(0, 2),
    st.sampled_from(["one", "two"]),
)


@given(st.lists(NEWS, max_size=20), st.randoms(use_true_random=False))
def test_order_and_repetition_make_no_other_mails(given_: list[Any], chance: Any) -> None:
    def ids(groups: tuple[Group, ...]) -> Any:
        return [[(each.spoke, each.id) for each in group.news] for group in groups]

    first = {(who, what.id): (who, what) for who, what in given_}
    mixed = [*first.values()]
    chance.shuffle(mixed)

    assert ids(mails(waiting(*first.values())).own) == ids(mails(waiting(*mixed)).own)
    assert len(once(told(*given_, *given_))) == len(first)


def test_packs_hold_as_many_as_a_transaction_takes() -> None:
    many = told(*((SPOKE, news(f"n-{n}")) for n in range(60)))

    assert [len(pack) for pack in packs(many)] == [25, 25, 10]
    long = told(*((SPOKE, news(f"n-{n}", text="x" * 50_000)) for n in range(60)))
    assert max(Counter(len(pack) for pack in packs(long))) <= 40


def test_a_rows_history_knows_who_told_it_and_when_it_goes() -> None:
    [given_] = told((SPOKE, news(by="Ann", severity="nonsense", change="odd")))
    _, _, day, about = (write.row for write in writes_of(given_, NOW))

    assert day is not None
    assert about is not None
    assert (day.key.pk, about.key.pk) == ("day/2026-11-30", f"about/{SPOKE.account}")
    entry = happened(day)
    assert (entry.spoke, entry.severity, entry.entry.by) == (SPOKE, "action", "Ann")
    assert entry.entry.change == "done"
    assert day.expires_at == int((NOW - timedelta(minutes=1) + timedelta(days=400)).timestamp())
