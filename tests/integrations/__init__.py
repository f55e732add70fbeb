"""Tests of what connects us with outside systems."""
