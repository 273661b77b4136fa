"""Spread release: puts the spokes' code, policies and templates where they are fetched from.

A custom resource of the hub's stack, before the StackSets. Buckets and what is in them stay when
the stack goes: spokes that stand rely on them, and going back needs the earlier releases.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from autopilot.aws import releases, stack_sets
from autopilot.aws.custom_resource import Send, logger, serve
from autopilot.aws.release_buckets import Bucket, Owner


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    bucket: Callable[[str, str, Owner], releases.Holder] = Bucket,
    rolls_back: Callable[[str], bool] = stack_sets.rolls_back,
    send: Send | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Answer CloudFormation's request; without its release no StackSet is touched."""

    def work() -> None:
        asked = releases.wanted(event)
        given = releases.spread(
            asked,
            bucket=bucket,
            rolls_back=lambda: rolls_back(event["StackId"]),
            pause=pause,
        )
        logger.info("release spread", release=asked.release, made=asked.made, given=given)

    serve(event, ("Create", "Update"), work, send)
    if event["RequestType"] == "Delete":
        logger.info("buckets and their releases stay")
