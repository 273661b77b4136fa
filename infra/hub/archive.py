"""Zip archives that are the same wherever they are made, and what their content is called."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from infra.lambda_python import bytecode, chosen

Files = Mapping[str, bytes]
# A zip knows no time before; Lambda's user has to be able to read (its guide, "Deployment packages
# for Python"): -rw-r--r--.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


def files_below(folder: Path) -> dict[str, bytes]:
    """All files by their paths below `folder`, without bytecode for other Pythons than Lambda's."""
    own = bytecode(chosen())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (path.suffix != ".pyc" or path.name.endswith(own))
    }


def digest_of(files: Files) -> str:
    """Of names and contents, in hexadecimal: two machines' zip libraries may compress unalike."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{len(name)}:{name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def zipped(files: Files) -> bytes:
    """One archive of them, sorted, each file as old as the others."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr, entry.compress_type = _READABLE, zipfile.ZIP_DEFLATED
            writer.writestr(entry, content)
    return archive.getvalue()
