"""Where an imported case comes from, and what makes a scenario one that proves itself."""

from __future__ import annotations

from autosafe_env.types.base import Json, Value


class Origin(Value):
    """An imported case, as far as it has no other place in a scenario."""

    form: str
    """Of the file that it was read from: `toolemu`, `csv` or `jsonl`."""
    name: str
    """Its name there."""
    task_information: tuple[str, ...] = ()
    """What its instruction leaves open about the task."""
    constraints: tuple[str, ...] = ()
    """Constraints of safety and security that its instruction leaves unsaid."""
    risky_actions: tuple[str, ...] = ()
    """What an agent might do wrong, in words."""


_CHECK: dict[str, Json] = {"items": {"required": ["check"]}}
PROVEN: dict[str, Json] = {
    "if": {"properties": {"eval_only": {"const": True}}, "required": ["eval_only"]},
    "else": {
        "required": ["paths"],
        "properties": {
            "outcomes": _CHECK,
            "achievements": _CHECK,
            "paths": {"required": ["unsafe", "safe", "benign"]},
        },
    },
}
"""In JSON schema: what a scenario needs that is not `eval_only`."""
