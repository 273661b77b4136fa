"""Where Lambda takes code and layers from: buckets of its own Region, of whichever account.

It reads as whoever creates the function, or CloudFormation for them: a bucket of another account
has to let that account in (elastic-ci-stack-for-aws #564, aws-cdk #4632: the words, too).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc
from ministack.services.cloudformation import helpers, provisioners
from ministack.services.cloudformation.provisioners import new_uuid

from lab.buckets import Reading, may_read, owner_of, read
from lab.inside import scope

_FUNCTION, _LAYER = "AWS::Lambda::Function", "AWS::Lambda::LayerVersion"
_DENIED = (
    "Your access has been denied by S3, please make sure your request credentials have permission "
    "to GetObject for {0}/{1}. S3 Error Code: AccessDenied. S3 Error Message: Access Denied"
)
_MISSING = "Error occurred while GetObject. S3 Error Code: {0}. S3 Error Message: {1}"
_KEY = _MISSING.format("NoSuchKey", "The specified key does not exist.")
_BUCKET = _MISSING.format("NoSuchBucket", "The specified bucket does not exist")
#: Layers of a function, and bytes of it all, unzipped (Lambda guide, "Lambda quotas").
MOST_LAYERS, LARGEST = 5, 262_144_000
# lambci/git-lambda-layer #27 has these words.
_TOO_MANY = f"Cannot reference more than {MOST_LAYERS} layers."
_TOO_LARGE = (
    "Function code combined with layers exceeds the maximum allowed size of {0} bytes. "
    "The actual size is {1} bytes."
)
_INVALID = "InvalidParameterValueException"
#: Where an update's new properties stand; the old ones stand before them.
_NEW = 2
#: AWS's code and words, its HTTP status, and CloudFormation's name for it.
Failure = tuple[str, str, int, str]


def install() -> None:
    """Install the hooks."""
    lambda_svc._fetch_code_from_s3 = _fetched
    lambda_svc._create_function = _checked(
        lambda_svc._create_function, lambda data: data.get("Code")
    )
    lambda_svc._update_code = _checked(lambda_svc._update_code, lambda _name, data: data)
    lambda_svc._publish_layer_version = _checked(
        lambda_svc._publish_layer_version, lambda _name, data: data.get("Content"), layer=True
    )
    _limit_layers()
    _ask_in_templates(_FUNCTION, "Code")
    _ask_in_templates(_LAYER, "Content")
    _read_templates_anywhere()


def _limit_layers() -> None:
    # MiniStack takes any number of layers, and its words for too much of them are its own.
    attach, sum_up = (
        lambda_svc._normalize_layer_attachments,
        lambda_svc._validate_total_unzipped_size,
    )

    def attached(layers: Any) -> Any:
        if len(layers or ()) > MOST_LAYERS:
            return None, error_response_json(_INVALID, _TOO_MANY, 400)
        return attach(layers)

    def summed(code: bytes | None, layers: Any) -> Any:
        if sum_up(code, layers) is None:
            return None
        unzipped = lambda_svc._unzipped_size
        parts = [lambda_svc._layer_unzipped_size(layer) for layer in layers or () if layer]
        words = _TOO_LARGE.format(LARGEST, sum(parts, start=unzipped(code)))
        return error_response_json(_INVALID, words, 400)

    lambda_svc._normalize_layer_attachments = attached
    lambda_svc._validate_total_unzipped_size = summed


def layers_of(config: Mapping[str, Any]) -> list[bytes]:
    """The layers that a function's configuration names, in its order."""
    region, account = str(config["FunctionArn"]).split(":")[3:5]
    with scope(account, region):
        found = [lambda_svc._resolve_layer_zip(layer) for layer in config.get("Layers") or ()]
    return [layer for layer in found if layer]


def _fetched(bucket: str, key: str, version_id: str | None = None) -> bytes | None:
    """What has been checked before is read."""
    return read(Reading(bucket, key, version_id))


def _checked(act: Any, where: Callable[..., Any], *, layer: bool = False) -> Any:
    def acted(*given: Any) -> Any:
        failure = _failure(where(*given), as_role=True, layer=layer)
        return act(*given) if failure is None else error_response_json(*failure[:3])

    return acted


def _failure(place: Any, *, as_role: bool, layer: bool = False) -> Failure | None:
    """Why Lambda can't have what is in a place (`S3Bucket`, `S3Key`, `S3ObjectVersion`)."""
    if not isinstance(place, Mapping) or not (place.get("S3Bucket") and place.get("S3Key")):
        return None
    bucket, key = str(place["S3Bucket"]), str(place["S3Key"])
    reading = Reading(bucket, key, place.get("S3ObjectVersion"), as_role)
    if owner_of(bucket) is None:
        return _INVALID, _BUCKET, 400, "InvalidRequest"
    elsewhere = lambda_svc.s3_code_region_message(bucket, layer)
    if elsewhere:
        return _INVALID, elsewhere, 400, "InvalidRequest"
    if not may_read(reading):
        return "AccessDeniedException", _DENIED.format(bucket, key), 403, "AccessDenied"
    if read(reading) is None:
        return _INVALID, _KEY, 400, "InvalidRequest"
    return None


def _ask_in_templates(kind: str, name: str) -> None:
    # MiniStack's CloudFormation makes a function without code where there is none.
    handlers = provisioners._RESOURCE_HANDLERS[kind]

    def asks(act: Any, at: int) -> Any:
        def acted(*given: Any, **more: Any) -> Any:
            if at == _NEW and given[_NEW - 1].get(name) == given[_NEW].get(name):
                return act(*given, **more)  # what is there already isn't read again
            failure = _failure(given[at].get(name), as_role=False, layer=kind == _LAYER)
            if failure is not None:
                raise ValueError(_as_told(failure))
            return act(*given, **more)

        return acted

    handlers["create"] = asks(handlers["create"], 1)
    if "update" in handlers:
        handlers["update"] = asks(handlers["update"], _NEW)


def _as_told(failure: Failure) -> str:
    _, words, status, code = failure
    told = helpers._sdk_error(words, "Lambda", status)
    token = f"RequestToken: {new_uuid()}, HandlerErrorCode: {code}"
    return f'Resource handler returned message: "{told}" ({token})'


def _read_templates_anywhere() -> None:
    # MiniStack takes the first folder of any address for the bucket's name.
    resolve = helpers._resolve_document

    def resolved(params: Any, body_key: str, url_key: str, label: str) -> Any:
        url = helpers._p(params, url_key)
        if helpers._p(params, body_key) or not url:
            return resolve(params, body_key, url_key, label)
        bucket, key = place_of(url)
        if owner_of(bucket) is not None and not may_read(Reading(bucket, key)):
            return None, helpers._error("ValidationError", _NOT_YOURS)
        return resolve(
            {**params, url_key: [f"https://s3/{bucket}/{key}"]}, body_key, url_key, label
        )

    helpers._resolve_document = resolved


_NOT_YOURS = (
    "S3 error: Access Denied\nFor more information check "
    "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
)


def place_of(url: str) -> tuple[str, str]:
    """The bucket and key that an address means, with the bucket in its path or in its host."""
    parsed = helpers.urlparse(url)
    host, path = parsed.netloc, parsed.path.lstrip("/")
    bucket, mark, rest = host.partition(".s3")
    if mark and rest[:1] in (".", "-"):
        return bucket, path
    bucket, _, key = path.partition("/")
    return bucket, key
