"""The functions' bundle: it holds what runs and no more, and is made the same way twice."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import botocore
import pytest
from autopilot.policy.model import GatewayPolicy, Policy
from autopilot.reconcile.codec import decode
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from infra import bundle, lambda_python, models
from infra.operations import OPERATIONS
from infra.staging import staged
from lab import forking, runtime
from tests.infra.conftest import WINDOW
from tests.infra.synthesis import FLEET_HANDLERS, HANDLERS, ROOT

BUNDLE = ROOT / "build" / "functions"
ADAPTERS = ROOT / "functions" / "autopilot" / "aws"
IAM_PREFIX = {
    "states": "stepfunctions",
    "servicequotas": "service-quotas",
    "elasticloadbalancing": "elbv2",
}


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    bundle.main()


def in_the_bundle(code: str) -> str:
    """Run code as in Lambda: the bundle and the standard library, nothing else."""
    isolate = (
        "import sys; sys.path[:] = [sys.argv[1]]"
        " + [p for p in sys.path if 'site-packages' not in p and p]\n"
    )
    environment = {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DATA_PATH": str(BUNDLE / "models"),
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "test",
    }
    # Compiled once, beside the bundle: what is in it stays as it was built.
    compiled = Path(os.environ["LAB_CACHE"]) / "bundle"
    option = ["-X", f"pycache_prefix={compiled}"]
    command = [sys.executable, "-I", *option, "-c", isolate + code, str(BUNDLE)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_handler_is_deployed() -> None:
    assert {path.stem for path in (ROOT / "functions").glob("*.py")} == {*HANDLERS, *FLEET_HANDLERS}


@pytest.mark.parametrize("module", (*HANDLERS, *FLEET_HANDLERS))
def test_handler_imports_from_the_bundle_alone(module: str) -> None:
    assert in_the_bundle(f"import {module}; print(callable({module}.handler))") == "True\n"


def test_clients_are_made_from_the_bundles_models() -> None:
    code = f"""
from autopilot.aws.clients import client
from botocore import xform_name
for service, operations in {dict(OPERATIONS)!r}.items():
    made = client(service)
    for operation in operations:
        getattr(made, xform_name(operation))
    print(service, len(made.meta.service_model.operation_names))
"""
    assert in_the_bundle(code).splitlines() == [f"{s} {len(o)}" for s, o in OPERATIONS.items()]


def test_logs_and_metrics_work_from_the_bundle_alone() -> None:
    code = """
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
logger, metrics = Logger(), Metrics()
logger.set_correlation_id("x")
try:
    raise ValueError("planted")
except ValueError:
    logger.exception("said")
metrics.add_metric("FoundBySweep", MetricUnit.Count, 1)
metrics.flush_metrics()
"""
    log, metric = (json.loads(line) for line in in_the_bundle(code).splitlines())
    assert log["correlation_id"] == "x"
    assert "planted" in log["exception"]
    assert metric["FoundBySweep"] == [1.0]
    assert metric["service"] == "test"


@pytest.mark.parametrize(
    "unused",
    ["boto3", "s3transfer", "aws_xray_sdk", "pip", "aws_lambda_powertools/event_handler",
     "aws_lambda_powertools/utilities/parser", "botocore/data/ec2", "botocore/data/s3"],
)  # fmt: skip
def test_what_never_runs_is_not_there(unused: str) -> None:
    assert not (BUNDLE / unused).exists()


def test_only_plain_python_and_its_data_is_there() -> None:
    """Nothing compiled, for whatever machine; no metadata; nothing that a run here left behind."""
    kinds = {path.suffix for path in BUNDLE.rglob("*") if path.is_file()}
    assert kinds - {".pyc"} <= {".py", ".json", ".pem", ".typed", ".txt", ".pyi", ".md", ""}
    assert not list(BUNDLE.glob("*.dist-info"))


def test_the_bundle_stays_small() -> None:
    files = [p for p in BUNDLE.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    assert sum(p.stat().st_size for p in files) < 5_000_000


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


def test_a_second_build_comes_out_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "BUILD", tmp_path)
    bundle.main()
    assert digest(tmp_path / "functions") == digest(BUNDLE)


def test_an_unchanged_bundle_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: Path) -> None:
        pytest.fail("built again")

    monkeypatch.setattr(bundle, "_install", never)
    monkeypatch.setattr(bundle, "_assemble", never)
    bundle.main()


def test_a_changed_source_is_bundled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "functions"
    sources.mkdir()
    (sources / "handler.py").write_text("old")
    for name, value in {"ROOT": tmp_path, "BUILD": tmp_path / "build", "SOURCES": sources}.items():
        monkeypatch.setattr(bundle, name, value)
    monkeypatch.setattr(bundle, "recipe", list)
    monkeypatch.setattr(bundle, "_install", Path.mkdir)
    bundle.main()
    (sources / "handler.py").write_text("new")
    bundle.main()
    assert (tmp_path / "build" / "functions" / "handler.py").read_text() == "new"


# --- the operations in use ---


def named_calls() -> set[tuple[str, str]]:
    """(service, operation) of every call in the adapters, by what they tell their errors."""
    found = set()
    for path in ADAPTERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    ast.Name("aws_errors" | "call") | ast.Attribute(attr="aws_errors"),
                    [ast.Constant(service), ast.Constant(op), *_],
                ):
                    found.add((IAM_PREFIX.get(str(service), str(service)), str(op)))
                case ast.Call(
                    ast.Name("pages" | "_answer" | "_change" | "_listed" | "_tagged"),
                    [ast.Constant(op), *_],
                    keywords,
                ):
                    found.add((_service_of(keywords), str(op)))
    return found


def _service_of(keywords: list[ast.keyword]) -> str:
    """The service that a list is of: EC2, unless a call says otherwise."""
    for each in keywords:
        if each.arg == "service" and isinstance(each.value, ast.Constant):
            return IAM_PREFIX.get(str(each.value.value), str(each.value.value))
    return "ec2"


def words() -> Iterator[str]:
    """Every attribute and every string in the adapters: where a client's method could be named."""
    for path in ADAPTERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                yield node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_list_of_operations_is_what_the_adapters_call() -> None:
    listed = {(service, op) for service, operations in OPERATIONS.items() for op in operations}
    assert named_calls() == listed


def test_no_adapter_calls_a_method_that_is_not_listed() -> None:
    used = set(words()) | {xform_name(operation) for _, operation in named_calls()}
    for service, operations in OPERATIONS.items():
        model = ServiceModel(Loader().load_service_model(service, "service-2"))
        # Two services may have a method of one name.
        others = {xform_name(o) for other, listed in OPERATIONS.items() for o in listed} - {
            xform_name(o) for o in operations
        }
        methods = {xform_name(operation): operation for operation in model.operation_names}
        # Some names are several services' ("list_tags_for_resource").
        others = {op for name, found in OPERATIONS.items() if name != service for op in found}
        called = {methods[word] for word in used & set(methods)}
        assert set(operations) <= called <= set(operations) | others, service


# --- the models ---


def test_a_subset_holds_the_operations_with_all_shapes_they_reach_and_no_prose() -> None:
    model = {
        "metadata": {"serviceId": "X"},
        "documentation": "prose",
        "operations": {
            "Get": {
                "input": {"shape": "In"},
                "output": {"shape": "Out"},
                "errors": [{"shape": "Bad"}],
                "documentation": "prose",
            },
            "Put": {"input": {"shape": "Other"}},
        },
        "shapes": {
            "In": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
            "Out": {"type": "list", "member": {"shape": "Map"}, "documentation": "prose"},
            "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Leaf"}},
            "Leaf": {"type": "string"},
            "Text": {"type": "string", "documentation": "prose"},
            "Bad": {"type": "structure", "members": {}},
            "Other": {"type": "structure", "members": {}},
        },
    }
    found = models.subset(model, ["Get"])
    assert set(found["operations"]) == {"Get"}
    assert set(found["shapes"]) == {"In", "Out", "Map", "Text", "Leaf", "Bad"}
    assert found["shapes"]["In"]["members"] == {"documentation": {"shape": "Text"}}
    assert "prose" not in json.dumps(found)


def test_an_operation_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    data = Path(botocore.__file__).parent / "data"
    with pytest.raises(KeyError):
        models.write_models(data, tmp_path, {"sns": ["Shout"]})


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_a_bundled_model_says_what_the_whole_one_says(service: str) -> None:
    whole = Loader().load_service_model(service, "service-2")
    loader = Loader([str(BUNDLE / "models")], include_default_search_paths=False)
    cut = loader.load_service_model(service, "service-2")
    assert cut["metadata"] == whole["metadata"]
    for name in OPERATIONS[service]:
        ours, theirs = (ServiceModel(m).operation_model(name) for m in (cut, whole))
        assert ours.http == theirs.http
        for mine, other in ((ours.input_shape, theirs.input_shape),):
            assert mine is not None
            assert other is not None
            assert list(mine.members) == list(other.members)
            assert mine.required_members == other.required_members


# --- the policy in the bundle ---


def test_the_asset_holds_the_bundle_and_the_compiled_policy(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("code")
    policy = Policy(mode="audit", skip_tags={"a": "b"})
    with staged(tmp_path, policy) as asset:
        assert (asset / "handler.py").read_text() == "code"
        assert decode(Policy, json.loads((asset / "policy.json").read_text())) == policy
        assert {p.name for p in asset.iterdir()} == {"handler.py", "policy.json"}
    assert not asset.exists()
    assert not (tmp_path / "policy.json").exists()


def test_the_change_windows_time_zone_is_in_the_asset(tmp_path: Path) -> None:
    policy = Policy(gateway_endpoints=GatewayPolicy(change_window=WINDOW))
    with staged(tmp_path, policy) as asset:
        assert offset_of_berlin(asset) == "2:00:00\n"
    with staged(tmp_path, Policy()) as asset, pytest.raises(AssertionError, match="Berlin"):
        offset_of_berlin(asset)


def offset_of_berlin(asset: Path) -> str:
    """In July 2026, on a machine without any time zone data but the asset's."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import zoneinfo, datetime; zoneinfo.reset_tzpath([])\n"
        f"zone = zoneinfo.ZoneInfo({WINDOW.timezone!r})\n"
        "print(datetime.datetime(2026, 7, 1, tzinfo=zone).utcoffset())"
    )
    command = [sys.executable, "-I", "-c", code, str(asset)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bytecode_is_the_same_each_time_and_is_believed_without_a_look_at_the_source(
    tmp_path: Path,
) -> None:
    compiled = []
    for name in ("once", "again"):
        package = tmp_path / name / "thing"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("answer = 42\n")
        bundle.add_bytecode(tmp_path / name)
        (found,) = package.glob("__pycache__/*.pyc")
        compiled.append(found.read_bytes())
    assert compiled[0] == compiled[1]
    assert b"/var/task/thing/__init__.py" in compiled[0]
    assert int.from_bytes(compiled[0][4:8], "little") == 0b01, "hash-based, unchecked (PEP 552)"


@pytest.mark.parametrize(
    ("own", "runs"),
    [((3, 11), "313"), ((3, 12), "312"), ((3, 13), "313"), ((3, 14), "314"), ((3, 15), "313")],
)
def test_only_bytecode_for_the_functions_python_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: lambda_python.Version, runs: str
) -> None:
    monkeypatch.setattr(lambda_python, "builder", lambda: own)
    cache = tmp_path / "bundle" / "__pycache__"
    cache.mkdir(parents=True)
    for version in ("39", "311", "312", "313", "314", "315"):
        (cache / f"intake.cpython-{version}.pyc").touch()
    with staged(tmp_path / "bundle", Policy()) as root:
        assert [path.name for path in root.rglob("*.pyc")] == [f"intake.cpython-{runs}.pyc"]


@pytest.mark.parametrize("own", [(3, 11), (3, 12), (3, 14), (3, 15)])
def test_the_bundle_is_compiled_by_a_python_that_lambda_has_or_says_what_it_costs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    own: lambda_python.Version,
) -> None:
    for module in (bundle, lambda_python):
        monkeypatch.setattr(module, "builder", lambda: own)
    compiled: list[Path] = []
    monkeypatch.setattr(bundle, "add_bytecode", compiled.append)
    monkeypatch.setattr(bundle, "BUILD", tmp_path)
    (tmp_path / "vendor").mkdir()
    bundle._assemble(tmp_path / "functions")
    said = capsys.readouterr().err
    if own in lambda_python.AVAILABLE:
        assert compiled == [tmp_path / "functions"]
        assert said == ""
    else:
        assert compiled == []
        assert "run under 3.13, without bytecode" in said
        assert "more than twice as long. Build with 3.12, 3.13 or 3.14" in said


def test_the_lab_forks_its_functions(tmp_path: Path) -> None:
    """Else each cold start imports all packages: nothing fails then, but all tests are slow."""
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "task").symlink_to(BUNDLE)
    config = {
        "FunctionArn": "arn:aws:lambda:us-east-1:111111111111:function:f",
        "FunctionName": "f",
        "Role": "arn:aws:iam::111111111111:role/f",
        "Handler": "record.handler",
        "LoggingConfig": {"LogFormat": "JSON"},
        "Environment": {"Variables": {"OWNER": "o", "POWERTOOLS_SERVICE_NAME": "o",
            "POWERTOOLS_METRICS_NAMESPACE": "o", "POWERTOOLS_LOG_LEVEL": "INFO",
            "AWS_DATA_PATH": "/var/task/models"}},
    }  # fmt: skip
    place = runtime.Place(tmp_path / "made" / "task", None, runtime.client_folder(tmp_path))
    environment = runtime.environment(config, place, 1, "http://localhost:1")
    process = forking.forked([str(tmp_path / "made" / "bootstrap")], environment)
    try:
        assert process is not None
        process.kill()
        process.wait(10)
        process.stdout.close()
    finally:
        forking.end()
