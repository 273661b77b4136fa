"""What the tags of a policy file meant in an earlier version is told where it has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from autopilot.policy.tags import has_all
from hypothesis import given
from hypothesis import strategies as st

from infra.policy.tags import cover
from infra.policy_file import PolicyMistakes, load

PLACES = {
    "vpcs.skip_tags": "vpcs: {{skip_tags: {{k: {0}}}}}\n",
    "gateway_endpoints.grace.tags": "gateway_endpoints: {{grace: {{tags: {{k: {0}}}}}}}\n",
    "tags in services in a rule of connections.allow": (
        'connections: {{allow: [{{account: "222222222222", services: {{tags: {{k: {0}}}}}}}]}}\n'
    ),
    "tags in services in a rule of connections.deny": (
        'connections: {{deny: [{{account: "222222222222", services: {{tags: {{k: {0}}}}}}}]}}\n'
    ),
    "endpoint_services.publish_load_balancers.tags": (
        "endpoint_services: {{publish_load_balancers: {{tags: {{k: {0}}}}}}}\n"
    ),
    "tags in vpcs in a profile of interface_endpoints": (
        "interface_endpoints: [{{name: a, services: [logs], vpcs: {{tags: {{k: {0}}}}}}}]\n"
    ),
    "tags in subnets in a profile of interface_endpoints": (
        "interface_endpoints:\n- {{name: a, services: [logs], vpcs: {{tags: {{n: p}}}},"
        " subnets: {{tags: {{k: {0}}}}}}}\n"
    ),
}
ANY = "* now stands for any text and ? for one character; both used to stand for themselves"
ONE = "? now stands for one character; it used to stand for itself"
SETS = "[ now stands for itself; it used to begin a set of characters"
TOLD = {
    "vpcs.skip_tags": {"web-*": ANY, "web-?": ANY, "**": ANY},
    "gateway_endpoints.grace.tags": {"web-*": ANY, "?": ANY},
    "tags in services in a rule of connections.allow": {"shared-*": ANY, "tier-?": ANY},
    "tags in services in a rule of connections.deny": {"shared-*": ANY, "tier-?": ANY},
    "endpoint_services.publish_load_balancers.tags": {"web-?": ONE, "*-?": ONE},
    "tags in vpcs in a profile of interface_endpoints": {"[ab]": SETS, "web-[!0-9]*": SETS},
    "tags in subnets in a profile of interface_endpoints": {"[ab]": SETS, "[]]": SETS},
}
SAME = {
    "vpcs.skip_tags": ["*", "web", "[ab]"],
    "gateway_endpoints.grace.tags": ["*", "web", "[ab]"],
    "tags in services in a rule of connections.allow": ["*", "shared", "[ab]"],
    "tags in services in a rule of connections.deny": ["*", "shared", "[ab]"],
    "endpoint_services.publish_load_balancers.tags": ["*", "web-*", "*a*", "[ab]"],
    "tags in vpcs in a profile of interface_endpoints": ["*", "web-?", "a*", "a[", "[]"],
    "tags in subnets in a profile of interface_endpoints": ["*", "private-*", "a]"],
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def mistakes(text: str) -> list[str]:
    Path("p.yaml").write_text(text)
    try:
        load("p.yaml")
    except PolicyMistakes as found:
        return [str(mistake) for mistake in found.mistakes]
    return []


def at(place: str, value: str) -> str:
    return "mode: audit\n" + PLACES[place].format(f"'{value}'")


@pytest.mark.parametrize(
    ("place", "value", "now"),
    [(place, value, now) for place, told in TOLD.items() for value, now in told.items()],
)
def test_what_a_place_read_otherwise_is_told_with_its_line(
    place: str, value: str, now: str
) -> None:
    line = 3 if "subnets" in place else 2
    (said,) = mistakes(at(place, value))
    assert said == (
        f'p.yaml:{line}: the tag "k" of {place} is "{value}": {now};'
        ' see that it says what you mean, then add "tag_values: patterns" to the policy'
    )


@pytest.mark.parametrize(
    ("place", "value"), [(place, value) for place, told in TOLD.items() for value in told]
)
def test_a_file_that_says_how_it_is_meant_is_taken(place: str, value: str) -> None:
    assert mistakes("tag_values: patterns\n" + at(place, value)) == []


@pytest.mark.parametrize(
    ("place", "value"), [(place, value) for place, values in SAME.items() for value in values]
)
def test_what_means_the_same_as_before_is_taken(place: str, value: str) -> None:
    assert mistakes(at(place, value)) == []


def test_there_is_one_meaning_only() -> None:
    assert mistakes("tag_values: words\n") == ['p.yaml:1: tag_values is "words"; write patterns']


def test_the_shipped_policy_says_so() -> None:
    shipped = Path(__file__).parents[2] / "autopilot.yaml"
    assert "\ntag_values: patterns\n" in shipped.read_text()


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ("*", "?", True),
        ("*", "a*b", True),
        ("a*", "a?b*", True),
        ("?", "?", True),
        ("?", "a", True),
        ("?", "*", False),
        ("??", "*", False),
        ("a", "?", False),
        ("a*", "*a", False),
        ("[ab]", "a", False),
    ],
)
def test_a_pattern_covers_another(wide: str, narrow: str, covered: bool) -> None:
    assert cover({"k": wide}, {"k": narrow, "m": "n"}) is covered
    assert not cover({"k": wide, "x": "*"}, {"k": narrow})


patterns = st.text("ab*?[", max_size=6)


@given(patterns, patterns, st.text("ab[", max_size=8))
def test_what_is_covered_matches_nothing_else(wide: str, narrow: str, text: str) -> None:
    if cover({"k": wide}, {"k": narrow}) and has_all({"k": text}, {"k": narrow}):
        assert has_all({"k": text}, {"k": wide})
