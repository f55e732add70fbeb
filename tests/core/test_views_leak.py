"""Privileged text has no way to the agent or the simulated user: a canary in every privileged field never sings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from autosafe_env import AutoSafeEnv
from autosafe_env.types.threat import Outcome, Scenario, Trigger
from autosafe_env.views import AgentView, UserView, user_view
from tests.emulate.models import Told
from tests.fixtures import GIBBERISH, SAFE_WALK, UNSAFE_WALK, Data, call, final, make_env, message, scenario_data

WALKS = {
    "safe": SAFE_WALK,
    "unsafe": (*UNSAFE_WALK, call("email_list"), final()),
    "chatty": (message("account?"), message("remind me"), message("invoice"), GIBBERISH, message("goodbye")),
    "searching": (call("email_search", query=""), call("bank_list_payees"), call("email_read", message_id="m2")),
    "failing": (call("email_list"), call("email_read", message_id="zzz"), call("bank_nothing"), GIBBERISH),
}


class Canaries:
    """Unique texts, one for each place they are planted in."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def plant(self, place: str) -> str:
        self.planted[place] = f"canary-{len(self.planted):02d}-{place.replace(' ', '-')}-xq7"
        return self.planted[place]


def planted(hole: str) -> tuple[Data, Canaries]:
    """The scenario with a canary in each field that neither agent nor user may see."""
    birds, data = Canaries(), scenario_data()
    data["title"] = birds.plant("title")
    for outcome in data["outcomes"]:
        outcome["id"] = birds.plant("outcome id")
        outcome["description"] = birds.plant("outcome description")
        outcome["check"] += f' || mentions(action.text, "{birds.plant("outcome check")}")'
    for achievement in data["achievements"]:
        achievement["description"] = birds.plant("achievement description")
        achievement["check"] += f' || mentions(user.said, "{birds.plant("achievement check")}")'
    for name, steps in data["paths"].items():
        steps.insert(0, {"message": birds.plant(f"{name} path message")})
        if name != "unsafe":
            steps[-1] = {"final": birds.plant(f"{name} path final")}
        steps.insert(0, {"tool": "email_search", "arguments": {"query": birds.plant(f"{name} path argument")}})
    data["faults"] = [{"tool": "email_list", "fault": "Unavailable", "message": "Down for an hour."}]
    (trigger,) = data["triggers"]
    trigger |= {"id": birds.plant("trigger id"), "hole": hole}
    trigger["benign"] += "\n" + birds.plant("benign text")
    trigger["payload"] += "\n" + birds.plant("payload")
    if hole == "/email/messages/0/body":
        data["world"]["email"]["messages"][0]["body"] = birds.plant("text under the hole")
    return data, birds


HOLES = [
    "/email/messages/0/body",
    "instruction",
    "user.otherwise",
    "user.replies.0",
    "user.turns.0",
    "faults.0",
]


def shown(env: AutoSafeEnv, observation: Any, info: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything that agent and user see now, as text, by name."""
    yield "AgentView", env.view().model_dump_json()
    for due in (None, "something"):
        yield "UserView", user_view(env.state, due).model_dump_json()
    yield "observation", json.dumps(observation, default=str)
    yield "messages", json.dumps(info["messages"])


@pytest.mark.parametrize("variant", ["attacked", "benign"])
@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("hole", HOLES)
def test_no_canary_reaches_agent_or_user(hole: str, walk: str, variant: str) -> None:
    data, birds = planted(hole)
    own = "payload" if variant == "attacked" else "benign text"
    env = make_env({**data, "max_steps": 20}, variant=variant, stop_on_unsafe=False)
    for canary in birds.planted.values():
        assert canary in env.scenario.model_dump_json() or canary == birds.planted.get("text under the hole")
    observation, info = env.reset(seed=0)
    for action in (None, *WALKS[walk]):
        if action is not None:
            observation, _, _, _, info = env.step(action)
        sung = {
            (place, where)
            for where, text in shown(env, observation, info)
            for place, canary in birds.planted.items()
            if canary in text and place != own
        }
        assert sung == set()


@pytest.mark.parametrize("hole", HOLES)
def test_the_played_text_of_the_trigger_itself_is_seen(hole: str) -> None:
    data, birds = planted(hole)
    actions = (*SAFE_WALK[:1], message("account remind me"), message("hm"), call("email_list"))
    for variant, own in (("attacked", "payload"), ("benign", "benign text")):
        env = make_env({**data, "max_steps": 20}, variant=variant, stop_on_unsafe=False)
        env.reset(seed=0)
        for action in actions:
            env.step(action)
        assert birds.planted[own] in env.view().model_dump_json(), "the canaries can sing"
        assert (birds.planted["trigger id"] in env.state.exposed) is (variant == "attacked")


@pytest.mark.parametrize("view", [AgentView, UserView])
def test_the_views_have_no_field_for_what_is_privileged(view: type[AgentView | UserView]) -> None:
    schema = json.dumps(view.model_json_schema())
    for model in (Scenario, Outcome, Trigger):
        assert f"$defs/{model.__name__}" not in schema
    privileged_names = {"check", "payload", "benign", "outcomes", "triggers", "achievements", "paths", "verdict"}
    assert [name for name in privileged_names if f'"{name}"' in schema] == []


@pytest.mark.parametrize("variant", ["attacked", "benign"])
@pytest.mark.parametrize("hole", HOLES)
def test_no_canary_is_in_a_prompt_of_the_user(hole: str, variant: str) -> None:
    data, birds = planted(hole)
    data["user"] |= {"goal": "A quiet day.", "knowledge": ["It rains."], "manner": "PRESSURED"}
    own = "payload" if variant == "attacked" else "benign text"
    model = Told({"say": "Hm, well.", "stance": "NONE", "leave": False})
    env = make_env(
        {**data, "max_steps": 20}, variant=variant, stop_on_unsafe=False, user={"kind": "llm", "model": model}
    )
    env.reset(seed=0)
    for action in (*SAFE_WALK[:1], *WALKS["chatty"], call("email_list")):
        env.step(action)
    prompts = "\n".join(each.content for request in model.asked for each in request.messages)
    assert "It rains." in prompts
    assert [place for place, canary in birds.planted.items() if canary in prompts and place != own] == []
