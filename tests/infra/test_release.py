"""A release: what a StackSet deploys without bootstrap, under names made of what it is."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import CfnParameter, Stack, Validations
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.hub import template
from infra.hub.archive import digest_of, files_below, zipped
from infra.hub.release import Release, make_release
from infra.hub.template import ReleaseUnfit, template_of
from infra.spoke import SpokeOf
from tests.infra.hubs import AUDIT, BROAD, FLEET, Hub, with_policy
from tests.infra.synthesis import ROOT, resolved, stand_in

CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]
SPOKE = SpokeOf("111111111111", "us-east-1", "o-a1b2c3d4e5", code_key="code/0.zip", policy_key="p")
ONE = replace(FLEET, targets=(BROAD,), waves=(replace(FLEET.waves[0], targets=("broad",)),))


def released(tmp_path: Path, fleet: Any = ONE, more: str = "") -> Release:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    bundle = stand_in(folder)
    (bundle / "more.py").write_text(more)
    return make_release(fleet, bundle, CONTEXT)


def keys(release: Release, beginning: str) -> list[str]:
    return [key for key in sorted(release.files) if key.startswith(beginning)]


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_target_has_a_template_and_each_policy_a_layer(hub: Hub) -> None:
    assert keys(hub.release, "releases/") == [
        f"releases/{hub.release.digest}/{name}.json" for name in ("broad", "canary", "lab")
    ]
    assert len(keys(hub.release, "code/")) == 1
    assert len(keys(hub.release, "policy/")) == 3


def test_the_same_again_is_the_same_release_byte_for_byte(tmp_path: Path) -> None:
    first, second = released(tmp_path), released(tmp_path)
    assert first == second
    assert len(first.digest) == 16


def test_other_code_is_another_release(tmp_path: Path) -> None:
    first, second = released(tmp_path), released(tmp_path, more="x = 1")
    assert first.digest != second.digest
    assert keys(first, "code/") != keys(second, "code/")
    assert keys(first, "policy/") == keys(second, "policy/")


def test_another_policy_is_another_release_with_the_same_code(tmp_path: Path) -> None:
    audit = replace(ONE, targets=(with_policy(BROAD, AUDIT),))
    first, second = released(tmp_path), released(tmp_path, audit)
    assert first.digest != second.digest
    assert keys(first, "code/") == keys(second, "code/")
    assert keys(first, "policy/") != keys(second, "policy/")


def test_an_accounts_overlay_is_another_release(tmp_path: Path) -> None:
    without = replace(ONE, targets=(replace(BROAD, accounts={}),))
    assert released(tmp_path).digest != released(tmp_path, without).digest


def test_a_template_names_its_release_and_what_lies_in_the_buckets(hub: Hub) -> None:
    (code,) = keys(hub.release, "code/")
    for name, made in hub.templates.items():
        text = json.dumps(made)
        assert hub.release.digest in text
        assert template.RELEASE not in text
        used = {
            json.dumps(resolved(each["Properties"]["Code"]))
            for each in made["Resources"].values()
            if each["Type"] == "AWS::Lambda::Function"
        }
        assert used == {
            json.dumps({"S3Bucket": "endpoint-autopilot-111111111111-us-east-1-an", "S3Key": code})
        }
        (layer,) = (r for r in made["Resources"].values() if r["Type"].endswith("LayerVersion"))
        assert layer["Properties"]["Content"]["S3Key"] in hub.release.files, name


def test_a_layer_holds_the_policy_those_of_accounts_and_the_fleet(tmp_path: Path) -> None:
    release = released(tmp_path)
    (key,) = keys(release, "policy/")
    layer = unpacked(release.files[key])
    folder = "python/deployed_policy"
    assert json.loads(layer[f"{folder}/policy.json"])["mode"] == "enforce"
    assert json.loads(layer[f"{folder}/accounts/222222222222.json"])["mode"] == "audit"
    assert json.loads(layer[f"{folder}/spoke.json"])["hub_account"] == FLEET.account
    assert release.digest.encode() not in b"".join(layer.values())


def test_a_template_is_within_what_cloudformation_takes(hub: Hub) -> None:
    for made in hub.templates.values():
        assert len(json.dumps(made)) < 1_000_000
        assert len(made["Resources"]) < 500
        assert "Parameters" not in made
        assert "Transform" not in made


class Planted(Stack):
    """A stack that no StackSet can deploy."""

    def __init__(self, scope: Construct, id: str, **_: Any) -> None:
        super().__init__(scope, id)
        CfnParameter(self, "BootstrapVersion")
        self.template_options.transforms = ["AWS::LanguageExtensions"]
        for number in range(500):
            s3.CfnBucket(self, f"B{number}")


def test_all_that_a_stack_set_could_not_deploy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "EndpointAutopilotStack", Planted)
    monkeypatch.setattr(template, "AwsSolutionsChecks", lambda app: [])
    monkeypatch.setattr(Validations, "add_plugins", lambda *_: None)
    monkeypatch.setattr(template, "MOST_BYTES", 100)
    with pytest.raises(ReleaseUnfit) as refused:
        template_of(BROAD, SPOKE, stand_in(tmp_path))
    told = str(refused.value)
    for what in ("broad: its template", "bootstrap", "transform", "bytes", "500 resources"):
        assert what in told


def test_a_template_without_the_apps_context_would_be_another(tmp_path: Path) -> None:
    """cdk.json is read by the command line only: the spokes' app has to be told."""
    with_it = template_of(BROAD, SPOKE, stand_in(tmp_path), CONTEXT)
    (tmp_path / "again").mkdir()
    assert with_it != template_of(BROAD, SPOKE, stand_in(tmp_path / "again"))


FILES = {"b/two.py": b"2", "a.py": b"1"}


def test_an_archive_is_the_same_in_whatever_order_and_readable_for_everybody() -> None:
    made = zipped(FILES)
    assert made == zipped(dict(reversed(FILES.items())))
    assert unpacked(made) == FILES
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {info.external_attr >> 16 & 0o777 for info in archive.infolist()} == {0o644}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    "other",
    [{"b/two.py": b"2", "a.py": b"2"}, {"b/two.py": b"2", "c.py": b"1"}, {"a.py": b"12"}],
)
def test_a_digest_is_of_names_and_contents(other: dict[str, bytes]) -> None:
    assert digest_of(FILES) == digest_of(dict(reversed(FILES.items())))
    assert digest_of(FILES) != digest_of(other)


def test_bytecode_for_another_python_stays_out_of_the_code(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.cpython-37.pyc").write_bytes(b"")
    (tmp_path / "a.py").write_text("")
    assert set(files_below(tmp_path)) == {"a.py"}
