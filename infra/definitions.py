"""The state machines' definitions: the files of statemachines/ with their blocks put in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "statemachines"
# A workflow that another one starts comes before it.
NAMES = ("network", "connections", "hold", "services", "interfaces", "withdraw", "uninstall")
# One loop serves these three; what is different stands in blocks.json under their names.
LOOP, LOOPING = "reconcile", ("network", "interfaces", "services")
_BLOCK = re.compile(r"\$\{(\w+)\}")


def definition(name: str) -> dict[str, Any]:
    """What the workflow of that name does; `${...}` of partition, functions, machines is left."""
    file = LOOP if name in LOOPING else name
    filled: dict[str, Any] = _filled(_read(f"{file}.asl.json"), blocks(name))
    return filled


def blocks(name: str) -> Mapping[str, Any]:
    """What each `${...}` of a workflow stands for."""
    every = _read("blocks.json")
    own = {**every[LOOP], **every[name]} if name in LOOPING else {}
    return {**every["every machine"], **own, "Workflow": name}


@cache
def _read(file: str) -> Any:
    return json.loads((FOLDER / file).read_text(encoding="utf-8"))


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    match value:
        case dict():
            filled = {key: _filled(inner, known) for key, inner in value.items()}
            return {key: each for key, each in filled.items() if _is_there(value[key], each)}
        case list():
            return [each for inner in value for each in _spliced(inner, known)]
        case str():
            return _text(value, known)
        case _:
            return value


def _is_there(written: Any, filled: Any) -> bool:
    """Whether a machine has it; a block that is null stands for what other machines have."""
    return filled is not None or written is None


def _spliced(value: Any, known: Mapping[str, Any]) -> Iterator[Any]:
    """A list that a block stands for, within a list, becomes part of it."""
    filled = _filled(value, known)
    yield from filled if isinstance(value, str) and isinstance(filled, list) else (filled,)


def _text(text: str, known: Mapping[str, Any]) -> Any:
    """A block as it is where it is the whole text, words where it is a part of it."""
    whole = _BLOCK.fullmatch(text)
    if whole and whole[1] in known:
        return _filled(known[whole[1]], known)
    return _BLOCK.sub(lambda part: known.get(part[1], part[0]), text)
