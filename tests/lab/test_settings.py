"""What a person may set, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.settings import Settings, SettingsError, read


def test_reads_the_defaults_from_an_empty_environment() -> None:
    assert read({"LAB_DEPLOY": "no"}) == Settings(deploy=False)


def test_port_0_is_a_free_one() -> None:
    assert read({"LAB_DEPLOY": "no", "LAB_PORT": "0"}).port == 0


def test_reads_every_setting(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("{}")
    env = {
        "LAB_PORT": "5000",
        "LAB_REGION": "us-gov-west-1",
        "LAB_ACCOUNTS": "123456789012, 210987654321 123456789012",
        "LAB_APP": str(tmp_path),
        "LAB_STACK": "Other",
        "LAB_LOG": "debug",
        "LAB_SEED": "-7",
        "LAB_CACHE": str(tmp_path / "shared"),
        "POLICY": "policies/strict.yaml",
    }
    assert read(env) == Settings(
        port=5000,
        region="us-gov-west-1",
        accounts=("123456789012", "210987654321"),
        app=tmp_path,
        stack="Other",
        debug=True,
        seed=-7,
        cache=tmp_path / "shared",
        policy="policies/strict.yaml",
    )


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"LAB_PORT": "http"}, "LAB_PORT: 'http'"),
        ({"LAB_PORT": "65536"}, "LAB_PORT: '65536'"),
        ({"LAB_REGION": "Frankfurt"}, "LAB_REGION: 'Frankfurt'"),
        ({"LAB_ACCOUNTS": "1234"}, "LAB_ACCOUNTS: 1234"),
        ({"LAB_ACCOUNTS": " "}, "LAB_ACCOUNTS: nothing"),
        ({"LAB_SEED": "1.5"}, "LAB_SEED: '1.5' given, write a whole number"),
        ({"LAB_DEPLOY": "maybe"}, "LAB_DEPLOY: 'maybe'"),
        ({"LAB_DEPLOY": "yes", "LAB_APP": "nowhere"}, "LAB_APP: no cdk.json"),
    ],
)
def test_names_the_mistake(env: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read({"LAB_DEPLOY": "no", **env})


def test_names_every_mistake_at_once() -> None:
    with pytest.raises(SettingsError) as wrong:
        read({"LAB_PORT": "x", "LAB_REGION": "y", "LAB_ACCOUNTS": "z", "LAB_DEPLOY": "no"})
    assert [line.split(":")[0] for line in str(wrong.value).splitlines()] == [
        "LAB_PORT",
        "LAB_REGION",
        "LAB_ACCOUNTS",
    ]
