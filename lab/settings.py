"""What a person may set about the lab, read once from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SECRET = "lab"  # noqa: S105 - signatures are not checked, SDKs only want something here

_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class SettingsError(ValueError):
    """A setting is wrong; the message names every mistake, a line each."""


@dataclass(frozen=True)
class Settings:
    """The lab's settings.

    `app` is the folder of the CDK app (it holds `cdk.json`), `policy` is handed to it as `POLICY`;
    `seed` makes ids and deliveries repeatable; `cache` is a folder where labs of one app share what
    takes long to make, as long as nobody changes the app.
    """

    port: int = 4566
    region: str = "us-east-1"
    accounts: tuple[str, ...] = ("111111111111", "222222222222")
    deploy: bool = True
    stack: str = "EndpointAutopilot"
    app: Path = REPOSITORY
    policy: str | None = None
    seed: int | None = None
    cache: Path | None = None
    debug: bool = False

    @property
    def url(self) -> str:
        """Where the lab answers: an address, so that SDKs use path-style S3 without being told."""
        return f"http://127.0.0.1:{self.port}"


def read(env: Mapping[str, str]) -> Settings:
    """Read the settings from `env`; raises SettingsError."""
    mistakes: list[str] = []
    settings = Settings(
        port=_port(env.get("LAB_PORT", "4566"), mistakes),
        region=_region(env.get("LAB_REGION", "us-east-1"), mistakes),
        accounts=_accounts(env.get("LAB_ACCOUNTS", "111111111111 222222222222"), mistakes),
        deploy=_yes(env.get("LAB_DEPLOY", "yes"), mistakes),
        stack=env.get("LAB_STACK", "EndpointAutopilot"),
        app=Path(env.get("LAB_APP", str(REPOSITORY))).resolve(),
        policy=env.get("POLICY") or None,
        seed=_seed(env.get("LAB_SEED", ""), mistakes),
        cache=Path(env["LAB_CACHE"]).resolve() if env.get("LAB_CACHE") else None,
        debug=env.get("LAB_LOG", "").lower() == "debug",
    )
    if settings.deploy and not (settings.app / "cdk.json").is_file():
        mistakes.append(f"LAB_APP: no cdk.json in {settings.app}")
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return settings


def _port(text: str, mistakes: list[str]) -> int:
    if text.isdigit() and int(text) < 65536:
        return int(text)
    mistakes.append(f"LAB_PORT: {text!r} is no port, write a number up to 65535, 0 for a free one")
    return 0


def _seed(text: str, mistakes: list[str]) -> int | None:
    if re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if text:
        mistakes.append(f"LAB_SEED: {text!r} given, write a whole number")
    return None


def _region(text: str, mistakes: list[str]) -> str:
    if not _REGION.fullmatch(text):
        mistakes.append(f"LAB_REGION: {text!r} is no Region, write something like us-east-1")
    return text


def _accounts(text: str, mistakes: list[str]) -> tuple[str, ...]:
    accounts = tuple(dict.fromkeys(text.replace(",", " ").split()))
    wrong = [account for account in accounts if not _ACCOUNT.fullmatch(account)]
    if wrong or not accounts:
        said = ", ".join(wrong) or "nothing"
        mistakes.append(f"LAB_ACCOUNTS: {said} given, write 12-digit account ids")
    return accounts


def _yes(text: str, mistakes: list[str]) -> bool:
    if text.lower() not in {"yes", "no"}:
        mistakes.append(f"LAB_DEPLOY: {text!r} given, write yes or no")
    return text.lower() != "no"
