"""Outside systems: suites that others made, and the forms in which they read runs. None is needed by the rest."""
