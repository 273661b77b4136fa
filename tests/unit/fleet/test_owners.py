"""A message per owner in a fleet: whose spokes' news is, how it is told, what a filter sees."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autopilot.fleet.grouping import mails
from autopilot.fleet.hearing import sort
from autopilot.fleet.mail import message_of, message_of_rest
from autopilot.fleet.news import Waiting, group_of, waiting_of, writes_of
from autopilot.fleet.upward import news_of
from autopilot.fleet.wire import News, Spoke
from autopilot.notify.notice import Notice
from autopilot.notify.render import LARGEST, Message, message

from tests.unit.fleet.emails import HUB_PLACE
from tests.unit.fleet.said import NOW, SPOKE, event, news, records

OTHER = Spoke("333333333333", "us-east-1")
A, B = ("team-a",), ("team-b",)


def waiting(*given: tuple[Spoke, News]) -> list[Waiting]:
    heard = sort(records(*(event(what, who) for who, what in given)), NOW).news
    rows = [writes_of(each, NOW)[1].row for each in heard]
    return [waiting_of(row) for row in rows if row]


def told(*given: tuple[Spoke, News], example: News | None = None) -> list[Message]:
    found = mails(waiting(*given)).own
    return [message_of(group, example or given[0][1], HUB_PLACE) for group in found]


def said(sent: Message, protocol: str = "default") -> str:
    return str(json.loads(sent.body)[protocol])


def test_what_a_spoke_tells_an_owner_is_his_in_the_hub() -> None:
    notice = Notice("K", "done", "info", "Done", ("W.",), ("Y.",), (), (), owners=("a", "b"))
    assert news_of(notice, message(notice, HUB_PLACE), HUB_PLACE).owners == ("a", "b")
    crowd = notice._replace(owners=tuple(f"team-{n}" for n in range(300)))
    assert len(news_of(crowd, message(crowd, HUB_PLACE), HUB_PLACE).owners) == 100


def test_each_owner_has_a_mail_of_his_own_over_all_accounts() -> None:
    (both, one, nobodys) = told(
        (SPOKE, news(owners=A)), (OTHER, news(owners=A)),
        (SPOKE, news("n-2", owners=B)),
        (SPOKE, news("n-3")),
    )  # fmt: skip
    owners = [each.attributes.get("owner") for each in (both, one, nobodys)]
    assert sorted(map(str, owners)) == ["None", "team-a", "team-b"]
    assert both.attributes["owner"] == "team-a"
    assert both.subject == f"[team-a] 2 spokes of 2 accounts: {news().title}"
    assert said(both, "sms") == both.subject
    assert "\nOwner: team-a\n" in said(both)
    assert json.loads(said(both, "sqs"))["owners"] == ["team-a"]
    assert "Owner: team-a" in json.loads(said(both, "https"))["content"]["description"]


def test_what_is_two_owners_bears_both_names() -> None:
    (sent,) = told((SPOKE, news(owners=(*A, *B))))
    assert sent.attributes["owner"] == ("team-a", "team-b")
    assert sent.subject.startswith("[team-a and 1 more] 222222222222 in eu-central-1: ")


@pytest.mark.parametrize("owner", ["team-a", "Zahlungen \u00fc"])
def test_one_spokes_own_subject_is_not_the_owners_twice(owner: str) -> None:
    subject = f"[{owner}] ".replace("\u00fc", "?") + news().subject
    (sent,) = told((SPOKE, news(owners=(owner,), subject=subject)))
    assert sent.subject.endswith(f"222222222222 in eu-central-1: {news().subject}")
    assert sent.subject.count("[") == 1


def test_nobodys_news_are_told_as_before_and_wait_as_an_older_hub_wrote_them() -> None:
    (sent,) = told((SPOKE, news()))
    assert set(sent.attributes) == {"severity", "kind", "account", "region"}
    assert "Owner" not in said(sent) and not sent.subject.startswith("[")
    (row,) = waiting((SPOKE, news()))
    assert "owners" not in row.row.body and row.owners == ()
    assert group_of(news()) != group_of(news(owners=A)) != group_of(news(owners=B))
    assert group_of(news(owners=(*A, *B))) == group_of(news(owners=(*B, *A)))


def test_what_has_no_mail_of_its_own_is_all_their_owners() -> None:
    flood = [(SPOKE, news(f"n-{n}", title=f"t {n}", owners=(f"o{n:02}",))) for n in range(40)]
    found = mails(waiting(*flood))
    rest = message_of_rest(found.rest, HUB_PLACE)
    of_own = {owner for group in found.own for owner in group.first.owners}
    assert of_own | {*rest.attributes["owner"]} == {f"o{n:02}" for n in range(40)}


def test_a_crowd_of_owners_fills_no_message() -> None:
    names = tuple(f"{n:03}" + "\u00e4" * 97 for n in range(100))
    flood = [(SPOKE, news(f"n-{n}", title=f"t {n}", owners=names[n:])) for n in range(40)]
    rest = message_of_rest(mails(waiting(*flood)).rest, HUB_PLACE)
    sizes = len(rest.body.encode()) + len(json.dumps(rest.attributes, ensure_ascii=False).encode())
    assert sizes < LARGEST + 4_096


@pytest.mark.parametrize(
    ("owners", "kept"),
    [
        (["", " \n "], ()),
        (["a\nb", 'x"y\\z', "a b"], ("a b", "x?y?z")),
        (["y" * 500], ("y" * 97 + "...",)),
        ([f"o{n}" for n in range(500)], tuple(f"o{n}" for n in range(100))),
    ],
)
def test_an_owner_is_the_spokes_word_and_never_keeps_a_mail_back(
    owners: Any, kept: tuple[str, ...]
) -> None:
    (heard,) = sort(records(event(news(owners=tuple(owners)))), NOW).news
    assert heard.news.owners == kept
