"""What is deployed: the policy and the sources that the functions run, read from their own code.

`lambda:GetFunction` on one function answers for all of them, since they share one bundle, and it
does so for versions of any age. Its URL serves ten minutes (Lambda API reference, GetFunction). A
StackSet's spoke has its policy in a layer, which `lambda:GetLayerVersion` answers for.
"""

from __future__ import annotations

import io
import json
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from autopilot.aws.errors import AwsError
from autopilot.aws.pages import call
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import decode, encode

from cli.policy_file import CHECKOUT

if TYPE_CHECKING:
    from cli.session import Here

# The function that every version names among its outputs.
_FUNCTION = "AnswerHoldFunctionName"
_LAYER = "python/deployed_policy"
_TIMEOUT = 20  # seconds
Fetch = Callable[[str], bytes]


class _NotRead(Exception):
    """Raised when the code can't be had or read; the words say why."""


@dataclass(frozen=True)
class Deployed:
    """What the deployed functions run.

    `policy`: None if it can't be told. `outdated`: the paths, below functions/, of sources that
    aren't as in this checkout, None if it can't be told; what only the stack holds (permissions,
    alarms, `sweep`, `emails`) isn't compared. `since`: when the code or a setting of it changed
    last, ISO 8601. `why`: why something can't be told, in AWS's words where they are its.
    """

    policy: Policy | None = None
    outdated: tuple[str, ...] | None = None
    since: str = ""
    why: str = ""

    def runs(self, policy: Policy) -> bool | None:
        """Whether that is the policy that it runs; None if it can't be told."""
        return None if self.policy is None else encode(self.policy) == encode(policy)


def _download(url: str) -> bytes:
    """What is there, by the SDK's way through proxies and certificates. Raises _NotRead."""
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import HTTPClientError
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    session = URLLib3Session(
        verify=os.environ.get("AWS_CA_BUNDLE") or True,  # type: ignore[arg-type]  # a path, too
        proxies=get_environ_proxies(url),
        timeout=_TIMEOUT,
    )
    try:
        answer = session.send(AWSRequest("GET", url).prepare())
    except HTTPClientError as error:
        raise _NotRead(f"the functions' code can't be fetched: {error}") from error
    if answer.status_code != 200:
        raise _NotRead(f"the functions' code can't be fetched: HTTP status {answer.status_code}")
    return bytes(answer.content)


def deployed(here: Here, *, fetch: Fetch = _download, checkout: Path = CHECKOUT) -> Deployed | None:
    """What runs here, compared with `checkout`; None if nothing is deployed. Raises nothing of
    AWS's: what can't be read is said in `why`.
    """
    if not here.outputs:
        return None
    name = here.outputs.get(_FUNCTION)
    if not name:
        return Deployed(why=f"the stack has no output {_FUNCTION}")
    try:
        found = call("lambda", "GetFunction", FunctionName=name)
        return _of(found, fetch, checkout / "functions", here.us.account)
    except (AwsError, _NotRead) as error:
        return Deployed(why=str(error))


def _of(found: Mapping[str, Any], fetch: Fetch, sources: Path, account: str) -> Deployed:
    configuration = found.get("Configuration", {})
    since = configuration.get("LastModified", "")
    held = _held(found["Code"]["Location"] if "Code" in found else "", fetch, _is_ours)
    for layer in configuration.get("Layers", ()):
        held |= _layered(layer["Arn"], account, fetch)
    outdated = _outdated(held, sources)
    known = partial(Deployed, outdated=outdated, since=since)
    try:
        return known(decode(Policy, json.loads(held["policy.json"])))
    except (KeyError, ValueError, RecursionError) as error:
        return known(why=f"this version can't read the deployed policy: {error}")


def _held(url: str, fetch: Fetch, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The files of an archive that are wanted. Raises _NotRead."""
    try:
        archive = ZipFile(io.BytesIO(fetch(url)))
        return {name: archive.read(name) for name in archive.namelist() if wanted(name)}
    except (BadZipFile, KeyError, RuntimeError, zlib.error) as error:
        raise _NotRead(f"the functions' code can't be read: {error}") from error


def _layered(arn: str, account: str, fetch: Fetch) -> dict[str, bytes]:
    """The policy in a layer as the bundle would have it: the account's own, or else everybody's.

    Raises AwsErrors, _NotRead.
    """
    found = call("lambda", "GetLayerVersionByArn", Arn=arn)
    names = (f"{_LAYER}/policy.json", f"{_LAYER}/accounts/{account}.json")
    held = _held(found["Content"]["Location"], fetch, lambda name: name in names)
    policies = [held[name] for name in names if name in held]
    return {"policy.json": policies[-1]} if policies else {}


def _is_ours(name: str) -> bool:
    """The policy, the handlers and what they share; the rest of a bundle is other people's."""
    return name == "policy.json" or (
        name.endswith(".py") and (name.startswith("autopilot/") or "/" not in name)
    )


def _outdated(held: Mapping[str, bytes], sources: Path) -> tuple[str, ...]:
    """Sources that differ, or are in one place only. Modules of others lie beside the handlers."""
    ours = {str(path.relative_to(sources)): path for path in sources.rglob("*.py")}
    there = {name for name in held if name in ours or name.startswith("autopilot/")}
    return tuple(
        name
        for name in sorted(there | ours.keys())
        if name not in ours or held.get(name) != ours[name].read_bytes()
    )
