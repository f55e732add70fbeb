"""Suites of generated scenarios, one file each, made by the command in its first line, and its index beside it."""
