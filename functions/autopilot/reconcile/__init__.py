"""What every workflow is made of; pure: no AWS, clock, environment or log."""
