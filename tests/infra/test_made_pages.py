"""The manual's pages that the template makes: permissions, and a section for each alarm."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.reasons import WHY, why
from tests import permissions
from tests.infra.hubs import Hub, hub_of
from tests.infra.statements import statements
from tests.infra.synthesis import Synthesis, synthesise

ALARMS = permissions.ROOT / "docs" / "alarms.md"


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesise(tmp_path_factory.mktemp("everything"), permissions.EVERYTHING)


@pytest.fixture(scope="session")
def one_unit(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    return hub_of(tmp_path_factory.mktemp("one_unit"), permissions.ONE_UNIT)


def test_the_page_of_permissions_is_made_of_these_templates(
    stack: Synthesis, everything: Synthesis, one_unit: Hub
) -> None:
    made = permissions.page(stack, everything, one_unit)
    assert permissions.PAGE.read_text() == made, "run `make docs`"


def test_a_permission_without_a_reason_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        why("record", "iam:PassRole")


def test_a_reason_that_nothing_needs_is_a_mistake(
    stack: Synthesis, everything: Synthesis, one_unit: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "WHY", {**WHY, "s3:DeleteObject": "to delete"})
    with pytest.raises(ValueError, match="s3:DeleteObject"):
        permissions.page(stack, everything, one_unit)


def test_nobody_else_may_call_in(everything: Synthesis) -> None:
    """The page says it in words: `Who may call in`."""
    found = {
        who
        for each in statements(everything.template)
        if each.body["Effect"] == "Allow"
        for who in [each.body.get("Principal", {})]
        for who in ([who["Service"]] if isinstance(who, dict) and "Service" in who else [])
    }
    inner = {"lambda.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com"}
    callers = {"events", "sns", "cloudwatch", "vpce"}
    assert found - inner == {f"{each}.amazonaws.com" for each in callers}


def sections(page: Path) -> dict[str, str]:
    """What stands under each heading that is a name."""
    parts = re.split(r"^## `(\w+)`$", page.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_each_alarm_has_its_section(stack: Synthesis) -> None:
    alarms = {
        name.removeprefix("Alarms")[:-8]: alarm
        for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items()
    }
    said = sections(ALARMS)
    assert set(said) == set(alarms)
    for name, text in said.items():
        for what in ("What it means", "What to do"):
            assert f"**{what}.**" in text, name


def test_each_alarms_section_has_the_commands_that_its_description_has(stack: Synthesis) -> None:
    said = sections(ALARMS)
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        described = str(alarm["AlarmDescription"])
        commands = set(re.findall(r"\baws [a-z]+ [a-z-]+", described))
        assert commands, name
        assert {c for c in commands if c not in said[name.removeprefix("Alarms")[:-8]]} == set()
