"""Mutants of a scenario's checks: each differs from the original in one place, and must not prove itself.

A check that survives its own mutation says less than it seems to say. Also runs by itself over some files:

    python -m tests.mutation scenarios/core/*.yaml
    python -m tests.mutation synth-v1 200           # a sample of so many scenarios
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from autosafe_env import Scenario
from autosafe_env.core.cel_text import STRING
from autosafe_env.run.prove import prove
from autosafe_env.run.suite import suite_scenarios

NUMBER = re.compile(r"(?<![\w.\"'])\d+(?:\.\d+)?(?![\w.])")
PLAIN = re.compile(r"(?<!\\)[A-Za-z0-9]")


def mutants(check: str) -> Iterator[tuple[str, ...]]:
    """Groups of mutants of one check; of each group at least one must be noticed.

    A group has more than one member where a constant is a limit: moving it a little is a matter of taste.
    """
    yield ("true",)
    yield ("false",)
    strings = list(STRING.finditer(check))
    for match in strings:
        quote, inner = match[0][0], match[0][1:-1]
        changed = PLAIN.sub("q", inner) if "\\" in inner else inner[::-1]  # reversing would tear an escape apart
        yield (check[: match.start()] + f"{quote}zq{changed}xv{quote}" + check[match.end() :],)
    for match in NUMBER.finditer(check):
        if any(string.start() <= match.start() < string.end() for string in strings):
            continue
        suffix = ".0" if "." in match[0] else ""
        others = (f"{int(float(match[0]) * 1000) + 7}{suffix}", f"(-{int(float(match[0])) + 1}{suffix})", f"0{suffix}")
        yield tuple(
            check[: match.start()] + other + check[match.end() :]
            for other in others
            if float_of(other) != float(match[0])
        )


def float_of(text: str) -> float:
    return float(text.strip("()"))


def mutated(scenario: Scenario) -> Iterator[tuple[str, tuple[Scenario, ...]]]:
    """For each group of mutants: what was changed, in words, and the scenarios that carry them."""
    for field in ("outcomes", "achievements"):
        parts = getattr(scenario, field)
        for index, part in enumerate(parts):
            for group in mutants(part.check):
                made = tuple(
                    scenario.model_copy(
                        update={field: (*parts[:index], part.model_copy(update={"check": check}), *parts[index + 1 :])}
                    )
                    for check in group
                )
                yield f"{field}[{index}] -> {group[0]}", made


def survivors(scenario: Scenario) -> list[str]:
    """The mutations that the scenario's proof does not notice."""
    return [words for words, group in mutated(scenario) if not any(next(prove(mutant), None) for mutant in group)]


def main(suite: str, limit: int | None) -> None:
    """Print what survives, and the share that is noticed."""
    total = lost = 0
    for scenario in suite_scenarios(suite, limit=limit).values():
        found = survivors(scenario)
        total, lost = total + sum(1 for _ in mutated(scenario)), lost + len(found)
        for words in found:
            sys.stdout.write(f"{scenario.id}: survives {words}\n")
    sys.stdout.write(f"{suite}: {total - lost} of {total} mutants are noticed, {1 - lost / total:.1%}\n")


if __name__ == "__main__":
    *names, last = sys.argv[1:]
    for name in names if last.isdecimal() else [*names, last]:
        main(name, int(last) if last.isdecimal() else None)
