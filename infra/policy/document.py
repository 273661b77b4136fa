"""Checks an endpoint policy document: JSON, the IAM policy language, AWS's size limit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from infra.policy.report import Node, Report, alternatives, compose_text, kind_of, suggestion
from infra.policy.section import pairs_of

# Fixed quota, white space included (PrivateLink guide, "endpoint policies").
LONGEST = 20_480
# What the documents in policies/ leave to the operator.
PLACEHOLDER = re.compile(r"<([\w -]+)>")
EXAMPLES = {
    "organization-id": "your organization's id, such as o-a1b2c3d4e5",
    "account-id": "this account's 12 digits",
    "region": "the Region of the deployment, such as us-east-1",
}
VERSIONS = ("2012-10-17", "2008-10-17")
TOP = ("Version", "Id", "Statement")
STATEMENT = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    "Condition",
)  # fmt: skip
# An endpoint policy is a resource policy: each statement says who, what and on what.
EITHER = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))


def read_document(path: Path, shown: str, outer: Report, where: Node) -> tuple[str, Report]:
    """The document's text, as it stands in the file, and the mistakes in it.

    A file that can't be read is a mistake of the policy file (`outer`, at `where`).
    """
    report = Report(shown)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        outer.add(
            where,
            f"{shown} can't be read ({problem.strerror})",
            "name a file, relative to the policy file",
        )
        return "", report
    except UnicodeDecodeError:
        report.add(1, "the file isn't UTF-8 text", "save it in UTF-8")
        return "", report
    _check(report, text)
    return text, report


def _check(report: Report, text: str) -> None:
    if len(text) > LONGEST:
        report.add(
            1,
            f"{len(text):,} characters, white space included",
            f"AWS takes {LONGEST:,}: merge statements or indent less",
        )
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        report.add(problem.lineno, f"not valid JSON: {problem.msg}", "mind commas and quotes")
        return
    _check_placeholders(report, text)
    # JSON is YAML but for tabs, and the YAML reader knows the lines.
    root = compose_text(report, text.replace("\t", " "))
    if root is not None:
        _check_root(report, root)


def _check_placeholders(report: Report, text: str) -> None:
    """Nothing that AWS knows holds angle brackets: what stands in them is still to be filled in."""
    for number, line in enumerate(text.splitlines(), 1):
        for name in PLACEHOLDER.findall(line):
            example = EXAMPLES.get(name, "what belongs there")
            report.add(number, f"<{name}> is still to be filled in", f"write {example}")


def _check_root(report: Report, root: Node) -> None:
    if not isinstance(root, yaml.MappingNode):
        report.add(root, f"the document is {kind_of(root)}", 'write {"Statement": [...]}')
        return
    found = _known_keys(report, root, "the document", TOP)
    version = found.get("Version")
    if version is not None and version.value not in VERSIONS:
        report.add(version, f"Version is {kind_of(version)}", f"write {alternatives(VERSIONS)}")
    if "Statement" not in found:
        report.add(root, "the document has no Statement", 'write {"Statement": [...]}')
    for statement in _statements(report, found.get("Statement")):
        _check_statement(report, statement)


def _statements(report: Report, node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not listed:
        report.add(node, "Statement is empty and would deny everything", "write at least one")
    for statement in listed:
        if isinstance(statement, yaml.MappingNode):
            yield statement
        else:
            report.add(
                statement, f"a statement is {kind_of(statement)}", 'write {"Effect": "Allow", ...}'
            )


def _check_statement(report: Report, node: Node) -> None:
    found = _known_keys(report, node, "a statement", STATEMENT)
    effect = found.get("Effect")
    if effect is None:
        report.add(node, "a statement has no Effect", "write Allow or Deny")
    elif effect.value not in ("Allow", "Deny"):
        report.add(effect, f"Effect is {kind_of(effect)}", "write Allow or Deny")
    for pair in EITHER:
        present = [key for key in pair if key in found]
        if len(present) != 1:
            which = f"both {pair[0]} and {pair[1]}" if present else f"no {pair[0]}"
            report.add(node, f"a statement has {which}", f"write {pair[0]} or {pair[1]}")
        for key in present:
            _check_element(report, key, found[key])


def _check_element(report: Report, key: str, node: Node) -> None:
    if key.endswith("Principal"):
        _check_principal(report, key, node)
    elif not _is_text(node):
        report.add(node, f"{key} is {_told(node)}", "write a string or a list of strings")


def _check_principal(report: Report, key: str, node: Node) -> None:
    if isinstance(node, yaml.MappingNode):
        for kind, value in _known_keys(
            report, node, key, ("AWS", "Service", "Federated", "CanonicalUser")
        ).items():
            if not _is_text(value):
                report.add(
                    value, f"{key}.{kind} is {_told(value)}", "write a string or a list of strings"
                )
    elif not (isinstance(node, yaml.ScalarNode) and node.value == "*"):
        report.add(node, f"{key} is {_told(node)}", 'write "*" or {"AWS": "<ARN or account>"}')


def _is_text(node: Node) -> bool:
    """A string or a list, not empty, of strings."""
    listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return bool(listed) and all(
        isinstance(item, yaml.ScalarNode) and item.style == '"' for item in listed
    )


def _told(node: Node) -> str:
    return "an empty list" if node.value == [] else kind_of(node)


def _known_keys(report: Report, node: Node, name: str, keys: Sequence[str]) -> dict[str, Node]:
    found = {}
    for key, value in pairs_of(report, node, name):
        if key.value in keys:
            found[key.value] = value
        else:
            lowered = {known.lower(): known for known in keys}
            close = suggestion(key.value, list(lowered))
            right = (
                f"did you mean {lowered[close[13:-2]]}?"
                if close
                else (f"it takes {alternatives(keys)}")
            )
            report.add(key, f'"{key.value}" is no key of {name}', right)
    return found
