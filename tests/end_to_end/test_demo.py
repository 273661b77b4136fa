"""`make demo` shows the main job and ends well; it fails loudly when an outcome isn't there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Error

from demo import __main__ as demo
from demo import deploying, looking, pictures
from demo.people import Person
from demo.scenes import NotInTime
from demo.telling import OutcomeMissing, expect
from lab import browser
from lab.client import Lab
from lab.settings import REPOSITORY


def test_the_demo_ends_with_zero_and_names_what_happened() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "demo"], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-2000:]
    for word in (
        *("vpc-", "rtb-", "pl-", "vpce-", "INFO", "ACTION"),
        *("443-443", "logs:PutLogEvents", "vpce-svc-", "arn:aws:iam::222222222222:root"),
        *("$ npx cdk deploy", "/dns/use1-az1", "DependencyViolation", "stepped aside"),
        *("pendingAcceptance", "available", "rejected", "$ aws ec2 accept-", "/maria", "use1-az4"),
        "All outcomes were there",
    ):
        assert word in ran.stdout
    saved = re.findall(r"^   (build/demo/\S+)$", ran.stdout, re.MULTILINE)
    pages = ["build/demo/dashboard-light.html", "build/demo/dashboard-dark.html"]
    assert [file for file in saved if file.endswith(".html")] == pages
    taken = [file.replace(".html", ".png") for file in pages] if browser.chromium() else []
    assert [file for file in saved if file.endswith(".png")] == taken
    assert all((REPOSITORY / file).stat().st_size > 10_000 for file in saved)


def test_the_readmes_pictures_are_those_that_the_demo_takes() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"docs/pictures/([\w-]+\.png)", readme))
    assert shown == set(pictures.OF)
    for name in shown:
        picture = (pictures.PICTURES / name).read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < 250_000


@pytest.mark.parametrize("broken", [False, True])
def test_where_no_chromium_works_the_page_is_saved_and_it_says_so(
    broken: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def only_the_page(_: str, folder: Path, name: str, **__: str) -> list[Path]:
        if broken:
            raise Error("Target closed\nand a long log")
        return [folder / f"{name}.html"]

    monkeypatch.setattr(browser, "save", only_the_page)
    looking.where_it_is(looking.save("http://127.0.0.1:1"))

    said = capsys.readouterr().out
    assert "build/demo/dashboard-light.html\n" in said
    assert ("Target closed. " if broken else browser.INSTALL) in said
    assert "long log" not in said


def test_an_outcome_that_is_missing_stops_the_demo() -> None:
    with pytest.raises(OutcomeMissing, match="the routes stand"):
        expect(False, "the routes stand")


@pytest.mark.parametrize("command", ["", "sh -c 'exit 0'", "aws ec2 no-such-command"])
def test_a_command_that_does_not_work_stops_the_demo(command: str) -> None:
    with pytest.raises(OutcomeMissing, match="command"):
        Person("maria", {}).run(command)


def test_a_deployment_that_fails_stops_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cdk = tmp_path / "cdk"
    cdk.write_text("#!/bin/sh\necho no such service; exit 1\n")
    cdk.chmod(0o755)
    monkeypatch.setattr(deploying, "CDK", cdk)
    lab = cast("Lab", SimpleNamespace(url="http://127.0.0.1:1", region="us-east-1"))

    with pytest.raises(OutcomeMissing, match="no such service"):
        deploying.begin(lab, "222222222222", "").result()


def test_the_demo_fails_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class NoLab:
        @staticmethod
        def start(**_: Mapping[str, Any]) -> None:
            raise NotInTime("routes to S3: not within 60 s")

    monkeypatch.setattr(demo, "Lab", NoLab)
    assert demo.main() == 1
    assert "DEMO FAILED: routes to S3" in capsys.readouterr().err
