"""Who imports whom among the project's own modules, imports for types only included."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
Graph = Mapping[str, frozenset[str]]


def graph(*folders: Path) -> Graph:
    """Each module below the folders with those of them that it imports, wherever in its text.

    A folder with an `__init__.py` is a package; of another one the modules lie at the root.
    """
    found = {_name(path, folder): (path, folder) for folder in folders for path in _files(folder)}
    return {name: frozenset(_imported(name, path, found)) for name, (path, _) in found.items()}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "node_modules" not in path.parts)


def _name(path: Path, folder: Path) -> str:
    root = folder.parent if (folder / "__init__.py").is_file() else folder
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(name: str, path: Path, known: Collection[str]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        for target in _targets(node, package, known):
            if target in known and target != name:
                yield target


def _targets(node: ast.AST, package: str, known: Collection[str]) -> Iterator[str]:
    """The full names of what a statement imports; of a package only what is taken from it."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = ".".join([*above, *filter(None, [node.module])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in known else base


def circles(modules: Graph) -> list[str]:
    """One circle for each knot of modules, as `a → b → a`."""
    found: dict[frozenset[str], str] = {}
    reach = {name: reached(name, modules) for name in modules}
    for name in sorted(modules):
        knot = frozenset(other for other in reach[name] if name in reach[other])
        if name in reach[name] and knot not in found:
            found[knot] = " → ".join(_way(name, modules))
    return list(found.values())


def reached(name: str, modules: Graph) -> frozenset[str]:
    """What a module imports, by way of others too."""
    seen: set[str] = set()
    waiting = list(modules[name])
    while waiting:
        if (at := waiting.pop()) not in seen:
            seen.add(at)
            waiting += modules[at]
    return frozenset(seen)


def _way(home: str, modules: Graph) -> list[str]:
    """The shortest way from a module back to itself."""
    ways = [[home]]
    seen: set[str] = set()
    for way in ways:
        for after in sorted(modules[way[-1]]):
            if after == home:
                return [*way, home]
            if after not in seen:
                seen.add(after)
                ways.append([*way, after])
    return []
