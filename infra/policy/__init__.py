"""How the policy file is read and checked."""
