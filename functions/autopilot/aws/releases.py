"""Spreads a release over the Regions' buckets, from the bundle in which the deployment put it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autopilot.aws.custom_resource import patiently
from autopilot.aws.errors import AwsError
from autopilot.aws.release_buckets import Bucket, Owner
from autopilot.aws.settings import TASK_ROOT

FOLDER = TASK_ROOT / "release"
_FOR_SPOKES = ("code/", "policy/")
LATEST = "latest"


class ReleaseRefused(Exception):
    """Raised when a release can't be what the fleet runs; it says why and what to do."""


class Holder(Protocol):
    """A Region's bucket."""

    def prepare(self) -> None:
        """Have it there and as it should be."""

    def put(self, files: Mapping[str, bytes]) -> int:
        """Put what isn't there."""

    def has(self, key: str) -> bool:
        """Whether it holds that."""


@dataclass(frozen=True)
class Wanted:
    """What the custom resource asks for: `release` runs, `made` is what this deployment brings.

    `targets` by name; `regions` with the hub's own first. `before`: `release` and `made` as they
    were, None at the stack's creation.
    """

    release: str
    made: str
    targets: tuple[str, ...]
    regions: tuple[str, ...]
    owner: Owner
    before: tuple[str, str] | None = None


def wanted(event: Mapping[str, Any]) -> Wanted:
    """From CloudFormation's request. Raises KeyError."""
    asked, former = event["ResourceProperties"], event.get("OldResourceProperties")
    return Wanted(
        asked["Release"],
        asked["Made"],
        tuple(asked["Targets"]),
        tuple(asked["Regions"]),
        Owner(asked["Account"], asked["Organization"], asked["Partition"]),
        (former["Release"], former["Made"]) if former else None,
    )


def spread(
    asked: Wanted,
    *,
    folder: Path = FOLDER,
    bucket: Callable[[str, str, Owner], Holder] = Bucket,
    rolls_back: Callable[[], bool],
    pause: Callable[[float], None],
) -> dict[str, int]:
    """How many objects each Region's bucket was given. Twice is as good as once.

    Raises ReleaseRefused, AwsErrors.
    """
    if _kept_by_the_pin(asked) and not rolls_back():
        raise ReleaseRefused(
            f"the fleet is held at release {asked.release} by the parameter Release, and"
            f" {asked.made} would reach nobody: deploy with --parameters Release={LATEST}"
        )
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    holders = {
        region: bucket(_name(asked, region), region, asked.owner) for region in asked.regions
    }
    given = _give(files, holders, pause)
    _check(asked, holders[asked.regions[0]])
    return given


def _kept_by_the_pin(asked: Wanted) -> bool:
    """Whether something new comes while an older release is kept: `cdk deploy` keeps a parameter's
    last value, and a mended release that reaches nobody must not look like one that did."""
    release, made = asked.before or (asked.release, asked.made)
    return release == asked.release != asked.made != made


def _name(asked: Wanted, region: str) -> str:
    return f"endpoint-autopilot-{asked.owner.account}-{region}-an"


def _give(
    files: Mapping[str, bytes], holders: Mapping[str, Holder], pause: Callable[[float], None]
) -> dict[str, int]:
    """All Regions before the first complaint: whoever mends it hears of each."""
    given, refused = dict[str, int](), list[AwsError]()
    ours = next(iter(holders))
    for region, holder in holders.items():
        try:
            patiently(holder.prepare, pause)
            given[region] = holder.put(files if region == ours else _for_spokes(files))
        except AwsError as error:
            refused.append(error)
    if refused:
        raise ReleaseRefused("; ".join(map(str, refused)))
    return given


def _for_spokes(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {key: content for key, content in files.items() if key.startswith(_FOR_SPOKES)}


def _check(asked: Wanted, holder: Holder) -> None:
    """Going back works as far as that release knew the targets of today."""
    missing = [*_missing(asked.release, asked.targets, holder)]
    if missing:
        raise ReleaseRefused(
            f"there is no release {asked.release} for {', '.join(missing)}: releases that can be"
            f" gone back to lie under releases/ in {_name(asked, asked.regions[0])}"
        )


def _missing(release: str, targets: Iterable[str], holder: Holder) -> Iterator[str]:
    return (name for name in targets if not holder.has(f"releases/{release}/{name}.json"))
