"""A lab under a policy of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.client import Lab


@contextmanager
def policed(account: str, text: str, env: Mapping[str, str] | None = None) -> Iterator[Lab]:
    """A lab with the stack in one account under the policy `text`; `env` adds settings."""
    with TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.yaml"
        policy.write_text(text)
        with Lab.start(accounts=(account,), policy=policy, env=env) as lab:
            yield lab
