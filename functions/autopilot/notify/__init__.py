"""How ops are told: findings, what is new, the ledger that remembers, notices in every format."""
