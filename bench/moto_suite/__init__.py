"""moto's own tests, run against the lab: what another hand believes of AWS."""
