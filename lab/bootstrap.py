"""Starts AWS's Lambda runtime client, isolated (`python -I -S`): none of our code is imported."""

import os
import sys

# Lambda's own order: the bundle first. Only the runtime client stands behind it.
sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
sys.path.append(os.environ["LAMBDA_RUNTIME_DIR"])

from awslambdaric.__main__ import main

main([sys.argv[0], os.environ["_HANDLER"]])
