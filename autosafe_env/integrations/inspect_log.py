"""A run as a log of Inspect (inspect_ai, UK AI Security Institute): opens in `inspect view` and `read_eval_log`.

An `.eval` file is a zip of JSON: `header.json` and `_journal/start.json` tell of the whole, `summaries.json` lists the
samples, and `samples/<id>_epoch_<n>.json` holds each. Written with the standard library, after the format of inspect_ai
0.3.285, schema version 2.

An episode is a sample: its id is scenario, variant and agent, its epoch the repeat, counted from 1. `verdict` and
`achieved` are its scores. An episode that failed has an error and no score, as in our figures it is in no rate.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from autosafe_env.bench.metrics import summarise
from autosafe_env.integrations.telemetry import call_attributes, tool_attributes, verdict_attributes
from autosafe_env.record.calls import calls_by_step
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import Manifest
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatMessage, ModelCall
from autosafe_env.types.state import Step
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.turns import Final, Message, ToolCall

SCHEMA = 2
STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every file in the zip, so that equal runs make equal files."""
SUMMARY = 1000
"""Characters of a text in a sample's summary."""
SEVERAL = "autosafe/several-agents"


def write_inspect(recorded: Iterable[Recorded], manifest: Manifest, path: Path) -> int:
    """Write episodes as one `.eval` file; returns how many."""
    summaries: list[dict[str, Json]] = []
    trajectories: list[Trajectory] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for each in recorded:
            trajectory = each.trajectory()
            sample = sample_of(each, trajectory, manifest)
            _put(file, f"samples/{sample['id']}_epoch_{sample['epoch']}.json", sample)
            summaries.append(_summary(sample))
            trajectories.append(trajectory)
        start = {"version": SCHEMA, "eval": _spec(manifest, summaries), "plan": _plan(manifest)}
        _put(file, "_journal/start.json", start)
        _put(file, "summaries.json", summaries)
        _put(file, "header.json", {**start, **_results(trajectories, summaries, manifest)})
    return len(summaries)


def _put(file: zipfile.ZipFile, name: str, data: Json) -> None:
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(info, json.dumps(data, ensure_ascii=True))


def sample_of(recorded: Recorded, trajectory: Trajectory, manifest: Manifest) -> dict[str, Json]:
    """One episode as an `EvalSample`."""
    state, episode = trajectory.state, trajectory.episode
    model = _model(manifest, [trajectory.agent])
    calls = [call for _, call in calls_by_step(recorded.events)]
    sample: dict[str, Json] = {
        "id": f"{state.scenario.id} {state.config.variant} {trajectory.agent}".replace("/", ":"),
        "epoch": int(episode.rpartition("/")[2]) + 1 if episode.rpartition("/")[2].isdecimal() else 1,
        "uuid": episode,
        "input": state.setting.instruction,
        "target": "SAFE",
        "messages": [_message(each, f"{episode}#{at}") for at, each in enumerate(state.messages)],
        "output": _output(model, trajectory),
        "scores": _scores(trajectory),
        "metadata": _metadata(trajectory),
        "store": {},
        "events": list(_events(trajectory, calls, manifest)),
        "model_usage": _usage(calls),
        "attachments": {},
        "started_at": manifest.created,
        "completed_at": manifest.created,
    }
    if state.failure is not None:
        told = f"the {state.failure.role} failed: {state.failure.error}"
        sample["error"] = {"message": told, "traceback": told, "traceback_ansi": told}
    return sample


def _message(message: ChatMessage, name: str) -> dict[str, Json]:
    """A message in Inspect's form, whose tool calls are an object and not a text."""
    plain: dict[str, Json] = {"id": name, "role": message.role, "content": message.content}
    if message.tool_calls:
        plain["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        plain["tool_call_id"] = message.tool_call_id
    return plain


def _call(call: Mapping[str, Json]) -> dict[str, Json]:
    function = call["function"]
    arguments = json.loads(function["arguments"])
    return {"id": call["id"], "function": function["name"], "arguments": arguments, "type": "function"}


def _output(model: str, trajectory: Trajectory) -> dict[str, Json]:
    said = [step.action.content for step in trajectory.steps if isinstance(step.action, Final | Message)]
    if not said:
        return {"model": model, "choices": [], "completion": ""}
    message = {"role": "assistant", "content": said[-1], "model": model}
    return {"model": model, "choices": [{"message": message, "stop_reason": "stop"}], "completion": said[-1]}


def _scores(trajectory: Trajectory) -> dict[str, Json]:
    if trajectory.label is None:
        return {}
    unsafe = [step for step in trajectory.steps if step.index == trajectory.first_unsafe]
    reasons = [verdict.reason for verdict in trajectory.verdicts if verdict.label is trajectory.label]
    told = unsafe[0].verdict.reason if unsafe and unsafe[0].verdict else (reasons[-1] if reasons else "")
    reached = {True: "REACHED", False: "NOT_REACHED", None: "UNDECIDED"}[trajectory.achieved]
    return {
        "verdict": {"value": str(trajectory.label), "explanation": told},
        "achieved": {"value": reached},
    }


def _metadata(trajectory: Trajectory) -> dict[str, Json]:
    state = trajectory.state
    return {
        "scenario": state.scenario.id,
        "scenario_version": state.scenario.version,
        "variant": str(state.config.variant),
        "seed": state.config.seed,
        "gen_ai.agent.name": trajectory.agent,
        "gen_ai.conversation.id": trajectory.episode,
        "privileged": trajectory.privileged,
        "first_unsafe": trajectory.first_unsafe,
        "exposed": list(state.exposed),
        "reward": trajectory.reward,
        "end": str(state.end.reason) if state.end else None,
        "categories": [str(each) for each in state.scenario.categories],
        "sources": [str(each) for each in state.scenario.sources],
        "eval_only": state.scenario.eval_only,
    }


def _events(trajectory: Trajectory, calls: Sequence[ModelCall], manifest: Manifest) -> Iterator[dict[str, Json]]:
    """What Inspect's transcript shows: tool calls, verdicts, and what each call to a model used."""
    common = {"timestamp": manifest.created, "working_start": 0.0}
    for step in trajectory.steps:
        name = f"{trajectory.episode}#{step.index}"
        if isinstance(step.action, ToolCall):
            yield {**common, "uuid": f"{name}/tool", "event": "tool", **_tool(step, step.action)}
        elif isinstance(step.action, Final | Message):
            data = {"step": step.index, "says": step.action.content}
            yield {**common, "uuid": f"{name}/said", "event": "info", "source": "agent", "data": data}
        if step.verdict is not None:
            data = {"step": step.index, **verdict_attributes(step)}
            yield {**common, "uuid": f"{name}/judged", "event": "info", "source": "judge", "data": data}
    for at, call in enumerate(calls):
        data = call_attributes(call, manifest.config.models.get(call.role))
        source = f"model of the {call.role}"
        yield {**common, "uuid": f"{trajectory.episode}!{at}", "event": "info", "source": source, "data": data}


def _tool(step: Step, call: ToolCall) -> dict[str, Json]:
    answer = "\n".join(item.text for item in step.feedback)
    error = {"error": {"type": "unknown", "message": answer}} if step.fault or step.rejected else {}
    return {
        "id": f"call_{step.index}",
        "function": call.tool,
        "arguments": call.arguments,
        "result": answer,
        "events": [],
        "metadata": tool_attributes(step),
        **error,
    }


def _usage(calls: Sequence[ModelCall]) -> dict[str, Json]:
    used: dict[str, dict[str, int]] = {}
    for call in calls:
        if call.completion is not None:
            usage = call.completion.usage
            mine = used.setdefault(call.model, dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0))
            mine["input_tokens"] += usage.prompt_tokens
            mine["output_tokens"] += usage.completion_tokens
            mine["total_tokens"] += usage.prompt_tokens + usage.completion_tokens
    return dict(used)


def _summary(sample: Mapping[str, Json]) -> dict[str, Json]:
    kept = ("id", "epoch", "uuid", "target", "scores", "metadata", "model_usage", "started_at", "completed_at")
    error = {"error": sample["error"]["message"]} if "error" in sample else {}
    return {
        **{name: sample[name] for name in kept},
        "input": str(sample["input"])[:SUMMARY],
        "completed": True,
        "message_count": len(sample["messages"]),
        **error,
    }


def _model(manifest: Manifest, agents: Sequence[str]) -> str:
    """What Inspect calls the model: the agent's, or, of an agent without one, its name."""
    named = manifest.config.models.get("policy", {}).get("model")
    return str(named) if named else f"autosafe/{agents[0]}" if len(agents) == 1 else SEVERAL


def _spec(manifest: Manifest, summaries: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    config = manifest.config
    agents = list(dict.fromkeys(each["metadata"]["gen_ai.agent.name"] for each in summaries))
    ids = list(dict.fromkeys(each["id"] for each in summaries))
    return {
        "eval_id": manifest.suite_digest[:22],
        "run_id": manifest.suite_digest[22:44],
        "created": manifest.created,
        "task": f"autosafe/{config.suite}",
        "task_id": manifest.suite_digest[44:],
        "task_version": 0,
        "task_args": {"agents": agents, **config.model_dump(mode="json", include={"seed", "split", "attack", "env"})},
        "dataset": {"name": config.suite, "samples": len(ids), "sample_ids": ids, "shuffled": False},
        "model": _model(manifest, agents),
        "model_generate_config": {},
        "model_args": {},
        "config": {"epochs": config.episodes},
        "packages": {name: version for name, version in manifest.versions.items() if name != "python"},
        "metadata": {"git_commit": manifest.git_commit, "suite_digest": manifest.suite_digest},
        "scorers": [{"name": "verdict", "options": {}}, {"name": "achieved", "options": {}}],
    }


def _plan(manifest: Manifest) -> dict[str, Json]:
    return {"name": "plan", "steps": [{"solver": name, "params": {}} for name in manifest.config.agents], "config": {}}


def _results(
    trajectories: Sequence[Trajectory], summaries: Sequence[Mapping[str, Json]], manifest: Manifest
) -> dict[str, Json]:
    """Our own figures, one score per agent and figure; what is not known is left out."""
    scores: list[dict[str, Any]] = []
    for row in summarise(trajectories):
        rates = {
            "safety_rate": row.safety_rate,
            "achievement_rate": row.achievement_rate,
            "over_refusal_rate": row.over_refusal_rate,
            "exposure_rate": row.exposure_rate,
        }
        metrics = {name: {"name": name, "value": value} for name, value in rates.items() if value is not None}
        scores.append({"name": row.agent, "scorer": "verdict", "metrics": metrics})
    failed = sum("error" in each for each in summaries)
    results = {"total_samples": len(summaries), "completed_samples": len(summaries) - failed, "scores": scores}
    stats = {"started_at": manifest.created, "completed_at": manifest.created, "model_usage": {}}
    return {"status": "success", "results": results, "stats": stats}
