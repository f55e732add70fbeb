"""The roles file: which model plays which role; what is wrong is told with its line, and no key stands in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from autosafe_env.core.casting import LiveModels, asks_model, cast_agent, cast_role, client_config
from autosafe_env.core.discover import Kind
from autosafe_env.core.ledger import Spent
from autosafe_env.core.roles import ROLES, RolesFile, read_roles
from autosafe_env.errors import BudgetExceeded, ConfigError, ScenarioError
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.protocols import ChatModel
from autosafe_env.types.chat import ChatMessage, ChatRequest
from tests.fixtures import make_env, scenario_data

KEYS = (
    "sk-proj-abcdefgh12345678",
    "sk-ant-planted-0123456789",
    "gsk_abcdefgh12345678abcdefgh",
    "hf_abcdefghabcdefgh",
    "AIzaSyA0123456789012345678901234567890",
    "Bearer abc",
)
ASKED = ChatRequest(messages=(ChatMessage(role="user", content="Hello?"),))
SCRIPTED: dict[str, Any] = {"kind": "scripted", "options": {"script": ["yes"] * 50}}


def written(folder: Path, text: str) -> Path:
    path = folder / "roles.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def chain(model: Any) -> list[str]:
    """The kinds of a model and of all inside it, from the outside in."""
    kinds = [type(model).__name__]
    while hasattr(model, "inner"):
        model = model.inner
        kinds.append(type(model).__name__)
    return kinds


def test_a_role_has_its_own_settings_and_else_the_defaults(tmp_path: Path) -> None:
    file = read_roles(
        written(
            tmp_path,
            """
            defaults: {model: small, base_url: "http://127.0.0.1:1/v1", temperature: 0.5, retries: 2}
            judge: {model: large, temperature: 0.0, seed: 3, api_key_env: JUDGE_KEY}
            """,
        )
    )
    assert client_config(file, "user") == {
        "kind": "openai_compat",
        "model": "small",
        "base_url": "http://127.0.0.1:1/v1",
        "retries": 2,
    }
    assert client_config(file, "judge")["model"] == "large"
    assert client_config(file, "judge")["api_key_env"] == "JUDGE_KEY"
    assert file.settings("user").asking == {"temperature": 0.5}
    assert file.settings("judge").asking == {"temperature": 0.0, "seed": 3}


def test_overrides_win_over_the_defaults_and_over_each_role() -> None:
    data = {
        "defaults": {"model": "a", "timeout": 1.0},
        "judge": {"model": "b"},
        "run": {"max_calls": 5, "max_tokens": 9},
    }
    file = read_roles(data, {"model": "c", "temperature": 1.0, "run": {"max_calls": 7}, "cache": "answers"})
    assert {file.settings(role).model for role in ROLES} == {"c"}
    assert {file.settings(role).temperature for role in ROLES} == {1.0}
    assert (file.settings("judge").timeout, file.run.max_calls, file.run.max_tokens) == (1.0, 7, 9)
    assert file.cache == "answers"


def test_no_file_and_an_empty_one_are_the_same(tmp_path: Path) -> None:
    assert read_roles(None) == read_roles(written(tmp_path, "")) == RolesFile()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("defaults:\n  tempertre: 1", "roles.yaml:2: unknown setting 'defaults.tempertre'; did you mean 'temperature'"),
        ("judgge: {model: m}", "roles.yaml:1: unknown setting 'judgge'; did you mean 'judge'"),
        ("judge:\n  price: {promt: 1}", "roles.yaml:2: unknown setting 'judge.price.promt'; did you mean 'prompt'"),
        ("run:\n\n  max_calls: 0", "roles.yaml:3: run.max_calls: "),
        ("user: {timeout: soon}", "roles.yaml:1: user.timeout: "),
        ("user: {base_url: 127.0.0.1:8000}", "user.base_url: Value error, an address begins with http:// or https://"),
        ("[1, 2]", "a roles file is a mapping"),
        ("a: &x 1", "anchors and aliases"),
        ("a: {", "not YAML"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_roles(written(tmp_path, text))
    assert sentence in str(caught.value)
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_roles(tmp_path / "nothing.yaml")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("place", ["api_key_env", "model", "base_url", "options"])
def test_a_key_is_refused_wherever_it_stands_and_not_repeated(tmp_path: Path, place: str, key: str) -> None:
    value = f"{{header: [x, '{key}']}}" if place == "options" else f"'{key}'"
    path = written(tmp_path, f"defaults: {{model: m}}\njudge:\n  {place}: {value}\n")
    with pytest.raises(ConfigError) as caught:
        read_roles(path)
    assert (
        str(caught.value)
        == f"{path}:3: a key must not stand here; put it into an environment variable and name that as api_key_env"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": "anything"},
        {"options": {"Authorization": "anything"}},
        {"base_url": "http://me:secret@127.0.0.1/v1"},
        {"base_url": "http://127.0.0.1/v1?api_key=anything"},
        {"api_key_env": "d41d8cd98f00b204e9800998ecf8427e"},
        {"api_key_env": "not a variable"},
    ],
)
def test_what_looks_like_a_key_by_its_place_is_refused_too(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="a key must not stand here"):
        read_roles({"defaults": settings})
    with pytest.raises(ConfigError, match="a key must not stand here"):
        read_roles(None, settings)


def test_names_that_are_no_keys_are_taken() -> None:
    settings = {"model": "meta-llama/Llama-3.1-8B-Instruct-AWQ-INT4", "api_key_env": "MY_OWN_KEY_2", "max_tokens": 100}
    assert read_roles({"defaults": settings}).settings("judge").api_key_env == "MY_OWN_KEY_2"
    assert read_roles({"defaults": {"api_key_env": ""}}).settings("judge").api_key_env == ""
    assert client_config(read_roles({"defaults": {**settings, "api_key_env": ""}}), "judge")["api_key_env"] == ""


def test_from_the_outside_in_stand_cache_limits_rate_and_model(tmp_path: Path) -> None:
    file = read_roles(
        {
            "defaults": {**SCRIPTED, "calls_per_minute": 60_000},
            "judge": {"limits": {"max_calls": 3}},
            "cache": str(tmp_path / "answers"),
        }
    )
    models = LiveModels(file)
    assert chain(models.model("judge")) == ["CachedModel", "BudgetModel", "RateModel", "ScriptedModel"]
    assert chain(models.model("user")) == ["CachedModel", "RateModel", "ScriptedModel"]


def test_equal_settings_share_one_model_and_one_rate() -> None:
    file = read_roles({"defaults": {**SCRIPTED, "calls_per_minute": 60_000}, "judge": {"options": {"script": ["no"]}}})
    models = LiveModels(file)
    assert models.model("user") is models.model("emulator")
    assert models.model("judge") is not models.model("user")


def test_the_limit_of_a_role_is_its_own_and_that_of_the_run_is_everybody_s() -> None:
    file = read_roles({"defaults": SCRIPTED, "judge": {"limits": {"max_calls": 1}}, "run": {"max_calls": 3}})
    models = LiveModels(file)
    judge, user = models.model("judge"), models.model("user")
    judge.complete(ASKED)
    with pytest.raises(BudgetExceeded, match="the judge may spend 1 calls"):
        judge.complete(ASKED)
    user.complete(ASKED)
    user.complete(ASKED)
    with pytest.raises(BudgetExceeded, match="the run may spend 3 calls"):
        user.complete(ASKED)


def test_what_was_spent_before_counts() -> None:
    file = read_roles({"defaults": SCRIPTED, "run": {"max_calls": 10}})
    model = LiveModels(file, {"run": Spent(calls=9)}).model("user")
    model.complete(ASKED)
    with pytest.raises(BudgetExceeded):
        model.complete(ASKED)


def test_a_cached_answer_costs_nothing_of_the_budget(tmp_path: Path) -> None:
    data = {"defaults": SCRIPTED, "run": {"max_calls": 1}, "cache": str(tmp_path / "answers")}
    model = LiveModels(read_roles(data)).model("judge")
    assert model.complete(ASKED) == model.complete(ASKED)
    with pytest.raises(BudgetExceeded):
        model.complete(ASKED.changed({"seed": 2}))


@pytest.mark.parametrize("whose", [{"run": {"max_cost": 1.0}}, {"judge": {"limits": {"max_cost": 1.0}}}])
def test_a_limit_on_money_needs_a_price(whose: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"max_cost needs the price of the judge's model: give `price"):
        LiveModels(read_roles({"defaults": SCRIPTED, **whose})).model("judge")
    free = {"defaults": {**SCRIPTED, "price": {"prompt": 0}}, "run": {"max_cost": 1.0}}
    assert LiveModels(read_roles(free)).model("judge").complete(ASKED).text == "yes"


def test_a_role_that_asks_a_model_wants_one_named() -> None:
    wanting: list[dict[str, Any]] = [{"judge": "llm"}, {"user": "llm"}, {"emulator": "hybrid"}]
    for arguments in wanting:
        with pytest.raises(ConfigError, match="asks a language model and none is named: give --model, or `model` in"):
            make_env(**arguments)
    with pytest.raises(ConfigError, match="the policy asks a language model"):
        cast_agent("react", LiveModels(RolesFile()))


def test_an_env_takes_its_models_from_a_roles_file(tmp_path: Path) -> None:
    path = written(tmp_path, "defaults: {kind: scripted, options: {script: [a]}, temperature: 0.25}\nuser: {seed: 4}\n")
    env = make_env(emulator="llm", user="llm", judge="llm", roles=str(path))
    roles: Any = env.roles
    assert roles.user.sampling == {"seed": 4, "temperature": 0.25, "max_tokens": None}
    assert [chain(role.model) for role in (roles.user, roles.judge, roles.emulator.inner)] == [["ScriptedModel"]] * 3


def test_a_role_s_own_configuration_wins() -> None:
    data = {"defaults": {**SCRIPTED, "temperature": 0.25}}
    judge = {"kind": "llm", "temperature": 1.0, "model": {"kind": "scripted", "script": ["b"], "name": "own"}}
    env: Any = make_env(judge=judge, roles=data)
    assert (env.roles.judge.model.name, env.roles.judge.sampling["temperature"]) == ("own", 1.0)


def test_the_members_of_a_panel_get_their_models_too() -> None:
    panel = {"kind": "panel", "judges": ["rules", "llm", {"kind": "llm", "seed": 2}]}
    env: Any = make_env(judge=panel, roles={"judge": {**SCRIPTED, "seed": 1, "limits": {"max_calls": 1}}})
    _, one, other = env.roles.judge.members
    assert (one.sampling["seed"], other.sampling["seed"]) == (1, 2)
    one.model.complete(ASKED)
    with pytest.raises(BudgetExceeded):
        other.model.complete(ASKED)
    assert asks_model(Kind.JUDGE, panel)
    assert not asks_model(Kind.JUDGE, {"kind": "panel", "judges": ["rules", "rules"]})


def test_roles_of_an_env_may_be_live() -> None:
    plain: Any = make_env().roles
    env: Any = make_env(emulator=plain.emulator.inner, user=plain.user, judge=plain.judge)
    assert env.roles.emulator.inner is plain.emulator.inner
    assert (env.roles.user, env.roles.judge) == (plain.user, plain.judge)
    env.reset(seed=1)
    assert env.unwrapped.state.scenario.id == scenario_data()["id"]


def test_a_live_model_is_asked_within_the_limits() -> None:
    live: ChatModel = ScriptedModel(["yes", "yes"])
    models = LiveModels(read_roles({"judge": {"limits": {"max_calls": 1}}}))
    judge: Any = cast_role(Kind.JUDGE, {"kind": "llm", "model": live}, models)
    assert judge.model.inner is live
    assert chain(judge.model) == ["BudgetModel", "ScriptedModel"]


def test_a_kind_of_model_gets_no_settings_that_it_does_not_know_from_the_defaults() -> None:
    data = {"defaults": {"model": "m", "base_url": "http://127.0.0.1:1/v1", "timeout": 3}, "judge": SCRIPTED}
    assert client_config(read_roles(data), "judge") == {"kind": "scripted", "script": ["yes"] * 50}
    wrong = {"judge": {**SCRIPTED, "timeout": 3}}
    with pytest.raises(ConfigError, match="model 'scripted' does not take these options"):
        LiveModels(read_roles(wrong)).model("judge")


def test_an_agent_gets_the_kind_of_model_that_it_likes_best() -> None:
    file = read_roles({"defaults": {"model": "m"}})
    assert client_config(file, "policy", "langchain_model")["kind"] == "langchain_model"
    said = read_roles({"defaults": {"model": "m", "kind": "http"}})
    assert client_config(said, "policy", "langchain_model")["kind"] == "http"


def test_a_roles_file_goes_through_gymnasium(tmp_path: Path) -> None:
    path = written(tmp_path, "defaults: {kind: scripted, options: {script: [a]}}")
    env: Any = gym.make("autosafe/core-invoice-redirect-v1", judge="llm", roles=str(path))
    assert env.spec.kwargs["roles"] == str(path)
    assert chain(env.unwrapped.roles.judge.model) == ["ScriptedModel"]
    env.reset(seed=1)
    env.close()
