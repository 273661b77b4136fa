"""A function that is forked can't tell, and one that could is started afresh."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import forking, runtime

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")

LOOK = """
import json, os, signal, sys, threading, time
folder = os.environ["LAMBDA_TASK_ROOT"]
print(json.dumps({
    "environment": dict(os.environ), "folder": os.getcwd(), "path": sys.path, "argv": sys.argv,
    "flags": repr(sys.flags), "x": sys._xoptions, "main": sorted(vars(sys.modules["__main__"])),
    "file": __file__, "files": sorted(os.listdir("/proc/self/fd"))[:-1], "umask": os.umask(0),
    "signals": [str(signal.getsignal(n)) for n in signal.valid_signals()],
    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "streams": [(s.encoding, s.errors, s.line_buffering, s.isatty(), s.name)
                for s in (sys.stdin, sys.stdout, sys.stderr)],
    "threads": threading.active_count(), "zone": time.tzname,
    "meta": [str(f) for f in sys.meta_path],
    "environ": [str(type(e)) for e in (os.environ, os.environb)], "putenv": os.popen("env").read(),
}), flush=True)
print("to ops", file=sys.stderr)
sys.exit(3)
"""
HANGS = "import time\nprint('begun', flush=True)\ntime.sleep(600)\n"
IMPORTED = "import sys\nprint('botocore.session' in sys.modules)\n"


class Bundle:
    """An unpacked bundle with a package that is called botocore, and a script to start."""

    def __init__(self, root: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made, self.opt, start = root / "made", root / "opt", root / "start.py"
        self.botocore = self.made / "task" / "botocore"
        for name in ("client", "config", "httpsession", "parsers", "paginate", "session"):
            self.write(f"{name}.py", "")
        self.write("retries/standard.py", "")
        start.write_text(script)
        monkeypatch.setattr(runtime, "START", start)
        monkeypatch.setattr(forking, "START", start)
        runtime._write_bootstrap(self.made / "bootstrap", root)
        (root / "client").mkdir()
        self.env = {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "KIND": "é",
            "LAMBDA_TASK_ROOT": str(self.made / "task"),
            "LAMBDA_RUNTIME_DIR": str(root / "client"),
        }

    def write(self, name: str, text: str) -> None:
        file = self.botocore / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def layer(self, name: str) -> None:
        (self.opt / "python" / name).mkdir(parents=True)
        self.env["LAB_OPT"] = str(self.opt)

    def start(self) -> Any:
        command = [str(self.made / "bootstrap")]
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "env": self.env}
        return forking._Subprocess().Popen(command, stdin=subprocess.DEVNULL, **given)

    def forks(self) -> bool:
        process = self.start()
        process.kill()
        process.wait(10)
        process.stdout.close()
        return isinstance(process, forking.Forked)


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    forking.end()


def said(process: Any) -> tuple[Any, list[str], int]:
    first, *rest = process.stdout.read().decode().splitlines()
    process.stdout.close()
    return json.loads(first), rest, process.wait(10)


def test_a_fork_is_what_a_fresh_process_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = Bundle(tmp_path, LOOK, monkeypatch)
    first, second = bundle.start(), bundle.start()
    assert isinstance(first, forking.Forked)
    forked, again = said(first), said(second)
    monkeypatch.setattr(forking, "LARGE", ())
    fresh = said(bundle.start())
    assert forked[0]["environment"]["KIND"] == "é"
    assert forked == again
    for key, value in fresh[0].items():
        assert forked[0][key] == value, key
    assert forked[1:] == fresh[1:] == (["to ops"], 3)


def test_what_a_fork_imports_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = Bundle(tmp_path, IMPORTED, monkeypatch).start()
    assert process.stdout.read() == b"True\n"
    process.stdout.close()


@pytest.mark.parametrize(
    ("reads", "variable", "forks"),
    [
        ("os.environ.get('KIND')", "KIND", False),
        ("os.environb.get(b'KIND')", "KIND", False),
        ("'KIND' in os.environ", "KIND", False),
        ("os.environ.get('OTHER')", "KIND", True),
        ("dict(os.environ)", "KIND", False),
        ("os.environ.update(KIND='x')", "KIND", False),
        ("None", "SSL_CERT_FILE", False),
        ("None", "LC_ALL", False),
    ],
)
def test_who_could_have_read_another_environment_is_started_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: str, variable: str, forks: bool
) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    bundle.write("session.py", f"import os\n{reads}\n")
    bundle.env[variable] = "its own"
    assert bundle.forks() is forks


@pytest.mark.parametrize(
    ("name", "forks"),
    [("deployed_policy", True), ("botocore", False), ("json", False), ("awscrt", False)],
)
def test_a_layer_that_brings_what_was_imported_or_missed_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, forks: bool
) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    bundle.write(
        "session.py", "import json\ntry:\n    import awscrt\nexcept ImportError:\n    pass\n"
    )
    bundle.layer(name)
    assert bundle.forks() is forks


def test_packages_with_compiled_modules_are_imported_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    compiled = bundle.botocore / "fast.cpython-311-x86_64-linux-gnu.so"
    bundle.write(
        "session.py",
        f"import sys, types\nsys.modules['f'] = f = types.ModuleType('f')\n"
        f"f.__file__ = {str(compiled.with_suffix('.so'))!r}\n",
    )
    assert not bundle.forks()


def test_a_bundle_whose_packages_fail_is_started_afresh_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    bundle.write("session.py", "raise ValueError\n")
    assert not bundle.forks()
    assert "can't be forked" in caplog.text


def test_functions_of_other_runtimes_share_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = Bundle(tmp_path, IMPORTED, monkeypatch)
    bundle.write("session.py", "import os\nSEEN = os.environ.get('AWS_EXECUTION_ENV')\n")
    seen = []
    for version in ("3.12", "3.13"):
        bundle.env["AWS_EXECUTION_ENV"] = f"AWS_Lambda_python{version}"
        runtime.START.write_text("from botocore.session import SEEN\nprint(SEEN)\n")
        process = bundle.start()
        seen.append((type(process), process.stdout.read().decode().strip()[-4:]))
        process.stdout.close()
    assert seen == [(forking.Forked, "3.12"), (forking.Forked, "3.13")]


def test_a_fork_ends_by_its_signals_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    process = bundle.start()
    assert process.stdout.readline() == b"begun\n"
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.terminate()
    assert process.wait(10) == process.poll() == -signal.SIGTERM
    process.kill()  # nobody is there any more
    assert process.stdout.read() == b""
    process.stdout.close()


def test_forks_end_with_their_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    process = bundle.start()
    assert process.stdout.readline() == b"begun\n"
    forking.end()
    assert process.wait(10) == -signal.SIGKILL
    process.stdout.close()


def test_where_the_server_was_killed_functions_end_and_start_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    first = bundle.start()
    assert first.stdout.readline() == b"begun\n"
    (server,) = forking._servers.values()
    server._process.kill()
    server._process.wait(10)
    assert first.wait(10) == -signal.SIGKILL
    assert first.stdout.read() == b"", "it is gone indeed"
    first.stdout.close()
    assert not bundle.forks()
    assert not bundle.forks()
    assert len([each for each in caplog.records if "started afresh" in each.message]) == 1


def test_a_server_that_is_late_is_asked_for_nothing_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = Bundle(tmp_path, HANGS, monkeypatch)
    assert bundle.forks()
    (server,) = forking._servers.values()
    server._lab.settimeout(0.05)
    server._process.send_signal(signal.SIGSTOP)
    assert not bundle.forks()
    server._process.send_signal(signal.SIGCONT)
    assert not bundle.forks(), "its next answer would be about the first"
    assert [each.levelname for each in caplog.records] == ["ERROR"]
