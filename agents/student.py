"""A small policy that was trained here, on numpy alone. Privileged by its interface: candidates come from the paths."""

from __future__ import annotations

from autosafe_env import StudentAgent

AGENT = StudentAgent
