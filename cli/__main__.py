"""`python -m cli`, and what `./autopilot` runs."""

from __future__ import annotations

import sys
from pathlib import Path

# The functions' package lies beside this one.
sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))

from cli.main import main

if __name__ == "__main__":
    main()
