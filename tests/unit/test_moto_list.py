"""How outcomes of moto's tests are compared with the list of those that don't pass."""

from __future__ import annotations

from bench.moto_suite.__main__ import LIST, compare, reasons


def test_each_test_that_does_not_pass_has_a_reason() -> None:
    known = reasons(LIST.read_text(encoding="utf-8"))
    assert len(known) > 100
    assert all(known.values())
    assert all(test.startswith("tests/test_") and "::" in test for test in known)


def test_what_differs_from_the_list_is_said() -> None:
    known = {"a": "Out of scope", "b": "At random: ports", "c": "Out of scope", "d": "Words"}
    outcomes = {"a": "passed", "b": "passed", "c": "failed: x", "e": "failed: y", "f": "skipped"}
    assert compare(outcomes, known) == [
        "fails, unlisted: e\n    failed: y",
        "passes, and is on the list: a",
        "is on the list, and there is none: d",
    ]
