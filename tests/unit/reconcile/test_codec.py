"""The codec writes and reads values by their types, and says what doesn't fit, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar

import pytest
from autopilot.reconcile.codec import FLAT, decode, encode, encode_fields, named, prepared


@dataclass(frozen=True)
class Why:
    reason: str
    created: str = ""


@dataclass(frozen=True)
class GroupItem:
    kind: Literal["group"] = field(default="group", init=False)
    id: str
    ingress: tuple[str, ...] = ()


@dataclass(frozen=True)
class EndpointItem:
    kind: Literal["endpoint"] = field(default="endpoint", init=False)
    id: str
    private_dns: bool | None = None


Item = GroupItem | EndpointItem
ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Outcome(Generic[ItemT]):
    item: ItemT = field(metadata=FLAT)
    result: Literal["done", "failed"]
    message: str | None = field(default=None, metadata=prepared(lambda text: text and text.upper()))


@dataclass(frozen=True)
class Registered(Outcome[GroupItem]):
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Everywhere:
    ids: tuple[str, ...] = ()

    def to_json(self) -> Any:
        return encode_fields(self) if self.ids else "all"

    @classmethod
    def from_json(cls, data: Any) -> Everywhere:
        return cls() if data == "all" else cls(tuple(data["ids"]))


@dataclass(frozen=True)
class Plan:
    version: ClassVar[int] = 2
    items: tuple[Item, ...]
    looked_at: Literal["all"] | tuple[str, ...] = ()
    round_number: int = field(default=1, metadata=named("round"))
    reasons: Mapping[str, Why] = field(default_factory=dict)
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    look: frozenset[str] = frozenset()
    at: datetime | None = None
    scope: Everywhere = Everywhere()
    before: Why | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


FULL = Plan(
    items=(GroupItem("a", ("0.0.0.0/0",)), EndpointItem("b", False)),
    looked_at=("vpc-1",),
    round_number=3,
    reasons={"vpce-1": Why("new")},
    zones={"use1-az1": ("subnet-1",)},
    look=frozenset({"zones", "answers"}),
    at=datetime(2026, 11, 30, 12, tzinfo=UTC),
    scope=Everywhere(("vpc-1",)),
    before=Why("x", "y"),
    data={"any": [1, {"thing": None}]},
)
IN_JSON = {
    "items": [
        {"kind": "group", "id": "a", "ingress": ["0.0.0.0/0"]},
        {"kind": "endpoint", "id": "b", "private_dns": False},
    ],
    "looked_at": ["vpc-1"],
    "round": 3,
    "reasons": {"vpce-1": {"reason": "new", "created": ""}},
    "zones": {"use1-az1": ["subnet-1"]},
    "look": ["answers", "zones"],
    "at": "2026-11-30T12:00:00+00:00",
    "scope": {"ids": ["vpc-1"]},
    "before": {"reason": "x", "created": "y"},
    "data": {"any": [1, {"thing": None}]},
}


def test_writes_plain_types_under_the_names_that_json_knows() -> None:
    assert encode(FULL) == IN_JSON


def test_reads_what_it_wrote() -> None:
    assert decode(Plan, IN_JSON) == FULL


def test_fills_what_is_missing_and_leaves_aside_what_is_unknown() -> None:
    assert decode(Plan, {"items": [], "who": "knows"}) == Plan(items=())


def test_takes_null_for_the_default_where_there_is_no_none() -> None:
    assert decode(Plan, {"items": [], "zones": None, "round": None}) == Plan(items=())


@pytest.mark.parametrize("nothing", [None, {}])
def test_takes_null_and_an_empty_object_for_no_dataclass(nothing: Any) -> None:
    assert decode(Plan, {"items": [], "before": nothing}).before is None


def test_keeps_none_where_the_type_knows_it() -> None:
    data = {"items": [{"kind": "endpoint", "id": "b", "private_dns": None}]}
    assert decode(Plan, data).items == (EndpointItem("b", None),)


def test_takes_a_whole_float_of_jsonata_for_a_number() -> None:
    assert decode(Plan, {"items": [], "round": 2.0}).round_number == 2


def test_tells_a_word_from_a_list() -> None:
    assert decode(Plan, {"items": [], "looked_at": "all"}).looked_at == "all"


def test_uses_a_classes_own_shape() -> None:
    assert encode(Everywhere()) == "all"
    assert decode(Plan, {"items": [], "scope": "all"}).scope == Everywhere()


def test_puts_a_flat_fields_keys_beside_its_own() -> None:
    outcome = Outcome(EndpointItem("b"), "failed", "NO")
    plain = {
        "kind": "endpoint",
        "id": "b",
        "private_dns": None,
        "result": "failed",
        "message": "NO",
    }
    assert encode(outcome) == plain
    assert decode(Outcome[Item], plain) == outcome


def test_prepares_what_it_reads() -> None:
    data = {"kind": "endpoint", "id": "b", "result": "failed", "message": "no"}
    assert decode(Outcome[EndpointItem], data).message == "NO"


def test_reads_a_subclass_of_a_generic() -> None:
    data = {"id": "a", "ingress": ["x"], "result": "done", "refused": ["y"]}
    assert decode(Registered, data) == Registered(GroupItem("a", ("x",)), "done", refused=("y",))


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "items"),
        ({"items": [{"kind": "group"}]}, "items[0].id"),
        ({"items": [], "reasons": {"a": {}}}, "reasons['a'].reason"),
    ],
)
def test_names_the_path_of_what_is_missing(data: Any, path: str) -> None:
    with pytest.raises(KeyError) as raised:
        decode(Plan, data)
    assert raised.value.args == (path,)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "the input is []; write an object"),
        ({"items": "x"}, "items is 'x'; write a list"),
        ({"items": ["x"]}, "items[0] is 'x'; write one of kind group, kind endpoint"),
        ({"items": [{"kind": "x"}]}, "write one of kind group, kind endpoint"),
        ({"items": [{"kind": "group", "id": 1}]}, "items[0].id is 1; write a text"),
        ({"items": [], "round": "1"}, "round is '1'; write a whole number"),
        ({"items": [], "round": 1.5}, "round is 1.5; write a whole number"),
        ({"items": [], "round": True}, "round is True; write a whole number"),
        ({"items": [], "at": "noon"}, "at is 'noon'; write a datetime in ISO 8601"),
        ({"items": [], "zones": {"a": "b"}}, "zones['a'] is 'b'; write a list"),
        ({"items": [], "zones": []}, "zones is []; write an object"),
        ({"items": [], "looked_at": "some"}, "looked_at is 'some'; write one of"),
    ],
)
def test_names_the_path_the_value_and_what_would_be_right(data: Any, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        decode(Plan, data)
    assert said in str(raised.value)


def test_names_what_a_word_may_be() -> None:
    with pytest.raises(ValueError, match="result is 'odd'; write one of done, failed"):
        decode(Outcome[EndpointItem], {"kind": "endpoint", "id": "b", "result": "odd"})
