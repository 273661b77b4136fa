"""Writes the words of all kinds anew, from their stories: `python -m tests.stories`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.stories.said import WRITE

os.environ[WRITE] = "yes"
sys.exit(pytest.main(["-q", str(Path(__file__).parent), *sys.argv[1:]]))
