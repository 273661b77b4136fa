"""Approve and Reject on the dashboard, pressed in a browser, in a lab that holds requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from demo import scenes
from tests.browser.dashboards import Dashboard, Widget, serious
from tests.end_to_end.reception import PROVIDER, STRANGER, Reception, reception

# An element's name, as who hears the page knows it.
NAME = "e => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent"
WAITING = "Waiting for a person, and failed"


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    with reception(tmp_path_factory.mktemp("policy")) as made:
        yield made


@pytest.fixture
def held(desk: Reception) -> str:
    """A request that waits for a person."""
    endpoint = desk.ask(STRANGER)
    scenes.wait_until(
        desk.service.states, lambda states: endpoint in states, "the request is there", every=0.05
    )
    desk.look()
    desk.opened(endpoint)
    return endpoint


@pytest.fixture
def board(page: Page, desk: Reception) -> Dashboard:
    return Dashboard(page, desk.lab, PROVIDER)


def reaches(desk: Reception, endpoint: str, state: str) -> None:
    scenes.wait_until(
        desk.service.states,
        lambda states: states.get(endpoint) == state,
        f"{endpoint} is {state}",
        seconds=60,
    )


def fill(board: Dashboard, by: str, reason: str) -> None:
    board.page.get_by_label("Your name").fill(by)
    board.page.get_by_label("Reason", exact=True).fill(reason)


def button(board: Dashboard, words: str, endpoint: str) -> None:
    board.page.get_by_role("button", name=f"{words} {endpoint}", exact=True).click()


def waiting(board: Dashboard) -> Widget:
    return board.widget(WAITING)


def test_a_held_request_is_approved_by_its_button(
    board: Dashboard, desk: Reception, held: str
) -> None:
    board.open(whole="yes")
    fill(board, 'Alice "<b>" 🎉', "a partner")
    button(board, "Approve", held)
    expect(board.question()).to_contain_text(
        f"Accept the request of {held} from account {STRANGER}"
    )
    board.answer(yes=True)
    waiting(board).wait_for_answers(2)
    expect(waiting(board).content.get_by_role("status")).to_have_text(
        f'● Approve is passed on for {held}, by Alice "<b>" 🎉: a partner'
    )
    assert serious(board.page) == []
    reaches(desk, held, "available")
    board.page.get_by_role("button", name=f"See how it ended: {held}").click()
    waiting(board).wait_for_answers(3)
    ended = waiting(board).content.get_by_role("status")
    expect(ended).to_contain_text("● available: the connection of")
    expect(ended).to_contain_text('by Alice "<b>" 🎉')
    expect(board.page.get_by_role("button", name=f"Approve {held}")).to_have_count(0)
    scenes.wait_until(
        lambda: desk.lab.client("dynamodb", PROVIDER).get_item(
            TableName=desk.ledger, Key={"pk": {"S": "hold"}, "sk": {"S": held}}
        )["Item"]["state"]["S"],
        lambda state: state == "closed",
        "the hold is over",
    )
    board.open(whole="yes")
    row = board.widget("Connections and their zones").content.locator("tr", has_text=held)
    expect(row).to_contain_text("● available")
    expect(row).to_contain_text('Alice "<b>" 🎉')
    expect(row).to_contain_text("a partner")


def tab_to(board: Dashboard, name: str, most: int = 60) -> None:
    """Press Tab until what bears that name has the focus, which must show."""
    for _ in range(most):
        board.page.keyboard.press("Tab")
        focused = board.page.locator(":focus")
        if focused.count() and focused.evaluate(NAME) == name:
            ring = focused.evaluate("e => getComputedStyle(e).outlineStyle")
            assert ring != "none", f"{name} has the focus, and nothing shows it"
            return
    raise AssertionError(f"the keyboard never comes to {name}")


def test_the_keyboard_is_enough_to_reject_in_the_dark(
    board: Dashboard, desk: Reception, held: str
) -> None:
    """From the top of the page to how it ended; the mouse isn't touched."""
    board.open("dark", whole="yes")
    keyboard = board.page.keyboard
    tab_to(board, "Your name")
    keyboard.type("Bob")
    keyboard.press("Enter")  # submits nothing
    tab_to(board, "Reason")
    keyboard.type("unknown to us")
    tab_to(board, f"Reject {held}")
    keyboard.press("Enter")
    expect(board.question()).to_be_visible()
    assert serious(board.page) == []
    keyboard.press("Escape")  # thought better of it
    expect(board.question()).to_have_count(0)
    assert waiting(board).answers == 1
    board.page.get_by_role("button", name=f"Reject {held}", exact=True).focus()
    keyboard.press("Space")
    expect(board.question()).to_be_visible()
    tab_to(board, "OK")
    keyboard.press("Enter")
    waiting(board).wait_for_answers(2)
    expect(waiting(board).content.get_by_role("status")).to_contain_text("Reject is passed on")
    assert waiting(board).said == []
    reaches(desk, held, "rejected")
    tab_to(board, f"See how it ended: {held}")
    keyboard.press("Enter")
    waiting(board).wait_for_answers(3)
    ended = waiting(board).content.get_by_role("status")
    expect(ended).to_contain_text("✕ rejected: the connection of")
    expect(ended).to_contain_text("unknown to us")
    assert serious(board.page) == []


def test_without_a_reason_nothing_is_answered(board: Dashboard, desk: Reception, held: str) -> None:
    board.open(whole="yes")
    fill(board, "Carol", "")
    button(board, "Approve", held)
    board.answer(yes=True)
    waiting(board).wait_for_answers(2)
    expect(waiting(board).content.get_by_role("alert")).to_have_text(
        "✕ Nothing is answered: write a reason first."
    )
    expect(board.page.get_by_label("Your name")).to_have_value("Carol")
    assert serious(board.page) == []
    assert desk.service.states()[held] == "pendingAcceptance"
    board.page.get_by_label("Reason", exact=True).fill("a partner")
    button(board, "Approve", held)
    board.answer(yes=True)
    waiting(board).wait_for_answers(3)
    reaches(desk, held, "available")


def test_an_answer_that_comes_too_late_is_said(
    board: Dashboard, desk: Reception, held: str
) -> None:
    board.open(whole="yes")
    fill(board, "Dave", "so")
    desk.answer_hold(held, "reject")
    reaches(desk, held, "rejected")
    button(board, "Approve", held)
    board.answer(yes=True)
    waiting(board).wait_for_answers(2)
    expect(waiting(board).content.get_by_role("alert")).to_contain_text("Nothing is answered: ")
    assert desk.service.states()[held] == "rejected"
