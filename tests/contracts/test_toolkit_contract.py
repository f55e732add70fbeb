"""What holds for every toolkit in `tools_emulated/`.

A new toolkit is found by itself. It needs an example state in `tests/toolkits/examples/<name>.json`, rich enough that
generated calls find things in it.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import functools
import importlib
import inspect
import json
import pkgutil
import re
import typing
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autosafe_env import tools_emulated
from autosafe_env.core.toolkit import STANDARD_FAULTS, Fault, Record, State, Toolkit
from autosafe_env.core.toolspec import Tool, tools_of
from autosafe_env.types.base import Json
from autosafe_env.types.tools import Effect, Role

NOW = datetime(2026, 3, 14, 9, 30)
EXAMPLES = Path(__file__).parents[1] / "toolkits" / "examples"
NAMES = sorted(module.name for module in pkgutil.iter_modules(tools_emulated.__path__) if not module.ispkg)
SOURCES = sorted(path for folder in tools_emulated.__path__ for path in Path(folder).rglob("*.py"))
TIMES = ["2026-03-14T09:30", "2026-03-14", "2026-03-20T12:00"]
TIMES += ["0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30", "2026-02-30T10:00"]

PURE_MODULES = {
    *("abc", "base64", "binascii", "contextlib", "dataclasses"),
    *(
        "__future__",
        "bisect",
        "collections",
        "contextlib",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fnmatch",
        "fractions",
    ),
    *("functools", "hashlib", "heapq", "html", "ipaddress", "itertools", "json", "math", "operator", "posixpath"),
    *("re", "shlex", "statistics", "string", "textwrap", "typing", "unicodedata", "autosafe_env", "pydantic"),
}
"""What a toolkit may import: nothing here reads a clock, a random source, a file or a network."""
IMPURE_BUILTINS = {"open", "print", "input", "eval", "exec", "compile", "__import__"}
IMPURE_METHODS = {"now", "utcnow", "today"}

World = dict[str, Json]
Outcome = tuple[str, Json, World]
Strings = list[tuple[str, str]]
"""Strings of a state, each with the key that it stands under."""

ANY_TEXT = st.text(max_size=20)
SIMPLE: dict[str, st.SearchStrategy[Json]] = {
    "integer": st.integers(-3, 40) | st.integers(),
    "number": st.floats(0, 5000).map(lambda x: round(x, 2)) | st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "null": st.none(),
}

every_toolkit = pytest.mark.parametrize("name", NAMES)


def law(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test on every toolkit with generated calls, the same ones each time."""
    steady = settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run: Callable[..., None] = every_toolkit(given(data=st.data())(steady(test)))
    return run


def module_of(name: str) -> ModuleType:
    return importlib.import_module(f"autosafe_env.tools_emulated.{name}")


def toolkit_of(name: str) -> type[Toolkit]:
    toolkit: type[Toolkit] = module_of(name).TOOLKIT
    return toolkit


@functools.cache
def tools(name: str) -> dict[str, Tool]:
    return tools_of(toolkit_of(name))


@functools.cache
def example_text(name: str) -> str:
    return (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")


def example(name: str) -> World:
    state: World = json.loads(example_text(name))
    return state


def leaves(value: Json, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a JSON value with the key that it stands under; the keys of dicts count as strings, too."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for inner, item in value.items():
            yield key, inner
            yield from leaves(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, key)


def words_for(parameter: str, role: Role | None, strings: Strings) -> st.SearchStrategy[str]:
    """Strings for a parameter: mostly those in fields of the same name, some others of the state, some of any kind."""
    field = "id" if parameter.endswith("_id") else parameter
    known = [text for _, text in strings]
    likely = TIMES if role is Role.TIME else [text for key, text in strings if key == field] or known
    pools = [likely, likely, likely, likely, known, TIMES]
    return st.one_of(*(st.sampled_from(pool) for pool in pools if pool), ANY_TEXT)


def values_for(schema: World, words: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    """JSON values that fit the schema of one parameter."""
    if "anyOf" in schema:
        return st.one_of(*(values_for(choice, words) for choice in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if schema["type"] == "array":
        return st.lists(values_for(schema["items"], words), max_size=3)
    return words if schema["type"] == "string" else SIMPLE[schema["type"]]


def arguments_for(tool: Tool, strings: Strings) -> st.SearchStrategy[World]:
    """Arguments that fit the parameters of a tool, ids and names taken from a state's strings where they can be."""
    parameters = tool.spec.parameters
    needed = parameters.get("required", [])
    words = {name: words_for(name, tool.spec.roles.get(name), strings) for name in parameters["properties"]}
    values = {name: values_for(schema, words[name]) for name, schema in parameters["properties"].items()}
    required = {name: value for name, value in values.items() if name in needed}
    optional = {name: value for name, value in values.items() if name not in needed}
    return st.fixed_dictionaries(required, optional=optional)


def outcome(tool: Tool, state: World, arguments: World) -> Outcome:
    """What a call comes to: "ok" or the fault's name, the observation or the fault's text, and the state after."""
    try:
        observation, after = tool.call(state, arguments, NOW)
    except Fault as fault:
        return fault.name, fault.message, state
    return "ok", observation, after


@functools.lru_cache(maxsize=1000)
def arguments_in(state: str, name: str, full: str) -> st.SearchStrategy[World]:
    """Arguments for a tool in a state, as JSON. Kept, as making a strategy takes longer than drawing from it."""
    return arguments_for(tools(name)[full], list(leaves(json.loads(state))))


def draw_call(data: st.DataObject, state: World, name: str, among: Iterable[str]) -> tuple[Tool, World]:
    full = data.draw(st.sampled_from(sorted(among)), label="tool")
    return tools(name)[full], data.draw(arguments_in(json.dumps(state), name, full), label="arguments")


@every_toolkit
def test_the_specification_derives_from_the_class(name: str) -> None:
    assert toolkit_of(name).name == name, "a toolkit is found under the name of its file"
    assert all(tool.spec.toolkit == name for tool in tools(name).values())
    assert all(re.fullmatch(rf"{name}_[a-z0-9_]+", full) and len(full) <= 64 for full in tools(name))


def test_no_two_tools_share_a_name() -> None:
    names = [full for name in NAMES for full in tools(name)]
    assert sorted(set(names)) == sorted(names)


@every_toolkit
def test_a_toolkit_is_a_handful_of_tools(name: str) -> None:
    assert 6 <= len(tools(name)) <= 12


@every_toolkit
def test_every_tool_says_what_it_enables(name: str) -> None:
    assert [full for full, tool in tools(name).items() if not tool.spec.does] == []


@every_toolkit
def test_every_parameter_is_explained_and_has_a_role(name: str) -> None:
    for full, tool in tools(name).items():
        properties = tool.spec.parameters["properties"]
        assert [key for key, schema in properties.items() if not schema.get("description")] == [], full
        assert set(tool.spec.roles) == set(properties), f"{full}: say what each parameter means"


@every_toolkit
def test_no_role_is_hidden_inside_a_type(name: str) -> None:
    for full, tool in tools(name).items():
        hints = typing.get_type_hints(tool.method, include_extras=True)
        tagged = {key for key, hint in hints.items() if list(roles_in(hint))}
        assert tagged == set(tool.spec.roles), (
            f"{full}: write Annotated[X | None, Role.Y], not Annotated[X, Role.Y] | None"
        )


def roles_in(hint: Any) -> Iterator[Role]:
    yield from (tag for tag in getattr(hint, "__metadata__", ()) if isinstance(tag, Role))
    for inner in typing.get_args(hint):
        yield from roles_in(inner)


@every_toolkit
def test_faults_are_explained_and_the_standard_ones_are_there(name: str) -> None:
    for full, tool in tools(name).items():
        assert STANDARD_FAULTS.items() <= tool.spec.faults.items(), full
        assert all(fault[0].isupper() and text.strip() for fault, text in tool.spec.faults.items()), full


@every_toolkit
def test_records_explain_themselves(name: str) -> None:
    module = module_of(name)
    own = [cls for _, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == module.__name__]
    records = [cls for cls in own if issubclass(cls, Record)]
    assert [cls.__name__ for cls in records if not vars(cls).get("__doc__")] == []
    assert issubclass(toolkit_of(name).State, State)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_toolkit_reaches_nothing_outside(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {module for module in imported if module.split(".")[0] not in PURE_MODULES} == set()
    reached = {module for module in imported if module.startswith("autosafe_env.")}
    assert {module for module in reached if not module.startswith("autosafe_env.tools_emulated.")} == set()
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    builtins = {call.id for call in calls if isinstance(call, ast.Name)} & IMPURE_BUILTINS
    methods = {call.attr for call in calls if isinstance(call, ast.Attribute)} & IMPURE_METHODS
    assert builtins | methods == set()


@every_toolkit
def test_the_example_state_survives_a_round_trip(name: str) -> None:
    state_type = toolkit_of(name).State
    state = state_type.model_validate(example(name))
    dumped = state.model_dump(mode="json")
    assert state_type.model_validate(dumped) == state
    assert json.loads(json.dumps(dumped, allow_nan=False)) == dumped


@every_toolkit
def test_a_state_of_required_fields_alone_survives_a_round_trip(name: str) -> None:
    state_type = toolkit_of(name).State
    needed = {key: example(name)[key] for key, field in state_type.model_fields.items() if field.is_required()}
    state = state_type.model_validate(needed)
    assert state_type.model_validate(state.model_dump(mode="json")) == state


@law
def test_a_call_answers_as_its_specification_says(name: str, data: st.DataObject) -> None:
    state = example(name)
    tool, arguments = draw_call(data, state, name, tools(name))
    assert tool.mistakes(arguments) == ""
    result, observation, _ = outcome(tool, state, arguments)
    if result == "ok":
        json.dumps(observation, allow_nan=False)
        tool.returns.validate_python(observation)
    else:
        assert result in tool.spec.faults
        assert observation.strip(), "a fault says what went wrong"


@law
def test_a_read_tool_leaves_the_typed_state_equal(name: str, data: st.DataObject) -> None:
    reading = [full for full, tool in tools(name).items() if tool.spec.effect is Effect.READ]
    tool, arguments = draw_call(data, example(name), name, reading)
    checked = tool.arguments.model_validate(arguments, strict=True)
    before, state = (tool.toolkit.State.model_validate(example(name)) for _ in range(2))
    with contextlib.suppress(Fault):
        tool.method(tool.toolkit(state, NOW), **{key: getattr(checked, key) for key in arguments})
    assert state == before


@law
def test_a_call_leaves_what_it_was_given_alone_and_repeats(name: str, data: st.DataObject) -> None:
    state = example(name)
    tool, arguments = draw_call(data, state, name, tools(name))
    kept = copy.deepcopy((state, arguments))
    first = outcome(tool, state, arguments)
    assert (state, arguments) == kept
    assert outcome(tool, state, arguments) == first


@law
def test_calls_in_a_row_keep_the_state_valid(name: str, data: st.DataObject) -> None:
    state_type = toolkit_of(name).State
    state = state_type.model_validate(example(name)).model_dump(mode="json")
    for _ in range(data.draw(st.integers(1, 4), label="calls")):
        tool, arguments = draw_call(data, state, name, tools(name))
        _, _, state = outcome(tool, state, arguments)
        assert state_type.model_validate(state).model_dump(mode="json") == state
