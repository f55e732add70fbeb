"""The emulator that asks a language model: the observation and the change of the state are the model's.

What it answers is held to the tool's specification and to the toolkit's typed state. `docs/emulators.md` tells what a
model may get wrong and what becomes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from autosafe_env.chat.ask import ask_for
from autosafe_env.chat.fence import Fence
from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.chat.role import ModelRole
from autosafe_env.core.codec import finite
from autosafe_env.core.discover import tool_of
from autosafe_env.core.patch import apply_patch, parse_pointer, resolve
from autosafe_env.core.toolspec import Tool
from autosafe_env.errors import ConfigError, Unreadable, nearest
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Handle, Json, compact
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.events import PatchOp
from autosafe_env.types.state import Step
from autosafe_env.types.tools import Effect, ToolSpec
from autosafe_env.types.turns import Emulation, FeedbackSource, ToolCall
from autosafe_env.views import EmulatorView

MODES = ("standard", "adversarial")
FAILURES = ("error", "fault")
MOST_HISTORY = 20
"""Earlier calls that the model is shown, the latest ones: what an older call changed stands in the state."""
MOST_CHANGES = 500
"""Operations in one patch."""
UNAVAILABLE = "Unavailable"
CALLED = "earlier call"
"""Under which name a step keeps its text."""


class EmulatorAnswer(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(extra="forbid")

    observation: Json = None
    """What the tool returns; null when it fails."""
    patch: list[PatchOp] = Field(default=[], max_length=MOST_CHANGES)
    """How the state of the tool's toolkit changes; paths begin in that state."""
    fault: str | None = None
    """Name of the fault with which the call fails; null when it succeeds."""
    message: str = ""
    """What went wrong; only with a fault, and even then the specification's explanation may do."""


class LlmEmulator(ModelRole):
    """Answers each call as a language model would have the tool answer.

    See `ModelRole` for the other arguments; without a `seed` it is that of the episode.

    Args:
        mode: `standard`, or `adversarial` as in the paper: as risky as is plausible, told of the scenario's triggers.
        on_failure: what becomes of a call that the model has answered wrongly twice: `error` ends the episode as
            failed, `fault` lets the tool answer `Unavailable`.

    Raises:
        UnknownName: there is no such kind of model.
        ConfigError: an option has a value that is not valid.
    """

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        mode: str = "standard",
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
        on_failure: str = "error",
    ) -> None:
        for word, known in ((mode, MODES), (on_failure, FAILURES)):
            if word not in known:
                raise ConfigError(f"unknown option {word!r}{nearest(word, known)}")
        super().__init__(model, temperature, seed, max_tokens)
        self.adversarial = mode == "adversarial"
        self.on_failure = on_failure

    def emulate(self, view: EmulatorView) -> Emulation:
        """Observation and world after the call, as the model has them.

        Raises:
            ModelError: the model did not answer, or twice not in a way that the tool could have.
        """
        prompt, system = _system(self.adversarial and bool(view.triggers))
        request = self.asking(system, self._question(view), view.seed)
        reader = _Reader(view)
        try:
            _, calls = ask_for(
                EmulatorAnswer, self.model, request, "emulator", prompt_digest=prompt, check=reader.mistake
            )
        except Unreadable as error:
            if self.on_failure == "error":
                raise
            message = view.spec.faults[UNAVAILABLE]
            return _failed(view, UNAVAILABLE, message).changed({"calls": error.calls})
        return reader.emulation.changed({"calls": calls})

    def _question(self, view: EmulatorView) -> str:
        documents = {"request": request_document(view)}
        if self.adversarial and view.triggers:
            traps = [
                {"source": each.source, "strategy": each.strategy, "place": each.hole, "text": each.payload}
                for each in view.triggers
            ]
            documents["traps"] = compact(traps)
        fence = Fence(documents.values())
        fenced = [fence.around(name, text) for name, text in documents.items()]
        return "\n\n".join([*fenced, "Answer this call with one JSON object."])


@cache
def _system(adversarial: bool) -> tuple[str, ChatMessage]:
    """The digest of the prompt (of both, when there are two), and the message for all calls of a mode."""
    prompt = prompt_beside(__file__)
    if not adversarial:
        return prompt.digest, ChatMessage(role="system", content=prompt.render(manner="").rstrip())
    manner = prompt_beside(__file__, "llm_adversarial")
    digest = sha256(f"{prompt.digest} {manner.digest}".encode()).hexdigest()
    return digest, ChatMessage(role="system", content=prompt.render(manner=manner.render().rstrip()))


def request_document(view: EmulatorView) -> str:
    """The JSON document that the model is shown of a call; `llm.md` explains each field."""
    own = view.spec.toolkit
    others = [f"{compact(name)}:{_state(Handle(state))}" for name, state in view.world.items() if name != own]
    called = [step for step in view.history if isinstance(step.action, ToolCall) and not step.rejected]
    fields = {
        "tool": _tool(Handle(view.spec)),
        "arguments": compact(view.call.arguments),
        "now": compact(view.now.isoformat(timespec="minutes")),
        "state": _state(Handle(view.world[own])),
        "world": f"{{{','.join(others)}}}",
        "history": f"[{','.join([step.texts.get(CALLED) or _past(step) for step in called[-MOST_HISTORY:]])}]",
    }
    return f"{{{','.join(f'{compact(name)}:{text}' for name, text in fields.items())}}}"


# The parts of the document are remembered, since each is shown in many calls: a call of a long episode costs about what
# the first one did.


@lru_cache(maxsize=1024)
def _tool(spec: Handle[ToolSpec]) -> str:
    shown = ("name", "description", "parameters", "returns", "effect", "faults")
    return compact({name: getattr(spec.value, name) for name in shown})


@lru_cache(maxsize=1024)
def _state(state: Handle[dict[str, Json]]) -> str:
    return compact(state.value)


def _past(step: Step) -> str:
    action: Any = step.action
    returned = "\n".join(item.text for item in step.feedback if item.source is FeedbackSource.TOOL)
    called = {"tool": action.tool, "arguments": action.arguments}
    text = step.texts[CALLED] = compact({**called, "returned": returned, "fault": step.fault})
    return text


class _Reader:
    """Reads one answer at a time as the emulation of one call, and keeps the last that was right."""

    def __init__(self, view: EmulatorView) -> None:
        self.view = view
        self.tool: Tool = tool_of(view.spec)
        self.emulation: Emulation

    def mistake(self, answer: EmulatorAnswer) -> str:
        """Why the tool could not have answered so, in a sentence; empty when it could."""
        try:
            self.emulation = self._read(answer)
        except ValueError as error:
            return str(error)
        return ""

    def _read(self, answer: EmulatorAnswer) -> Emulation:
        view, spec = self.view, self.view.spec
        try:
            to_json([answer.observation, [op.value for op in answer.patch], answer.message])
        except ValueError as error:  # a lone surrogate, or great depth
            raise ValueError("it holds text that is not Unicode, or is nested too deeply") from error
        if not finite(answer.observation) or not all(finite(op.value) for op in answer.patch):
            raise ValueError("it holds a number that is not finite")
        if answer.fault is not None:
            if answer.fault not in spec.faults:
                raise ValueError(f"{spec.name} has no fault {answer.fault!r}{nearest(answer.fault, spec.faults)}")
            if answer.patch:
                raise ValueError("a call that fails changes nothing: the patch must be empty")
            return _failed(view, answer.fault, answer.message.strip() or spec.faults[answer.fault])
        if spec.effect is Effect.READ and answer.patch:
            raise ValueError(f"{spec.name} only reads: the patch must be empty")
        try:
            observation = self.tool.settled_answer(answer.observation)
        except ValueError as error:
            raise ValueError(f"the observation does not fit what {spec.name} returns: {error}") from error
        if not answer.patch:
            return Emulation.made(observation=observation, world=view.world)
        after = self._state_after(answer.patch)
        return Emulation.made(observation=observation, world={**view.world, spec.toolkit: after})

    def _state_after(self, patch: list[PatchOp]) -> dict[str, Json]:
        state: Json = self.view.world[self.view.spec.toolkit]
        for index, op in enumerate(patch):
            try:
                state = apply_patch(state, (_placed(op, state),))
            except (KeyError, ValueError) as error:
                reason = "the path leads nowhere in the state" if isinstance(error, KeyError) else str(error)
                raise ValueError(f"patch {index}, {op.op} {op.path!r}: {reason}") from error
        try:
            return self.tool.settled_state(state)
        except ValueError as error:
            raise ValueError(f"after the patch the state does not keep its form: {error}") from error


def _placed(op: PatchOp, state: Json) -> PatchOp:
    """The operation, with the `-` that stands for the end of a list written as an index."""
    keys = parse_pointer(op.path)
    if not keys:
        raise ValueError("a patch changes parts of the state, not the whole")
    if keys[-1] != "-" or op.op != "add":
        return op
    parent = op.path.removesuffix("/-")
    end = resolve(state, parent)
    return op.changed({"path": f"{parent}/{len(end)}"}) if isinstance(end, list) else op


def _failed(view: EmulatorView, fault: str, message: str) -> Emulation:
    return Emulation.made(observation={"error": fault, "message": message}, world=view.world, fault=fault)


EMULATOR = LlmEmulator
