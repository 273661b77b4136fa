"""500 accounts × 5 Regions × 20 VPCs, on paper and in code: calls, money, time, sizes.

`python -m bench.fleet` prints it. Nothing here was measured at AWS: the product's own code runs on
a table in memory, templates are counted, AWS's buckets are simulated; what is assumed bears its
source, or is called believed.
"""

ACCOUNTS, REGIONS, VPCS = 500, 5, 20
SPOKES = ACCOUNTS * REGIONS
