"""The lab's own face under `/_lab/`: what was called, what fails, how events arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from lab import delivery, faults, scps, seeds, traffic
from lab.calls import CallLog
from lab.checks import BadInputError, object_of
from lab.denials import DENIALS, Denials
from lab.ec2 import Ec2
from lab.errors import Answer
from lab.mail import MAILS, Mails
from lab.topics import Topics
from lab.undelivered import OUTAGES, Outages

PREFIX = "/_lab/"
_JSON = {"Content-Type": "application/json"}
Act = Callable[[Any], Any]
Page = Callable[[Mapping[str, str], Any], Answer]
Kept = CallLog | Denials | Mails | Outages | faults.Faults


class Control:
    """Answers requests under `/_lab/`.

    `reach` says what faults can be planted for; `ready` is set when all is deployed.
    """

    def __init__(
        self,
        calls: CallLog,
        planted: faults.Faults,
        post: delivery.Post,
        topics: Topics,
        ec2: Ec2,
        seed: seeds.Seed,
        reach: Callable[[], faults.Reach],
    ) -> None:
        self.ready = False
        self._pages: dict[tuple[str, str], Page] = {}
        self._acts: dict[tuple[str, str], Act] = {
            **_list_of("calls", calls),
            **_list_of("faults", planted),
            **_SHARED,
            ("POST", "faults"): lambda data: planted.plant(faults.parse(data, reach())),
            ("GET", "delivery"): lambda _: {**post.state(), "refused": topics.refused()},
            ("POST", "delivery"): lambda data: _disturb(post, data, seed),
            ("DELETE", "delivery"): lambda _: _disturb(post, {}, seed),
            ("GET", "world"): lambda _: ec2.world({}),
            ("POST", "world"): lambda data: _change(ec2, data),
            ("DELETE", "world"): lambda _: traffic.forget(ec2),
            ("POST", "organization"): scps.join,
            **_BUSES,
            ("POST", "traffic"): lambda data: traffic.plant(ec2, data),
            ("GET", "seed"): lambda _: {"seed": seed.number},
            ("POST", "seed"): lambda data: seed.plant(seeds.parse(data)),
            ("GET", "health"): lambda _: {"ready": self.ready},
        }

    def add(self, method: str, name: str, page: Page) -> None:
        """Have `page` answer requests for `name`, from the query and the JSON posted, if any."""
        self._pages[method, name] = page

    def answer(self, method: str, path: str, body: bytes, query: str = "") -> Answer:
        """Answer one request; anything wrong with it is said in `{"error": ...}`."""
        name = path.removeprefix(PREFIX).strip("/")
        page, act = self._pages.get((method, name)), self._acts.get((method, name))
        if page is None and act is None:
            return self._lost(name)
        try:
            data = _json(body) if method == "POST" else None
            if page is not None:
                return page(dict(parse_qsl(query, keep_blank_values=True)), data)
            result = act(data) if act is not None else None
        except BadInputError as mistake:
            return _answer(HTTPStatus.BAD_REQUEST, {"error": str(mistake)})
        return _answer(HTTPStatus.OK, {} if result is None else result)

    def _lost(self, name: str) -> Answer:
        known_ones = [*self._acts, *self._pages]
        methods = [method for method, known in known_ones if known == name]
        if methods:
            use = f"use {' or '.join(methods)} with {PREFIX}{name}"
            return _answer(HTTPStatus.METHOD_NOT_ALLOWED, {"error": use})
        names = ", ".join(dict.fromkeys(known for _, known in known_ones))
        return _answer(HTTPStatus.NOT_FOUND, {"error": f"there is only {names} under {PREFIX}"})


def _list_of(name: str, kept: Kept) -> dict[tuple[str, str], Act]:
    return {("GET", name): lambda _: kept.all(), ("DELETE", name): lambda _: kept.clear()}


# What all of MiniStack shares.
_SHARED = _list_of("denials", DENIALS) | _list_of("mails", MAILS)
_BUSES = {**_list_of("buses", OUTAGES), ("POST", "buses"): OUTAGES.change}


def _disturb(post: delivery.Post, data: Any, seed: seeds.Seed) -> None:
    post.disturb(delivery.parse_all(data, seed.number or 0))


def _change(ec2: Ec2, data: Any) -> Any:
    try:
        return ec2.world(object_of(data))
    except ValueError as mistake:
        raise BadInputError(str(mistake)) from mistake


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise BadInputError(f"the body is no JSON: {error}") from error


def _answer(status: HTTPStatus, data: Any) -> Answer:
    return Answer(status, json.dumps(data, default=str).encode(), _JSON)
