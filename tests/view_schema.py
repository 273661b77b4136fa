"""docs/schemas/overview.json, made from the view's types: `python -m tests.view_schema`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from autopilot.view.model import Overview

FILE = Path(__file__).parents[1] / "docs" / "schemas" / "overview.json"
_PLAIN = {str: {"type": "string"}, bool: {"type": "boolean"}, int: {"type": "integer"}}


def schema() -> dict[str, Any]:
    """The JSON schema of an encoded `Overview`. Later versions may add keys."""
    found: dict[str, Any] = {}
    _refer(Overview, found)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/Overview",
        "$defs": dict(sorted(found.items())),
    }


def text() -> str:
    """What stands in the file."""
    return json.dumps(schema(), indent=1) + "\n"


def _refer(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Where the schema of a dataclass stands; it and all that it needs is in `found` then."""
    if kind.__name__ not in found:
        found[kind.__name__] = {}
        hints = get_type_hints(kind)
        found[kind.__name__] = {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "properties": {each.name: _of(hints[each.name], found) for each in fields(kind)},
            "required": [each.name for each in fields(kind) if _is_needed(each)],
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _is_needed(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _of(hint: Any, found: dict[str, Any]) -> dict[str, Any]:
    if is_dataclass(hint):
        return _refer(hint, found)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], found)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _of(arguments[1], found)}
    return dict(_PLAIN[hint])


if __name__ == "__main__":
    FILE.write_text(text())
    sys.stdout.write(f"{FILE.name} is written\n")
