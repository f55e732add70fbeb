"""Training from recorded runs: the student, a small policy on numpy alone."""
