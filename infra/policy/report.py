"""Opens a YAML file and collects what is wrong with it, each with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

Node = yaml.Node
NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True)
class Mistake:
    """One thing to put right: `path:line: what is wrong; what would be right`."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class PolicyMistakes(Exception):
    """Raised once all is read, with every mistake that was found, in the order of the lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = in_order(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def in_order(found: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Each once, by file and line."""
    return tuple(sorted(dict.fromkeys(found), key=lambda m: (m.path, m.line)))


@dataclass
class Report:
    """Collects the mistakes of one file; `path` as the operator named it.

    `warnings`: what AWS would take, but that has no effect, or hardly the one that was meant.
    `retold`: what an earlier version read otherwise: mistakes in a file that was written for it.
    """

    path: str
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)
    retold: list[Mistake] = field(default_factory=list)

    def add(self, where: Node | int, wrong: str, right: str) -> None:
        """Note a mistake at a node or a line (1-based)."""
        self.mistakes.append(self._mistake(where, f"{wrong}; {right}"))

    def warn(self, where: Node | int, what: str, right: str) -> None:
        """Note what hinders no deployment, at a node or a line (1-based)."""
        self.warnings.append(self._mistake(where, f"warning: {what}; {right}"))

    def retell(self, where: Node | int, what: str, right: str) -> None:
        """Note what meant something else in an earlier version, at a node or a line (1-based)."""
        self.retold.append(self._mistake(where, f"{what}; {right}"))

    def _mistake(self, where: Node | int, text: str) -> Mistake:
        line = where if isinstance(where, int) else line_of(where)
        return Mistake(line.path if isinstance(line, Line) else self.path, int(line), text)


class Line(int):
    """A line (1-based) of the file `path`: a policy may be put together from several."""

    path: str

    def beside(self, other: int) -> str:
        """`line 3`, or `line 3 of canary.yaml` if the other line is in another file."""
        elsewhere = isinstance(other, Line) and other.path != self.path
        return f"line {int(self)} of {self.path}" if elsewhere else f"line {int(self)}"


def line_of(node: Node) -> Line:
    """The line on which a node begins."""
    line = Line(node.start_mark.line + 1)
    line.path = node.start_mark.name
    return line


def kind_of(node: Node) -> str:
    """What a person would call this node."""
    if is_empty(node):
        return "nothing"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else f'"{node.value}"'


def is_empty(node: Node | None) -> bool:
    """Whether there is no value: no key, or a key with nothing behind it."""
    return node is None or (isinstance(node, yaml.ScalarNode) and node.tag == NULL)


def alternatives(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def suggestion(word: str, words: Sequence[str], cutoff: float = 0.75) -> str:
    """`did you mean b? ` if one of the words is close (`cutoff` of 1), else nothing."""
    close = difflib.get_close_matches(word.lower(), words, n=1, cutoff=cutoff)
    return f"did you mean {close[0]}? " if close else ""


def compose(report: Report, path: Path) -> Node | None:
    """The root node of a YAML file; None if it is empty or broken (then the report says why)."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        report.add(1, f"the file can't be read ({problem.strerror})", "name a file that exists")
        return None
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        report.add(line, "the file isn't UTF-8 text", "save it in UTF-8")
        return None
    return compose_text(report, text)


def compose_text(report: Report, text: str) -> Node | None:
    """As `compose`, of text that is already there."""
    try:
        loader = yaml.SafeLoader(text)
        loader.name = report.path
        return loader.get_single_node()
    except yaml.reader.ReaderError as problem:
        line = text[: problem.position].count("\n") + 1
        report.add(line, f"a control character (U+{ord(text[problem.position]):04X})", "delete it")
    except yaml.MarkedYAMLError as problem:
        _syntax(report, problem)
    return None


def _syntax(report: Report, problem: yaml.MarkedYAMLError) -> None:
    mark = problem.problem_mark or problem.context_mark
    line = int(mark.line) + 1 if mark else 1
    wrong = str(problem.problem)
    if "'\\t'" in wrong:
        report.add(line, "a tab", "indent with spaces")
    elif "but found another document" in wrong:
        report.add(line, "a second document begins here", "keep all of the policy in one")
    else:
        context = f" {problem.context}" if problem.context else ""
        report.add(line, f"not valid YAML{context}: {wrong}", "mind the indentation and the quotes")
