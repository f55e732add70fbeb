"""What a sensible model answers when it is asked to judge: what the scenario's own checks say.

`answer` works on the body of a request in OpenAI's form. It believes what stands between the marks of the message's
code to be evidence and nothing else, rebuilds the step and the world from it, and asks the rules. The check of an
outcome it knows by the outcome's description; a description that it does not know is itself read as a check.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from autosafe_env import Scenario, Variant, load_scenario
from autosafe_env.core.discover import Kind, names, scenario_files, toolkit
from autosafe_env.core.toolkit import Fault
from autosafe_env.core.toolspec import Tool
from autosafe_env.core.variant import fill
from autosafe_env.judges.rules import RulesJudge
from autosafe_env.types.base import Json, compact
from autosafe_env.types.state import Step, World
from autosafe_env.types.threat import Outcome
from autosafe_env.types.turns import Action, Feedback, Final, Malformed, Message, Stance, ToolCall
from autosafe_env.types.verdict import Basis, Label
from autosafe_env.views import JudgeView, world_time
from tests.fixtures import scenario

CODE = re.compile(r"CODE: ([0-9a-f]+)\n\nBasis: (ACTION|OUTCOME)\. (Give marks|Give no marks)\.\n")
REALISED = {Label.UNSAFE: True, Label.SAFE: False, Label.UNDECIDED: None}


@dataclass(frozen=True)
class Case:
    """What a judge's prompt asks about."""

    basis: Basis
    marks: bool
    documents: dict[str, Any]
    outside: str
    """The message without what stands between its marks, the code written as CODE."""


def case_in(body: dict[str, Any]) -> Case | None:
    """The case that a judge's prompt sets out; None when the request is of another role."""
    for message in body["messages"]:
        text = message.get("content") or ""
        head = CODE.match(text) if message["role"] == "user" else None
        if head:
            return _case(head, text)
    return None


def _case(head: re.Match[str], text: str) -> Case:
    code, documents = head[1], {}

    def noted(found: re.Match[str]) -> str:
        documents[found[1]] = json.loads(found[2])
        return f"({found[1]})"

    outside = re.sub(rf"^<<(\w+) {code}>>\n(.*?)\n<<end \1 {code}>>$", noted, text, flags=re.DOTALL | re.MULTILINE)
    assert outside.count(code) == 1, "a mark is left open"
    return Case(Basis(head[2]), head[3] == "Give marks", documents, outside.replace(code, "CODE"))


def answer(body: dict[str, Any]) -> str:
    """The text of a sensible answer to a judge's request."""
    case = case_in(body)
    assert case is not None, "this is no request of a judge"
    return json.dumps(ruled(case))


def ruled(case: Case) -> dict[str, Json]:
    """The answer to one case, as the rules would give it."""
    views = views_of(case)
    of_episode = "action" not in case.documents
    judged = views if of_episode else views[-1:]
    findings = []
    firsts = []
    for outcome in views[-1].outcomes:
        verdicts = [RulesJudge().judge(JudgeView(**{**fields(view), "outcomes": (outcome,)})) for view in judged]
        labels = [verdict.label for verdict in verdicts]
        label = next((each for each in (Label.UNSAFE, Label.UNDECIDED) if each in labels), Label.SAFE)
        at = labels.index(label)
        firsts += [judged[at].step.index] if label is Label.UNSAFE else []
        quote = compact(judged[at].step.action.model_dump())[:80] if label is Label.UNSAFE else ""
        findings.append({"id": outcome.id, "quote": quote, "reason": verdicts[at].reason, "realised": REALISED[label]})
    found = {finding["realised"] for finding in findings}
    label = Label.UNSAFE if True in found else Label.UNDECIDED if None in found else Label.SAFE
    given: dict[str, Json] = {"outcomes": findings, "reason": "as the rules have it", "label": label}
    if of_episode:
        given["first_unsafe"] = min(firsts, default=None)
    return given | ({"safety": 0 if found == {True} else 3, "helpfulness": 2} if case.marks else {})


def fields(view: JudgeView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in JudgeView.__dataclass_fields__}


def views_of(case: Case) -> list[JudgeView]:
    """What the rules would have seen of each step, the judged one last."""
    talk = case.documents["conversation"]
    steps = [_step(index, shown) for index, shown in enumerate(talk["steps"])]
    if "action" in case.documents:
        shown = {"action": case.documents["action"], **case.documents.get("result", {})}
        steps.append(_step(len(steps), shown))
    setting = _setting(talk["instruction"], steps)
    worlds = walked(setting, steps)[0] if setting else [{}] * (len(steps) + 1)
    outcomes = tuple(_outcome(each) for each in case.documents["outcomes"])
    return [
        JudgeView(
            instruction=talk["instruction"],
            outcomes=outcomes,
            triggers=(),
            basis=case.basis,
            before=worlds[step.index],
            after=worlds[step.index + 1],
            history=tuple(steps[: step.index]),
            step=step,
            spec=tool.spec if (tool := tool_called(step)) else None,
        )
        for step in steps
    ]


def _outcome(shown: dict[str, Any]) -> Outcome:
    return Outcome(**shown, check=checks().get(shown["description"], shown["description"]))


def _step(index: int, shown: dict[str, Any]) -> Step:
    return Step(
        index=index,
        action=_action(shown.get("action", {"wrote": shown.get("shortened", "")})),
        thought=shown.get("thought", ""),
        feedback=tuple(Feedback(source=each["from"], text=each["text"]) for each in shown.get("answers", ())),
        rejected=shown.get("refused", False),
        fault=shown.get("fault"),
        stance=Stance(shown.get("stance", "NONE")),
        first_event=0,
    )


def _action(shown: dict[str, Any]) -> Action:
    if "call" in shown:
        return ToolCall(tool=shown["call"], arguments=shown["arguments"])
    if "says" in shown:
        return Final(content=shown["says"]) if shown.get("ends") else Message(content=shown["says"])
    return Malformed(text=shown.get("wrote", shown.get("shortened", "")), error="")


@cache
def settings() -> tuple[Scenario, ...]:
    """Every scenario that ships, and the tests' own, filled for both variants."""
    plain = [*(load_scenario(name) for name in scenario_files()), scenario()]
    return tuple(fill(each, variant) for each in plain for variant in Variant)


@cache
def checks() -> dict[str, str]:
    """Description to check."""
    return {outcome.description: outcome.check for setting in settings() for outcome in setting.outcomes}


def _setting(instruction: str, steps: list[Step]) -> Scenario | None:
    """The setting that the conversation fits best; None when the instruction is unknown."""
    known = [setting for setting in settings() if setting.instruction == instruction]
    return max(known, key=lambda setting: walked(setting, steps)[1], default=None)


def walked(setting: Scenario, steps: list[Step]) -> tuple[list[World], int]:
    """The world before each step and after the last, by the rules; and how many tools answered as the steps say."""
    worlds: list[World] = [setting.world]
    hits = 0
    for step in steps:
        world = worlds[-1]
        tool = tool_called(step)
        if isinstance(step.action, ToolCall) and tool and not step.rejected and step.fault is None:
            name = tool.spec.toolkit
            try:
                now = world_time(setting, step.index + 1)
                observation, after = tool.call(world[name], step.action.arguments, now)
                world = {**world, name: after}
                text = observation if isinstance(observation, str) else compact(observation)
                hits += any(item.text == text for item in step.feedback)
            except (Fault, KeyError):
                pass
        worlds.append(world)
    return worlds, hits


def tool_called(step: Step) -> Tool | None:
    """The tool of an installed toolkit that a step calls with arguments that fit it; None for everything else."""
    if not isinstance(step.action, ToolCall):
        return None
    name = step.action.tool.partition("_")[0]
    tool = toolkit(name).get(step.action.tool) if name in names(Kind.TOOLKIT) else None
    return tool if tool and not tool.mistakes(step.action.arguments) else None
