"""Scenarios made from patterns, toolkits and seeded chance, each of them proven before it is let out."""
