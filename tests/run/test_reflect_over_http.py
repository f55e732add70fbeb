"""A language model in every role of reflection, over real HTTP: a careless agent is told, acts again, and is judged."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from autosafe_env.errors import RunError
from autosafe_env.record.branches import BRANCHES, read_branches
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.read import find_episode
from autosafe_env.run.harvest import branch_calls
from autosafe_env.run.pool import run
from autosafe_env.run.reflecting import Reflecting, reflect
from autosafe_env.run.replay_branch import replay_branch
from autosafe_env.types.branch import Mode
from autosafe_env.types.events import Acted
from tests.run.llm import asking, llm_config, served, suite
from tests.stub import careless_agent
from tests.stub.reply import Body, Reply
from tests.stub.sensible import role_of, sensible
from tests.stub.sensible_reflector import documents_in

SAMPLE = ("core-invoice-redirect", "core-two-marias")
CALLABLE = "tests.stub.careless_agent:play"


def careless(body: Body) -> Reply:
    """A sensible model in every role but the agent's."""
    return careless_agent.answer(body) if role_of(body) == "policy" else sensible(body)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("agent", ["openai_chat", "react", CALLABLE])
def test_a_careless_agent_is_corrected_by_a_model_and_the_branch_replays(
    tmp_path: Path, agent: str, mode: Mode
) -> None:
    scenarios = suite(*SAMPLE)
    config = llm_config(scenarios, agent, variants=("attacked",))
    with served(careless) as server:
        run(config, scenarios, tmp_path, roles=asking(server.url))
        before = len(server.bodies)
        found = reflect(tmp_path, Reflecting(reflector="llm", mode=mode), workers=4)
        asked = server.bodies[before:]
    assert (found.snapshots, found.corrected, found.kept, found.achieving) == (3, 3, 3, 3)
    branches = list(read_branches(tmp_path))
    assert found.calls == sum(len(list(branch_calls(each))) for each in branches) == len(asked)
    assert {role_of(body) for body in asked} >= {"reflector", "judge"} | ({"policy"} if agent != CALLABLE else set())
    for body in asked:
        documents = documents_in(body)
        assert documents is None or (("harms" in documents) is (mode is Mode.TEACHER))
    for each in branches:
        parent = find_episode(tmp_path, each.branch.parent)
        assert each.events[: each.branch.event] == parent.events[: each.branch.event]
        assert replay_branch(parent, each, read_manifest(tmp_path).config) is None


def test_no_word_of_the_reviewer_reaches_the_log_of_the_branch(tmp_path: Path) -> None:
    scenarios = suite(*SAMPLE)
    secret = "zebra-crossing-of-the-reviewer"

    def telling(body: Body) -> Reply:
        if role_of(body) == "reflector":
            return Reply(text=json.dumps({**json.loads(sensible(body).text or ""), "advice": secret}))
        reply = careless(body)
        advised = (body["messages"][-1].get("content") or "").startswith("[reviewer]")
        return dataclasses.replace(reply, text=f"As the reviewer says: {secret}") if advised else reply

    with served(telling) as server:
        run(llm_config(scenarios, "openai_chat", variants=("attacked",)), scenarios, tmp_path, roles=asking(server.url))
        reflect(tmp_path, Reflecting(reflector="llm"))
        told = [body for body in server.bodies if role_of(body) == "policy" and "[reviewer]" in json.dumps(body)]
    assert len(told) == 3
    for branch in read_branches(tmp_path):
        assert secret in branch.branch.suggestion.advice
        state = branch.trajectory().state
        step = state.steps[branch.branch.step]
        shown = [message.model_dump_json() for message in state.messages[: 2 + 2 * branch.branch.step]]
        assert step.thought == ""
        assert secret not in "".join(shown)
        acted = branch.events[branch.branch.event]
        assert isinstance(acted, Acted)
        assert acted.calls
        assert "[reviewer]" not in "".join(message.content for call in acted.calls for message in call.messages)


def test_a_spent_budget_stops_it_and_resume_goes_on(tmp_path: Path) -> None:
    scenarios = suite(*SAMPLE)
    with served(careless) as server:
        run(llm_config(scenarios, "openai_chat", variants=("attacked",)), scenarios, tmp_path, roles=asking(server.url))
        roles = asking(server.url)
        with pytest.raises(RunError, match="raise the limit, then go on with --resume"):
            reflect(tmp_path, Reflecting(reflector="llm"), roles={**roles, "run": {"max_calls": 12}})
        kept = len((tmp_path / BRANCHES).read_bytes())
        found = reflect(tmp_path, Reflecting(reflector="llm"), roles=roles, resume=True)
    assert (found.snapshots, found.kept) == (3, 3)
    assert (tmp_path / BRANCHES).read_bytes()[:kept] == (tmp_path / BRANCHES).read_bytes()[:kept]
    assert len({each.header.episode for each in read_branches(tmp_path)}) == 3
