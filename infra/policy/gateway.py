"""What the policy file says of gateway endpoints."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, get_args

from autopilot.policy.model import (
    DAYS,
    BusyRouteTables,
    ChangeWindow,
    Day,
    GatewayPolicy,
    GatewayService,
    GracePolicy,
)

from infra.policy.keys import part
from infra.policy.report import alternatives, is_empty
from infra.policy.section import Section
from infra.policy.tags import tags
from infra.policy.values import grace_seconds, policy_name, timezone, wall_clock

WINDOW_EXAMPLE: Mapping[str, str] = {
    "days": "days: [sat, sun]",
    "from": 'from: "02:00"',
    "to": 'to: "05:00"',
    "timezone": "timezone: Europe/Berlin",
}
SERVICES: tuple[GatewayService, ...] = get_args(GatewayService)
WHOM: tuple[Literal["stacks", "everybody", "nobody"], ...] = ("stacks", "everybody", "nobody")
BUSY: tuple[BusyRouteTables, ...] = get_args(BusyRouteTables)


def gateway(section: Section, documents: Collection[str]) -> GatewayPolicy:
    """Read the section; `documents` are the names of the endpoint policies that there are."""
    services = section.items("services", _service, f"write {alternatives(SERVICES)}")
    busy = section.choice("busy_route_tables", GatewayPolicy.busy_route_tables, BUSY)
    if busy == "window" and section.node("change_window") is None:
        section.report.add(
            section.line_of("busy_route_tables"),
            "busy_route_tables is window, but there is no change_window",
            f"add change_window: {{{', '.join(WINDOW_EXAMPLE.values())}}}",
        )
    return GatewayPolicy(
        services=GatewayPolicy.services if services is None else services,
        endpoint_policy=endpoint_policy(section, documents),
        busy_route_tables=busy,
        change_window=_window(section),
        grace=_grace(section),
    )


def _grace(section: Section) -> GracePolicy:
    if section.node("grace") is None:
        return GracePolicy()
    grace = part(section, "grace")
    wait = 'write "10 minutes", at most 1 hour'
    whom = grace.choice("for", GracePolicy.whom, WHOM)
    marked = tags(grace, "tags") or {}
    if marked and whom != "stacks":
        grace.report.add(
            grace.line_of("tags"),
            f"{grace.full('tags')} says nothing where `for` is {whom}",
            "leave it out, or write for: stacks",
        )
    return GracePolicy(
        grace.value("wait", GracePolicy.seconds, grace_seconds, wait),
        whom,
        marked,
    )


def _service(text: str) -> GatewayService:
    for service in SERVICES:
        if text == service:
            return service
    raise ValueError(f'is "{text}", which has no gateway endpoint')


def endpoint_policy(section: Section, documents: Collection[str]) -> str | None:
    """The endpoint policy that a section names, which must be one of `documents`."""
    node = section.node("policy")
    name: str | None = section.value(
        "policy",
        None,
        policy_name,
        "name an entry of endpoint_policies, or leave it out for full access",
    )
    if name is not None and node is not None and name not in documents:
        known = ", ".join(sorted(documents)) or "none there"
        section.report.add(
            node, f'"{name}" is no endpoint policy', f"name an entry of endpoint_policies ({known})"
        )
    return name


def _window(section: Section) -> ChangeWindow | None:
    if section.node("change_window") is None:
        return None
    window = part(section, "change_window")
    midnight = wall_clock("00:00")
    clock = 'write "HH:MM", 00:00 to 23:59'
    days = window.items("days", _day, f"write {alternatives(DAYS)}") or ()
    parsed = ChangeWindow(
        days=tuple(day for day in DAYS if day in days),
        start=window.value("from", midnight, wall_clock, clock),
        end=window.value("to", midnight, wall_clock, clock),
        timezone=window.value(
            "timezone", "UTC", timezone, "write an IANA name such as Europe/Berlin"
        ),
    )
    _complete(window)
    return parsed


def _complete(window: Section) -> None:
    for key, example in WINDOW_EXAMPLE.items():
        node = window.node(key)
        if node is None:
            window.report.add(window.line, f"{window.full(key)} is missing", f"write {example}")
    days = window.node("days")
    if days is not None and (is_empty(days) or days.value == []):
        window.report.add(days, "the change window has no days", f"write {WINDOW_EXAMPLE['days']}")
    start, end = window.node("from"), window.node("to")
    if start is not None and end is not None and start.value == end.value:
        window.report.add(
            end, "the change window ends when it begins", "let `to` differ from `from`"
        )


def _day(text: str) -> Day:
    for day in DAYS:
        if text == day:
            return day
    raise ValueError(f'is "{text}", which is no day')
