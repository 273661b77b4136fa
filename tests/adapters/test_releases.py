"""`spread_release`: buckets in every Region, what is put there once, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
import spread_release
from autopilot.aws import releases
from autopilot.aws.errors import AccessDenied, AwsError, NotFound, RefusedByAws
from autopilot.aws.release_buckets import READABLE, Bucket, Owner, policy
from autopilot.aws.releases import ReleaseRefused, Wanted, spread
from botocore.session import Session
from botocore.stub import Stubber
from moto import mock_aws
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="r"
)
HUB = "123456789012"  # moto's own
OWNER = Owner(HUB, "o-a1b2c3d4e5")
MADE, OLD = "0123456789abcdef", "fedcba9876543210"
HOME, AWAY = "us-east-1", "eu-west-1"
FILES = {
    "code/c.zip": b"code",
    "policy/p.zip": b"policy",
    f"releases/{MADE}/canary.json": b"{}",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for key, content in FILES.items():
        path = tmp_path / "release" / key
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return tmp_path / "release"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # moto takes a statement's conditions for fulfilled: ours denies what isn't TLS.
    monkeypatch.setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
    with mock_aws():
        yield


def wanted(release: str = MADE, made: str = MADE, **more: Any) -> Wanted:
    return Wanted(release, made, ("canary",), (HOME, AWAY), OWNER, **more)


def never(*_: Any) -> Any:
    raise AssertionError("not to be asked")


def at_once(_seconds: float) -> None: ...


def put(asked: Wanted, folder: Path, **more: Any) -> dict[str, int]:
    options = {"rolls_back": lambda: False, "pause": at_once, **more}
    return spread(asked, folder=folder, **options)


def keys(region: str) -> set[str]:
    s3 = boto3.client("s3", region_name=region)
    found = s3.list_objects_v2(Bucket=f"endpoint-autopilot-{HUB}-{region}-an")
    return {each["Key"] for each in found.get("Contents", ())}


@pytest.mark.usefixtures("aws")
def test_every_region_has_code_and_policies_and_the_hubs_own_the_templates_too(
    folder: Path,
) -> None:
    assert put(wanted(), folder) == {HOME: 3, AWAY: 2}
    assert keys(HOME) == set(FILES)
    assert keys(AWAY) == {"code/c.zip", "policy/p.zip"}


@pytest.mark.usefixtures("aws")
def test_a_second_time_puts_nothing(folder: Path) -> None:
    put(wanted(), folder)
    assert put(wanted(), folder) == {HOME: 0, AWAY: 0}


@pytest.mark.usefixtures("aws")
def test_a_bucket_is_encrypted_closed_to_the_public_and_open_to_the_organization(
    folder: Path,
) -> None:
    put(wanted(), folder)
    s3 = boto3.client("s3", region_name=AWAY)
    bucket = {"Bucket": f"endpoint-autopilot-{HUB}-{AWAY}-an"}
    assert s3.get_bucket_location(**bucket)["LocationConstraint"] == AWAY
    closed = s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    rules = s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (encryption,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert json.loads(s3.get_bucket_policy(**bucket)["Policy"]) == policy(bucket["Bucket"], OWNER)
    assert "Status" not in s3.get_bucket_versioning(**bucket)


@pytest.mark.usefixtures("aws")
def test_what_holds_something_else_than_it_is_called_by_is_put_anew(folder: Path) -> None:
    put(wanted(), folder)
    s3 = boto3.client("s3", region_name=AWAY)
    place = {"Bucket": f"endpoint-autopilot-{HUB}-{AWAY}-an", "Key": "code/c.zip"}
    s3.put_object(**place, Body=b"somebody's")
    assert put(wanted(), folder) == {HOME: 0, AWAY: 1}
    assert s3.get_object(**place)["Body"].read() == b"code"


def test_the_organization_reads_code_and_policies_and_nobody_writes() -> None:
    allow, deny = policy("b", OWNER)["Statement"]
    assert allow["Action"] == "s3:GetObject"
    assert allow["Resource"] == [f"arn:aws:s3:::b/{each}" for each in READABLE]
    assert allow["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": OWNER.organization}}
    assert (deny["Effect"], deny["Action"]) == ("Deny", "s3:*")
    assert not any(each.startswith("releases") for each in READABLE)


@pytest.mark.usefixtures("aws")
def test_going_back_takes_a_release_that_was_there(folder: Path) -> None:
    put(wanted(), folder)
    old = wanted(OLD, MADE, before=(MADE, MADE))
    with pytest.raises(ReleaseRefused, match=f"no release {OLD} for canary.*releases/ in endp"):
        put(old, folder)
    home = Bucket(f"endpoint-autopilot-{HUB}-{HOME}-an", HOME, OWNER)
    home.put({f"releases/{OLD}/canary.json": b"{}"})
    put(old, folder)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("release", "made", "before", "refused"),
    [
        (OLD, MADE, (OLD, "0000000000000000"), True),  # something new, and the pin of before
        (OLD, MADE, (MADE, MADE), False),  # going back
        (MADE, MADE, (OLD, MADE), False),  # and forward again
        (MADE, MADE, (OLD, OLD), False),  # an ordinary update
        (OLD, MADE, None, False),
    ],
)
def test_what_would_reach_nobody_is_not_deployed_in_silence(
    folder: Path, release: str, made: str, before: tuple[str, str] | None, refused: bool
) -> None:
    """`cdk deploy` keeps a parameter's last value."""
    put(wanted(), folder)
    home = Bucket(f"endpoint-autopilot-{HUB}-{HOME}-an", HOME, OWNER)
    home.put({f"releases/{OLD}/canary.json": b"{}"})
    asked = wanted(release, made, before=before)
    if not refused:
        put(asked, folder)
        return
    with pytest.raises(ReleaseRefused, match=f"held at release {OLD}.*Release=latest"):
        put(asked, folder)
    put(asked, folder, rolls_back=lambda: True)


class Refusing:
    """A bucket that AWS refuses; `times`: only so often."""

    def __init__(self, error: AwsError, times: int = 99) -> None:
        self.error, self.times, self.given = error, times, 0

    def prepare(self) -> None:
        if self.times:
            self.times -= 1
            raise self.error

    def put(self, files: Mapping[str, bytes]) -> int:
        self.given += len(files)
        return len(files)

    def has(self, key: str) -> bool:
        return True


def test_all_regions_are_tried_before_the_first_complaint(folder: Path) -> None:
    holders = {HOME: Refusing(RefusedByAws("one")), AWAY: Refusing(RefusedByAws("two"))}
    with pytest.raises(ReleaseRefused, match="one; two"):
        put(wanted(), folder, bucket=lambda name, region, owner: holders[region])


def test_a_role_as_new_as_the_stack_is_waited_for(folder: Path) -> None:
    holder = Refusing(AccessDenied("s3:CreateBucket: AccessDenied"), times=3)
    paused: list[float] = []
    put(wanted(), folder, bucket=lambda *_: holder, pause=paused.append)
    assert holder.given == 5
    assert paused == [5, 10, 20]


def stubbed(region: str) -> tuple[Stubber, Bucket]:
    s3 = Session().create_client("s3", region_name=region)
    return Stubber(s3), Bucket("endpoint-autopilot-1-x", region, OWNER, s3)


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        ("InvalidAccessKeyId", RefusedByAws, "is ap-east-1 enabled in 123456789012"),
        ("AccessDenied", AccessDenied, r"\(endpoint-autopilot-1-x\)"),
    ],
)
def test_a_bucket_that_cannot_be_made_says_what_to_do(
    code: str, kind: type[AwsError], advice: str
) -> None:
    stub, bucket = stubbed("ap-east-1")
    stub.add_client_error("create_bucket", code, "no")
    with stub, pytest.raises(kind, match=f"s3:CreateBucket.*{advice}"):
        bucket.prepare()


def test_every_call_but_the_first_names_the_account_that_must_own_the_bucket() -> None:
    """It is made in that account's own namespace; somebody else's gets neither policy nor code."""
    stub, bucket = stubbed(HOME)
    ours = {"Bucket": "endpoint-autopilot-1-x", "ExpectedBucketOwner": HUB}
    made = {
        "Bucket": "endpoint-autopilot-1-x",
        "BucketNamespace": "account-regional",
        "ObjectOwnership": "BucketOwnerEnforced",
    }
    stub.add_response("create_bucket", {}, made)
    stub.add_client_error("put_public_access_block", "AccessDenied", http_status_code=403)
    with stub, pytest.raises(AccessDenied):
        bucket.prepare()
    stub, bucket = stubbed(HOME)
    looked = {**ours, "Key": "k"}
    stub.add_client_error("head_object", "404", http_status_code=404, expected_params=looked)
    stub.add_response("put_object", {}, {**ours, "Key": "k", "Body": b"x"})
    with stub:
        assert bucket.put({"k": b"x"}) == 1
    stub, bucket = stubbed(HOME)
    stub.add_client_error("head_object", "403", http_status_code=403)
    with stub, pytest.raises(AccessDenied):
        bucket.has("k")


def request(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": "https://answer",
        "StackId": "arn:stack",
        "RequestId": "r",
        "LogicalResourceId": "Spread",
        "ResourceProperties": {
            "Release": MADE,
            "Made": MADE,
            "Targets": ["canary"],
            "Regions": [HOME],
            "Account": HUB,
            "Organization": OWNER.organization,
            "Partition": "aws",
        },
        **more,
    }


def answered(event: dict[str, Any], holder: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    answers: list[dict[str, Any]] = []
    spread_release.handler(
        event,
        CONTEXT,
        bucket=lambda name, region, owner: holder,
        rolls_back=never,
        send=lambda url, body: answers.append(json.loads(body)),
        pause=at_once,
    )
    (answer,) = answers
    return f"{answer['Status']}: {answer['Reason']}"


def test_cloudformation_is_answered_on_every_path(monkeypatch: pytest.MonkeyPatch) -> None:
    fine, broken = Refusing(NotFound("no"), 0), Refusing(RefusedByAws("s3:CreateBucket: no"))
    assert answered(request("Create"), fine, monkeypatch).startswith("SUCCESS")
    assert "s3:CreateBucket: no" in answered(request("Update"), broken, monkeypatch)
    assert answered(request("Delete"), broken, monkeypatch).startswith("SUCCESS")


def test_what_cloudformation_asks_for_is_read_with_what_it_asked_for_before() -> None:
    former = {"Release": OLD, "Made": OLD}
    asked = releases.wanted(request("Update", OldResourceProperties=former))
    assert asked == Wanted(MADE, MADE, ("canary",), (HOME,), OWNER, (OLD, OLD))
    assert releases.wanted(request("Create")).before is None
