"""What one worker has synthesised the others of the same run take from it."""

from __future__ import annotations

import fcntl
import os
import pickle
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def shared(what: str, own: Path, make: Callable[[Path], T]) -> T:
    """What `make` makes in a folder; nobody may change it.

    `what` says all that it depends on besides the code. `own`: the folder to make it in where
    nothing is shared, as outside of a run of tests.
    """
    cache = os.environ.get("LAB_CACHE")  # of this run, see tests/conftest.py
    if not cache:
        return make(own)
    folder = Path(cache) / "synthesis" / sha256(what.encode()).hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "made.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            found = make(Path(tempfile.mkdtemp(dir=folder)))
            made.write_bytes(pickle.dumps(found))
            return found
    result: T = pickle.loads(made.read_bytes())
    return result
