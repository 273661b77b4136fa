"""The policy file's words on the weekly letter."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from infra.policy.letter import LetterTime
from infra.policy_file import PolicyMistakes, load


def read(text: str, folder: Path) -> LetterTime | None:
    file = folder / "p.yaml"
    file.write_text(text)
    return load(file).letter


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("{}", LetterTime("mon", time(8), "UTC")),
        ("notify: {letter: weekly}", LetterTime()),
        ("notify: {letter: off}", None),
        (
            'notify: {letter_at: {day: fri, time: "16:30", timezone: Europe/Berlin}}',
            LetterTime("fri", time(16, 30), "Europe/Berlin"),
        ),
        ("notify: {letter_at: {day: sun}}", LetterTime("sun")),
    ],
)
def test_it_says_when_the_letter_goes_out(text: str, at: LetterTime | None, tmp_path: Path) -> None:
    assert read(text, tmp_path) == at


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("letter: daily", 'notify.letter is "daily"; write weekly or off'),
        ("letter_at: {day: monday}", 'notify.letter_at.day is "monday", which is no day'),
        ('letter_at: {time: "24:00"}', 'notify.letter_at.time is "24:00"; write "HH:MM"'),
        ("letter_at: {timezone: Mars/Base}", 'timezone is "Mars/Base", which is no time zone'),
        ("letter_at: {hour: 8}", '"hour" is no key of notify.letter_at'),
        (
            "letter: off\n  letter_at: {day: mon}",
            "notify.letter_at says nothing where letter is off; leave it out",
        ),
    ],
)
def test_what_makes_no_sense_is_a_mistake_with_its_line(
    text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(PolicyMistakes, match=r"p\.yaml:\d: ") as raised:
        read(f"notify:\n  {text}\n", tmp_path)
    assert said in str(raised.value)
