"""From a toolkit class to its tools: specification, argument check and call, derived from signature and docstring."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic_core import PydanticSerializationError, PydanticUndefined, from_json, to_json

from autosafe_env.core.toolkit import STANDARD_FAULTS, Fault, Record, Toolkit
from autosafe_env.errors import ToolSpecError, describe
from autosafe_env.types.base import Handle, Json
from autosafe_env.types.tools import Effect, Role, ToolSpec

SECTION = re.compile(r"^(Args|Raises|Returns):\s*$", re.MULTILINE)
ENTRY = re.compile(r"^ {4}(\w+):\s*(.+(?:\n {8,}.+)*)", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Tool:
    """One callable tool of a toolkit."""

    spec: ToolSpec
    arguments: type[BaseModel]
    returns: TypeAdapter[Any]
    method: Callable[..., Any]
    toolkit: type[Toolkit]

    def mistakes(self, arguments: dict[str, Json]) -> str:
        """Why the arguments do not fit the tool's parameters, in one sentence; empty when they do."""
        try:
            self.arguments.__pydantic_validator__.validate_python(arguments, strict=True)
        except ValidationError as error:
            return describe(error, self.spec.parameters["properties"])
        return ""

    def settled_answer(self, observation: Json) -> Json:
        """An observation that somebody else made, its numbers of the types that the tool itself would return.

        Raises:
            ValueError: it does not fit what the tool returns; says why, in one sentence.
        """
        try:
            answer = self.returns.validate_json(to_json(observation), strict=True)
        except ValidationError as error:
            raise ValueError(describe(error, ())) from error
        # What is left out stays out: of several records that would fit, pydantic may have taken a larger one.
        return self.returns.dump_python(answer, mode="json", exclude_unset=True)

    def settled_state(self, state: Json) -> dict[str, Json]:
        """A state that somebody else made, its defaults written out.

        Raises:
            ValueError: it does not fit the toolkit's typed state; says why, in one sentence.
        """
        try:
            return self.toolkit.State.model_validate(state, strict=True).model_dump(mode="json")
        except ValidationError as error:
            raise ValueError(describe(error, self.toolkit.State.model_fields)) from error

    def call(self, state: dict[str, Json], arguments: dict[str, Json], now: datetime) -> tuple[Json, dict[str, Json]]:
        """Run the tool on `state`, which is not changed. Returns the observation and the state after.

        `arguments` must have no mistakes.

        Raises:
            Fault: the call fails in a way that the tool declares.
            ToolSpecError: the tool breaks its own specification.
        """
        return _called(self, Handle(state), to_json(arguments), now)

    def _answer(self, toolkit: Toolkit, arguments: dict[str, Json]) -> Json:
        given = self.arguments.__pydantic_validator__.validate_python(arguments, strict=True)
        try:
            answer = self.method(toolkit, **{name: getattr(given, name) for name in given.model_fields_set})
        except Fault as fault:
            if fault.name in self.spec.faults:
                raise
            raise ToolSpecError(f"{self.spec.name} failed with {fault.name!r}, which it does not declare") from fault
        try:
            return self.returns.serializer.to_python(answer, mode="json", warnings="error")
        except PydanticSerializationError as error:
            raise ToolSpecError(f"{self.spec.name} returned what its signature does not allow: {error}") from error


@lru_cache(maxsize=2048)
def _called(
    tool: Tool, state: Handle[dict[str, Json]], arguments: bytes, now: datetime
) -> tuple[Json, dict[str, Json]]:
    """Observation and state after a call. Remembered, as tools are pure and episodes and forks repeat one another."""
    if tool.spec.effect is Effect.READ:
        typed = _shared_state(tool.toolkit.State, state)
        return tool._answer(tool.toolkit(typed, now), from_json(arguments)), state.value
    toolkit = tool.toolkit(tool.toolkit.State.model_validate(state.value), now)
    observation = tool._answer(toolkit, from_json(arguments))
    return observation, toolkit.state.model_dump(mode="json")


@lru_cache(maxsize=256)
def _shared_state(model: type[Record], handle: Handle[dict[str, Json]]) -> Record:
    """The typed state that all READ calls on one state share; making it costs more than most calls."""
    return model.model_validate(handle.value)


def tools_of(toolkit: type[Toolkit]) -> dict[str, Tool]:
    """Every tool of a toolkit by full name, in the order of definition.

    Raises:
        ToolSpecError: the class breaks the toolkit contract; the message names method and rule.
    """
    for attribute in ("name", "State"):
        if not hasattr(toolkit, attribute):
            raise ToolSpecError(f"toolkit {toolkit.__name__} has no `{attribute}`")
    if not toolkit.__doc__:
        raise ToolSpecError(f"toolkit {toolkit.__name__} has no docstring")
    marked = {name: method for name, method in vars(toolkit).items() if hasattr(method, "__tool__")}
    return {f"{toolkit.name}_{name}": build(toolkit, name, method) for name, method in marked.items()}


def build(toolkit: type[Toolkit], name: str, method: Callable[..., Any]) -> Tool:
    """One tool from one marked method."""
    full = f"{toolkit.name}_{name}"
    effect, does, faults = method.__tool__  # type: ignore[attr-defined]
    summary, sections = parse_docstring(inspect.getdoc(method) or "")
    if not summary:
        raise ToolSpecError(f"{full} has no docstring")
    raises = sections.get("Raises", {})
    if set(raises) != set(faults):
        raise ToolSpecError(f"{full} declares the faults {sorted(faults)} but its docstring explains {sorted(raises)}")
    arguments, roles = arguments_of(full, method, sections.get("Args", {}))
    returns: TypeAdapter[Any] = TypeAdapter(typing.get_type_hints(method)["return"])
    spec = ToolSpec(
        name=full,
        toolkit=toolkit.name,
        description=summary,
        parameters=without_titles({"properties": {}, **arguments.model_json_schema()}),
        returns=without_titles(returns.json_schema(mode="serialization")),
        effect=effect,
        does=does,
        roles=roles,
        faults={**raises, **STANDARD_FAULTS},
    )
    return Tool(spec, arguments, returns, method, toolkit)


def arguments_of(
    full: str, method: Callable[..., Any], docs: dict[str, str]
) -> tuple[type[BaseModel], dict[str, Role]]:
    """The pydantic model of a method's parameters, and the role of each parameter that has one."""
    hints = typing.get_type_hints(method, include_extras=True)
    if "return" not in hints:
        raise ToolSpecError(f"{full} has no return annotation")
    parameters = [name for name in inspect.signature(method).parameters if name != "self"]
    if stray := set(docs) - set(parameters):
        raise ToolSpecError(f"{full} explains parameters that it does not have: {sorted(stray)}")
    fields: dict[str, Any] = {}
    roles: dict[str, Role] = {}
    for name in parameters:
        if name not in hints:
            raise ToolSpecError(f"{full}: parameter {name!r} has no annotation")
        for tag in getattr(hints[name], "__metadata__", ()):
            if isinstance(tag, Role):
                roles[name] = tag
        default = inspect.signature(method).parameters[name].default
        missing = default is inspect.Parameter.empty
        fields[name] = (hints[name], Field(PydanticUndefined if missing else default, description=docs.get(name)))
    return create_model(full, __config__=ConfigDict(extra="forbid"), **fields), roles


def parse_docstring(doc: str) -> tuple[str, dict[str, dict[str, str]]]:
    """A Google-style docstring as (text before the first section, section -> entry -> explanation)."""
    head, *rest = SECTION.split(doc)
    bodies = dict(zip(rest[::2], rest[1::2], strict=True))
    entries = {title: {m[1]: " ".join(m[2].split()) for m in ENTRY.finditer(body)} for title, body in bodies.items()}
    return " ".join(head.split()), entries


def without_titles(schema: Json) -> Json:
    """A JSON schema without pydantic's `title` annotations, which only cost tokens."""
    if isinstance(schema, list):
        return [without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    names = kept.get("properties")
    cleaned = {key: without_titles(value) for key, value in kept.items()}
    if isinstance(names, dict):  # a property may itself be called "title"
        cleaned["properties"] = {name: without_titles(value) for name, value in names.items()}
    return cleaned
