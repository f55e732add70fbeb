"""Tools that are only specified: read from three forms, checked like all others, answered by a model or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autosafe_env import AutoSafeEnv, Effect, Scenario, ToolCall, load_scenario, sample_action
from autosafe_env.core.discover import scenario_tools
from autosafe_env.core.json_schema import MAX_PARTS, mistakes, self_contained
from autosafe_env.core.lint import lint
from autosafe_env.core.reduce import fold
from autosafe_env.core.spec_forms import read_toolkit, tool_name
from autosafe_env.errors import ConfigError, ScenarioError, ToolSpecError
from autosafe_env.run.check import check_files
from autosafe_env.types.tools import Capability, Role
from tests.core.specified_forms import FORMS, MCP, OPENAI, TOOLEMU, weather_data, written
from tests.emulate.models import sensible_model
from tests.fixtures import call

every_form = pytest.mark.parametrize("form", FORMS)


def weather(tmp_path: Path, tools: Any = MCP) -> Scenario:
    return load_scenario(written(tmp_path, tools))


def problem(path: Path) -> tuple[int, str]:
    (checked,) = check_files([path])
    (found,) = checked.problems
    return found.line, found.message


def test_toolemu_says_what_it_takes_returns_and_how_it_fails() -> None:
    forecast, alarm = read_toolkit(TOOLEMU, "station", {}).tools
    assert (forecast.name, alarm.name) == ("station_get_forecast", "station_raise_alarm")
    assert forecast.description == "Return the forecast of a place."
    assert forecast.parameters["required"] == ["place"]
    assert forecast.parameters["properties"]["days"] == {"type": "integer", "description": "How many."}
    assert mistakes(forecast.returns, {"lines": ["rain"]}, "part") == ""
    assert mistakes(forecast.returns, {}, "part") == "missing part 'lines'"
    assert list(forecast.faults) == ["NotFoundException", "Unavailable", "TimedOut"]
    assert "never shown" not in forecast.model_dump_json()


def test_of_several_toolkits_the_named_one_is_taken() -> None:
    other = {**TOOLEMU, "toolkit": "Other", "tools": [{"name": "Nap", "summary": "Sleep."}]}
    assert read_toolkit([other, TOOLEMU], "weather_station", {}).tools[1].name == "weather_station_raise_alarm"
    with pytest.raises(ValueError, match="'wether_station'; did you mean 'weather_station'"):
        read_toolkit([other, TOOLEMU], "wether_station", {})


def test_openai_tools_are_read_in_both_spellings() -> None:
    forecast, alarm = read_toolkit(OPENAI, "weather", {}).tools
    assert (forecast.name, alarm.name) == ("weather_get_forecast", "weather_raise_alarm")
    assert "$ref" not in json.dumps(forecast.parameters)
    assert forecast.returns == {}
    assert {forecast.effect, alarm.effect} == {Effect.WRITE}
    wrong = {"place": {}, "unit": "K", "when": "1"}
    assert mistakes(forecast.parameters, wrong, "argument").startswith("missing argument 'place.town'; argument 'unit'")


def test_mcp_annotations_say_the_effect_and_nothing_else_does() -> None:
    effects = {tool.name: tool.effect for tool in read_toolkit({"result": MCP}, "weather", {}).tools}
    assert effects == {
        "weather_forecast": Effect.READ,
        "weather_wipe": Effect.IRREVERSIBLE,
        "weather_note": Effect.WRITE,
    }
    assert all(tool.does == () for tool in read_toolkit(MCP, "weather", {}).tools)


def test_tags_say_what_the_file_cannot() -> None:
    tags = {"note": {"effect": "READ", "does": ["SENDS_MESSAGE"]}, "weather_forecast": {"roles": {"place": "TARGET"}}}
    forecast, _, note = read_toolkit(MCP, "weather", tags).tools
    assert (note.effect, note.does, forecast.roles) == (
        Effect.READ,
        (Capability.SENDS_MESSAGE,),
        {"place": Role.TARGET},
    )


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"notes": {}}, "no tool is called 'weather_notes'; did you mean 'weather_note'"),
        ({"note": {"efect": "READ"}}, "'note': tags are"),
        ({"note": {"effect": "NONE"}}, "'note': argument 'effect'"),
        ({"note": {"roles": {"plac": "TARGET"}}}, "'note': no parameter 'plac'"),
    ],
)
def test_a_wrong_tag_is_told(tags: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_toolkit(MCP, "weather", tags)


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("SearchTweets", "twitter_search_tweets"),
        ("twitter-search", "twitter_search"),
        ("getURLs", "twitter_get_urls"),
        ("read.file/v2", "twitter_read_file_v2"),
        ("HTTPGet2Now", "twitter_http_get2_now"),
    ],
)
def test_names_are_written_alike(given: str, full: str) -> None:
    assert tool_name("twitter", given) == full


def with_schema(schema: Any) -> Any:
    return {"tools": [{"name": "note", "inputSchema": schema}]}


def with_parameters(parameters: Any) -> Any:
    return {**TOOLEMU, "tools": [{"name": "A", "parameters": parameters}]}


def bomb() -> Any:
    parts = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    return {"type": "object", "properties": {"x": {"$ref": "#/$defs/d0"}}, "$defs": {**parts, "d40": {}}}


def nested(depth: int) -> Any:
    schema: Any = {}
    for _ in range(depth):
        schema = {"properties": {"x": schema}}
    return schema


WRONG_FILES: dict[str, tuple[Any, str]] = {
    "not JSON": ('{"tools":\n [}', "line 2: not JSON"),
    "not UTF-8": (b'{"tools": "\xff"}', "is not UTF-8"),
    "NaN": ('{"tools": NaN}', "NaN is not JSON"),
    "very deep": ("[" * 100_000, "is nested too deeply"),
    "too long": (" " * (1024 * 1024 + 1), "has more than 1048576 bytes"),
    "none of the forms": ({"openapi": "3.1.0"}, "neither a toolkit in ToolEmu's form"),
    "empty": ([], "neither a toolkit in ToolEmu's form"),
    "mixed": ([*OPENAI, *MCP["tools"]], "neither a toolkit in ToolEmu's form"),
    "two of one name": ([OPENAI[1], {**OPENAI[1], "name": "Raise-Alarm"}], "two tools are called 'weather_raise"),
    "a name too long": ({"tools": [{"name": "n" * 80, "inputSchema": {}}]}, "argument 'name'"),
    "a name of nothing": ({"tools": [{"name": "!!", "inputSchema": {}}]}, "argument 'name'"),
    "no name": ({"tools": [{"inputSchema": {}}]}, "no `name`"),
    "an unknown type": (with_parameters([{"name": "x", "type": "strin"}]), "'strin'; did you mean 'string'"),
    "parameters that are no list": (with_parameters({"x": 1}), "no list of objects"),
    "another document": (with_schema({"properties": {"x": {"$ref": "https://x.example/s.json"}}}), "another document"),
    "a file of this machine": (with_schema({"properties": {"x": {"$ref": "file:///etc/passwd"}}}), "another document"),
    "a dead reference": (with_schema({"properties": {"x": {"$ref": "#/$defs/x"}}}), "leads nowhere"),
    "a loop": (with_schema({"properties": {"x": {"$ref": "#"}}}), "refers to itself"),
    "a bomb": (with_schema(bomb()), f"more than {MAX_PARTS} schemas"),
    "a deep schema": (with_schema(nested(60)), "nested deeper"),
    "no schema": (with_schema({"properties": {"x": {"type": "strin"}}}), "is no JSON schema: properties.x.type"),
    "a list for a schema": (with_schema({"properties": {"x": []}}), "a schema is an object"),
    "no object": (with_schema({"type": "array"}), "the parameters are no object"),
    "patterns of names": (with_schema({"patternProperties": {"^x": {}}}), "`patternProperties` is not supported"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", WRONG_FILES)
def test_a_wrong_file_is_told_with_the_line_that_names_it(tmp_path: Path, mistake: str) -> None:
    tools, words = WRONG_FILES[mistake]
    path = written(tmp_path, tools)
    line, message = problem(path)
    assert words in message
    assert message.startswith("tools.json: ")
    assert "from: tools.json" in path.read_text().splitlines()[line - 1]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"from": "nowhere.json", "name": "weather"}, "cannot be read"),
        ({"from": "/etc/hostname", "name": "weather"}, "in or below the folder"),
        ({"from": "../tools.json", "name": "weather"}, "in or below the folder"),
        ({"from": "tools.json", "name": "weather", "tag": {}}, "unknown key 'tag'; did you mean 'tags'"),
        ({"from": "tools.json"}, "an entry is {from"),
        ({"from": "tools.json", "name": "Weather"}, "argument 'name'"),
        ({"from": "tools.json", "name": "email"}, "'email' is installed"),
        ({"from": "tools.json", "name": "climate"}, "name 'climate' among the `toolkits`"),
    ],
)
def test_a_wrong_entry_is_told(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    data = weather_data()
    data["specified"] = [entry]
    if entry.get("name") == "email":
        data["toolkits"].remove("weather")
        del data["world"]["weather"]
    (checked,) = check_files([written(tmp_path, data=data)])
    assert [item for item in checked.problems if words in item.message and item.line > 1]


def test_data_without_a_file_reads_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="folder of the scenario file"):
        load_scenario(weather_data())


def test_the_loaded_scenario_needs_no_other_file(tmp_path: Path) -> None:
    scenario = weather(tmp_path)
    (tmp_path / "tools.json").unlink()
    again = load_scenario(json.loads(scenario.model_dump_json()))
    assert again == scenario
    assert begin_world(again)["weather"] == {"places": {"Hull": "rain"}}


def begin_world(scenario: Scenario) -> dict[str, Any]:
    env = AutoSafeEnv(scenario, emulator={"kind": "hybrid", "model": sensible_model()})
    env.reset(seed=0)
    assert fold(env.log) == env.state
    return env.state.world


def test_a_toolkit_may_stand_in_the_scenario_itself(tmp_path: Path) -> None:
    data = json.loads(weather(tmp_path).model_dump_json())
    assert list(lint(Scenario.model_validate(data))) == []
    tool = data["specified"][0]["tools"][2]
    for key, value, words in (
        ("parameters", {"properties": {"x": {"$ref": "#/$defs/x"}}, "$defs": {"x": {}}}, "read it with `from`"),
        ("returns", {"$ref": "https://x.example"}, "another document"),
        ("faults", {}, "must declare the faults TimedOut, Unavailable"),
        ("name", "weather_wipe", "must be called"),
        ("toolkit", "email", "must be called"),
    ):
        found = list(lint(Scenario.model_validate(data | {"specified": [changed(data, {**tool, key: value})]})))
        assert [message for _, message in found if words in message], (key, found)


def changed(data: dict[str, Any], tool: dict[str, Any]) -> dict[str, Any]:
    first = data["specified"][0]
    return {**first, "tools": [*first["tools"][:2], tool]}


@every_form
def test_agents_see_specified_tools_like_all_others(tmp_path: Path, form: str) -> None:
    env = AutoSafeEnv(weather(tmp_path, FORMS[form]), emulator={"kind": "llm", "model": sensible_model()})
    obs, _ = env.reset(seed=0)
    shown = [item["function"]["name"] for item in json.loads(obs["tools"])]
    assert [name for name in shown if name.startswith("weather_")] == [
        spec.name for spec in env.view().tools if spec.toolkit == "weather"
    ]
    assert shown[0].startswith("email_")


@every_form
def test_calls_that_are_drawn_at_random_are_well_formed(tmp_path: Path, form: str) -> None:
    tools = scenario_tools(weather(tmp_path, FORMS[form]))
    mine = [tool.spec for name, tool in tools.items() if name.startswith("weather_")]
    rng = np.random.default_rng(3)
    drawn = [action for action in (sample_action(mine, rng) for _ in range(300)) if isinstance(action, ToolCall)]
    assert {action.tool for action in drawn} == {spec.name for spec in mine}
    assert [m for action in drawn if (m := tools[action.tool].mistakes(action.arguments))] == []


def test_arguments_that_do_not_fit_are_refused_before_any_model_is_asked(tmp_path: Path) -> None:
    env = AutoSafeEnv(weather(tmp_path), emulator={"kind": "hybrid", "model": sensible_model()})
    env.reset(seed=0)
    for arguments, words in (
        ({"place": "a", "title": 1, "pair": ["a", "b"]}, "argument 'pair.1' is not of type integer"),
        ({"place": "a", "title": 0, "pair": []}, "argument 'title'"),
        ({"place": "a", "title": 1, "pair": [], "plac": 1}, "unknown argument 'plac'; did you mean 'place'"),
        ({"title": 1, "pair": []}, "missing argument 'place'"),
    ):
        env.reset(seed=0)
        *_, info = env.step(call("weather_forecast", **arguments))
        assert words in info["error"]
        assert env.state.world["weather"] == {"places": {"Hull": "rain"}}


def test_a_pattern_from_a_stranger_is_shown_and_never_run(tmp_path: Path) -> None:
    tool = scenario_tools(weather(tmp_path))["weather_forecast"]
    assert tool.spec.parameters["properties"]["place"]["pattern"] == "^(a+)+$"
    assert tool.mistakes({"place": "a" * 5000 + "b", "title": 1, "pair": []}) == ""


def test_a_value_that_breaks_the_checker_is_a_mistake() -> None:
    schema = self_contained({"properties": {"x": {"multipleOf": 0.5}}})
    assert mistakes(schema, {"x": 10**400}, "argument") == "cannot be checked: OverflowError"


def test_an_emulator_of_code_is_refused_when_the_environment_is_made(tmp_path: Path) -> None:
    scenario = weather(tmp_path)
    with pytest.raises(ConfigError, match=r"'weather_forecast' is only specified; use the emulator 'llm' or 'hybrid'"):
        AutoSafeEnv(scenario)
    tool = scenario_tools(scenario)["weather_forecast"]
    with pytest.raises(ToolSpecError, match="is only specified"):
        tool.call({}, {}, None)  # type: ignore[arg-type]  # it does not come to the time


def test_such_a_scenario_is_well_formed_but_not_proven(tmp_path: Path) -> None:
    _, message = problem(written(tmp_path))
    assert message == "cannot be proven: only a model can answer tools that are only specified"


def test_checks_may_name_specified_tools_and_their_state(tmp_path: Path) -> None:
    data = weather_data()
    data["outcomes"][0]["check"] = 'action.tool == "weather_wip" && after.wether.size() == 1'
    (checked,) = check_files([written(tmp_path, data=data)])
    messages = " ".join(item.message for item in checked.problems)
    assert "'weather_wip'; did you mean 'weather_wipe'" in messages
    assert "'wether'; did you mean 'weather'" in messages
