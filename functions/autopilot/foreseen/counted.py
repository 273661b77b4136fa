"""What a candidate policy would change in an account, as counts and examples: for a hub, which asks
many. Bounded, whatever the account holds and says of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from autopilot.foreseen.difference import Difference
from autopilot.foreseen.model import WORKFLOWS, Action, Told, Unseen, Workflow
from autopilot.policy.tags import one_line

Sign = Literal["added", "gone"]
MOST_EXAMPLES = 10
_MOST_UNSEEN, _MOST_WORDS = 20, 300
_INTERFACES = {"ingress": "security group", "put": "DNS names"}
_KINDS: Mapping[Workflow, str] = {
    "network": "gateway endpoint",
    "interfaces": "interface endpoint",
    "services": "endpoint service",
    "connections": "connection",
}


@dataclass(frozen=True)
class Counted:
    """How many changes of one sort would be made too (`added`), or not any more (`gone`).

    `verb`: the workflow's word ("create", "accept"); "tell" for findings, whose `kind` is theirs.
    """

    sign: Sign
    workflow: Workflow
    verb: str
    kind: str
    count: int


@dataclass(frozen=True)
class Example:
    """One of them, in words. `name`: the place's Name tag."""

    sign: Sign
    workflow: Workflow
    place: str
    name: str
    what: str
    why: str


@dataclass(frozen=True)
class Ahead:
    """What a candidate policy would change. `mode`, `mode_after`: the policies'.

    `examples`: the first of each workflow and sign. `unread`: keys of the candidate that this
    version doesn't know, so that nothing here speaks of them. `unseen` are the first of
    `unseen_count`.
    """

    account: str
    region: str
    mode: str
    mode_after: str
    counts: tuple[Counted, ...] = ()
    examples: tuple[Example, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    unseen_count: int = 0
    unread: tuple[str, ...] = ()
    schema: int = 1

    @property
    def differs(self) -> bool:
        """Whether anything would be otherwise."""
        return bool(self.counts) or self.mode != self.mode_after


def ahead(made: Difference, unread: Iterable[str] = (), examples: int = 5) -> Ahead:
    """The difference between two policies as counts, and up to so many examples of each sort."""
    most, after = max(0, min(examples, MOST_EXAMPLES)), made.after
    added, gone = _done(made)
    sides: tuple[tuple[Sign, tuple[Action, ...], tuple[Told, ...]], ...] = (
        ("added", added, made.told),
        ("gone", gone, made.untold),
    )
    unseen = tuple(dict.fromkeys((*made.before.unseen, *after.unseen)))
    return Ahead(
        account=after.account,
        region=after.region,
        mode=made.before.mode,
        mode_after=after.mode,
        counts=tuple(each for side in sides for each in _counts(*side)),
        examples=tuple(each for side in sides for each in _examples(*side, after.names, most)),
        unseen=tuple(map(_short, unseen[:_MOST_UNSEEN])),
        unseen_count=len(unseen),
        unread=tuple(_line(each) for each in sorted(unread)[:_MOST_UNSEEN]),
    )


def _done(made: Difference) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    """What is done only then, and not any more. In audit mode nothing is: where one of the two
    enforces, all that it plans is the difference."""
    match made.before.mode, made.after.mode:
        case "audit", "enforce":
            return made.after.actions, ()
        case "enforce", "audit":
            return (), made.before.actions
        case _:
            return made.added, made.gone


def unknown_keys(given: Any, known: Any, path: str = "") -> list[str]:
    """The paths of what is `given` and not `known`, in plain JSON types: a newer version's keys."""
    if isinstance(given, Mapping) and isinstance(known, Mapping):
        pairs = [(f"{path}.{key}".lstrip("."), key) for key in given]
        return [
            found
            for name, key in pairs
            for found in (unknown_keys(given[key], known[key], name) if key in known else [name])
        ]
    if isinstance(given, list) and isinstance(known, list):
        return [f for one, other in zip(given, known, strict=False)
                for f in unknown_keys(one, other, path)]  # fmt: skip
    return []


def kind_of(action: Action) -> str:
    """What sort of thing an action is about."""
    if action.workflow == "interfaces":
        return next((kind for key, kind in _INTERFACES.items() if key in action.content),
                    _KINDS["interfaces"])  # fmt: skip
    return _KINDS[action.workflow]


def _counts(sign: Sign, actions: tuple[Action, ...], told: tuple[Told, ...]) -> list[Counted]:
    found = Counter((each.workflow, each.verb, kind_of(each)) for each in actions)
    found.update((each.workflow, "tell", each.kind) for each in told)
    keys = sorted(found, key=lambda key: (WORKFLOWS.index(key[0]), key[1] == "tell", key))
    return [Counted(sign, *key, found[key]) for key in keys]


def _examples(
    sign: Sign,
    actions: tuple[Action, ...],
    told: tuple[Told, ...],
    names: Mapping[str, str],
    most: int,
) -> list[Example]:
    """What is done first, then what is told, each workflow's."""
    found = []
    for workflow in WORKFLOWS:
        own = [
            *((a.place, a.what, a.reason) for a in actions if a.workflow == workflow),
            *((t.place, t.headline, t.line) for t in told if t.workflow == workflow),
        ]
        found += [
            Example(
                sign, workflow, _line(place), _line(names.get(place, "")), _line(what), _line(why)
            )
            for place, what, why in own[:most]
        ]
    return found


def _short(each: Unseen) -> Unseen:
    return replace(
        each, what=_line(each.what), permission=_line(each.permission), words=_line(each.words)
    )


def _line(text: str) -> str:
    """Names and AWS's words are others' text: one line, bounded."""
    return one_line(text, _MOST_WORDS)
