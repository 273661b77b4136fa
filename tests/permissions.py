"""docs/permissions.md, made from the template and from infra/reasons.py: `make docs`."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autopilot.policy.model import (
    ConnectionPolicy,
    InterfaceProfile,
    OrganizationPolicy,
    Peer,
    Policy,
    Rule,
    ZonePolicy,
)

from infra.fleet.model import Target, Wave
from infra.policy_file import Configuration
from infra.reasons import WHY, why
from tests.infra.hubs import FLEET, Hub, hub_of
from tests.infra.synthesis import FLEET_HANDLERS, HANDLERS, Synthesis, resolved, synthesise

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "permissions.md"
OUR_ORGANIZATION = "o-a1b2c3d4e5"
#: A policy that uses whatever brings a permission with it.
EVERYTHING = Configuration(
    Policy(
        retire_interfaces="idle",
        interface_endpoints=(InterfaceProfile("workloads", ("logs",), {"network": "private"}),),
        connections=ConnectionPolicy(allow=(Rule("organization", OUR_ORGANIZATION),)),
        organization=OrganizationPolicy(OUR_ORGANIZATION),
        zones=ZonePolicy(before_accepting="hold", peers=(Peer("account", "222222222222"),)),
    ),
    emails=("netops@example.com",),
)
#: A fleet of one unit in the hub's Region, under that policy.
_EVERYBODY = Target("everybody", "ou-ab12-11111111", (FLEET.region,), EVERYTHING)
ONE_UNIT = replace(FLEET, targets=(_EVERYBODY,), waves=(Wave(("everybody",)),), plain=())
_HEAD = """\
# What each function may do, and why

Made by `make docs` from the synthesized template and the reasons in `infra/reasons.py`. Don't edit
it here. `tests/infra/test_permissions.py` holds the same table against the template to the letter:
a permission that isn't on this page doesn't exist.

Each function has a role of its own. **What can be bound to the stack's own is bound**: it creates
only what gets the tag `endpoint-autopilot:owner`, and changes and deletes only what bears it
already. `<stack>` stands for the stack's name. ARNs are those of the account and Region where it is
deployed, and shown from the resource on; the rest are the stack's own things. EC2's Describe calls,
X-Ray, and a few others know no resources: they are on `*`. Where all VPCs, subnets, route tables or
services are named, it serves some that don't exist yet; the endpoint in the same call is bound to
the tag. Rows with † are there only if the policy asks for what needs them (`interface_endpoints`,
`retire: idle`, `organization`, `zones.peers`, `zones.before_accepting: hold`). What only a
[fleet](fleet.md) has stands [at the end](#in-a-fleet-a-spoke-may-besides).

What people need who run `./autopilot` or press the dashboard's buttons is in
[operating](operating.md).
"""


@dataclass(frozen=True, order=True)
class Row:
    """One permission: an action, on what, under which condition."""

    action: str
    on: str
    when: str


def page(default: Synthesis, everything: Synthesis, hub: Hub) -> str:
    """The whole page; `hub`: of ONE_UNIT.

    Raises KeyError for what has no reason, ValueError for a reason too many.
    """
    roles, plain = _roles(everything), _roles(default)
    used: set[str] = set()
    spoke = _roles(Synthesis(hub.templates["everybody"], hub.stack.folder))
    lines = [
        *_lines(roles, plain, used),
        *_of_spokes(spoke, roles, used),
        *_of_the_hub(_roles(hub.stack), used),
    ]
    text = "\n".join(lines).rstrip("\n") + "\n"
    if unused := set(WHY) - used:
        raise ValueError(f"reasons in infra/reasons.py that nothing needs: {sorted(unused)}")
    return text


def _lines(
    roles: Mapping[str, set[Row]], plain: Mapping[str, set[Row]], used: set[str]
) -> Iterator[str]:
    yield _HEAD
    functions = [name for name in HANDLERS if name in roles]
    shared = set.intersection(*(roles[name] for name in functions))
    yield "## Every function\n"
    yield from _table("every function", shared, shared, used)
    for name in functions:
        yield f"## `{name}`\n"
        yield f"{_says(name)}\n"
        rows = roles[name] - shared
        if rows:
            yield from _table(name, rows, plain.get(name, set()), used)
        else:
            yield "No more than every function.\n"
    yield from _machines({k: v for k, v in roles.items() if k not in functions}, plain, used)
    yield from _calling_in()


def _of_spokes(
    spoke: Mapping[str, set[Row]], alone: Mapping[str, set[Row]], used: set[str]
) -> Iterator[str]:
    """What a StackSet's spoke may that the stack of a single account may not."""
    yield "\n## In a fleet: a spoke may besides\n"
    yield "It has no `letter`. `<stack>` in a tag is `EndpointAutopilot`, whatever it is called.\n"
    shared = set.intersection(*(alone[name] for name in HANDLERS if name in alone))
    for name, rows in spoke.items():
        if more := rows - alone.get(name, shared):
            yield from _fleets(name, more, used)


def _of_the_hub(hub: Mapping[str, set[Row]], used: set[str]) -> Iterator[str]:
    shared = set.intersection(*hub.values())
    yield "## In a fleet: the hub\n"
    yield "Each of its functions may what every function may, and this.\n"
    for name, rows in hub.items():
        yield from _fleets(name, rows - shared, used)
    yield _CALLING_THE_FLEET


def _fleets(name: str, rows: set[Row], used: set[str]) -> Iterator[str]:
    if name in FLEET_HANDLERS:
        yield f"### `{name}`\n"
        yield f"{_says(name)}\n"
    else:
        yield f"### `{name}`\n" if name in HANDLERS else f"### {name[0].upper()}{name[1:]}\n"
    yield from _table(name, rows, rows, used)


def _machines(
    roles: Mapping[str, set[Row]], plain: Mapping[str, set[Row]], used: set[str]
) -> Iterator[str]:
    machines = {name: rows for name, rows in roles.items() if name.endswith(" workflow")}
    shared = set.intersection(*machines.values())
    yield "## Every workflow (the state machines' roles)\n"
    yield from _table("every workflow", shared, shared, used)
    for name, rows in roles.items():
        yield f"## {name[0].upper()}{name[1:]}\n"
        yield from _table(name, rows - shared, plain.get(name, set()), used)


def _table(role: str, rows: set[Row], plain: set[Row], used: set[str]) -> Iterator[str]:
    """What has one condition and one reason is one line."""
    lines: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in sorted(rows):
        key, reason = why(role, row.action)
        used.add(key)
        dagger = "" if row in plain else " †"
        lines[row.on, row.when, reason].append(f"`{row.action}`{dagger}")
    things: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (on, when, reason), actions in lines.items():
        things["<br>".join(actions), when, reason].append(f"`{on}`")
    yield "| may | on | if | why |"
    yield "|---|---|---|---|"
    for (what, when, reason), where in sorted(things.items()):
        yield f"| {what} | {'<br>'.join(where)} | {when} | {reason} |"
    yield ""


def _roles(stack: Synthesis) -> dict[str, set[Row]]:
    """The rows of each role, by its function's module or by what it is."""
    found: dict[str, set[Row]] = defaultdict(set)
    for policy in stack.of_type("AWS::IAM::Policy").values():
        for role in policy["Roles"]:
            name = _role(_named(role))
            for statement in policy["PolicyDocument"]["Statement"]:
                found[name] |= set(_rows(name, statement))
    return dict(sorted(found.items()))


def _rows(role: str, statement: Mapping[str, Any]) -> Iterator[Row]:
    for action in _listed(statement["Action"]):
        for resource in _listed(statement["Resource"]):
            on = _named(resource)
            if role in (*HANDLERS, *FLEET_HANDLERS) and on.endswith("Logs"):
                on = "its log group"
            yield Row(action, on, _condition(statement.get("Condition", {})))


def _role(id: str) -> str:
    """What a role's logical id says whose it is."""
    for name in sorted((*HANDLERS, *FLEET_HANDLERS), key=len, reverse=True):
        if id.endswith(f"{name.title().replace('_', '')}Role"):
            return name
    if id == "TriggersScheduleRole":
        return "the schedules"
    if id == "UpwardRole":
        return "the rule that tells the hub"
    if id == "ZoneReaderRole":
        return "the role that peers may assume"
    return f"{id.removesuffix('Role').lower()} workflow"


def _named(resource: Any) -> str:
    """A thing of the stack's by its logical id without the hash, or an ARN."""
    match resource:
        case {"Ref": "AWS::StackId"}:
            return "the stack itself"
        case {"Fn::GetAtt": [str(name), _]} | {"Ref": str(name)} if len(name) > 8:
            return name[:-8]
    text = str(resolved(resource))
    if of := re.fullmatch(r"arn:aws:states:[^:]*:\d*:execution:(\w+)\.Name:\*", text):
        return f"executions of {of[1][:-8]}"
    text = re.sub(r"(LedgerTable)[0-9A-F]{8}", r"\1…", text)
    return _placed(text)


def _placed(text: str) -> str:
    for example, what in (
        ("us-east-1", "<region>"),
        ("111111111111", "<account>"),
        ("222222222222", "<peer>"),
        ("EndpointAutopilot-", "<stack>-"),
        (OUR_ORGANIZATION, "<organization>"),
    ):
        text = text.replace(example, what)
    text = re.sub(r"^arn:aws:\w*:<region>:<account>:", "", text)
    for fixed in ("EndpointAutopilot-ZoneReader", "stackset/EndpointAutopilot-"):
        text = text.replace(fixed.replace("EndpointAutopilot", "<stack>"), fixed)
    return text


def _condition(conditions: Mapping[str, Any]) -> str:
    said = []
    for operator, keys in resolved(conditions).items():
        for key, values in keys.items():
            is_ = "among" if operator.startswith("ForAllValues") else "is"
            listed = ", ".join(f"`{_owner(each)}`" for each in _listed(values))
            said.append(f"`{key}` {is_} {listed}")
    return "<br>".join(sorted(said))


def _owner(value: str) -> str:
    return "<stack>" if value == "EndpointAutopilot" else _placed(value)


def _says(name: str) -> str:
    """What the function's own module says of it, in its first sentence."""
    text = ast.get_docstring(ast.parse((ROOT / "functions" / f"{name}.py").read_text())) or ""
    return text.partition("\n")[0]


def _calling_in() -> Iterator[str]:
    yield """\
## Who may call in

| on | who | if |
|---|---|---|
| the intake queue, and its dead letters | EventBridge | by the stack's own rules |
| the dead letters | EventBridge, SNS | from the stack's own rules and topic |
| the topic that ops hear | CloudWatch's alarms | of this account |
| the topic of connections | PrivateLink (`vpce.amazonaws.com`) | for this account's services |
| the key of both topics | CloudWatch, PrivateLink, whom IAM allows | to encrypt and decrypt |
| `relay`, `record` | SNS, EventBridge | by the stack's own topic and rules |
| `show`, `press`, `answer_hold` | whom IAM allows `lambda:InvokeFunction` on them | |
| the zone reader † | the peers' own Endpoint Autopilot | by the names of its roles |

Queues and topics refuse whatever doesn't come by TLS."""


_CALLING_THE_FLEET = """\
### Who may call in

| on | who | if |
|---|---|---|
| the hub's bus | whoever is in the organization | with the source `endpoint-autopilot` only |
| the hub's bucket in each Region | whoever is in the organization | to read `code/`, `policy/` |
| `take_answer`, `look_ahead` of a spoke | the hub's role `EndpointAutopilotHubAsk` | no other |
| `hub_show`, `hub_press`, `hub_ask` | whom IAM allows `lambda:InvokeFunction` on them | |"""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def main() -> int:
    """Write the page."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other, TemporaryDirectory() as third:
        default, everything = synthesise(Path(one), Configuration()), Path(other)
        hub = hub_of(Path(third), ONE_UNIT)
        PAGE.write_text(page(default, synthesise(everything, EVERYTHING), hub))
    return 0


if __name__ == "__main__":
    sys.exit(main())
