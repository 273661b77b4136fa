"""AWS's list prices, Region by Region, each with its source and date.

Only what could be looked up is here. For a Region that is missing nothing is guessed: amounts are
None, and every face says "price unknown". Prices are without discounts, credits, taxes and the free
tier. "AmazonVPC" and "AmazonEC2" are files of AWS's price list, dated by when AWS published them;
they were read by way of public repositories that quote their lines.

AWS PrivateLink's pricing page: an interface endpoint is billed for each hour in each zone,
whatever the state of its association with the service; data by the total of all interface
endpoints in the Region. Gateway endpoints are free. What data of another Region costs, and what a
service for other Regions does, isn't here: their prices couldn't be found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

MICRO = 1_000_000
"""Micro-USD in a USD: amounts are whole numbers of it."""
HOURS = 730
"""Hours of a month, as AWS's pricing calculator counts them."""
OLD_MONTHS = 12
"""Prices older than this are said to be so."""
GB = 2**30
"""Bytes that are billed as one GB (believed: the price list's tiers are powers of two)."""
_PB = 2**20
Tiers = tuple[tuple[int | None, int], ...]
"""(up to that many GB a month, micro-USD for one); None: without an end."""
# The same in us-east-1 and ap-southeast-5 (AmazonVPC, 2026-09-17) and in eu-west-1 (its price API,
# 2026-05-01). Of the others only the first one was seen; AWS's page names one table for all.
TIERS: Tiers = ((_PB, 10_000), (5 * _PB, 6_000), (None, 4_000))
"""Data that interface endpoints process, as AWS's pricing page has it for every Region."""


@dataclass(frozen=True)
class Prices:
    """Of one Region, in micro-USD; None: not known.

    `endpoint_hour`: of an interface endpoint, in one zone. `gwlb_hour`, `gwlb_gb`: of a Gateway
    Load Balancer endpoint. `nat_hour`, `nat_gb`: of a NAT gateway. `balancer_hour`: of a Network
    Load Balancer, without its capacity units. `source`: where the endpoint's price is from;
    `nat_source`: the NAT gateway's. A load balancer's hour in us-east-1 is believed: other people's
    pages say it, AWS's own list wasn't seen.
    """

    dated: date
    source: str
    endpoint_hour: int
    nat_hour: int | None = None
    nat_gb: int | None = None
    nat_source: str = ""
    gwlb_hour: int | None = None
    gwlb_gb: int | None = None
    balancer_hour: int | None = None
    tiers: Tiers = TIERS

    def months_old(self, today: date) -> int:
        """Whole months since then."""
        months = (today.year - self.dated.year) * 12 + today.month - self.dated.month
        return months - (today.day < self.dated.day)

    def data(self, count: int) -> int:
        """What so many bytes in a month cost; interface endpoints are billed for parts of a GB."""
        cost = below = 0
        for end, price in self.tiers:
            upper = count if end is None else min(count, end * GB)
            cost += max(0, upper - below) * price
            below = upper
        return cost // GB


_LIST = "AWS price list, AmazonVPC"
PRICES: Mapping[str, Prices] = {
    "us-east-1": Prices(
        date(2026, 9, 17), f"{_LIST}: USE1-VpcEndpoint-Hours", 10_000,
        nat_hour=45_000, nat_gb=45_000,
        nat_source="AWS price list, AmazonEC2, effective 2026-08-01",
        gwlb_hour=10_000, gwlb_gb=3_500, balancer_hour=22_500,
    ),
    "us-west-2": Prices(
        date(2026, 10, 6), "AWS pricing API, AmazonVPC: USW2-VpcEndpoint-Hours", 10_000,
        nat_hour=45_000, nat_gb=45_000,
        nat_source="AWS pricing API, AmazonEC2: USW2-NatGateway-Hours, -Bytes",
    ),
    "eu-west-1": Prices(
        date(2026, 5, 1), "AWS pricing API, AmazonVPC: SKU H37WJ97MHYGDXG2A", 11_000,
        nat_hour=48_000, nat_gb=48_000,
        nat_source="AWS price list, AmazonEC2, 2026-09-25: EU-NatGateway-Hours, -Bytes",
    ),
    "eu-west-2": Prices(
        date(2026, 9, 17), f"{_LIST}: EUW2-VpcEndpoint-Hours", 11_000,
        nat_hour=50_000, nat_gb=50_000,
        nat_source="AWS price list, AmazonEC2, 2026-09-25, family NAT Gateway",
    ),
    "eu-central-1": Prices(
        date(2026, 9, 22), "AWS pricing API, AmazonVPC: EUC1-VpcEndpoint-Hours", 12_000,
        nat_hour=52_000, nat_gb=52_000,
        nat_source="AWS's table of NAT prices for its VPC pricing page, 2026-10-07",
    ),
    "ap-northeast-1": Prices(
        date(2026, 9, 25), "AWS pricing API, AmazonVPC: APN1-VpcEndpoint-Hours", 14_000,
        nat_hour=62_000, nat_gb=62_000,
        nat_source="AWS pricing API, AmazonEC2, 2026-09-25: APN1-NatGateway-Hours, -Bytes",
    ),
    "ap-northeast-2": Prices(
        date(2026, 9, 17), f"{_LIST}: APN2-VpcEndpoint-Hours", 13_000,
        nat_hour=59_000, nat_gb=59_000,
        nat_source="AWS price list, AmazonEC2, 2026-09-25: APN2-NatGateway-Hours, -Bytes",
        balancer_hour=22_500,
    ),
    "ap-southeast-1": Prices(
        date(2026, 8, 12), "AWS pricing API, AmazonVPC: APS1-VpcEndpoint-Hours", 13_000,
        nat_hour=59_000, nat_gb=59_000,
        nat_source="AWS pricing API, AmazonEC2, 2026-08-12: APS1-NatGateway-Hours, -Bytes",
        gwlb_hour=13_000,
    ),
    "ap-southeast-5": Prices(
        date(2026, 9, 17), f"{_LIST}: APS7-VpcEndpoint-Hours", 11_700,
        gwlb_hour=11_700, gwlb_gb=3_500,
    ),
}  # fmt: skip


def usd(micro: int) -> str:
    """An amount to cents: "7.30 USD", "1,204.00 USD"; less than a cent is said so."""
    if 0 < micro < MICRO // 200:
        return "less than 0.01 USD"
    cents = (micro + MICRO // 200) // (MICRO // 100)
    return f"{cents // 100:,}.{cents % 100:02} USD"


def gigabytes(count: int) -> str:
    """Bytes as GB, to a tenth: "12.3 GB"."""
    if 0 < count < GB // 20:
        return "less than 0.1 GB"
    tenths = (count * 10 + GB // 2) // GB
    return f"{tenths // 10:,}.{tenths % 10} GB"


def dated(prices: Prices | None, region: str, today: date) -> str:
    """Where the prices are from and how old they are, a sentence for the end of every output."""
    if prices is None:
        return f"Price unknown for {region}: amounts are left out, nothing is guessed."
    said = f"List prices of {region} as of {prices.dated.isoformat()} ({prices.source})"
    age = prices.months_old(today)
    if age > OLD_MONTHS:
        return f"{said}, {age} months old: check them before you rely on them."
    return f"{said}, without discounts, taxes and credits."
