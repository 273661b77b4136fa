"""One of our groups that two executions delete at once."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.aws import clients, security_groups
from autopilot.aws.errors import AccessDenied
from autopilot.reconcile.tags import OWNER_TAG
from botocore.exceptions import ClientError

from tests.adapters.canned import Canned

US, GROUP = "EndpointAutopilot", "sg-1"
OURS: dict[str, Any] = {
    "GroupId": GROUP,
    "GroupName": "ours",
    "VpcId": "vpc-1",
    "Tags": [{"Key": OWNER_TAG, "Value": US}],
}
DENIED: Any = {"Error": {"Code": "UnauthorizedOperation", "Message": "You are not authorized."}}


class Denying(Canned):
    """Denies the deletion, as IAM does that sees no tag; the group is `there` afterwards or not."""

    def __init__(self, there: bool) -> None:
        super().__init__({"DescribeSecurityGroups": {"SecurityGroups": [OURS]}})
        self._there = there

    def delete_security_group(self, **_: Any) -> None:
        if not self._there:
            self._answers = {}
        raise ClientError(DENIED, "DeleteSecurityGroup")


@pytest.fixture
def denying(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    clients.client.cache_clear()
    made = Denying(request.param)
    monkeypatch.setattr(clients, "make", lambda *_: made)


@pytest.mark.parametrize("denying", [False], indirect=True)
def test_what_another_execution_has_just_deleted_is_gone(denying: None) -> None:
    assert security_groups.remove(GROUP, US) is False


@pytest.mark.parametrize("denying", [True], indirect=True)
def test_a_denial_on_what_is_still_there_is_one(denying: None) -> None:
    with pytest.raises(AccessDenied):
        security_groups.remove(GROUP, US)
