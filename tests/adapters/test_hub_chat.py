"""A chat's button in the hub, from a spoke's notice to what goes down, of one request only.

The press is what AWS would make of the action and the notice: its variables put into its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import hub_ask
import hub_look
import pytest
from autopilot.aws.asking import trails
from autopilot.connections import messages
from autopilot.fleet.asking import Told
from autopilot.fleet.upward import news_of
from autopilot.fleet.wire import News, Spoke
from autopilot.notify.notice import Place
from autopilot.notify.render import message
from autopilot.reconcile.codec import decode

from infra.chat import OF_HUB
from tests.adapters.hub_at_work import Hub, context, hub
from tests.unit.connections.reports import held
from tests.unit.fleet.said import NOW, beat, event
from tests.unit.fleet.worlds import ALPHA, BETA, REGION, ROSTER

__all__ = ["hub"]
ASKS = "EndpointAutopilotHub-HubAsk"
SPOKE = Spoke(ALPHA, REGION)
TAKES = f"arn:aws:lambda:{REGION}:{ALPHA}:function:EndpointAutopilot-TakeAnswer"


@pytest.fixture(autouse=True)
def _chat(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_ASKS", ASKS)
    hub_look._settings.cache_clear()
    hub.now += timedelta(minutes=1)
    hub.hears(event(beat(at=hub.now.isoformat(), asks={"answer": TAKES}), SPOKE))


def request(endpoint: str = "vpce-1", **changes: Any) -> News:
    """What the spoke's `record` tells of a request that waits."""
    there = Place(ALPHA, REGION, "EndpointAutopilot", f"arn:{endpoint}", NOW.isoformat())
    found = held(f"vpce-svc-1/{endpoint}", endpoint_id=endpoint, hold=f"hold-{endpoint}-1")
    notice = messages.HELD.notice("opened", [found], there)
    return replace(news_of(notice, message(notice, there), there), **changes)


def context_told(hub: Hub) -> dict[str, Any]:
    """What of the one mail a button can see."""
    assert hub.looks("chat")["messages"] == 1
    shown = json.loads(json.loads(hub.ops.sent[-1].body)["https"])
    found: dict[str, Any] = shown["metadata"].get("additionalContext", {})
    assert shown["metadata"].get("enableCustomActions", False) == ("answered_by" in found)
    return found


def press(hub: Hub, told: Mapping[str, Any], approvers: tuple[str, ...] = ()) -> tuple[Told, Any]:
    """What came of Accept, and what the spoke was asked."""
    assert told["answered_by"] == ASKS
    payload = OF_HUB.payload("accept")
    for name, key in OF_HUB.variables.items():
        payload = payload.replace(f"${name}", told[key])
    asked: list[Any] = []

    def spoke(arn: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append((arn, question))
        return {"id": question["id"], "taken": True}

    said = hub_ask.handler(
        json.loads(payload),
        context("ask"),
        ledger=lambda: hub.table,
        roster=lambda: replace(ROSTER, approvers=approvers),
        ask=spoke,
        now=lambda: hub.now,
    )
    return decode(Told, said), asked


@pytest.mark.parametrize("approvers", [(), ("alice@example.com", "chat")])
def test_a_button_answers_the_one_hold_of_the_one_spoke(
    hub: Hub, approvers: tuple[str, ...]
) -> None:
    hub.hears(event(request(), SPOKE))

    told, asked = press(hub, context_told(hub), approvers)

    assert told.answer and told.answer["taken"]
    ((arn, question),) = asked
    assert arn == TAKES
    assert (question["endpoint_id"], question["hold"]) == ("vpce-1", "hold-vpce-1-1")
    assert (question["answer"], question["by"]) == ("accept", "chat")
    (trail,) = trails(hub.table)
    assert (trail.spoke, trail.by, trail.state) == (str(SPOKE), "chat", "taken")


def test_where_some_are_named_who_may_answer_a_press_names_nobody(hub: Hub) -> None:
    hub.hears(event(request(), SPOKE))

    told, asked = press(hub, context_told(hub), ("alice@example.com",))

    assert (told.refused, asked, trails(hub.table)) == ("NotApprover", [], [])
    assert "chat is none of the approvers that fleet.yaml names: a chat's button" in told.why


@pytest.mark.parametrize(
    "changes",
    [
        {"kinds": ("ConnectionHeld", "PolicyLacksRule")},
        {"change": "resolved"},
        {"ids": ("vpce-svc-1/vpce-1", "vpce-svc-1/vpce-2", "hold-vpce-1-1", "hold-vpce-2-1")},
        {"ids": ("vpce-svc-1/vpce-1",)},
        {"ids": ('vpce-svc-1/vpce-1","by":"alice', "hold-vpce-1-1")},
        {"ids": ("vpce-svc-1/vpce-1", 'hold"}')},
    ],
)
def test_of_anything_but_one_request_that_waits_there_is_no_button(
    hub: Hub, changes: dict[str, Any]
) -> None:
    hub.hears(event(request(**changes), SPOKE))
    assert not {"answered_by", "spoke", "held"} & set(context_told(hub))


@pytest.mark.parametrize("other", [SPOKE, Spoke(BETA, REGION)])
def test_of_two_requests_in_one_mail_there_is_none(hub: Hub, other: Spoke) -> None:
    hub.hears(event(request(), SPOKE), event(request("vpce-2"), other))
    assert context_told(hub) == {}


def test_without_chat_buttons_there_is_none(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAT_ASKS")
    hub_look._settings.cache_clear()
    hub.hears(event(request(), SPOKE))
    assert "answered_by" not in context_told(hub)
