"""Which news make one mail: the same kinds, title and change, from however many accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from autopilot.fleet.news import Waiting
from autopilot.fleet.wire import Spoke
from autopilot.notify.notice import URGENCY

MOST_MAILS = 20
"""Of one look; the last of them holds what has no mail of its own."""
MOST_OF_ONE = 5
"""So many of them are one account's alone while others have something to tell."""


@dataclass(frozen=True)
class Group:
    """News that are the same, in the order of who tells them."""

    news: tuple[Waiting, ...]

    @cached_property
    def first(self) -> Waiting:
        """What stands for all: an urgent one."""
        return min(self.news, key=lambda each: (_urgency(each), each.spoke, each.id))

    @property
    def severity(self) -> str:
        """The most urgent one's."""
        return self.first.severity

    @cached_property
    def by_spoke(self) -> Mapping[Spoke, Sequence[Waiting]]:
        """What each tells."""
        found: dict[Spoke, list[Waiting]] = {}
        for each in self.news:
            found.setdefault(each.spoke, []).append(each)
        return dict(sorted(found.items()))

    @property
    def spokes(self) -> tuple[Spoke, ...]:
        """Who tells it."""
        return tuple(self.by_spoke)


@dataclass(frozen=True)
class Mails:
    """What a look sends: a mail for each of `own`, and one for all of `rest`, if any."""

    own: tuple[Group, ...] = ()
    rest: tuple[Group, ...] = ()


def mails(waiting: Iterable[Waiting]) -> Mails:
    """All that waits, the most urgent and then the most common first.

    Whoever tells too much, and calls all of it urgent, takes no mail from the others.
    """
    found: dict[str, list[Waiting]] = {}
    for each in waiting:
        found.setdefault(each.group, []).append(each)
    groups = sorted((_group(news) for news in found.values()), key=_order)
    if len(groups) <= MOST_MAILS:
        return Mails(tuple(groups))
    groups = _fairly(groups)
    own, rest = groups[: MOST_MAILS - 1], groups[MOST_MAILS - 1 :]
    return Mails(tuple(sorted(own, key=_order)), tuple(sorted(rest, key=_order)))


def _fairly(groups: Sequence[Group]) -> list[Group]:
    """In their order, but last what one account alone tells beyond its share."""
    first, last, told = list[Group](), list[Group](), Counter[str]()
    for group in groups:
        accounts = {spoke.account for spoke in group.spokes}
        alone = accounts.pop() if len(accounts) == 1 else ""
        told[alone] += 1
        (last if alone and told[alone] > MOST_OF_ONE else first).append(group)
    return first + last


def _group(news: Sequence[Waiting]) -> Group:
    return Group(tuple(sorted(news, key=lambda each: (each.spoke, each.at, each.id))))


def _order(group: Group) -> tuple[int, int, str]:
    return _urgency(group.first), -len(group.spokes), group.first.group


def _urgency(news: Waiting) -> int:
    """What nobody knows the urgency of comes first."""
    return next((n for n, each in enumerate(URGENCY) if each == news.severity), 0)
