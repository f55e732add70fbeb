"""A specification does not depend on which toolkits were imported before.

`typing` remembers what it was asked for, and takes two literals of the same words in another order for the same: who
comes second is given the first one's order, and with it another prompt.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import json, sys
from autosafe_env.core.discover import Kind, names, toolkit
specs = {n: [t.spec.model_dump(mode="json") for t in toolkit(n).values()]
         for n in sorted(names(Kind.TOOLKIT), reverse=json.loads(sys.argv[1]))}
print(json.dumps(specs))
"""


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, Any], dict[str, Any]]:
    """The specifications of all toolkits, loaded from the first to the last, and from the last to the first."""
    found = []
    for backwards in ("false", "true"):
        command = [sys.executable, "-c", SCRIPT, backwards]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
        found.append(json.loads(done.stdout))
    return found[0], found[1]


def test_the_order_of_loading_changes_no_specification(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    forwards, backwards = both
    assert forwards.keys() == backwards.keys()
    assert len(forwards) > 20
    for name in forwards:
        for one, other in zip(forwards[name], backwards[name], strict=True):
            assert json.dumps(one) == json.dumps(other), one["name"]
