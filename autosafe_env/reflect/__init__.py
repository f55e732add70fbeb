"""Reflectors: one file each, found by name."""
