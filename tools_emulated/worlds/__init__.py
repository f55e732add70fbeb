"""Builders of generated worlds, one to a toolkit, under its name. Each file defines `WORLD` and `PHRASES`."""
