"""Frozen dataclasses to plain JSON types and back, by their type hints.

`encode(plan)` writes a value, `decode(NetworkPlan, data)` reads it. A class says what hints don't:

- `field(metadata=named("round"))`: the key differs from the attribute;
- `field(metadata=FLAT)`: the nested dataclass's keys stand among one's own;
- `field(metadata=prepared(words))`: a function that the JSON value passes before it is read;
- `kind: Literal["group"] = field(default="group", init=False)` tells the members of a union apart;
- methods `to_json(self)` and `from_json(data)`, for a shape that is no object of its fields.

A key that is missing, or null where the hint knows no None and the class has no `from_json`, gets
the field's default; unknown keys are left aside. An optional dataclass is None where JSON has null
or an empty object. Whatever else doesn't fit raises KeyError or ValueError with its path
("items[2].action is …; write one of …").
Hints are read at a class's first use, so their names must be imported at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime, time
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Read = Callable[[Any, str], Any]
"""Reads the JSON value that stands at a path."""


def named(key: str) -> Mapping[str, Any]:
    """The metadata of a field that JSON knows under another key."""
    return {"json": key}


FLAT = named("")


def prepared(function: Callable[[Any], Any]) -> Mapping[str, Any]:
    """The metadata of a field whose JSON value passes `function` before it is read."""
    return {"prepared": function}


def encode(value: Any) -> Any:
    """`value` as plain JSON types."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple | list):
        return [encode(each) for each in value]
    if hasattr(value, "to_json"):
        return value.to_json()
    if is_dataclass(value):
        return encode_fields(value)
    if isinstance(value, Mapping):
        return {key: encode(each) for key, each in value.items()}
    return _encode_other(value)


def _encode_other(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(map(encode, value))
    return value.isoformat() if isinstance(value, datetime | time) else value


def encode_fields(value: Any) -> dict[str, Any]:
    """A dataclass as an object of its fields, which its `to_json` may add to."""
    plain: dict[str, Any] = {}
    kind: Any = type(value)
    for name, key in _keys(kind):
        written = encode(getattr(value, name))
        plain.update({key: written} if key else written)
    return plain


@cache
def _keys(kind: Any) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, _key(field)) for field in fields(kind))


def _key(field: Field[Any]) -> str:
    """The field's key in JSON, "" if its own keys stand for it."""
    return str(field.metadata.get("json", field.name))


def decode(kind: type[T], data: Any) -> T:
    """The value that `encode` wrote. Raises KeyError or ValueError, naming the path."""
    hint: Any = kind
    value: T = _reader(hint)(data, "")
    return value


@cache
def _reader(hint: Any) -> Read:
    origin = get_origin(hint) or hint
    if hasattr(origin, "from_json"):
        return lambda data, _: origin.from_json(data)
    if is_dataclass(origin):
        return partial(_read_fields, hint)
    return partial(_READERS[origin], hint) if origin in _READERS else lambda data, _: data


def _bad(path: str, data: Any, wanted: str) -> ValueError:
    return ValueError(f"{path or 'the input'} is {data!r}; write {wanted}")


def _read_plain(kind: Any, data: Any, path: str) -> Any:
    if isinstance(data, float) and kind is int and data.is_integer():
        return int(data)  # a number of JSONata's may be a float
    if type(data) is not kind:
        raise _bad(path, data, _SAID[kind])
    return data


def _read_literal(hint: Any, data: Any, path: str) -> Any:
    if data not in get_args(hint):
        raise _bad(path, data, f"one of {', '.join(map(str, get_args(hint)))}")
    return data


def _read_list(hint: Any, data: Any, path: str) -> Any:
    if not isinstance(data, list | tuple):
        raise _bad(path, data, "a list")
    read, make = _reader(get_args(hint)[0]), get_origin(hint) or tuple
    return make(read(each, f"{path}[{i}]") for i, each in enumerate(data))


def _read_mapping(hint: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise _bad(path, data, "an object")
    read = _reader(get_args(hint)[1])
    return {key: read(each, f"{path}[{key!r}]") for key, each in data.items()}


def _read_moment(kind: Any, data: Any, path: str) -> datetime | time:
    try:
        moment: datetime | time = kind.fromisoformat(data)
    except (TypeError, ValueError) as error:
        raise _bad(path, data, f"a {kind.__name__} in ISO 8601") from error
    return moment


def _read_union(hint: Any, data: Any, path: str) -> Any:
    members = [each for each in get_args(hint) if each is not NoneType]
    optional = NoneType in get_args(hint)
    if optional and (data is None or (data == {} and any(map(_is_object, members)))):
        return None
    fitting = members if len(members) == 1 else [each for each in members if _fits(each, data)]
    if not fitting:
        raise _bad(path, data, f"one of {', '.join(map(str, map(_said, members)))}")
    return _reader(fitting[0])(data, path)


def _is_object(hint: Any) -> bool:
    return is_dataclass(get_origin(hint) or hint)


def _fits(hint: Any, data: Any) -> bool:
    """Whether a member of a union is meant: by the JSON type, and a dataclass by its Literals."""
    if _is_object(hint):
        tags = _tags(hint)
        return isinstance(data, Mapping) and all(data.get(key) in tags[key] for key in tags)
    try:
        _reader(hint)(data, "")
    except (KeyError, ValueError):
        return False
    return True


def _said(hint: Any) -> str:
    if _is_object(hint):
        return " ".join(f"{key} {'/'.join(values)}" for key, values in _tags(hint).items())
    return str(hint)


def _tags(hint: Any) -> dict[str, tuple[Any, ...]]:
    each = fields(get_origin(hint) or hint)
    return {_key(f): get_args(_hints(hint)[f.name]) for f in each if not f.init}


_READERS: Mapping[Any, Callable[[Any, Any, str], Any]] = {
    str: _read_plain,
    int: _read_plain,
    bool: _read_plain,
    Literal: _read_literal,
    tuple: _read_list,
    frozenset: _read_list,
    Mapping: _read_mapping,
    datetime: _read_moment,
    time: _read_moment,
    Union: _read_union,
    UnionType: _read_union,
}
_SAID = {str: "a text", int: "a whole number", bool: "true or false"}


def _read_fields(hint: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise _bad(path, data, "an object")
    values: dict[str, Any] = {}
    for field, key, takes_null, read in _fields(hint):
        here = f"{path}.{key}" if path and key else path or key
        value = data.get(key) if key else data
        if value is not None or (takes_null and key in data):
            prepare = field.metadata.get("prepared")
            values[field.name] = read(prepare(value) if prepare else value, here)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise KeyError(here)
    return (get_origin(hint) or hint)(**values)


@cache
def _fields(hint: Any) -> tuple[tuple[Field[Any], str, bool, Read], ...]:
    """Of each field of the constructor its key, whether null is read, and who reads it."""
    kinds = _hints(hint)
    return tuple(
        (each, _key(each), _takes_null(kinds[each.name]), _reader(kinds[each.name]))
        for each in fields(get_origin(hint) or hint)
        if each.init
    )


def _takes_null(hint: Any) -> bool:
    """Whether null is read, not left to the default; what has its own reader says so itself."""
    return NoneType in get_args(hint) or hasattr(get_origin(hint) or hint, "from_json")


@cache
def _hints(hint: Any) -> dict[str, Any]:
    """The types of a dataclass's fields; of a generic one those that it is used with."""
    bound = _bound(hint)
    found = get_type_hints(get_origin(hint) or hint)
    return {name: _filled(each, bound) for name, each in found.items()}


def _bound(hint: Any) -> dict[Any, Any]:
    origin = get_origin(hint) or hint
    bound = dict(zip(getattr(origin, "__parameters__", ()), get_args(hint), strict=False))
    for base in getattr(origin, "__orig_bases__", ()):
        bound |= {parameter: _filled(each, bound) for parameter, each in _bound(base).items()}
    return bound


def _filled(hint: Any, bound: Mapping[Any, Any]) -> Any:
    if isinstance(hint, TypeVar):
        return bound.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    return hint[tuple(bound.get(each, each) for each in parameters)] if parameters else hint
