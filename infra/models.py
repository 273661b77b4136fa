"""Cuts botocore's service models down to the operations in use.

EC2's whole model has eight hundred operations, which each cold start would parse.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]
# What botocore's loader reads besides the services (botocore 1.44).
COMMON = ("_retry.json", "partitions.json", "sdk-default-configuration.json")
PROSE = ("documentation", "documentationUrl")


def write_models(data: Path, target: Path, operations: Mapping[str, Sequence[str]]) -> None:
    """Write the subset of botocore's `data` to `target`, in the layout of its loader.

    Raises KeyError if a service has no such operation, FileNotFoundError if there is no such
    service.
    """
    for service, wanted in operations.items():
        version = max(path.name for path in (data / service).iterdir())
        source, out = data / service / version, target / service / version
        _write(out / "service-2.json", subset(_read(source / "service-2.json"), wanted))
        _write(out / "paginators-1.json", _paginators(_read(source / "paginators-1.json"), wanted))
        _write(out / "endpoint-rule-set-1.json", _read(source / "endpoint-rule-set-1.json"))


def write_common(data: Path, target: Path, services: Mapping[str, Sequence[str]]) -> None:
    """Write what is not a service's own; of the endpoints those of the services in use."""
    for name in COMMON:
        _write(target / name, _read(data / name))
    models = {service: _read_model(data, service) for service in services}
    prefixes = {model["metadata"]["endpointPrefix"] for model in models.values()}
    endpoints = _read(data / "endpoints.json")
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: entry for name, entry in partition["services"].items() if name in prefixes
        }
    _write(target / "endpoints.json", endpoints)


def subset(model: Json, operations: Sequence[str]) -> Json:
    """A service model with these operations only, the shapes that they reach, and no prose."""
    kept = {name: _terse(model["operations"][name]) for name in sorted(operations)}
    shapes = _reachable(model["shapes"], kept.values())
    return {
        **{key: value for key, value in model.items() if key not in PROSE},
        "operations": kept,
        "shapes": {name: _terse_shape(model["shapes"][name]) for name in sorted(shapes)},
    }


def _reachable(shapes: Json, operations: Iterator[Json] | Any) -> set[str]:
    found: set[str] = set()
    waiting = [name for operation in operations for name in _roots(operation)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(shapes[name]))
    return found


def _roots(operation: Json) -> Iterator[str]:
    for part in ("input", "output"):
        if part in operation:
            yield operation[part]["shape"]
    for error in operation.get("errors", ()):
        yield error["shape"]


def _references(shape: Json) -> Iterator[str]:
    for member in shape.get("members", {}).values():
        yield member["shape"]
    for part in ("member", "key", "value"):
        if part in shape:
            yield shape[part]["shape"]


def _terse(thing: Json) -> Json:
    return {key: value for key, value in thing.items() if key not in PROSE}


def _terse_shape(shape: Json) -> Json:
    """Without the prose of the shape and of its members (a member may be named `documentation`)."""
    terse = _terse(shape)
    if "members" in terse:
        terse["members"] = {name: _terse(member) for name, member in terse["members"].items()}
    for part in ("member", "key", "value"):
        if part in terse:
            terse[part] = _terse(terse[part])
    return terse


def _paginators(paginators: Json, operations: Sequence[str]) -> Json:
    return {"pagination": {o: p for o, p in paginators["pagination"].items() if o in operations}}


def _read_model(data: Path, service: str) -> Json:
    version = max(path.name for path in (data / service).iterdir())
    return _read(data / service / version / "service-2.json")


def _read(path: Path) -> Json:
    packed = path.with_name(path.name + ".gz")
    if packed.exists():
        text = gzip.decompress(packed.read_bytes()).decode("utf-8")
    else:
        text = path.read_text(encoding="utf-8")
    content: Json = json.loads(text)
    return content


def _write(path: Path, content: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
