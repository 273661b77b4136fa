"""How CloudTrail events are disturbed."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.checks import BadInputError
from lab.client import wait_until
from lab.delivery import SHUFFLE_SECONDS, Delivery, Postman, parse


def plan(delivery: Delivery, events: int = 50) -> list[list[float]]:
    chance = random.Random(delivery.seed)
    return [delivery.delays(chance) for _ in range(events)]


def test_delivers_at_once_and_once_when_undisturbed() -> None:
    assert plan(Delivery()) == [[0.0]] * 50


def test_loses_everything_at_a_loss_of_one() -> None:
    assert plan(Delivery(loss=1, duplicates=3)) == [[]] * 50


def test_loses_some_in_between() -> None:
    lost = sum(not copies for copies in plan(Delivery(loss=0.5)))
    assert 10 < lost < 40


@pytest.mark.parametrize(("duplicates", "copies"), [(0, 1), (1, 2), (2, 3), (7, 8)])
def test_delivers_extra_copies(duplicates: float, copies: int) -> None:
    assert {len(found) for found in plan(Delivery(duplicates=duplicates))} == {copies}


def test_delivers_an_extra_copy_with_a_probability() -> None:
    copies = {len(found) for found in plan(Delivery(duplicates=0.5))}
    assert copies == {1, 2}


def test_scatters_arrivals_over_the_window_after_the_delay() -> None:
    delays = [delay for copies in plan(Delivery(delay_seconds=10, shuffle=3)) for delay in copies]
    assert all(10 <= delay <= 13 for delay in delays)
    assert delays != sorted(delays)


settings = st.builds(
    Delivery,
    delay_seconds=st.floats(0, 10),
    duplicates=st.one_of(st.floats(0, 1), st.integers(2, 5)),
    loss=st.floats(0, 1),
    shuffle=st.floats(0, 10),
    seed=st.integers(),
)


@given(settings)
def test_is_repeatable_by_its_seed(delivery: Delivery) -> None:
    assert plan(delivery) == plan(delivery)


@given(settings)
def test_loses_the_same_events_whatever_else_is_set_to(delivery: Delivery) -> None:
    alone = Delivery(loss=delivery.loss, seed=delivery.seed)
    first_lost = [not copies for copies in plan(delivery, 1)]
    assert first_lost == [not copies for copies in plan(alone, 1)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("late", "send a JSON object"),
        ({"delay": 1}, "delay: there is no such key"),
        ({"delay_seconds": "1"}, "delay_seconds: '1' given"),
        ({"delay_seconds": -1}, "delay_seconds: -1 given"),
        ({"duplicates": 1.5}, "duplicates: 1.5 given"),
        ({"duplicates": -1}, "duplicates: -1 given"),
        ({"loss": 1.1}, "loss: 1.1 given"),
        ({"loss": True}, "loss: True given"),
        ({"shuffle": "yes"}, "shuffle: 'yes' given"),
        ({"seed": 0.5}, "seed: 0.5 given"),
        ({"loss": 2, "shuffle": -1}, "loss: 2 given.*; shuffle: -1 given"),
    ],
)
def test_refuses_nonsense_and_says_why(data: Any, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        parse(data)


def test_takes_true_for_a_window_of_its_own() -> None:
    assert parse({"shuffle": True}) == Delivery(shuffle=SHUFFLE_SECONDS)
    assert parse({"shuffle": False}) == Delivery()


def test_posts_in_the_order_in_which_copies_are_due() -> None:
    postman, arrived, done = Postman(), list[str](), threading.Event()
    postman.disturb(Delivery(delay_seconds=0.2))

    def late() -> None:
        arrived.append("late")
        done.set()

    postman.post(late)
    postman.disturb(Delivery())
    postman.post(lambda: arrived.append("early"))
    assert done.wait(5)
    assert arrived == ["early", "late"]


def test_a_new_seed_begins_anew_and_leaves_the_rest_as_it_is() -> None:
    postman = Postman()
    postman.disturb(Delivery(loss=0.5, delay_seconds=3600))

    def ways(seed: int) -> list[int]:
        postman.seed(seed)
        counts = []
        for _ in range(20):
            before = postman.state()["on_their_way"]
            postman.post(lambda: None)
            counts.append(postman.state()["on_their_way"] - before)
        return counts

    assert ways(4) == ways(4) != ways(5)
    assert postman.state()["loss"] == 0.5


def test_an_event_is_on_its_way_until_it_has_arrived() -> None:
    postman, begun, go_on = Postman(), threading.Event(), threading.Event()

    def slowly() -> None:
        begun.set()
        go_on.wait(5)

    postman.post(slowly)
    assert begun.wait(5)
    assert postman.state()["on_their_way"] == 1
    go_on.set()
    wait_until(lambda: postman.state()["on_their_way"] == 0, 5, "the event arrives")


def test_goes_on_after_an_event_that_could_not_be_delivered() -> None:
    postman, done = Postman(), threading.Event()
    postman.post(lambda: [][0])
    postman.post(done.set)
    assert done.wait(5)
