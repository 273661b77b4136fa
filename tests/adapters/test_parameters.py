"""Parameters with DNS names are made with our tag, and changed where they bear it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from autopilot.aws import parameters
from autopilot.aws.errors import NotOurs
from autopilot.interfaces.plan import ParameterItem
from autopilot.reconcile.tags import OWNER_TAG
from botocore.stub import ANY, Stubber

NAME, OWNER = "/endpoint-autopilot/vpc-1/logs/dns", "EndpointAutopilot"
TAGS = [{"Key": OWNER_TAG, "Value": OWNER}]
NAMED = {"ResourceType": "Parameter", "ResourceId": NAME}
NEW = {NAME: "new.example"}
ITEM = ParameterItem("vpc-1/logs/dns", "modify", "vpc-1", "vpce-1", "drift", "", NEW)
PUT = {"Name": NAME, "Value": "new.example", "Type": "String", "Description": ANY}


@pytest.fixture
def ssm(stub: Callable[[str], Stubber]) -> Stubber:
    """A parameter of this name is there."""
    ssm = stub("ssm")
    ssm.add_client_error(
        "put_parameter", "ParameterAlreadyExists", expected_params={**PUT, "Tags": TAGS}
    )
    return ssm


def overwritten(ssm: Stubber, version: int) -> None:
    ssm.add_response("list_tags_for_resource", {"TagList": TAGS}, NAMED)
    ssm.add_response("put_parameter", {"Version": version}, {**PUT, "Overwrite": True})


def test_ours_is_overwritten_without_tags(ssm: Stubber) -> None:
    overwritten(ssm, 2)
    parameters.apply(ITEM, OWNER)


def test_one_that_was_deleted_right_before_is_made_anew_and_tagged(ssm: Stubber) -> None:
    overwritten(ssm, 1)
    ssm.add_response("add_tags_to_resource", {}, {**NAMED, "Tags": TAGS})
    parameters.apply(ITEM, OWNER)


def test_somebody_elses_is_left_as_it_is(ssm: Stubber) -> None:
    ssm.add_response("list_tags_for_resource", {"TagList": []}, NAMED)
    with pytest.raises(NotOurs):
        parameters.apply(ITEM, OWNER)
