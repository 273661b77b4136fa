"""Starts a lab as a process of its own and talks to it: for tests, the demo and benchmarks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen

import boto3  # type: ignore[import-untyped]  # it has no types
from botocore.loaders import create_loader

from lab.ops import Ops, OpsMessage
from lab.organization import Organization, organize
from lab.process import LabError, Process, wait_until
from lab.settings import SECRET

__all__ = ["ACCOUNTS", "Lab", "LabError", "LabSession", "Ops", "OpsMessage", "wait_until"]

ACCOUNTS = ("111111111111", "222222222222")
# AWS's descriptions of its services are read once in a process, not once by each session: a client
# takes a tenth of the time.
_MODELS = create_loader()


class LabSession(boto3.Session):  # type: ignore[misc]  # as above
    """A boto3 session whose clients talk to a lab."""

    def __init__(self, url: str, account: str, region: str) -> None:
        super().__init__(
            aws_access_key_id=account, aws_secret_access_key=SECRET, region_name=region
        )
        self._session.register_component("data_loader", _MODELS)
        self._url = url

    def client(self, service_name: str, *args: Any, **options: Any) -> Any:
        """Make a client, as boto3's method does."""
        return super().client(service_name, *args, **{"endpoint_url": self._url, **options})


class Lab:
    """A running lab. Use it in a `with`, or call `stop` yourself."""

    def __init__(self, process: Process, url: str, accounts: Sequence[str], region: str) -> None:
        self._process = process
        self._clients: dict[tuple[str, str], Any] = {}
        self.accounts = tuple(accounts)
        self.region = region
        self.url = url

    @classmethod
    def start(
        cls,
        *,
        port: int = 0,
        accounts: Sequence[str] = ACCOUNTS,
        region: str = "us-east-1",
        deploy: bool = True,
        policy: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Self:
        """Start a lab and wait until it is ready; raises LabError.

        Port 0 takes a free one. `env` adds settings (LAB_APP, LAB_LOG, ...); `progress` gets each
        line that the lab says while it starts.
        """
        settings = {
            "LAB_PORT": str(port),
            "LAB_ACCOUNTS": " ".join(accounts),
            "LAB_REGION": region,
            "LAB_DEPLOY": "yes" if deploy else "no",
            **({"POLICY": str(policy)} if policy else {}),
            **(env or {}),
        }
        process = Process(settings, progress or (lambda _: None))
        return cls(process, process.wait_until_ready(), accounts, region)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The lab's process id."""
        return self._process.pid

    def stop(self) -> int:
        """Stop the lab as Ctrl-C does; return its exit code."""
        return self._process.stop()

    def session(self, account: str | None = None) -> LabSession:
        """Return a session of `account` (default: the first)."""
        return LabSession(self.url, account or self.accounts[0], self.region)

    def client(self, service: str, account: str | None = None) -> Any:
        """Return a client of `account`'s (default: the first); the same one each time."""
        key = (service, account or self.accounts[0])
        if key not in self._clients:
            self._clients[key] = self.session(account).client(service)
        return self._clients[key]

    def calls(self, **wanted: object) -> list[dict[str, Any]]:
        """Return the calls of EC2, load balancing and quotas so far, oldest first.

        `wanted` narrows down: `calls(operation="CreateVpcEndpoint", error=None)`.
        """
        calls: list[dict[str, Any]] = self._ask("GET", "calls")
        return [call for call in calls if wanted.items() <= call.items()]

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        self._ask("DELETE", "calls")

    def denials(self, **wanted: str) -> list[dict[str, str]]:
        """Return what IAM denied so far, oldest first: principal, action, resource, why.

        `wanted` narrows down: `denials(action="sns:Publish")`.
        """
        denials: list[dict[str, str]] = self._ask("GET", "denials")
        return [denial for denial in denials if wanted.items() <= denial.items()]

    def clear_denials(self) -> None:
        """Forget the denials so far."""
        self._ask("DELETE", "denials")

    def mails(self, **wanted: str) -> list[dict[str, str]]:
        """Return what SNS has sent to addresses so far, oldest first: to, topic, subject, text.

        `wanted` narrows down: `mails(to="netops@example.com")`.
        """
        mails: list[dict[str, str]] = self._ask("GET", "mails")
        return [mail for mail in mails if wanted.items() <= mail.items()]

    def confirm(self, address: str) -> None:
        """Open the links in the mails that asked an address to confirm, as its owner would."""
        for mail in self.mails(to=address):
            if mail["link"]:
                urlopen(self.url + mail["link"]).close()  # noqa: S310 - the lab's own address

    def fault(self, operation: str, **what: object) -> None:
        """Plant a fault: `fault("CreateVpcEndpoint", error="RequestLimitExceeded", times=2)`."""
        self._ask("POST", "faults", {"operation": operation, **what})

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that are left."""
        faults: list[dict[str, Any]] = self._ask("GET", "faults")
        return faults

    def clear_faults(self) -> None:
        """Remove every fault."""
        self._ask("DELETE", "faults")

    def delivery(self, **how: object) -> dict[str, Any]:
        """Disturb CloudTrail events: `delivery(duplicates=2, shuffle=True)`; nothing: undisturbed.

        Returns how events are delivered now.
        """
        self._ask("POST", "delivery", how)
        state: dict[str, Any] = self._ask("GET", "delivery")
        return state

    def wait_for_deliveries(self) -> None:
        """Wait until no event and no notification is on its way any more; raises LabError."""

        def arrived() -> bool:
            state = self._ask("GET", "delivery")
            return not (state["on_their_way"] or state["notifications"]["on_their_way"])

        wait_until(arrived, 90, "the last event arrives")

    def seed(self, number: int) -> None:
        """Have ids, losses, copies and shuffles come from `number` from now on."""
        self._ask("POST", "seed", {"seed": number})

    def world(self, command: Mapping[str, object]) -> dict[str, Any]:
        """Do what only AWS or another account could: `world({"share_vpc": {...}})`.

        Returns how the world is then.
        """
        world: dict[str, Any] = self._ask("POST", "world", command)
        return world

    def join(self, account: str, management: str | None) -> None:
        """Have an account join the organization of another one, or with None leave it."""
        self._ask("POST", "organization", {"account": account, "management": management})

    def organization(
        self,
        units: Mapping[str, Sequence[str]],
        *,
        management: str | None = None,
        administrator: str = "",
    ) -> Organization:
        """Make an organization of units and their accounts: `{"canary": [A], "prod/eu": [B, C]}`.

        `administrator` becomes the delegated administrator of StackSets.
        """
        return organize(self, units, management, administrator)

    def bus(self, arn: str, *, down: bool) -> None:
        """Cut a bus off from events of other accounts and Regions, or let them reach it again."""
        self._ask("POST", "buses", {"bus": arn, "down": down})

    def traffic(self, id: str, bytes: int, **more: object) -> None:
        """Have CloudWatch know a minute's traffic: `traffic("vpce-1", 900, subnet_id="subnet-1")`.

        `id`: an interface endpoint's or a NAT gateway's; `days_ago`: when it was.
        """
        self._ask("POST", "traffic", {"id": id, "bytes": bytes, **more})

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass for EC2 at once."""
        self.world({"pass_seconds": seconds})

    def forget_world(self) -> None:
        """Begin EC2's world anew: nobody has anything, and every key is at its default."""
        self._ask("DELETE", "world")

    def outputs(
        self, account: str | None = None, stack: str = "EndpointAutopilot"
    ) -> dict[str, str]:
        """Return the outputs of an account's stack."""
        found = self.client("cloudformation", account).describe_stacks(StackName=stack)
        outputs = found["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def ops(self, account: str | None = None) -> Ops:
        """Subscribe to an account's ops topic; return a reader of what it says from now on."""
        topic = self.outputs(account)["OpsTopicArn"]
        return Ops(self.client("sns", account), self.client("sqs", account), topic)

    def _ask(self, method: str, name: str, data: object = None) -> Any:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            body = None if data is None else json.dumps(data)
            connection.request(method, f"/_lab/{name}", body)
            answer = connection.getresponse()
            said = json.loads(answer.read())
        except (OSError, HTTPException) as broken:
            raise LabError(f"the lab does not answer: {broken}\n{self._process.tail()}") from broken
        finally:
            connection.close()
        if answer.status != 200:
            raise LabError(str(said["error"]))
        return said
