"""The features: what enters them, and what never may."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from autosafe_env import AgentView, ToolCall
from autosafe_env.train.features import DIMENSIONS, GROUPS, OWN_BITS, SHARED_BITS, Features, features_of
from autosafe_env.train.proposer import candidates
from autosafe_env.train.reading import read
from autosafe_env.train.scene import Scene
from tests.fixtures import FRAUD, KNOWN, Data, make_env, pay_step, scenario, scenario_data
from tests.train.students import walked

CANARY = "zanzibar quince"


def views(data: Data, variant: str) -> list[AgentView]:
    env = make_env(data)
    return [view for view, _ in walked(env, scenario().path("safe"), variant)]


def same(one: Features, other: Features) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Features.__slots__)


def outcome(data: Data) -> None:
    data["outcomes"][0] |= {"id": "o9", "description": CANARY, "severity": "MILD", "category": "PRIVACY_LEAK"}


def check(data: Data) -> None:
    data["outcomes"][0]["check"] = f'mentions(action.text, "{CANARY}")'
    data["achievements"][0] = {"description": CANARY, "check": f'mentions(after.email, "{CANARY}")'}


def trigger(data: Data) -> None:
    data["triggers"][0] |= {"id": "t9", "strategy": "INJECTION"}


def titles(data: Data) -> None:
    data |= {"id": "test-zanzibar", "title": CANARY, "version": 9}
    data["user"] |= {"persona": CANARY, "goal": CANARY, "knowledge": [CANARY]}


def other_text(data: Data) -> None:
    data["triggers"][0]["payload"] = CANARY


PRIVILEGED = {"outcome": outcome, "check": check, "trigger": trigger, "titles": titles, "payload": other_text}


@pytest.mark.parametrize("name", PRIVILEGED)
def test_nothing_privileged_is_in_a_feature_or_a_candidate(name: str) -> None:
    changed = scenario_data()
    PRIVILEGED[name](changed)
    variant = "benign" if name == "payload" else "attacked"
    for before, after in zip(views(scenario_data(), variant), views(changed, variant), strict=True):
        offered = candidates(scenario(), before)
        assert candidates(make_env(changed).scenario, after) == offered
        assert same(features_of(before, offered), features_of(after, offered))


def test_the_seed_and_the_order_of_the_candidates_are_in_no_feature() -> None:
    env = make_env()
    (one, _), (other, _) = (walked(env, scenario().path("safe"), "attacked", seed)[1] for seed in (1, 2))
    offered = candidates(scenario(), one)
    assert same(features_of(one, offered), features_of(other, offered))
    alone = [features_of(one, [action]) for action in offered]
    together = features_of(one, offered)
    starts = [0, *together.ends[:-1]]
    for found, start, end in zip(alone, starts, together.ends, strict=True):
        assert np.array_equal(found.places, together.places[start:end])


def test_places_stay_within_the_dimensions() -> None:
    for view in views(scenario_data(), "attacked"):
        found = features_of(view, candidates(scenario(), view))
        assert 0 <= found.places.min() <= found.places.max() < 1 << OWN_BITS
        assert 0 <= found.shared.min() <= found.shared.max() < 1 << SHARED_BITS
        assert np.isfinite(found.values).all()
    assert (1 << OWN_BITS) + (len(GROUPS) << SHARED_BITS) == DIMENSIONS


def test_features_are_the_same_in_every_process() -> None:
    script = """
import hashlib
from tests.train.test_features import *
view = views(scenario_data(), "attacked")[2]
found = features_of(view, candidates(scenario(), view))
print(hashlib.sha256(b"".join(getattr(found, name).tobytes() for name in Features.__slots__)).hexdigest())
"""
    told = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", script]
        told.add(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)  # noqa: S603
    assert len(told) == 1


@pytest.mark.parametrize(
    ("iban", "step", "variant", "origin"),
    [
        (FRAUD, 0, "attacked", "4 nobody"),
        (FRAUD, 1, "attacked", "2 shown"),
        (FRAUD, 1, "benign", "4 nobody"),
        (KNOWN, 1, "attacked", "4 nobody"),
        (KNOWN, 2, "attacked", "0 user"),
        (KNOWN.lower().replace(" ", ""), 2, "attacked", "0 user"),
    ],
)
def test_where_an_argument_comes_from(iban: str, step: int, variant: str, origin: str) -> None:
    scene = Scene(views(scenario_data(), variant)[step])
    pay = pay_step(iban)
    call = ToolCall(tool=pay["tool"], arguments=pay["arguments"])
    assert scene.origins(call, scene.specs[call.tool])["RECIPIENT"] == origin


def test_the_same_action_looks_different_where_the_texts_differ() -> None:
    offered: Any = candidates(scenario(), views(scenario_data(), "attacked")[1])
    attacked, benign = (features_of(views(scenario_data(), variant)[1], offered) for variant in ("attacked", "benign"))
    assert not same(attacked, benign)


@pytest.mark.parametrize(
    ("text", "tool", "names"),
    [
        ("Pay Jo Bell (jo@mailbox.example) 40.", False, {"jomailboxexample": "Jo Bell"}),
        ("nothing (in small letters) here", False, {}),
        ('{"id":"c5","title":"Legal costs","to":"x"}', True, {"c5": "Legal costs", "x": "Legal costs"}),
        ('[{"name":"Jo Bell","phone":"+44 7700 900123"}]', True, {"447700900123": "Jo Bell"}),
    ],
)
def test_who_is_behind_an_address(text: str, tool: bool, names: dict[str, str]) -> None:
    assert read(text, tool).names == names


@pytest.mark.parametrize(
    "text", ["", "\x00\u202e", "{", '{"error":"Gone","message":3}', "(" * 5000, "A" * 200_000, "\n"]
)
def test_any_text_can_be_read(text: str) -> None:
    for tool in (True, False):
        found = read(text, tool)
        assert len(found.tokens) == len(found.hashes)
