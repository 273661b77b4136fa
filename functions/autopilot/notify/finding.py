"""Findings, which last until they are put right, and the one definition of each kind of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, NamedTuple

from autopilot.notify.notice import URGENCY, Change, Notice, Place, Severity, Subject, Words
from autopilot.notify.phrases import action_in, fine, listed, title, where

_LONGEST_TEXT = 1000


@dataclass(frozen=True)
class Finding:
    """One finding; `data` is small and holds ids and numbers, plain JSON types only.

    `subject` is what it is about: "vpc-1/s3", "vpce-svc-1/vpce-2", a Region, "network/Carry out"
    (a state of a workflow). The definition of its kind says what it is, and what `data` holds.
    """

    kind: str
    subject: str
    severity: Severity
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Stable as long as it is the same finding: kind and subject."""
        return f"{self.kind}/{self.subject}"

    @property
    def vpc_id(self) -> str | None:
        """The VPC that it is about, None if it is about no single one."""
        return self.subject.split("/")[0] if self.subject.startswith("vpc-") else None

    @property
    def service_id(self) -> str | None:
        """The endpoint service that it is about, None if it is about no single one."""
        return self.subject.split("/")[0] if self.subject.startswith("vpce-svc-") else None

    def text(self, name: str) -> str:
        """A text of its data, "" if there is none."""
        return str(self.data.get(name) or "")

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject,
            "severity": self.severity,
            "data": dict(self.data),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Finding:
        """Read what `to_json` wrote. Raises KeyError if a key is missing."""
        return Finding(data["kind"], data["subject"], data["severity"], dict(data["data"]))


def shortened(finding: Finding) -> Finding:
    """The finding with long texts cut: AWS's words may be any length, a ledger row may not."""
    data = {
        name: value[:_LONGEST_TEXT] if isinstance(value, str) else value
        for name, value in finding.data.items()
    }
    return replace(finding, data=data)


Present = Mapping[str, Finding]
"""What a report has found, by id."""


Over = Callable[[Any, Finding, Present], bool]
"""Whether a report of certain other findings, that went well, shows that a finding is over."""


def never(_report: object, _finding: Finding, _present: Present) -> bool:
    """No report says of such a finding that it is over."""
    return False


def in_sight(report: Any, finding: Finding, _present: Present) -> bool:
    """Whether the last look was at what the finding is about."""
    looked_at = report.plan.looked_at if report.plan else ()
    return looked_at == "all" or finding.subject.partition("/")[0] in looked_at


def in_sight_unless(worse: str) -> Over:
    """Whether it was looked at, and isn't gone only because a finding of the kind `worse` came."""
    return lambda report, finding, present: (
        in_sight(report, finding, present) and f"{worse}/{finding.subject}" not in present
    )


def not_put_off(report: Any, finding: Finding, present: Present) -> bool:
    """Whether the change that failed was made, or is not wanted any more."""
    if not in_sight(report, finding, present):
        return False
    if any(o.id == finding.subject and o.result == "done" for o in report.outcomes):
        return True
    left = {id_ for each in present.values() for id_ in each.data.get("left_undone", ())}
    return finding.subject not in left and not (report.plan and report.plan.more)


class Ending(NamedTuple):
    """How the end of findings reads: the headline, why, and a line for each subject."""

    headline: str
    why: str
    line: str


class FindingDefinition(NamedTuple):
    """All there is to say about one kind of finding.

    - `severity`: of each that doesn't bring its own.
    - `subject`, `data`: what it is about, and what it holds, in words for docs/notices.md.
    - `reads`: how such findings read.
    - `news`: the names in `data` of what ops would act upon differently: when that changes, they
      are told again. Counters, times and AWS's words change by themselves. "until?" asks only
      whether there is one.
    - `is_over`: whether a report that went well, of a workflow that judges this kind, and that
      doesn't find it, says that it is over.
    - `ending`: how that reads; None for what no look can see the end of.
    - `lasts`: how long such a one is remembered. It is told again if it comes up after that.
    - `by_error`: it is an error, put right error by error and API action by API action.
    """

    kind: str
    severity: Severity
    subject: str
    data: str
    reads: Callable[[Sequence[Finding], Place], Words]
    news: tuple[str, ...] = ()
    is_over: Over = never
    ending: Ending | None = None
    lasts: timedelta | None = None
    by_error: bool = False

    def about(
        self, subject: str, data: Mapping[str, Any], severity: Severity | None = None
    ) -> Finding:
        """A finding of this kind."""
        return Finding(self.kind, subject, severity or self.severity, data)

    def said(self, finding: Finding) -> list[Any]:
        """What makes a finding the same news as another one of its id."""
        action = [action_in(finding.text("message"))] if self.by_error else []
        return [*(_said(finding.data, name) for name in self.news), *action]

    def alike(self, finding: Finding) -> str:
        """What findings share that one notice is about, beside their kind."""
        return str(finding.data.get("error")) if self.by_error else ""

    def notice(self, change: Change, findings: Sequence[Finding], place: Place) -> Notice:
        """The notice that `findings`, all of this kind and `alike`, have come to `change`.

        Raises ValueError if there are none.
        """
        urgent = min((finding.severity for finding in findings), key=URGENCY.index)
        if change == "resolved":
            change, urgent, words = "resolved", "info", self._over(findings)
        else:
            words = self.reads(findings, place)
        head = title(words.title)
        if change == "changed":
            head = title(f"Changed: {head}")
        return Notice(self.kind, change, urgent, head, *words[1:5], brief=words.brief)

    def _over(self, findings: Sequence[Finding]) -> Words:
        headline, why, line = self.ending or Ending(f"{self.kind} is over", "It is gone.", "gone")
        subjects = [finding.subject for finding in findings]
        of_some = all(subject.startswith(("vpc-", "vpce-svc-")) for subject in subjects)
        spot = f" in {where(subjects)}" if of_some else f" ({listed(subjects, 2)})"
        return Words(
            title=f"Resolved{spot}: {headline[0].lower()}{headline[1:]}",
            what=(f"{headline}.", "What you were told of this before is settled."),
            why=(why,),
            subjects=subjects_of(findings, lambda finding: _was(finding, line)),
            steps=(fine(),),
            brief=f"{len(findings)} settled",
        )


def defined(names: Mapping[str, object]) -> tuple[FindingDefinition, ...]:
    """The definitions among a module's names: a list of them by hand could forget one."""
    return tuple(each for each in names.values() if isinstance(each, FindingDefinition))


Catalog = Mapping[str, FindingDefinition]
"""The definitions of all kinds, by kind."""


def places(findings: Sequence[Finding]) -> str:
    """The one VPC or service that findings are about, or how many there are."""
    return where([finding.subject for finding in findings])


def subjects_of(findings: Sequence[Finding], line: Callable[[Finding], str]) -> tuple[Subject, ...]:
    """The subjects of findings, each with its line."""
    return tuple(Subject(each.subject, line(each), dict(each.data)) for each in findings)


def _said(data: Mapping[str, Any], name: str) -> Any:
    if name.endswith("?"):
        return bool(data.get(name[:-1]))
    value = data.get(name)
    return sorted(map(str, value)) if isinstance(value, list | tuple) else value


def _was(finding: Finding, line: str) -> str:
    error = finding.data.get("error")
    return f"{line} (was {error})" if error else line
