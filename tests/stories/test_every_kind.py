"""Every kind of notice is told by a story, and its words are held."""

from __future__ import annotations

from tests.kinds import CATALOG, CHANGES
from tests.stories.account import Mail
from tests.stories.said import WORDS, asked, words

KINDS = {*CATALOG, *(change.kind for change in CHANGES), "Welcome"}
FILES = sorted(WORDS.glob("*.txt"))


def test_every_kind_is_told_by_a_story() -> None:
    told = {name.partition("-")[0] for name in asked()}
    assert told == KINDS, "a new kind needs a story in tests/stories that says it"


def test_stories_and_words_belong_together() -> None:
    assert set(asked()) == {file.stem for file in FILES}


def test_ids_are_numbered_as_they_appear() -> None:
    first, second = "vpc-0a1b2c3d4e5f60718", "vpc-11b2c3d4e5f607182"
    mail = Mail(f"In {second}", f"{first}: {second}, rtb-0a1b2c3d4e5f60718; not vpc-1a2b\n", ())

    assert words(mail) == "Subject: In vpc-1\n\nvpc-2: vpc-1, rtb-1; not vpc-1a2b\n"
