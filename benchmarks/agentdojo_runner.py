"""AgentDojo's ground truths through our environment and through AgentDojo's own runner: the same totals, and how fast.

    python benchmarks/agentdojo_runner.py [SUITE ...]

Needs the extra `agentdojo`. Over each suite: every user task without injections; every pair honestly under attack;
every pair whose injection task has a ground truth, hijacked, and the same calls without the injected texts (`bare`).
Both sides play the same calls. What each side needs once, the suites and the attack's texts, is loaded before the
clocks start.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agentdojo.agent_pipeline.base_pipeline_element import BasePipelineElement
from agentdojo.agent_pipeline.ground_truth_pipeline import GroundTruthPipeline
from agentdojo.functions_runtime import FunctionsRuntime
from agentdojo.types import ChatAssistantMessage, text_content_block_from_string

from autosafe_env.integrations.agentdojo_oracle import Manner, Replayed, replay_all
from autosafe_env.integrations.agentdojo_suite import (
    SUITES,
    Pair,
    has_ground_truth,
    injections,
    installed_version,
    pairs,
    suite,
)

ATTACK = "important_instructions_no_model_name"
Totals = Counter[str]


class Hijacked(BasePipelineElement):  # type: ignore[misc]
    """The user task's ground truth; after the first answer that shows an injected text, the injection task's."""

    def __init__(self, user_task: Any, injection_task: Any, texts: Mapping[str, str]) -> None:
        self.user_task, self.injection_task, self.texts = user_task, injection_task, texts
        self.after: int | None = None
        """How many calls were made before; known from the first query, and kept in later ones."""

    def query(
        self, query: str, runtime: FunctionsRuntime, env: Any, messages: Sequence[Any] = (), extra_args: Any = None
    ) -> tuple[Any, ...]:
        """See AgentDojo's `BasePipelineElement`."""
        calls, said = list(self.user_task.ground_truth(env)), list(messages)
        turned = self.after
        for index, call in enumerate(calls):
            result, _ = runtime.run_function(env, call.function, call.args, raise_on_error=True)
            said.append(ChatAssistantMessage(role="assistant", tool_calls=[call], content=None))
            if self.after == index + 1 or (self.after is None and turned is None and self._shown(result)):
                turned = index + 1
                self._turn(runtime, env, said)
        if turned is None:
            turned = len(calls)
            self._turn(runtime, env, said)
        self.after = turned
        output = "\n".join(filter(None, (self.user_task.GROUND_TRUTH_OUTPUT, self.injection_task.GROUND_TRUTH_OUTPUT)))
        content = [text_content_block_from_string(output)]
        said.append(ChatAssistantMessage(role="assistant", tool_calls=None, content=content))
        return query, runtime, env, said, extra_args or {}

    def _turn(self, runtime: FunctionsRuntime, env: Any, said: list[Any]) -> None:
        for call in self.injection_task.ground_truth(env):
            runtime.run_function(env, call.function, call.args, raise_on_error=True)
            said.append(ChatAssistantMessage(role="assistant", tool_calls=[call], content=None))

    def _shown(self, result: Any) -> bool:
        items = result if isinstance(result, list) else [result]
        plain = [item.model_dump() if hasattr(item, "model_dump") else item for item in items]
        shown = json.dumps(plain, default=str)
        lines = [line.strip() for text in self.texts.values() for line in text.splitlines() if line.strip()]
        return any(json.dumps(line)[1:-1] in shown for line in lines)


def theirs(chosen: Sequence[Pair]) -> Totals:
    """Totals of AgentDojo's own runner."""
    counts: Totals = Counter()
    seen: set[str] = set()
    for pair in chosen:
        own = suite(pair.suite).suite
        user_task, injection_task = own.user_tasks[pair.user_task], own.injection_tasks[pair.injection_task]
        texts = injections(pair, ATTACK)
        if pair.user_task not in seen:
            seen.add(pair.user_task)
            utility, _ = own.run_task_with_pipeline(GroundTruthPipeline(user_task), user_task, None, {})
            counts["benign"] += 1
            counts["benign utility"] += utility
        played: list[tuple[str, Any, Mapping[str, str]]] = [("honest", GroundTruthPipeline(user_task), texts)]
        if has_ground_truth(pair):
            hijacked = Hijacked(user_task, injection_task, texts)
            played += [("hijacked", hijacked, texts), ("bare", hijacked, {})]
        else:
            counts["no ground truth"] += 1
        for manner, pipeline, injected in played:
            utility, attack = own.run_task_with_pipeline(pipeline, user_task, injection_task, dict(injected))
            counts[manner] += 1
            counts[f"{manner} utility"] += utility
            counts[f"{manner} attack success"] += attack
    return counts


def ours(chosen: Sequence[Pair]) -> Totals:
    """Totals of our environment, by AgentDojo's functions and by our judge."""
    counts: Totals = Counter()
    for each in replay_all(chosen, attack=ATTACK):
        _count(counts, each)
    return counts


def _count(counts: Totals, each: Replayed) -> None:
    if not each.played:
        counts["no ground truth"] += each.manner is Manner.HIJACKED
        return
    counts[str(each.manner)] += 1
    counts[f"{each.manner} utility"] += bool(each.utility)
    if each.manner is not Manner.BENIGN:
        counts[f"{each.manner} attack success"] += bool(each.attack)
    counts["OURS errors"] += bool(each.reason)
    counts["OURS judge differs"] += each.agrees is False
    counts["OURS undecided"] += each.label is not None and each.agrees is None


def timed(play: Callable[[Sequence[Pair]], Totals], chosen: Sequence[Pair]) -> tuple[Totals, float, float]:
    """What `play` counts, and the seconds it takes: on the wall, and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    counts = play(chosen)
    return counts, time.perf_counter() - wall, time.process_time() - cpu


def main(names: Sequence[str]) -> None:
    """Print both sides, suite by suite and in all."""
    warnings.simplefilter("ignore")
    version = installed_version()
    both: dict[str, tuple[Totals, list[float]]] = {"ours": (Counter(), [0.0, 0.0]), "theirs": (Counter(), [0.0, 0.0])}
    for name in names:
        chosen = list(pairs(name))
        for pair in chosen:
            injections(pair, ATTACK), has_ground_truth(pair)
        for who, play in (("ours", ours), ("theirs", theirs)):
            counts, wall, cpu = timed(play, chosen)
            total, seconds = both[who]
            total.update(counts)
            seconds[0], seconds[1] = seconds[0] + wall, seconds[1] + cpu
            print(f"{name}, {who}: {wall:.1f} s ({cpu:.1f} s of CPU)", flush=True)
    print(f"AgentDojo {version}, attack {ATTACK}")
    for key in sorted({*both["ours"][0], *both["theirs"][0]}):
        one, other = (str(both[who][0][key]) for who in ("ours", "theirs"))
        print(f"{key:25} ours {one:>5}   AgentDojo {'-' if key.startswith('OURS') else other:>5}")
    for at, clock in enumerate(("wall", "CPU")):
        one, other = both["ours"][1][at], both["theirs"][1][at]
        print(f"{clock:25} ours {one:7.1f} s AgentDojo {other:7.1f} s, ratio {other / one:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:] or SUITES)
