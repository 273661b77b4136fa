"""Interface endpoints: which VPC gets which, where they stand, who may reach them, their names."""
