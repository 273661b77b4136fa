"""A person with the AWS CLI: an engineer on call who runs the command that the mail names."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.telling import OutcomeMissing
from lab.client import Lab
from lab.settings import REPOSITORY

ROLE = "NetworkOnCall"
MAY = ["ec2:AcceptVpcEndpointConnections", "ec2:RejectVpcEndpointConnections"]


@dataclass(frozen=True)
class Person:
    """Somebody with a role in an account; `env` is the shell that they type into."""

    name: str
    env: Mapping[str, str]

    def run(self, command: str) -> str:
        """Run a command of the AWS CLI as typed; what it prints. Raises OutcomeMissing."""
        program, *words = shlex.split(command) or [""]
        if program != "aws":
            raise OutcomeMissing(f"an AWS CLI command, not {command!r}")
        cli = Path(sys.executable).with_name("aws")
        return typed(f"`{command}` works", [str(cli), *words], self.env, seconds=60)


def typed(
    outcome: str,
    words: Sequence[str],
    env: Mapping[str, str],
    *,
    seconds: float,
    where: Path = REPOSITORY,
    code: int = 0,
) -> str:
    """Run a program, in the repository if nothing else is said; what it prints.

    Raises OutcomeMissing, with all that it said, if it ends with another exit code.
    """
    ran = subprocess.run(  # noqa: S603 - a CLI that a lock file pins, words split as a shell does
        words,
        cwd=where,
        env=env,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if ran.returncode != code:
        raise OutcomeMissing(f"{outcome}: {ran.stdout}{ran.stderr.strip()}")
    return ran.stdout


def on_call(lab: Lab, account: str, name: str) -> Person:
    """An engineer of the account who may accept and reject connections, and nothing else."""
    iam, sts = lab.client("iam", account), lab.client("sts", account)
    trust = _statement("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{account}:root"})
    arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    may = _statement(MAY, Resource=f"arn:aws:ec2:{lab.region}:{account}:vpc-endpoint-service/*")
    iam.put_role_policy(RoleName=ROLE, PolicyName="AnswerRequests", PolicyDocument=may)
    keys = sts.assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"]
    session = {"PATH": os.defpath, "AWS_SESSION_TOKEN": keys["SessionToken"], "AWS_PAGER": ""}
    return Person(name, {**shell(lab, keys["AccessKeyId"], keys["SecretAccessKey"]), **session})


def shell(lab: Lab, key: str, secret: str) -> dict[str, str]:
    """What makes a CLI speak to the lab, with these keys."""
    return {
        "AWS_ENDPOINT_URL": lab.url,
        "AWS_ENDPOINT_URL_S3": lab.url,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        # Nothing of the shell that the demo runs in: a profile there is somebody's real account.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _statement(action: str | list[str], **more: object) -> str:
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
