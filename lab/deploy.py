"""Deploys the unmodified app into the lab with the real CDK CLI: one synth for all accounts."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from signal import SIGKILL
from typing import IO

from lab.settings import REPOSITORY, SECRET, Settings
from lab.toolkit import Toolkit, ToolkitError

if sys.platform != "win32":
    import fcntl

Say = Callable[[str], None]


class DeployError(RuntimeError):
    """A step of the deployment failed; the message holds what the CDK CLI printed."""


@dataclass(frozen=True)
class Deployment:
    """One deployment; `folder` is a temporary one of this lab, `env` what the CDK CLI inherits."""

    settings: Settings
    folder: Path
    env: Mapping[str, str]
    say: Say

    async def run(self, listening: asyncio.Event) -> None:
        """Synthesise and bootstrap side by side, then deploy all accounts; raises DeployError.

        Whatever needs the lab waits for `listening`.
        """
        await _together(self._synth(), *(self._bootstrap(a, listening) for a in self._accounts))
        await _together(*(self._deploy(account) for account in self._accounts))

    async def destroy(self) -> None:
        """Destroy the stacks of all accounts, as a person does; raises DeployError."""
        await self._synth()
        await _together(*(self._destroy(account) for account in self._accounts))

    @property
    def _accounts(self) -> tuple[str, ...]:
        return self.settings.accounts

    @cached_property
    def assembly(self) -> Path:
        """The folder of the cloud assembly, which labs with a cache share by policy."""
        cache = self.settings.cache
        return cache / f"cdk.out-{_digest(self.settings)}" if cache else self.folder / "cdk.out"

    async def _synth(self) -> None:
        app, made = self.settings.app, self.folder / "synth"
        async with _only_one(app / "cdk.json"):
            if self.assembly.is_dir():  # another lab's
                return
            arguments = ["synth", "--quiet", "--output", str(made)]
            await self._cdk("synth", arguments, self._env(None), app)
            shutil.move(made, self.assembly)

    async def _bootstrap(self, account: str, listening: asyncio.Event) -> None:
        await listening.wait()
        toolkit, begun = Toolkit(self.settings), time.monotonic()
        try:
            if await toolkit.copy(account):
                self.say(f"bootstrap {account}: copied in {time.monotonic() - begun:.1f} s")
                return
        except ToolkitError as failed:
            raise DeployError(f"bootstrap {account} failed\n{failed}") from failed
        target = f"aws://{account}/{self.settings.region}"
        arguments = ["bootstrap", target]
        await self._cdk(f"bootstrap {account}", arguments, self._env(account), self.folder)
        await toolkit.keep(account)

    async def _deploy(self, account: str) -> None:
        arguments = ["deploy", "--app", str(self.assembly), "--require-approval", "never"]
        if self.settings.cache:  # many labs: a change set, and the CLI's look at it, are a third
            arguments += ["--method", "direct"]
        # The assembly is locked while it is read, and each deployment writes its own asset cache.
        arguments += ["--output", str(self.folder / f"out-{account}"), self.settings.stack]
        await self._cdk(f"deploy {account}", arguments, self._env(account), self.folder)

    async def _destroy(self, account: str) -> None:
        arguments = ["destroy", "--app", str(self.assembly), "--force"]
        arguments += ["--output", str(self.folder / f"out-{account}"), self.settings.stack]
        await self._cdk(f"destroy {account}", arguments, self._env(account), self.folder)

    def _env(self, account: str | None) -> dict[str, str]:
        kept = {name: value for name, value in self.env.items() if not name.startswith("AWS_")}
        ours = {
            # The app's `python3` must be the one that has aws-cdk-lib.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}",
            "AWS_REGION": self.settings.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            "TMPDIR": str(self.folder),
            "CDK_HOME": str(self.folder / "cdk-home"),
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
            "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
        }
        if account is not None:
            ours |= {
                "AWS_ACCESS_KEY_ID": account,
                "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_ENDPOINT_URL": self.settings.url,
                "AWS_ENDPOINT_URL_S3": self.settings.url,
            }
        return kept | ours

    async def _cdk(
        self, step: str, arguments: list[str], env: Mapping[str, str], where: Path
    ) -> None:
        log = self.folder / f"{step.replace(' ', '-')}.log"
        begun = time.monotonic()
        with log.open("wb") as output:
            command = [*_cdk_command(), *arguments, "--no-notices"]
            status = await _process(command, env, where, output)
        if status:
            printed = log.read_text(errors="replace")
            raise DeployError(f"cdk {step} failed with exit code {status}\n{printed}")
        self.say(f"{step}: done in {time.monotonic() - begun:.1f} s")


def _digest(settings: Settings) -> str:
    """What an assembly depends on besides the app's files: the policy, what it names beside it."""
    said = hashlib.sha256(str(settings.app).encode())
    if settings.policy:
        policy = settings.app / settings.policy
        for file in (policy, *sorted(policy.parent.rglob("*.json"))):
            said.update(b"\0" + file.relative_to(policy.parent).as_posix().encode())
            said.update(b"\0" + file.read_bytes() if file.is_file() else b"")
    return said.hexdigest()


def _cdk_command() -> list[str]:
    own = shutil.which("cdk", path=str(REPOSITORY / "node_modules" / ".bin"))
    # `npx cdk` runs this same file, and takes a second longer to find it.
    return [own] if own else ["npx", "cdk"]


async def _process(
    command: list[str], env: Mapping[str, str], where: Path, output: IO[bytes]
) -> int:
    """Run a command to its end; when cancelled, kill it and whatever it started."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=where,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGKILL)
            await process.wait()


async def _together(*steps: Coroutine[None, None, None]) -> None:
    """Run steps side by side; the first that fails stops the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except* DeployError as failed:
        raise failed.exceptions[0] from None


@asynccontextmanager
async def _only_one(path: Path) -> AsyncIterator[None]:
    """Hold a lock on a file: `build` in cdk.json writes to a folder that all labs share."""
    with path.open("rb") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
