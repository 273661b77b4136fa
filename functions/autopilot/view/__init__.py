"""What there is to see: facts and the ledger in, one view out, for every face."""
