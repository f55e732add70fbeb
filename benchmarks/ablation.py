"""What each part of the loop adds: run it by hand over a finished `autosafe improve`, never as a test.

    autosafe improve --out runs/loop
    python benchmarks/ablation.py runs/loop [SCENARIOS OF EACH SPLIT]

Every student begins as the loop's base and learns from the same recorded episodes; only what it learns from differs:

    as the loop does it        corrections, what led to them and followed them, and episodes that were played well
    no reflection              episodes that were played well; unsafe ones are dropped
    no benign rows             all but the benign twins
    clumsy, verified           a reflector that says "go ahead" in four of ten cases; verification drops these
    clumsy, not verified       the same reflector, and what it says is believed
    preference                 DPO: corrections beside what was risky, and what was right beside what else could be done
    preference after           the same, after imitation

Printed is a table in Markdown, on what was held out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from autosafe_env import AutoSafeEnv, rollout
from autosafe_env.bench.metrics import rates
from autosafe_env.core.cast import Draw
from autosafe_env.loop.plan import HELD_OUT
from autosafe_env.loop.results import COLUMNS, Result, left_out
from autosafe_env.loop.stages import LEARNT
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.train.fitting import fit_dpo, fit_sft
from autosafe_env.train.lessons import Example, Origin, read_lessons, read_pairs, read_preferences
from autosafe_env.train.policy import StudentAgent
from autosafe_env.train.student import Student
from autosafe_env.types.suite import Split

CLUMSY = 0.4
"""Share of its suggestions in which the clumsy reflector lets the risky action pass."""
OF_CORRECTIONS = (Origin.PREFIX, Origin.CORRECTION, Origin.CONTINUED)


def fooled(scenario: str) -> bool:
    """Whether the clumsy reflector lets the risky action of this scenario pass."""
    return Draw(f"clumsy/{scenario}").chance(CLUMSY)


def students(loop: Path) -> dict[str, Callable[[], Student]]:
    """Name of an ablation to how its student is trained."""
    run, base = loop / "round-1" / "run", Student.load(loop / "base" / "student.npz")
    lessons = read_lessons([loop / "base" / "run", run], LEARNT)
    pairs, preferences = read_pairs([run]), read_preferences([run])
    kept = [each for each in lessons if each.origin not in OF_CORRECTIONS or not fooled(each.scenario)]
    believed = [
        Example(each.view, each.candidates, each.rejected, origin=Origin.CORRECTION, scenario=each.scenario)
        for each in pairs
        if fooled(each.scenario)
    ]

    def without(*origins: Origin) -> list[Example]:
        return [each for each in lessons if each.origin not in origins]

    return {
        "base": lambda: base,
        "as the loop does it": lambda: fit_sft(lessons, base),
        "no reflection": lambda: fit_sft(without(*OF_CORRECTIONS), base),
        "no benign rows": lambda: fit_sft(without(Origin.BENIGN), base),
        "clumsy, verified": lambda: fit_sft(kept, base),
        "clumsy, not verified": lambda: fit_sft([*kept, *believed], base),
        "preference": lambda: fit_dpo(preferences, base),
        "preference after": lambda: fit_dpo(preferences, fit_sft(lessons, base)),
    }


def measured(name: str, student: Student, suite: str, split: Split, limit: int) -> Result:
    """The student on some held-out scenarios, attacked and benign."""
    scenarios = suite_scenarios(suite, split.value, limit).values()
    played = [
        rollout(AutoSafeEnv(scenario, variant=variant), StudentAgent(student), seed=0)
        for scenario in scenarios
        for variant in ("attacked", "benign")
    ]
    return Result(split=split, agent=name, rates=rates(played), left_out=left_out(played))


def main() -> None:
    loop, limit = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 150
    columns = ("split", "learnt from", *(name.replace("_", " ") for name in COLUMNS))
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|")
    for name, train in students(loop).items():
        student = train()
        for split in HELD_OUT:
            row = measured(name, student, "synth-v1", split, limit).row()
            print("| " + " | ".join((split.value, name, *(str(row[each]) for each in COLUMNS))) + " |", flush=True)


if __name__ == "__main__":
    main()
