"""The dashboard's custom widgets in a browser, on the real stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from lab.client import Lab
from tests.browser.dashboards import Dashboard, serious

COVERAGE = "Which subnets reach what privately"
WAITING = "Waiting for a person, and failed"
CONNECTIONS = "Connections and their zones"
NAME = "<script>alert(1)</script>"
SUBNET = '"it\'s" 🎉 </style>'


@pytest.fixture
def hostile(real_lab: Lab) -> Iterator[str]:
    """A VPC that is named like a script, with a subnet of quotes and an emoji; its id."""
    ec2 = real_lab.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    for id_, name in ((vpc, NAME), (subnet, SUBNET)):
        ec2.create_tags(Resources=[id_], Tags=[{"Key": "Name", "Value": name}])
    yield vpc
    ec2.delete_subnet(SubnetId=subnet)
    real_lab.wait_for_deliveries()
    endpoints = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    ids = [each["VpcEndpointId"] for each in endpoints["VpcEndpoints"]]
    if ids:
        ec2.delete_vpc_endpoints(VpcEndpointIds=ids)
    ec2.delete_vpc(VpcId=vpc)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_hostile_names_show_as_text_in_both_themes(
    stack: Dashboard, hostile: str, theme: str
) -> None:
    stack.open(theme, whole="yes")
    coverage = stack.widget(COVERAGE)
    title = coverage.content.locator("h3", has_text=hostile)
    expect(title.locator("b")).to_have_text(NAME)
    table = coverage.content.get_by_role("table", name=f"How {hostile} is served")
    summary = table.locator("summary").first
    summary.focus()
    stack.page.keyboard.press("Enter")
    expect(table.locator("li b").first).to_have_text(SUBNET)
    for name in (COVERAGE, WAITING, CONNECTIONS):
        widget = stack.widget(name)
        assert (widget.kind, widget.removed, widget.said) == ("html", [], [])
        assert "Couldn't read" not in widget.content.inner_text()
    dark = coverage.content.locator("div.ea.ea-dark")
    expect(dark).to_have_count(1 if theme == "dark" else 0)
    assert serious(stack.page) == []


def test_whats_denied_is_named_in_the_widget(stack: Dashboard, real_lab: Lab) -> None:
    real_lab.fault("DescribeSubnets", error="UnauthorizedOperation", times=3)
    stack.open()
    text = stack.widget(COVERAGE).content
    expect(text).to_contain_text("Couldn't read subnets: ")
    real_lab.clear_faults()
