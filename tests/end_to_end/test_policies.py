"""Other policies than the shipped one: audit mode; and one that is bold with busy tables.

The bold one has an endpoint policy, too, and holds requests whose zones don't fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo import scenes
from demo.privatelink import connect, publish, subnets_of
from demo.scenes import build_network
from lab.client import Lab
from tests.end_to_end.reception import offer_zones
from tests.end_to_end.stage import Stage, allow_endpoints

ACCOUNT, CONSUMER = "111111111111", "222222222222"
ADDRESS, TEAM = "netops@example.com", "team-a@example.com"
READ_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "dynamodb:GetItem"],
            "Resource": "*",
        }
    ],
}


@contextmanager
def lab_with(folder: Path, policy: str) -> Iterator[Lab]:
    (folder / "read-only.json").write_text(json.dumps(READ_ONLY))
    (folder / "policy.yaml").write_text(policy)
    with Lab.start(accounts=(ACCOUNT,), policy=folder / "policy.yaml") as lab:
        yield lab


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An account on its first day: audit mode, an address that hasn't confirmed."""
    owners = f"owner_tag: owner, owners: {{team-a: [{TEAM}]}}"
    policy = f"mode: audit\nnotify: {{emails: [{ADDRESS}], {owners}}}\n"
    with lab_with(tmp_path_factory.mktemp("audit"), policy) as lab:
        yield lab


@pytest.fixture(scope="module")
def auditing(newcomer: Lab) -> Stage:
    return Stage(newcomer, ACCOUNT)


@pytest.fixture(scope="module")
def bold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    policy = f"""
gateway_endpoints: {{busy_route_tables: now, policy: read-only}}
endpoint_policies: {{read-only: read-only.json}}
zones: {{before_accepting: hold, peers: [{{account: "{CONSUMER}"}}]}}
"""
    with lab_with(tmp_path_factory.mktemp("bold"), policy) as lab:
        yield Stage(lab, ACCOUNT)


def sweep(lab: Lab) -> None:
    """Have the network's sweep run to its end."""
    states = lab.client("stepfunctions")
    arn = states.start_execution(
        stateMachineArn=lab.outputs()["NetworkWorkflowArn"],
        input=json.dumps({"trigger": "sweep"}),
    )["executionArn"]
    ended = scenes.wait_until(
        lambda: states.describe_execution(executionArn=arn)["status"],
        lambda status: status != "RUNNING",
        "the sweep ends",
    )
    assert ended == "SUCCEEDED"


def look_who_listens(lab: Lab) -> None:
    """Do what the rule does every five minutes, with its own input."""
    events = lab.client("events")
    (rule,) = (r for r in events.list_rules()["Rules"] if "TellingLook" in r["Name"])
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    answer = lab.client("lambda").invoke(FunctionName=target["Arn"], Payload=target["Input"])
    assert "FunctionError" not in answer


def empty_the_hall(lab: Lab) -> None:
    """Nobody listens: the queue of another story neither."""
    sns, topic = lab.client("sns"), lab.outputs()["OpsTopicArn"]
    for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        if each["SubscriptionArn"] != "PendingConfirmation":
            sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    look_who_listens(lab)


def test_who_confirms_an_address_after_the_first_sweep_is_told_all_there_is(newcomer: Lab) -> None:
    newcomer.delivery(loss=1.0)
    empty_the_hall(newcomer)
    allow_endpoints(newcomer, ACCOUNT, 1000)
    ec2 = newcomer.client("ec2")
    for number in range(40):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    vpcs = len(ec2.describe_vpcs()["Vpcs"])
    sweep(newcomer)
    look_who_listens(newcomer)
    assert [mail["subject"] for mail in newcomer.mails(to=ADDRESS)] == [
        "AWS Notification - Subscription Confirmation"
    ]

    newcomer.confirm(ADDRESS)
    look_who_listens(newcomer)
    _, digest = newcomer.mails(to=ADDRESS)
    assert f"mode audit: {2 * vpcs} findings" in digest["subject"]
    assert f"Audit: {2 * vpcs} changes planned in {vpcs} VPCs." in digest["text"]
    assert digest["text"].count(": dynamodb, s3: would create an endpoint") == vpcs, "by VPC"
    assert "write `mode: enforce`" in digest["text"]

    sweep(newcomer)
    look_who_listens(newcomer)
    assert len(newcomer.mails(to=ADDRESS)) == 2, "told once"
    newcomer.delivery()


def test_audit_mode_tells_the_plan_once_and_changes_nothing(auditing: Stage) -> None:
    network = build_network(auditing.ec2, "audited", tables=1)

    told = auditing.told("PlannedChange", network.vpc_id)
    assert told["severity"] == "info"
    assert all(table in json.dumps(told) for table in network.all_tables)
    auditing.sweep()
    assert not auditing.our_calls(changes=True)
    assert not scenes.look(auditing.ec2, network.vpc_id).endpoints
    assert len(auditing.of_kind("PlannedChange", network.vpc_id)) == 1


def test_an_owner_hears_of_his_own_and_ops_of_everything_once(newcomer: Lab) -> None:
    auditing = Stage(newcomer, ACCOUNT)  # another story empties the hall
    auditing.lab.confirm(TEAM)
    auditing.lab.delivery(loss=1.0)
    theirs, other = (build_network(auditing.ec2, name, tables=1) for name in ("theirs", "other"))
    tag = {"Key": "owner", "Value": "team-a"}
    auditing.ec2.create_tags(Resources=[theirs.vpc_id], Tags=[tag])
    auditing.lab.delivery()
    auditing.sweep()

    told = [auditing.told("PlannedChange", each.vpc_id) for each in (theirs, other)]
    assert [message["owners"] for message in told] == [["team-a"], []]
    assert told[0]["execution"] == told[1]["execution"]
    assert other.vpc_id not in json.dumps(told[0])
    assert theirs.vpc_id not in json.dumps(told[1])
    _, mail = auditing.lab.mails(to=TEAM)
    assert mail["subject"].startswith("[team-a] Audit: 2 changes planned in ")
    assert "Owner (tag owner): team-a" in mail["text"]


def test_busy_tables_are_served_at_once_where_the_policy_says_now(bold: Stage) -> None:
    bold.lab.delivery(loss=1.0)
    network = build_network(bold.ec2, "busy-now", tables=1)
    bold.ec2.create_network_interface(SubnetId=network.subnet_ids[0])
    bold.lab.delivery()
    bold.sweep()

    assert scenes.look(bold.ec2, network.vpc_id).serves(network.all_tables)
    assert not bold.of_kind("RouteTableBusy")


def test_an_endpoint_policy_that_somebody_changes_is_put_right(bold: Stage) -> None:
    network = build_network(bold.ec2, "drifts", tables=1)
    endpoint = bold.served(network).of("s3")[0].id
    bold.settle()

    def policy() -> object:
        found = bold.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
        return json.loads(found["PolicyDocument"])

    assert policy() == READ_ONLY
    bold.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
    assert policy() != READ_ONLY
    scenes.wait_until(policy, lambda p: p == READ_ONLY, "the policy is put right")
    bold.told("GatewayEndpointsChanged", endpoint)


def test_others_endpoint_with_another_policy_is_left_and_told_once(bold: Stage) -> None:
    bold.lab.delivery(loss=1.0)
    network = build_network(bold.ec2, "theirs", tables=1)
    theirs = bold.others_s3(network, network.main_table_id)
    bold.lab.delivery()
    bold.sweep()

    told = bold.told("ForeignEndpointPolicy", network.vpc_id)
    assert told["severity"] == "info"
    assert theirs["VpcEndpointId"] in json.dumps(told)
    bold.sweep()
    assert len(bold.of_kind("ForeignEndpointPolicy", network.vpc_id)) == 1
    now = bold.ec2.describe_vpc_endpoints(VpcEndpointIds=[theirs["VpcEndpointId"]])
    assert now["VpcEndpoints"][0]["PolicyDocument"] == theirs["PolicyDocument"]


def test_a_request_whose_zones_do_not_fit_is_held_until_they_do(bold: Stage) -> None:
    offer_zones(bold.lab, CONSUMER)
    service = publish(bold.lab, ACCOUNT, "zonal", ("use1-az1", "use1-az4"))
    service.allow(CONSUMER)
    scenes.wait_until(service.notified, bool, "our notification is registered")

    fits = connect(service, CONSUMER, ("use1-az1", "use1-az4"))
    lacks = connect(service, CONSUMER, ("use1-az1",), unused=("use1-az4",))
    told = bold.told("ConnectionHeld", lacks)
    assert "its zones don't fit the service's" in json.dumps(told)
    scenes.wait_until(service.states, lambda s: s[fits] == "available", "the one that fits is in")
    assert service.states()[lacks] == "pendingAcceptance"

    subnet = subnets_of(bold.lab, CONSUMER, lacks)["use1-az4"]
    consumer = bold.lab.client("ec2", CONSUMER)
    consumer.modify_vpc_endpoint(VpcEndpointId=lacks, AddSubnetIds=[subnet])
    bold.sweep(bold.connections)
    scenes.wait_until(service.states, lambda s: s[lacks] == "available", "the other is in, too")
    bold.told("ConnectionAccepted", lacks)
