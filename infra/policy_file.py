"""`autopilot.yaml` → the compiled policy, with every mistake at once if there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from autopilot.core.policy import (
    DAYS,
    BusyRouteTables,
    ChangeWindow,
    Day,
    GatewayPolicy,
    GatewayService,
    Mode,
    Policy,
)

from infra.policy.document import read_document
from infra.policy.report import Mistake, PolicyMistakes, Report, alternatives, compose, is_empty
from infra.policy.section import Section
from infra.policy.values import email, policy_name, sweep_minutes, timezone, wall_clock

__all__ = ["Configuration", "PolicyMistakes", "load"]

DEFAULT_SKIP_TAGS: Mapping[str, str] = {"endpoint-autopilot": "off"}
DEFAULT_SWEEP = 6 * 60
SWEEP_FORM = "write every N minutes, hours or days, 5 minutes to 31 days"

KEYS: Mapping[str, tuple[str, ...]] = {
    "the policy": ("mode", "vpcs", "gateway_endpoints", "notify", "sweep", "endpoint_policies"),
    "vpcs": ("skip_tags",),
    "gateway_endpoints": ("services", "policy", "busy_route_tables", "change_window"),
    "gateway_endpoints.change_window": ("days", "from", "to", "timezone"),
    "notify": ("emails",),
}
WINDOW_EXAMPLE: Mapping[str, str] = {
    "days": "days: [sat, sun]",
    "from": 'from: "02:00"',
    "to": 'to: "05:00"',
    "timezone": "timezone: Europe/Berlin",
}
MODES: tuple[Mode, ...] = get_args(Mode)
SERVICES: tuple[GatewayService, ...] = get_args(GatewayService)
BUSY: tuple[BusyRouteTables, ...] = get_args(BusyRouteTables)


@dataclass(frozen=True)
class Configuration:
    """What the policy file says: `policy` for the functions, the rest for the stack alone.

    `sweep_minutes` is the time from one scheduled look to the next.
    """

    policy: Policy = field(default_factory=lambda: Policy(skip_tags=DEFAULT_SKIP_TAGS))
    emails: tuple[str, ...] = ()
    sweep_minutes: int = DEFAULT_SWEEP


def load(path: str | Path) -> Configuration:
    """Read a policy file; an empty one means all defaults.

    Raises PolicyMistakes with every mistake in it and in the endpoint policies that it names.
    """
    file = Path(path)
    report = Report(str(path))
    root = Section(report, compose(report, file), "the policy", KEYS["the policy"], _home)
    notify = _section(root, "notify")
    documents = _documents(root, file)
    configuration = Configuration(
        policy=Policy(
            mode=root.choice("mode", Policy.mode, MODES),
            skip_tags=_skip_tags(_section(root, "vpcs")),
            gateway_endpoints=_gateway(_section(root, "gateway_endpoints"), documents),
            endpoint_policies={name: text for name, (text, _) in documents.items()},
        ),
        emails=notify.items("emails", email, "write an address such as netops@example.com") or (),
        sweep_minutes=root.value("sweep", DEFAULT_SWEEP, sweep_minutes, SWEEP_FORM),
    )
    mistakes = [*report.mistakes, *_mistakes_in(documents)]
    if mistakes:
        raise PolicyMistakes(mistakes)
    return configuration


Documents = Mapping[str, tuple[str, tuple[Mistake, ...]]]


def _mistakes_in(documents: Documents) -> list[Mistake]:
    # Two names may share a file: its mistakes are told once.
    return list(dict.fromkeys(m for _, mistakes in documents.values() for m in mistakes))


def _section(parent: Section, key: str) -> Section:
    return parent.section(key, KEYS[parent.full(key)])


def _home(key: str) -> str | None:
    """The section where a key belongs that stands in the wrong one."""
    return next((section for section, keys in KEYS.items() if key in keys), None)


def _skip_tags(vpcs: Section) -> Mapping[str, str]:
    found = vpcs.entries("skip_tags", 'key: "value", or key: "*" for any value')
    if found is None:
        return DEFAULT_SKIP_TAGS
    for key, node in found.items():
        # Tag restrictions of the EC2 guide.
        if not key or len(key) > 128 or len(node.value) > 256:
            vpcs.report.add(
                node,
                f'"{key}" is no tag that AWS allows',
                "keys have 1 to 128 characters, values up to 256",
            )
    # The text as written: an unquoted off is a boolean to YAML, but the word to whoever wrote it.
    return {key: node.value for key, node in found.items()}


def _gateway(section: Section, documents: Documents) -> GatewayPolicy:
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
        endpoint_policy=_endpoint_policy(section, documents),
        busy_route_tables=busy,
        change_window=_window(section),
    )


def _service(text: str) -> GatewayService:
    for service in SERVICES:
        if text == service:
            return service
    raise ValueError(f'is "{text}", which has no gateway endpoint')


def _endpoint_policy(section: Section, documents: Documents) -> str | None:
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
    window = _section(section, "change_window")
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


def _documents(root: Section, file: Path) -> Documents:
    example = "name: policies/file.json, relative to the policy file"
    documents = {}
    for name, node in (root.entries("endpoint_policies", example) or {}).items():
        try:
            policy_name(name)
        except ValueError:
            root.report.add(
                node,
                f'"{name}" is no name for an endpoint policy',
                "use small letters, digits and hyphens",
            )
        path = file.parent / node.value
        text, report = read_document(path, str(path), root.report, node)
        documents[name] = (text, tuple(report.mistakes))
    return documents
