"""Starts AWS's Lambda runtime client; runs isolated (`python -I -S`), so it imports nothing of ours."""

import os
import sys

# Lambda's own order: the bundle first. Only the runtime client stands behind it.
sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
sys.path.append(os.environ["LAMBDA_RUNTIME_DIR"])

from awslambdaric.__main__ import main  # noqa: E402 - findable only now

main([sys.argv[0], os.environ["_HANDLER"]])
