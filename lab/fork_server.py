"""Forks functions off a Python that has their bundle's packages imported; `python -I -S`, alone.

None of our code is imported, and no thread runs. What the packages read while they were imported
is reported: `forking.py` forks nothing for which they could have read anything else.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, ClassVar

#: The large packages' modules. AWS's runtime client is none of them: its C reads where the API is.
IMPORTED = (
    "aws_lambda_powertools",
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.metrics",
    "botocore.client",
    "botocore.config",
    "botocore.httpsession",
    "botocore.parsers",
    "botocore.paginate",
    "botocore.retries.standard",
    "botocore.session",
)
MOST = 131_072  # bytes of a request; Lambda lets a function have 4 KB of variables of its own
_COMPILED = tuple(EXTENSION_SUFFIXES)
_Environ = type(os.environ)


class _Noting(_Environ):  # type: ignore[misc, valid-type]  # the class has no public name
    """The environment of this process, which notes each name that is asked for."""

    names: ClassVar[set[str]] = set()
    whole = False  # somebody read or changed more than one can follow

    def __getitem__(self, name: Any) -> Any:
        _Noting.names.add(os.fsdecode(name))
        return super().__getitem__(name)

    def __setitem__(self, name: Any, value: Any) -> None:
        _Noting.whole = True
        super().__setitem__(name, value)

    def __delitem__(self, name: Any) -> None:
        _Noting.whole = True
        super().__delitem__(name)

    def __iter__(self) -> Iterator[Any]:
        _Noting.whole = True
        yield from super().__iter__()


class _Missed:
    """Stands behind all finders, and notes what none of them found."""

    names: ClassVar[set[str]] = set()

    @classmethod
    def find_spec(cls, name: str, *_: object) -> None:
        cls.names.add(name.partition(".")[0])


def preload(folders: list[str], last: str) -> dict[str, object]:
    """Import what a bundle has of the packages; return what they read and which names they took.

    `folders` go before the standard library on the path, `last` behind it, as in a function.
    """
    path = list(sys.path)
    sys.path[:] = [*folders, *path, last]
    sys.meta_path.append(_Missed)
    _note(_Noting)
    for name in IMPORTED:
        if PathFinder.find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)
    _note(_Environ)
    sys.meta_path.remove(_Missed)
    sys.path[:] = path
    taken = {name.partition(".")[0] for name in sys.modules} | _Missed.names
    known = not _Noting.whole and not any(_compiled_in(folder) for folder in (*folders, last))
    return {"read": sorted(_Noting.names) if known else None, "taken": sorted(taken)}


def _compiled_in(folder: str) -> list[str]:
    """The compiled modules that were imported from a folder: C reads the environment unseen."""
    files = [str(getattr(module, "__file__", "")) for module in sys.modules.values()]
    return [each for each in files if each.startswith(folder) and each.endswith(_COMPILED)]


def _note(kind: Any) -> None:
    os.environ.__class__ = kind
    os.environb.__class__ = kind  # who asks for bytes asks the same environment


class _Children:
    """What was forked: by the handle of each its process id, and where its exit code is told."""

    def __init__(self) -> None:
        self._all: dict[int, tuple[int, int]] = {}
        self._ready = select.poll()  # `select` knows no number above 1023

    def wait(self, lab: socket.socket) -> None:
        """Return once the lab says something; tell the exit code of each that ends before that."""
        self._ready.register(lab, select.POLLIN)
        while True:
            ready = {file for file, _ in self._ready.poll()}
            for handle in self._all.keys() & ready:
                self._tell(handle)
            if lab.fileno() in ready:
                return

    def add(self, pid: int, told: int) -> int:
        """Remember a child, as whose parent this process has to wait for it; return its handle."""
        handle = os.pidfd_open(pid)
        self._all[handle] = (pid, told)
        self._ready.register(handle, select.POLLIN)
        return handle

    def end(self) -> None:
        """Kill those that are left."""
        for handle, (pid, _) in [*self._all.items()]:
            os.kill(pid, signal.SIGKILL)
            self._tell(handle)

    def _tell(self, handle: int) -> None:
        pid, told = self._all.pop(handle)
        self._ready.unregister(handle)
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it
            os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(told)
        os.close(handle)


def serve(lab: socket.socket) -> tuple[dict[str, Any], int] | None:
    """Fork for each request until the lab hangs up; then end what was forked and return None.

    A request has the files for output and for the exit code with it. In what is forked: return the
    request and its output.
    """
    children = _Children()
    while True:
        children.wait(lab)
        data, files, _, _ = socket.recv_fds(lab, MOST, 2)
        if not data:
            children.end()
            return None
        output, told = files
        pid = os.fork()
        if not pid:
            lab.detach()  # closed with all else, in `become`
            return json.loads(data), output
        os.close(output)
        socket.send_fds(lab, [str(pid).encode()], [children.add(pid, told)])


def become(request: dict[str, Any], output: int, ctrl_c: Any) -> None:
    """Be the process that `python -I -S <script>` would have been, and run the script.

    `ctrl_c`: how this process treated SIGINT as it was started.
    """
    signal.signal(signal.SIGINT, ctrl_c)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    # Python itself sets this one, where the machine hasn't the locale that LANG names (PEP 538).
    coerced = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}
    os.environ.clear()
    os.environ.update({**coerced, **request["environment"]})
    os.chdir(request["folder"])
    script: str = request["script"]
    sys.argv = [script]
    main = ModuleType("__main__")
    main.__dict__.update(__file__=script, __cached__=None, __annotations__={})
    main.__loader__ = SourceFileLoader("__main__", script)
    sys.modules["__main__"] = main
    with io.open_code(script) as file:
        code = compile(file.read(), script, "exec")
    exec(code, main.__dict__)  # noqa: S102 - the lab's own bootstrap


def start() -> None:
    """Report, then serve; `sys.argv`: the socket's number, the bundle's folder, the client's."""
    # Ctrl-C is the lab's; it hangs up. Whoever starts the lab may have it ignored from the start.
    ctrl_c = signal.signal(signal.SIGINT, signal.SIG_IGN)
    lab = socket.socket(fileno=int(sys.argv[1]))
    report = preload([sys.argv[2]], sys.argv[3])
    gc.freeze()  # pages that are shared stay shared
    lab.send(json.dumps(report).encode())
    found = serve(lab)
    if found is not None:
        become(*found, ctrl_c)


if __name__ == "__main__":
    start()
