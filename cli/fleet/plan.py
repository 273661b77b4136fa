"""`--fleet plan`: what the checkout's fleet.yaml would change, as each spoke itself sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from cli import policy_file
from cli.options import Asked, operators
from cli.output import print_json, progress
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.fleet.asking import Told
    from autopilot.fleet.heard import Heard
    from autopilot.fleet.wire import Spoke
    from autopilot.foreseen.counted import Ahead

    from infra.fleet.model import Fleet
    from infra.policy_file import Configuration

# Each waits for one Lambda function in the hub, and that for one in the spoke.
AT_ONCE = 16
SCHEMA = 1


@dataclass(frozen=True)
class Question:
    """A spoke and the policy that it would have. `candidate` None: it would have no stack."""

    spoke: Spoke
    target: str
    candidate: Configuration | None


@dataclass(frozen=True)
class Answer:
    """What a spoke would do otherwise; `ahead` None: it couldn't be asked, and `why`."""

    spoke: Spoke
    target: str
    ahead: Ahead | None = None
    why: str = ""
    leaves: bool = False

    @property
    def differs(self) -> bool:
        """Whether something would change there, as far as it is known."""
        return self.leaves or bool(self.ahead and self.ahead.differs)

    @property
    def is_whole(self) -> bool:
        """Whether all of it could be seen."""
        if self.leaves:
            return True
        return self.ahead is not None and not (self.ahead.unseen or self.ahead.unread)


@operators(
    "plan",
    click.option("--target", help="Ask the spokes of one target of fleet.yaml."),
    click.option("--account", default="", help="Ask one account."),
    click.option("--partial", is_flag=True, help="Take a plan that misses what can't be seen."),
)
def command(asked: Asked, target: str | None, account: str, partial: bool) -> int:
    """Say what this checkout's fleet.yaml and autopilot.yaml would change, and where.

    Each spoke that the hub has heard of is asked, with the policy that it would get: it compares
    that with the one it runs, by its own plans. Changes nothing. What only begins with a target
    (stacks in accounts that have none) isn't foreseen.

    \b
    Example: ./autopilot --fleet plan --target production
    Exit codes: 0 nothing would change; 2 something would; 1 an error, or not all could be seen or
    asked and you didn't say --partial.
    """
    from cli.fleet.hub import connect

    fleet = _fleet(target)
    hub = connect(asked)
    questions = [q for q in _questions(fleet, hub.spokes(account)) if target in (None, q.target)]
    if not questions:
        raise Problem("The hub has heard of no such spoke: ./autopilot --fleet status lists them.")
    with progress("Asking", quiet=asked.as_json) as tell:
        answers = ask_all(questions, hub.ask, tell)
    _show(asked, fleet, answers)
    if not partial and not all(each.is_whole for each in answers):
        return 1
    return 2 if any(each.differs for each in answers) else 0


def _fleet(target: str | None) -> Fleet:
    """The checkout's fleet, which has that target. Raises Mistaken, Problem."""
    found = policy_file.fleet()
    if found is None:
        raise Problem(
            "There is no fleet.yaml here: write one, or name it in FLEET (docs/fleet.md)."
        )
    names = [each.name for each in found.fleet.targets]
    if target is not None and target not in names:
        raise Problem(f"{target} is no target of fleet.yaml: name one of {', '.join(names)}.")
    return found.fleet


def _questions(fleet: Fleet, heard: Iterable[Heard]) -> list[Question]:
    """One for each spoke: an account has the stack of the target that its last heartbeat names."""
    return [_question(fleet, each) for each in sorted(heard, key=lambda each: each.spoke)]


def _question(fleet: Fleet, heard: Heard) -> Question:
    spoke, name = heard.spoke, heard.heartbeat.target
    target = next((each for each in fleet.targets if each.name == name), None)
    plain = next((each for each in fleet.plain if each.account == spoke.account), None)
    if target and spoke.region in target.regions:
        own = target.accounts.get(spoke.account, target.configuration)
        return Question(spoke, name, own)
    if plain and not name and spoke.region in plain.regions:
        return Question(spoke, name, plain.configuration)
    return Question(spoke, name, None)


Ask = Callable[["Spoke", str, Any], "Told"]


def ask_all(questions: Sequence[Question], ask: Ask, tell: Callable[[str], None]) -> list[Answer]:
    """All answers, in the order of the questions, several asked at a time. Raises AwsErrors."""
    made = list[Answer]()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for answer in pool.map(lambda each: _answer(each, ask), questions):
            made.append(answer)
            tell(f"Asked {len(made)} of {len(questions)}")
    return made


def _answer(question: Question, ask: Ask) -> Answer:
    from autopilot.aws.errors import AccessDenied, AwsError
    from autopilot.reconcile.codec import encode

    spoke, target, candidate = question.spoke, question.target, question.candidate
    if candidate is None:
        return Answer(spoke, target, leaves=True)
    payload = {"what": "plan", "policy": encode(candidate.policy), "schema": SCHEMA}
    try:
        told = ask(spoke, "look", payload)
    except AccessDenied:
        raise  # so it would be for all of them
    except (AwsError, Problem) as error:
        return Answer(spoke, target, why=str(error))
    if told.answer is None:
        return Answer(spoke, target, why=f"{told.refused}: {told.why}")
    return _read(spoke, target, told.answer)


def _read(spoke: Spoke, target: str, told: Any) -> Answer:
    """What a spoke says is another account's text: what can't be read is told, not trusted."""
    from autopilot.foreseen.counted import Ahead
    from autopilot.reconcile.codec import decode

    if wrong := told.get("wrong"):
        return Answer(spoke, target, why=f"it couldn't read the question: {wrong}")
    try:
        return Answer(spoke, target, decode(Ahead, told))
    except (KeyError, ValueError) as error:
        return Answer(spoke, target, why=f"its answer can't be read: {error}")


def _show(asked: Asked, fleet: Fleet, answers: Sequence[Answer]) -> None:
    from autopilot.reconcile.codec import encode

    from cli.fleet.plan_text import print_plan

    if asked.as_json:
        print_json([{**encode(each), "spoke": str(each.spoke)} for each in answers])
    else:
        print_plan(fleet, answers)
