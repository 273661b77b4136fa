"""Starts AWS's Lambda runtime client, isolated (`python -I -S`): none of our code is imported."""

import os
import sys

# Lambda's own order: the bundle, then the layers (Lambda guide, "Search path for Python runtimes"),
# then the standard library. Only the runtime client stands behind it.
found = [os.environ["LAMBDA_TASK_ROOT"]]
opt = os.environ.pop("LAB_OPT", "")
if opt:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    found += [f"{opt}/python/lib/{version}/site-packages", f"{opt}/python"]
sys.path[:0] = found
sys.path.append(os.environ["LAMBDA_RUNTIME_DIR"])

from awslambdaric.__main__ import main  # noqa: E402 - found on the path above

main([sys.argv[0], os.environ["_HANDLER"]])
