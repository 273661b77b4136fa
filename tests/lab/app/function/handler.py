"""What the tests make functions do: `{"do": ...}` in the event says which."""

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any


class Throttled(Exception):
    """A named error, as a workflow catches it."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do what the event asks; answer with what the function sees of its surroundings."""
    logging.getLogger().setLevel("INFO")
    logging.info("asked to %s", event.get("do"))
    match event.get("do"):
        case "fail":
            raise Throttled("ec2:DescribeVpcs said no")
        case "exit":
            sys.exit(3)
        case "hang":
            time.sleep(60)
        case "import":
            __import__(event["module"])
        case "metric":
            print(json.dumps(_metric(event["value"])))
    return {
        "environment": dict(os.environ),
        "path": sys.path,
        "folder": str(Path.cwd()),
        "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(),
        "memory": context.memory_limit_in_mb,
        "records": len(event.get("Records", ())),
    }


def _metric(value: float) -> dict[str, Any]:
    metrics = [{"Name": "Healed", "Unit": "Count"}]
    directive = {"Namespace": "Tests", "Dimensions": [["service"]], "Metrics": metrics}
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, "service": "tests", "Healed": value}
