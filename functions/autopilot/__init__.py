"""What the Lambdas share."""
