"""Makes overviews for the widgets: small ones, hostile ones and a large one."""

from __future__ import annotations

from html.parser import HTMLParser

from autopilot.view.model import (
    ConnectionView,
    Overview,
    Place,
    Problem,
    ServiceView,
    SubnetView,
    VpcView,
    Waiting,
    ZoneRow,
)
from autopilot.view.widget_page import Asked

AT = "2026-11-30T12:00:00+00:00"
EARLIER = "2026-11-28T09:00:00+00:00"
PLACE = Place("111111111111", "us-east-1", "Stack", "enforce", AT)
PRESS = "arn:aws:lambda:us-east-1:111111111111:function:press"
ME = "arn:aws:lambda:us-east-1:111111111111:function:show"
SENTENCE = "its table rtb-1 is busy, and the policy attaches busy tables in the window only"
EMPTY = Overview(PLACE)


def asked(part: str = "coverage", page: int = 1, *, dark: bool = False) -> Asked:
    return Asked(part, page, dark, ME, PRESS)


def vpc(number: int = 1, name: str = "", reach: str = "not private", subnets: int = 3) -> VpcView:
    lines = (
        SubnetView(f"subnet-{number}-{each}", name, "use1-az1", "rtb-1", service, reach, SENTENCE)  # type: ignore[arg-type]  # a test's word
        for each in range(subnets)
        for service in ("s3", "dynamodb")
    )
    return VpcView(f"vpc-{number}", name, tuple(lines))


def connection(number: int = 1, reason: str = "the rule names it", **more: str) -> ConnectionView:
    about = {"state": "available", "since": EARLIER, "by": "autopilot", "rule": "account 2"} | more
    return ConnectionView(
        f"vpce-{number:x}", "vpce-svc-1", "svc", "222222222222", "us-east-1", reason=reason, **about
    )


def service(*connections: ConnectionView, name: str = "") -> ServiceView:
    zones = ("use1-az1", "use1-az2")
    rows = [ZoneRow("", "111111111111", dict.fromkeys(zones, "served"))]
    for each in connections:
        served = {"use1-az1": "served", "use1-az2": "missing", "use1-az3": "unknown"}
        rows.append(ZoneRow(each.endpoint_id, each.owner, served))  # type: ignore[arg-type]  # so
    return ServiceView("vpce-svc-1", name, "svc", (), zones, connections, tuple(rows))


def request(number: int = 1, reason: str = "no rule names it", name: str = "") -> Waiting:
    return Waiting(
        "request",
        f"vpce-svc-1/vpce-{number:x}",
        name,
        EARLIER,
        AT,
        "it is rejected",
        reason,
        "2" * 12,
        "svc",
    )


def problem(number: int = 1, headline: str = "It failed", name: str = "") -> Problem:
    return Problem(
        f"ChangeFailed/{number}", "ChangeFailed", "failure", "vpc-1", name, AT, headline, SENTENCE
    )


def large() -> Overview:
    """200 VPCs with 2,400 lines, 500 connections of five services, 100 requests, 100 problems."""
    return Overview(
        PLACE,
        tuple(vpc(number, f"vpc {number}", subnets=6) for number in range(200)),
        tuple(service(*(connection(100 * s + n) for n in range(100))) for s in range(5)),
        tuple(map(request, range(100))),
        tuple(map(problem, range(100))),
    )


def full_of(words: str) -> Overview:
    """An overview in which every free text is this."""
    one = connection(1, words, by=words, rule=words)
    return Overview(
        PLACE,
        (vpc(1, words),),
        (service(one, name=words),),
        (request(1, words, words),),
        (problem(1, words, words),),
    )


class Read(HTMLParser):
    """Reads HTML as a browser would: its elements, its texts, and whether all of them are closed.

    `texts`: outside of styles.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(f"{each}\n" for each in self.texts).split())
