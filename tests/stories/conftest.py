"""An account for each story, in a lab that all of them share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters import conftest as adapters
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.sdk import Sdk
from tests.stories.account import Account, opened
from tests.stories.said import Says
from tests.stories.said import says as asks

# pytest finds fixtures by their names.
running, sdk, balancing = lab.running, lab.sdk, lab.balancing
provider, consumer, service = lab.provider, lab.consumer, lab.service
owner, net = lab.owner, lab.net
_fresh_clients = adapters._fresh_clients


@pytest.fixture
def account(sdk: Sdk, monkeypatch: pytest.MonkeyPatch, _fresh_clients: None) -> Iterator[Account]:
    with opened(sdk, monkeypatch) as made:
        yield made


@pytest.fixture
def says(account: Account) -> Says:
    return asks(account)
