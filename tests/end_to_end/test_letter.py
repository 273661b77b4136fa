"""The weekly letter arrives: an idle endpoint and an idle zone, priced word for word."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from demo import scenes
from tests.end_to_end.operator import autopilot
from tests.end_to_end.profiles import tags
from tests.end_to_end.stage import Stage

DAY, ADDRESS = 86_400, "letters@example.com"
SERVICE = "com.amazonaws.us-east-1.{}"


def endpoint(stage: Stage, vpc: str, subnets: list[str], service: str) -> str:
    """Somebody's interface endpoint, as if made 60 days ago."""
    made = stage.ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=vpc,
        ServiceName=SERVICE.format(service),
        SubnetIds=subnets,
        PrivateDnsEnabled=False,
    )
    id_ = str(made["VpcEndpoint"]["VpcEndpointId"])
    of = [{"Name": "vpc-endpoint-id", "Values": [id_]}]

    def stands() -> bool:
        (shown,) = stage.ec2.describe_vpc_endpoints(Filters=of)["VpcEndpoints"]
        return bool(shown["State"] == "available")

    scenes.wait_until(stands, bool, f"{id_} stands", seconds=30, every=0.3)
    stage.lab.world({"made": {"endpoint_id": id_, "seconds_ago": 60 * DAY}})
    return id_


def network(stage: Stage) -> tuple[str, list[str]]:
    vpc = stage.ec2.create_vpc(CidrBlock="10.90.0.0/16", TagSpecifications=tags("vpc", Name="shop"))
    vpc_id = str(vpc["Vpc"]["VpcId"])
    zones = ("use1-az1", "use1-az2")
    made = [
        stage.ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.90.{n}.0/24", AvailabilityZoneId=zone)[
            "Subnet"
        ]["SubnetId"]
        for n, zone in enumerate(zones)
    ]
    return vpc_id, made


def subscribe(stage: Stage) -> None:
    """An address that gets letters and nothing else."""
    stage.lab.client("sns", stage.account).subscribe(
        TopicArn=stage.lab.outputs(stage.account)["OpsTopicArn"],
        Protocol="email",
        Endpoint=ADDRESS,
        Attributes={"FilterPolicy": json.dumps({"kind": ["WeeklyLetter"]})},
    )
    stage.lab.confirm(ADDRESS)


def fire(stage: Stage) -> None:
    """Have Scheduler call the weekly schedule's target now, as the role that it names."""
    scheduler = stage.lab.client("scheduler", stage.account)
    (name,) = (
        each["Name"] for each in scheduler.list_schedules()["Schedules"] if "Letter" in each["Name"]
    )
    weekly = scheduler.get_schedule(Name=name)
    scheduler.create_schedule(
        Name="letter-now",
        ScheduleExpression=f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=weekly["Target"],
        ActionAfterCompletion="DELETE",
    )


def test_the_letter_prices_what_is_idle_and_costs_say_the_same(stage: Stage) -> None:
    vpc, subnets = network(stage)
    idle = endpoint(stage, vpc, subnets, "logs")
    partly = endpoint(stage, vpc, subnets, "sqs")
    stage.lab.traffic(partly, 2**30, subnet_id=subnets[0], days_ago=2)
    subscribe(stage)
    fire(stage)

    told = stage.told("WeeklyLetter", within=60)
    (mail,) = scenes.wait_until(
        lambda: [m for m in stage.lab.mails(to=ADDRESS) if "Weekly letter" in m["subject"]],
        bool,
        "the letter is in the mail",
        seconds=30,
    )
    lines = mail["text"].splitlines()
    assert (
        f"- idle endpoint, 14.60 USD: {idle} in shop ({vpc}): logs in 2 zones (use1-az1, use1-az2):"
        " no bytes and no connection in 30 days"
    ) in lines
    (zone,) = (line for line in lines if line.startswith("- idle zone, 7.30 USD: "))
    assert f"{partly}/{subnets[1]} in shop ({vpc}): sqs in use1-az2: no bytes in 30 days" in zone
    assert "(AWS price list, AmazonVPC: USE1-VpcEndpoint-Hours)" in mail["text"]
    assert told["data"]["subjects"][idle]["micro_usd"] == 14_600_000

    done = autopilot(stage.lab, stage.account, "costs", "--json")
    found: Any = json.loads(done.stdout)
    savings = {each["subject"]: each for each in found["savings"]}
    assert (done.returncode, found["unread"]) == (0, {})
    assert savings[idle]["micro_usd"] == 14_600_000
    assert savings[f"{partly}/{subnets[1]}"]["micro_usd"] == 7_300_000
    assert not stage.lab.denials()
