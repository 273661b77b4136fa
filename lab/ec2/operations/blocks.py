"""IPv4 blocks of VPCs and subnets: /16 to /28, written with the network's address."""

from __future__ import annotations

import ipaddress

from ..errors import AwsError, invalid_value


def normal(block: str, range_code: str) -> str:
    """The block with its host bits cleared, as AWS keeps it.

    Raises:
        AwsError: no IPv4 block, or of another size than AWS takes (`range_code` names that).
    """
    try:
        network = ipaddress.IPv4Network(block, strict=False)
    except ValueError:
        raise invalid_value(block, "cidrBlock", "This is not a valid CIDR block.") from None
    if "/" not in block or not 16 <= network.prefixlen <= 28:
        raise AwsError(range_code, f"The CIDR '{block}' is invalid.")
    return str(network)
