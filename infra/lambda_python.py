"""Which Python the functions run under: the builder's, for its bytecode, where Lambda has it."""

from __future__ import annotations

import sys

Version = tuple[int, int]

# Lambda guide, "Supported runtimes", those with years to go: 3.12 until October 2028, the others
# until 2029.
AVAILABLE: tuple[Version, ...] = ((3, 12), (3, 13), (3, 14))
OTHERWISE: Version = (3, 13)


def builder() -> Version:
    """The Python that runs this."""
    return sys.version_info[:2]


def chosen(own: Version | None = None) -> Version:
    """The functions' Python where `own` (this one) builds the bundle."""
    version = own or builder()
    return version if version in AVAILABLE else OTHERWISE


def dotted(version: Version) -> str:
    """ "3.13"."""
    return f"{version[0]}.{version[1]}"


def bytecode(version: Version) -> str:
    """How the names of its bytecode files end."""
    return f".cpython-{version[0]}{version[1]}.pyc"
