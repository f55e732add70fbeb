"""Open and extensible: one new toolkit file, tags and nothing else, adds proven scenarios. The file is the guide's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "write-a-toolkit.md"
PROGRAM = """
import json, sys
import autosafe_env.tools_emulated as folder
folder.__path__.append(sys.argv[1])
from autosafe_env.generate.compose import Order
from autosafe_env.generate.library import load_patterns
from autosafe_env.generate.plan import Plan
from autosafe_env.generate.verify import Verified, verified
from autosafe_env.generate.world import builder_of
from autosafe_env.run.prove import prove
assert builder_of("jotter") is None, "it has tags and nothing else"
plan = Plan(load_patterns(), Order("new"))
orders = [each for each in map(plan.at, range(700)) if each[1].preferred == "jotter"]
made = [each.scenario for each in (verified(*order) for order in orders[:12]) if isinstance(each, Verified)]
rows = [(each.toolkits, [step.tool for step in each.paths.unsafe], list(prove(each))) for each in made]
print(json.dumps(rows))
"""


def test_a_new_toolkit_file_adds_proven_scenarios(tmp_path: Path) -> None:
    code = GUIDE.read_text(encoding="utf-8").split("```python\n", 1)[1].split("```", 1)[0]
    (tmp_path / "jotter.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert done.returncode == 0, done.stderr
    rows = [row for row in json.loads(done.stdout) if "jotter" in row[0]]
    assert len(rows) >= 3
    assert [findings for _, _, findings in rows] == [[]] * len(rows)
    assert any(tool and tool.startswith("jotter_") for _, tools, _ in rows for tool in tools)
