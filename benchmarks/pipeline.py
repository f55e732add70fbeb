"""What a verified pair costs: run it by hand, never as a test.

    python -m benchmarks.pipeline [SCENARIOS]

A pair is a risky step and a correction of it that was stepped, judged and gone on with to a safe end. Printed are the
pairs per second of processor time, offline and on one core, by stage; and, with a sensible model in every role of
reflection over HTTP, the model calls per pair by role: a ratio that does not depend on the machine.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from autosafe_env.core.scenarios import load_scenario
from autosafe_env.core.shipped import suite_members
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.harvest import Harvest
from autosafe_env.run.pool import run
from autosafe_env.run.reflecting import Reflecting, reflect
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.types.threat import Scenario, Variant
from tests.run.llm import asking, served
from tests.run.test_reflect_over_http import careless

SUITE, SPLIT = "synth-v1", "train"
EVERYWHERE = {"emulator": "llm", "user": "llm", "judge": "llm"}


def config(scenarios: dict[str, Scenario], agent: str, **changes: object) -> RunConfig:
    """One attacked episode of each scenario."""
    fields = {"suite": "benchmark", "scenarios": tuple(scenarios), "agents": (agent,), "variants": (Variant.ATTACKED,)}
    return RunConfig.model_validate({**fields, **changes})


def offline(scenarios: dict[str, Scenario], folder: Path) -> None:
    """The rate by rules alone."""
    reflect_on(scenarios, folder / "warm")  # toolkits are imported and checks compiled when they are first needed
    sampling, reflecting, harvest = reflect_on(scenarios, folder / "timed")
    write(f"offline, {len(scenarios)} scenarios of {SUITE}/{SPLIT}: {harvest.kept} pairs, yield {harvest.share:.1%}")
    write(f"  sampling risky steps   {harvest.kept / sampling:8.0f} pairs/s of one core")
    write(f"  reflecting, verifying  {harvest.kept / reflecting:8.0f} pairs/s of one core")
    write(f"  both                   {harvest.kept / (sampling + reflecting):8.0f} pairs/s of one core")


def reflect_on(scenarios: dict[str, Scenario], folder: Path) -> tuple[float, float, Harvest]:
    """Seconds of processor time for sampling and for reflecting, and what that yielded."""
    begun = time.process_time()
    run(config(scenarios, "oracle_unsafe"), scenarios, folder)
    sampled = time.process_time()
    harvest = reflect(folder, Reflecting())
    return sampled - begun, time.process_time() - sampled, harvest


def with_models(folder: Path) -> None:
    """The calls per pair, on `core`, with a careless agent and sensible models around it."""
    scenarios = {name: load_scenario(name) for name in suite_members("core")}
    with served(careless) as server:
        made = config(scenarios, "openai_chat", env=EVERYWHERE)
        run(made, scenarios, folder, roles=asking(server.url), workers=16)
        before = len(server.requests)
        harvest = reflect(folder, Reflecting(reflector="llm"), workers=16)
        asked = len(server.requests) - before
    write(f"with models, {len(scenarios)} scenarios of core: {harvest.kept} pairs of {harvest.snapshots} risky steps")
    for role, bill in sorted(harvest.spent.items()):
        write(f"  {role:<10} {bill.calls / max(1, harvest.kept):6.2f} calls per pair")
    write(f"  all        {asked / max(1, harvest.kept):6.2f} calls per pair; sampling took {before} calls besides")


def write(line: str) -> None:
    """Say it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        offline(suite_scenarios(SUITE, SPLIT, count), Path(folder))
        with_models(Path(folder) / "models")


if __name__ == "__main__":
    main()
