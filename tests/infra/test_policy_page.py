"""docs/policy.md is made of the shipped file and of the parser, and leaves no key out."""

from __future__ import annotations

import re

import pytest

from infra.policy.interfaces import PROFILE
from infra.policy.keys import KEYS
from tests import policy_page

SECTIONS = [name for name in KEYS if name != "the policy"]


def test_the_page_is_made_of_this_policy() -> None:
    assert policy_page.PAGE.read_text() == policy_page.page(), "run `make docs`"


@pytest.mark.parametrize("section", SECTIONS)
def test_each_key_is_on_the_page(section: str) -> None:
    page = policy_page.PAGE.read_text()
    assert [key for key in KEYS[section] if f"`{section}.{key}`" not in page] == []


@pytest.mark.parametrize("key", [*KEYS["the policy"], *PROFILE])
def test_each_key_is_explained(key: str) -> None:
    """A section may leave it to its keys."""
    full = f"interface_endpoints.{key}" if key in PROFILE and key not in KEYS else key
    entry = policy_page.entries()[full]
    assert (entry.comment and any(entry.comment)) or key in KEYS


def test_a_mistake_says_what_would_be_right() -> None:
    page = policy_page.PAGE.read_text()
    said = re.findall(r"^- A mistake[^:]*: `+(.*?)`+$", page, re.MULTILINE)
    assert len(said) > 40
    assert [each for each in said if "; " not in each] == []
