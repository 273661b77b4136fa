"""The command line: what an operator asks and answers, with their own credentials."""
