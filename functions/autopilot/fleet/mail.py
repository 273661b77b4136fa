"""A group of news as one message: how many accounts, which, and one of them in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from autopilot.fleet.grouping import Group
from autopilot.fleet.mail_steps import HISTORY, one_asked, steps
from autopilot.fleet.news import Waiting
from autopilot.fleet.phrases import which
from autopilot.fleet.wire import News, Spoke
from autopilot.notify.notice import Change, Notice, Place, Severity, Step, Subject
from autopilot.notify.phrases import counted, listed, moment, title
from autopilot.notify.render import Message, owner_attribute, room_for, subject, that_fit, whose
from autopilot.notify.render_chat import chat
from autopilot.notify.render_json import document, dumped

Lines = Callable[[int, int], Iterator[str]]
"""A mail's lines, by how long an example may be and how many accounts are named."""
# How long an example may be, how many accounts and subjects are named: the first that fits.
_SIZES = ((50_000, 50, 200), (15_000, 50, 50), (4_000, 20, 10))
_MOST_TITLES = 100
_MOST_KINDS = 20


def message_of(group: Group, example: News | None, place: Place) -> Message:
    """The mail of a group; `example`: the whole of its `first`, None where that is gone."""
    notice = _notice(group, example)
    spoke = group.spokes[0] if len(group.spokes) == 1 else None
    return _fitting(
        notice, spoke, place, lambda longest, most: _text(group, example, longest, most)
    )


def message_of_rest(groups: Sequence[Group], place: Place) -> Message:
    """One mail of all that has none of its own: titles and counts."""
    news = [each for group in groups for each in group.news]
    many, spokes = counted(len(news), "more thing"), {each.spoke for each in news}
    head = title(f"{many} from {_from(spokes)}: {counted(len(groups), 'headline')}")
    lines = [_counted_title(group) for group in groups]
    notice = Notice(
        kind=groups[0].first.kinds[0] if groups[0].first.kinds else "News",
        change="done",
        severity=_severity(groups[0]),
        title=head,
        what=(f"{many} came at once from {_from(spokes)}, too many for a mail each.",),
        why=("The most urgent have had mails of their own; nothing is left out of history.",),
        subjects=tuple(
            Subject(f"{n}", line, {"news": len(group.news), "spokes": len(group.spokes)})
            for n, (group, line) in enumerate(zip(groups, lines, strict=True), 1)
        )[:_MOST_TITLES],
        steps=(Step(f"To read all of it: {HISTORY}"),),
        kinds=tuple(dict.fromkeys(kind for each in news for kind in each.kinds))[:_MOST_KINDS],
        owners=tuple(that_fit(sorted({owner for each in news for owner in each.owners}))),
    )

    def text(_longest: int, _most: int) -> Iterator[str]:
        yield from notice.what
        yield from ("", "WHAT", *(f"- {line}" for line in lines[:_MOST_TITLES]))
        if more := lines[_MOST_TITLES:]:
            yield f"- and {counted(len(more), 'more headline')}"
        yield from ("", "WHY", *notice.why, "", "WHAT TO DO", f"1. {notice.steps[0].text}")

    return _fitting(notice, None, place, text)


def _counted_title(group: Group) -> str:
    times = f", {len(group.news)} times" if len(group.news) > len(group.spokes) else ""
    return f"[{group.severity}] {group.first.title} ({_from(group.spokes)}{times})"


def _from(spokes: Sequence[Spoke] | set[Spoke]) -> str:
    accounts, regions = {each.account for each in spokes}, {each.region for each in spokes}
    return f"{counted(len(accounts), 'account')} in {counted(len(regions), 'Region')}"


def _notice(group: Group, example: News | None) -> Notice:
    first, spokes = group.first, group.spokes
    return Notice(
        kind=first.kinds[0] if first.kinds else "News",
        change=_change(first),
        severity=_severity(group),
        title=title(f"{which(spokes)}: {_gist(group, example)}"),
        what=tuple(_what(group)),
        why=(),
        subjects=tuple(
            Subject(
                str(spoke),
                _line(spoke, group),
                {
                    "account": spoke.account,
                    "region": spoke.region,
                    "news": [each.id for each in group.by_spoke[spoke][:20]],
                    **one_asked(group),
                },
            )
            for spoke in spokes
        ),
        steps=tuple(steps(group)),
        thread=first.group if len(spokes) > 1 else "",
        kinds=first.kinds[:_MOST_KINDS],
        owners=tuple(that_fit(first.owners)),
    )


def _gist(group: Group, example: News | None) -> str:
    """Of one piece of news what its own mail's subject is, without its owner, who comes first."""
    if len(group.news) > 1 or example is None:
        return group.first.title
    return example.subject.removeprefix(title(whose(group.first.owners))).strip()


def _what(group: Group) -> Iterator[str]:
    yield f"{group.first.title}."
    if len(group.news) > 1:
        times = "" if len(group.news) == len(group.spokes) else f", {len(group.news)} times"
        yield f"The same is told by {_from(group.spokes)}{times}."


def _line(spoke: Spoke, group: Group) -> str:
    news = group.by_spoke[spoke]
    ids = list(dict.fromkeys(id_ for each in news for id_ in each.ids))
    times = f"{counted(len(news), 'time')}; " if len(news) > 1 else ""
    return f"{times}{listed(ids, 5)}" if ids else times or "told"


def _text(group: Group, example: News | None, longest: int, most: int) -> Iterator[str]:
    alone = len(group.news) == 1
    if not alone or example is None:
        yield from (*_what(group), "", "WHERE", *_where(group, most))
    to_do = [each.text for each in steps(group)]
    if to_do and not alone:
        yield from ("", "WHAT TO DO", *(f"{n}. {step}" for n, step in enumerate(to_do, 1)))
    if example is None:
        return
    if not alone:
        said = title(example.subject)
        yield from ("", f"ONE OF THEM, AS {which([group.first.spoke])} TELLS IT", said, "")
    yield from _cut(example.text, longest)
    if to_do and alone:
        yield from ("", "FROM THE HUB", *(f"{n}. {step}" for n, step in enumerate(to_do, 1)))


def _where(group: Group, most: int) -> Iterator[str]:
    """A line for each account, with its Regions."""
    accounts: dict[str, list[str]] = {}
    for spoke in group.spokes:
        accounts.setdefault(spoke.account, []).append(spoke.region)
    for account, regions in list(accounts.items())[:most]:
        yield f"- {account}: {listed(regions)}"
    if (more := len(accounts) - most) > 0:
        yield f"- and {counted(more, 'more account')}"


def _cut(text: str, longest: int) -> Iterator[str]:
    """A spoke's words, without what no mail shows."""
    lines = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    yield lines[:longest].rstrip()
    if len(lines) > longest:
        yield f"(cut here; the rest of it: {HISTORY})"


def _fitting(notice: Notice, spoke: Spoke | None, place: Place, text: Lines) -> Message:
    """The message, with as much in it as SNS takes."""
    body, head = "", subject(notice, place)
    for longest, accounts, most in _SIZES:
        lines = "\n".join(text(longest, accounts))
        facts = dumped(document(notice, place, most))
        said = f"{lines}\n\n--\n{_foot(place, notice.owners)}\n"
        readers = dict.fromkeys(("sqs", "lambda", "firehose"), facts)
        shown = {"default": said, "sms": head, "https": dumped(chat(notice, place))}
        body = dumped({**shown, **readers})
        if len(body.encode()) <= room_for(notice):
            break
    account, region = (spoke.account, spoke.region) if spoke else (place.account, place.region)
    kinds = notice.kinds if len(notice.kinds) > 1 else notice.kind
    attributes: dict[str, str | tuple[str, ...]] = {
        "severity": notice.severity, "kind": kinds, "account": account, "region": region,
    }  # fmt: skip
    return Message(head, body, attributes | owner_attribute(notice))


def _foot(place: Place, owners: Sequence[str]) -> str:
    theirs = f"\nOwner: {listed(owners)}" if owners else ""
    return (
        f"endpoint-autopilot, hub {place.stack}\n"
        f"Account {place.account}, {place.region}, {moment(place.time)}{theirs}"
    )


def _severity(group: Group) -> Severity:
    known: dict[str, Severity] = {"failure": "failure", "action": "action", "info": "info"}
    return known.get(group.severity, "action")


def _change(news: Waiting) -> Change:
    known: dict[str, Change] = {
        "opened": "opened", "changed": "changed", "resolved": "resolved", "done": "done",
    }  # fmt: skip
    return known.get(news.change, "done")
