"""Which of the product's modules each handler's path enters, read from the source.

    python -m tests.paths                  every handler: modules by folder, the longest chain
    python -m tests.paths record           one handler: each module, with who calls into it first
    python -m tests.paths record --calls   also every call from one module into another
    python -m tests.paths record --steps   the modules of each step in order, plumbing left out
    python -m tests.paths mail             what a finding passes on its way to a mail: this one runs

A module is entered when one of its functions, or a method of one of its classes, is called or
handed on. Types, constants, properties, errors and the building of a dataclass are data that passes
through: they don't count. A method is found by the type of its receiver where the source says it
(`self`, a class, an annotated parameter), else by its name among the classes and modules that the
path has mentioned, that aren't dataclasses and that the caller imports, if by way of others; where
a Protocol is called, among all that the layers in pyproject.toml let the caller know. "chain":
modules that call one another, the handler not counted. Steps leave out plumbing, and modules of
which only dataclasses are used. "back into": a chain of calls that leaves a module and comes back.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1] / "functions"
# What every path passes: a newcomer reads it once.
_PLUMBING = re.compile(
    r"\.(step|logs|codec|settings|pages|clients|errors|ledger|tags|names|naming|outcome)$"
)
Node = tuple[str, str]
"""A function: its module and its name in it ("f", "Class.method")."""


@dataclass
class Module:
    """What one file defines, and what its names mean."""

    name: str
    functions: dict[str, ast.AST] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, ast.AST] = field(default_factory=dict)


def modules(root: Path = ROOT) -> dict[str, Module]:
    """Every module under functions/."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = _read(name, ast.parse(path.read_text()))
    return found


@cache
def product() -> dict[str, Module]:
    """Every module under functions/, read once: nobody changes them meanwhile."""
    return modules()


@cache
def walk_of(handler: str) -> Walk:
    """The walk of one of the product's handlers, made once: several tests ask each of them."""
    return Walk(product(), handler)


def handlers(root: Path = ROOT) -> list[str]:
    """The names of the functions that AWS calls."""
    return sorted(path.stem for path in root.glob("*.py"))


@cache
def _layers() -> dict[str, int]:
    """How high each folder of autopilot/ stands in the house, by the contract in pyproject.toml."""
    linter = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (each["layers"] for each in linter["contracts"] if each["type"] == "layers")
    return {name: -at for at, each in enumerate(layers) for name in each.split(" | ")}


def may_know(caller: str, other: str) -> bool:
    """Whether a module may call another: one of its own folder, or of a lower layer.

    What foresees may call the planning functions, whose plan it is (decision 0020).
    """
    if caller.startswith("autopilot.foreseen.") and other.startswith("plan_"):
        return True
    own, theirs = ([*name.split("."), ""][1] for name in (caller, other))
    handler = 1  # above all of them
    return own == theirs or _layers().get(own, handler) > _layers().get(theirs, handler)


def _read(name: str, tree: ast.Module) -> Module:
    module = Module(name, imported=_imports(tree))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            module.functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
            inner = (each for each in node.body if isinstance(each, ast.FunctionDef))
            module.functions |= {f"{node.name}.{each.name}": each for each in inner}
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            module.values |= {ast.unparse(each): node.value for each in targets}
    return module


def _imports(tree: ast.Module) -> dict[str, tuple[str, str]]:
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


class Walk:
    """All that is reachable from one handler."""

    def __init__(self, known: dict[str, Module], handler: str) -> None:
        self._known, self._handler = known, handler
        self._live: set[tuple[str, str]] = set()  # classes, and (module, "") passed as a value
        self._below: dict[str, frozenset[str]] = {}
        self.calls: dict[Node, list[Node]] = {}
        self._grow((handler, "handler"))

    def _grow(self, start: Node) -> None:
        """Walk until no new class comes into play: methods are looked up among those."""
        before = -1
        while before != len(self._live):
            before = len(self._live)
            self.calls = {}
            waiting = [start]
            while waiting:
                at = waiting.pop()
                if at not in self.calls:
                    self.calls[at] = list(dict.fromkeys(self._called(at)))
                    waiting += self.calls[at]

    def _called(self, at: Node) -> Iterator[Node]:
        module = self._known[at[0]]
        body = _with_defaults(module.functions.get(at[1]) or module.values[at[1]])
        every = list(_without_hints(body))
        nodes = [n for n in every if isinstance(n, ast.Name | ast.Attribute)]
        called = {id(n.func): n for n in every if isinstance(n, ast.Call)}
        # A call happens at its end, after those among its arguments.
        ends = {n: (call.end_lineno, call.end_col_offset) for n, call in called.items()}
        for node in sorted(nodes, key=lambda n: ends.get(id(n), (n.lineno, n.col_offset))):
            if isinstance(node, ast.Name):
                yield from self._named(module.name, node.id)
            elif isinstance(node.value, ast.Name) and self._is_module(module, node.value.id):
                yield from self._named(self._module(module, node.value.id), node.attr)
            else:
                receiver = self._receiver(module, at[1], body, node.value)
                if receiver and not _is_protocol(self._known[receiver[0]], receiver[1]):
                    yield from self._method(receiver, node.attr)
                elif id(node) in called or at[1] in module.values:
                    yield from self._by(node.attr, module.name, handed=receiver is not None)

    def _receiver(
        self, module: Module, function: str, body: ast.AST, value: ast.AST
    ) -> tuple[str, str] | None:
        """The class, with its module, of what a method is called on; None where nobody says it."""
        if not isinstance(value, ast.Name):
            return None
        if value.id in ("self", "cls") and "." in function:
            return module.name, function.partition(".")[0]
        hint = _parameters(body).get(value.id, value)
        return self._class_of(module.name, hint.id) if isinstance(hint, ast.Name) else None

    def _class_of(self, name: str, symbol: str) -> tuple[str, str] | None:
        module = self._known.get(name)
        if module and symbol in module.classes:
            return name, symbol
        if module and symbol in module.imported:
            return self._class_of(*module.imported[symbol])
        return None

    def _method(self, receiver: tuple[str, str], attribute: str) -> Iterator[Node]:
        """The method of a class, or of the nearest of its bases that has it."""
        module = self._known[receiver[0]]
        found = module.functions.get(f"{receiver[1]}.{attribute}")
        if found is not None and not _is_property(found):
            yield (module.name, f"{receiver[1]}.{attribute}")
        elif found is None:
            for base in module.classes[receiver[1]].bases:
                above = self._class_of(module.name, base.id) if isinstance(base, ast.Name) else None
                if above:
                    yield from self._method(above, attribute)

    def _named(self, name: str, symbol: str) -> Iterator[Node]:
        """What a bare name means in a module: a function, a class that may have methods."""
        module = self._known.get(name)
        if module is None:
            return
        if symbol in module.functions or self._holds_code(module, symbol):
            yield (name, symbol)
        elif symbol in module.classes:
            yield from self._class(module, symbol)
        elif symbol in module.imported:
            source, real = module.imported[symbol]
            if f"{source}.{real}" in self._known:
                self._live.add((f"{source}.{real}", ""))
            else:
                yield from self._named(source, real)

    def _holds_code(self, module: Module, symbol: str) -> bool:
        """Whether a value may hold functions; an object that is made there is data."""
        value = module.values.get(symbol)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            return self._class_of(module.name, value.func.id) is None
        return value is not None

    def _class(self, module: Module, name: str) -> Iterator[Node]:
        self._live.add((module.name, name))
        for base in module.classes[name].bases:
            if isinstance(base, ast.Name):
                list(self._named(module.name, base.id))
        if (init := f"{name}.__init__") in module.functions:
            yield (module.name, init)

    def _by(self, attribute: str, caller: str, *, handed: bool) -> Iterator[Node]:
        for name, cls in sorted(self._live):
            if not (may_know(caller, name) if handed else name in self._imports(caller)):
                continue
            module, full = self._known[name], f"{cls}.{attribute}" if cls else attribute
            found = module.functions.get(full)
            if found is not None and not _is_property(found) and not _is_data(module, cls):
                yield (name, full)

    def _imports(self, name: str) -> frozenset[str]:
        """Itself and all that a module imports, if by way of others."""
        if name not in self._below:
            seen, waiting = {name}, [name]
            while waiting:
                for pair in self._known[waiting.pop()].imported.values():
                    new = {".".join(pair), pair[0]} & self._known.keys() - seen
                    seen |= new
                    waiting += new
            self._below[name] = frozenset(seen)
        return self._below[name]

    def _is_module(self, module: Module, name: str) -> bool:
        return name in module.imported and ".".join(module.imported[name]) in self._known

    def _module(self, module: Module, name: str) -> str:
        return ".".join(module.imported[name])

    def entered(self, start: Node | None = None, *, data: bool = True) -> dict[str, str]:
        """The modules besides the handler, in the order of the calls, each with who enters it.

        `data`: those count, too, of which only methods of dataclasses are called.
        """
        found: dict[str, str] = {}
        seen: set[Node] = set()

        def visit(at: Node) -> None:
            seen.add(at)
            for node in self.calls[at]:
                counts = self._is_code(node) and (data or not self._is_of_data(node))
                if node[0] not in (at[0], self._handler) and counts:
                    found.setdefault(node[0], at[0])
                if node not in seen:
                    visit(node)

        visit(start or (self._handler, "handler"))
        return found

    def steps(self) -> list[tuple[list[str], list[str]]]:
        """What the handler calls, turn by turn with and without AWS, and the modules entered."""
        calls = [node for node in self._of_handler("handler") if not is_plumbing(node[0])]
        turns = groupby(calls, key=lambda node: node[0].startswith("autopilot.aws."))
        found = []
        for _, turn in turns:
            nodes = list(turn)
            entered = [m for node in nodes for m in (node[0], *self.entered(node, data=False))]
            counted = [each for each in dict.fromkeys(entered) if not is_plumbing(each)]
            found.append(([_short(".".join(node)) for node in nodes], counted))
        return found

    def _of_handler(self, function: str) -> Iterator[Node]:
        """What a function of the handler's module calls in others."""
        for node in self.calls[self._handler, function]:
            if node[0] == self._handler:
                yield from self._of_handler(node[1])
            elif self._is_code(node):
                yield node

    def _is_of_data(self, node: Node) -> bool:
        cls, dot, _ = node[1].partition(".")
        return bool(dot) and _is_data(self._known[node[0]], cls)

    def _is_code(self, node: Node) -> bool:
        return node[1] in self._known[node[0]].functions

    def edges(self) -> dict[tuple[str, str], list[str]]:
        """The functions by which one module enters another."""
        found: dict[tuple[str, str], list[str]] = {}
        for at, called in self.calls.items():
            for node in called:
                if node[0] != at[0] and self._is_code(node):
                    names = found.setdefault((at[0], node[0]), [])
                    if node[1] not in names:
                        names.append(node[1])
        return found

    def longest(self) -> list[str]:
        """The longest chain of modules, each calling the next; none stands in it twice."""
        after: dict[str, set[str]] = {}
        for one, other in self.edges():
            after.setdefault(one, set()).add(other)

        known: dict[str, list[str]] = {}

        def chain(at: str, before: tuple[str, ...]) -> list[str]:
            if at not in known:
                on = [each for each in sorted(after.get(at, ())) if each not in (*before, at)]
                rest = [chain(each, (*before, at)) for each in on]
                known[at] = [at, *max(rest, key=len, default=[])]
            return known[at]

        return chain(self._handler, ())

    def returns(self) -> list[str]:
        """The shortest chains of calls that come back to a module that they have left."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for start, called in self.calls.items():
            for node in called:
                if node[0] != start[0] and self._is_code(node):
                    chain = self._back(node, start[0])
                    known = found.get((start[0], node[0]), chain)
                    if chain:
                        found[start[0], node[0]] = min(chain, known, key=len)
        return [" → ".join((pair[0], *chain)) for pair, chain in sorted(found.items())]

    def _back(self, at: Node, home: str) -> tuple[str, ...]:
        seen = {at}
        waiting: deque[tuple[Node, tuple[str, ...]]] = deque([(at, (at[0],))])
        while waiting:
            node, chain = waiting.popleft()
            for called in self.calls[node]:
                if called[0] == home and self._is_code(called):
                    return (*chain, home)
                if called not in seen:
                    seen.add(called)
                    way = chain if called[0] == chain[-1] else (*chain, called[0])
                    waiting.append((called, way))
        return ()


def is_plumbing(module: str) -> bool:
    """Whether a newcomer's count leaves the module out."""
    return _PLUMBING.search(module) is not None


def _with_defaults(body: ast.AST) -> ast.AST:
    """A function whose parameters are replaced by their defaults, where they have some."""
    given = getattr(body, "args", None)
    if not isinstance(given, ast.arguments) or not any(given.kw_defaults):
        return body
    body = deepcopy(body)
    pairs = zip(body.args.kwonlyargs, body.args.kw_defaults, strict=True)  # type: ignore[attr-defined]  # a function has them
    defaults = {each.arg: default for each, default in pairs if default is not None}
    body.args.kw_defaults = []  # type: ignore[attr-defined]  # so it has

    class Replaces(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            new: ast.AST = deepcopy(defaults.get(node.id, node))
            for each in ast.walk(new):
                ast.copy_location(each, node)
            return new

    replaced: ast.AST = Replaces().visit(body)
    return replaced


def _without_hints(body: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a body, annotations left out: a type that is named is not a call."""
    yield body
    for name, value in ast.iter_fields(body):
        if name in ("annotation", "returns"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield from _without_hints(each)


def _is_property(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id in ("property", "cached_property")
        for each in getattr(node, "decorator_list", ())
    )


def _parameters(body: ast.AST) -> dict[str, ast.AST]:
    """The annotations of a function's parameters."""
    found = getattr(body, "args", None)
    if not isinstance(found, ast.arguments):
        return {}
    every = (*found.posonlyargs, *found.args, *found.kwonlyargs)
    return {each.arg: each.annotation for each in every if each.annotation is not None}


def _is_data(module: Module, cls: str) -> bool:
    if not cls:
        return False
    decorators = map(ast.unparse, module.classes[cls].decorator_list)
    return _is_protocol(module, cls) or any(each.startswith("dataclass") for each in decorators)


def _is_protocol(module: Module, cls: str) -> bool:
    bases = module.classes[cls].bases if cls else ()
    return any("Protocol" in ast.unparse(base) for base in bases)


def _short(name: str) -> str:
    return name.removeprefix("autopilot.")


def _tell_steps(walk: Walk) -> None:
    for called, entered in walk.steps():
        print(f"  {len(entered):3} by {', '.join(called)}")
        print(f"        {' '.join(map(_short, entered))}")


def _tell(walk: Walk, *, calls: bool) -> None:
    for number, (module, by) in enumerate(walk.entered().items(), 1):
        print(f"  {number:3} {_short(module):34} from {_short(by)}")
    print(f"  longest chain: {' → '.join(map(_short, walk.longest()))}")
    for chain in walk.returns():
        print(f"  back into: {chain.replace('autopilot.', '')}")
    if calls:
        for (one, other), names in sorted(walk.edges().items()):
            print(f"  {_short(one)} → {_short(other)}: {', '.join(names)}")


def _mail() -> int:
    """Record one finding, and list the modules in the order in which they are first entered."""
    sys.path.insert(0, str(ROOT))
    from tests.unit.notify.account import Account, recording
    from tests.unit.notify.reports import busy, report

    with recording():
        account = Account()
        event = report(findings=[busy(tables=["rtb-1"])])
        entered = traced(lambda: account.record(event))
    for number, (module, by) in enumerate(entered.items()):
        print(f"  {number:3} {_short(module):34} from {_short(by) or 'the test'}")
    return 0


def traced(call: Callable[[], object]) -> dict[str, str]:
    """The modules whose functions a call enters, in their order, each with who enters it first."""
    found: dict[str, str] = {}

    def seen(frame: FrameType, event: str, _: object) -> None:
        module = _module_of(frame)
        if event != "call" or not module or frame.f_code.co_name.startswith("<"):
            return
        back = frame.f_back
        while back and not _module_of(back):
            back = back.f_back
        found.setdefault(module, _module_of(back) if back else "")

    sys.setprofile(seen)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


def _module_of(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    return ".".join(path.relative_to(ROOT).with_suffix("").parts) if ROOT in path.parents else ""


def main() -> int:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.paths")
    parser.add_argument("handler", nargs="*", help="all of them, one line each, if none is named")
    parser.add_argument("--calls", action="store_true", help="every call between two modules")
    parser.add_argument("--steps", action="store_true", help="the modules of each step")
    asked = parser.parse_args()
    if asked.handler == ["mail"]:
        return _mail()
    known = product()
    for name in asked.handler or handlers():
        walk = Walk(known, name)
        entered, longest = walk.entered(), walk.longest()
        folders = Counter(_short(each).partition(".")[0] for each in entered)
        said = ", ".join(f"{name} {count}" for name, count in sorted(folders.items()))
        print(f"{name:24}{len(entered):3} modules, chain of {len(longest) - 1:2}: {said}")
        if asked.steps:
            _tell_steps(walk)
        elif asked.handler:
            _tell(walk, calls=asked.calls)
    return 0


if __name__ == "__main__":
    sys.exit(main())
