"""What holds for every builder in `tools_emulated/worlds/`. A new one is found by itself."""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
import re
import string
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import ModuleType

import pytest

from autosafe_env import Capability, Cast, Company, Draw, Effect, Person, Toolkit
from autosafe_env.core.toolkit import Fault
from autosafe_env.core.toolspec import Tool, tools_of
from autosafe_env.tools_emulated import worlds
from autosafe_env.types.base import Json
from tests.toolkits.casts import CASTS

World = dict[str, Json]
Leaves = list[tuple[str, str]]

NAMES = sorted(module.name for module in pkgutil.iter_modules(worlds.__path__) if not module.ispkg)
AMOUNTS = (0, 6, 20)
SEEDS = ("first", "second", "third")
CENTURY = timedelta(days=36525)
"""The calendar repeats after four of them, and nothing in a world is as far away as half a one."""

EMAIL = re.compile(r"(?<![:/\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"\+\d{1,3}[ \d()-]{6,}\d")
ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){3,7}(?: [A-Z0-9]{1,3})?\b|\b[A-Z]{2}\d{2}[A-Z]{4}\d{8,}\b")
MENTION = re.compile(r"(?<=\w )@(\w+)\b(?![/.])")
DAY = re.compile(r"\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
SLOT = re.compile(r"(?<!\$)\{[a-z_]*\}")
CODE = re.compile(r"\b(def|import|function|const|class|awk)\b|=>|\bf\"")
FILLER = re.compile(r"lorem ipsum|\b(?:item|text|message|task|example|person|user) ?#?\d{1,2}\b|\bfoo\b", re.I)
OPEN_MENTIONS = {"here", "channel", "all", "everyone", "team"}
COMMON = """
James John Robert Michael David Richard Joseph Thomas Charles Daniel Matthew Anthony Andrew Joshua Kevin Brian George
Edward Jason Jeffrey Ryan Jacob Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Mary
Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Sandra Ashley Emily Donna Michelle Amanda
Melissa Deborah Stephanie Rebecca Laura Cynthia Amy Kathleen Angela Emma Olivia Sophie Chloe Hannah Alice Maria Priya
Carlos Juan Wei Ahmed Fatima Mohammed Liam Noah Oliver Ethan Lucas Mia Zoe Tom Ben Dan Anna Kate Jane Bob
"""

every_world = pytest.mark.parametrize("name", NAMES)
every_cast = pytest.mark.parametrize("cast", CASTS.values(), ids=list(CASTS))
every_amount = pytest.mark.parametrize("amount", AMOUNTS)


def module_of(name: str) -> ModuleType:
    return importlib.import_module(f"autosafe_env.tools_emulated.worlds.{name}")


def toolkit_of(name: str) -> type[Toolkit]:
    toolkit: type[Toolkit] = importlib.import_module(f"autosafe_env.tools_emulated.{name}").TOOLKIT
    return toolkit


@functools.cache
def methods(name: str) -> dict[str, Tool]:
    """The tools of a toolkit by method name."""
    return {full.removeprefix(f"{name}_"): tool for full, tool in tools_of(toolkit_of(name)).items()}


def build(name: str, cast: Cast, seed: str = SEEDS[0], amount: int = 6) -> World:
    world: World = module_of(name).WORLD(cast, Draw(seed), amount)
    return world


def objects(value: Json, field: str = "") -> Iterator[tuple[str, World]]:
    """Every JSON object in a value with the field that it stands in."""
    if isinstance(value, dict):
        yield field, value
        for key, item in value.items():
            yield from objects(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item, field)


def leaves(value: Json, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a value with the field that it stands in; the keys of objects count as texts, too."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield "", key
            yield from leaves(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, field)


def entries(value: Json) -> int:
    """How many things a value holds: the items of all lists, and all objects."""
    if isinstance(value, dict):
        return sum(entries(item) for item in value.values()) + sum(isinstance(item, dict) for item in value.values())
    return len(value) + sum(entries(item) for item in value) if isinstance(value, list) else 0


def everybody(cast: Cast) -> list[Person | Company]:
    return [cast.owner, *cast.people, *cast.strangers, *cast.companies]


def plain(text: str) -> str:
    return re.sub(r"[\s().-]", "", text)


def longs(value: Json, words: int = 8) -> Leaves:
    """The texts of a value that are sentences."""
    return [(field, text) for field, text in leaves(value) if len(text.split()) >= words]


@every_world
def test_a_builder_belongs_to_a_toolkit(name: str) -> None:
    module = module_of(name)
    assert module.WORLD is module.build
    assert toolkit_of(name).name == name


@every_world
@every_cast
@every_amount
def test_a_world_is_a_state_of_its_toolkit(name: str, cast: Cast, amount: int) -> None:
    for seed in SEEDS:
        world = build(name, cast, seed, amount)
        assert json.loads(json.dumps(world, allow_nan=False)) == world
        state = toolkit_of(name).State.model_validate(world)
        assert set(world) <= set(type(state).model_fields)


@every_world
@every_cast
def test_a_world_repeats_and_depends_on_its_seed(name: str, cast: Cast) -> None:
    made = [build(name, cast, seed) for seed in SEEDS]
    assert [build(name, cast, seed) for seed in SEEDS] == made
    assert made[0] != made[1] != made[2] != made[0]


@every_world
@every_cast
@every_amount
def test_every_id_is_unique(name: str, cast: Cast, amount: int) -> None:
    ids = [str(record["id"]) for _, record in objects(build(name, cast, amount=amount)) if "id" in record]
    assert sorted(set(ids)) == sorted(ids)


@every_world
@every_cast
def test_the_amount_is_how_much_distracts(name: str, cast: Cast) -> None:
    for seed in SEEDS:
        small, large = (build(name, cast, seed, amount) for amount in (0, 20))
        assert entries(large) - entries(small) >= 20
        acted_on = [key for key, value in large.items() if any("id" in one for one in listed(value))]
        assert [key for key in acted_on if len(small.get(key, [])) < 2] == []


def listed(value: Json) -> list[World]:
    """The records of a list; nothing where it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


@every_world
@every_cast
def test_everybody_comes_from_the_cast(name: str, cast: Cast) -> None:
    known = everybody(cast)
    emails, phones = {one.email for one in known}, {plain(one.phone) for one in known}
    accounts = {plain(one.account) for one in known}
    handles = {one.handle for one in known if isinstance(one, Person)} | OPEN_MENTIONS
    for field, text in (leaf for seed in SEEDS for leaf in leaves(build(name, cast, seed, 20))):
        assert set(EMAIL.findall(text)) <= emails, text
        assert {plain(found) for found in PHONE.findall(text)} <= phones, text
        assert {plain(found) for found in ACCOUNT.findall(text)} <= accounts, text
        assert set(MENTION.findall(text)) <= handles, text
        assert field != "handle" or text in handles


@every_world
@every_cast
def test_the_cast_turns_up(name: str, cast: Cast) -> None:
    text = json.dumps(build(name, cast))
    fields = ("first", "name", "email", "phone", "handle", "account")
    signs = [[getattr(one, field, one.name) for field in fields] for one in everybody(cast)]
    assert sum(any(sign in text for sign in each) for each in signs) >= 3


@every_world
@every_cast
def test_no_name_is_written_into_a_text(name: str, cast: Cast) -> None:
    theirs = {word for one in everybody(cast) for word in one.name.split()}
    texts = [text for seed in SEEDS for _, text in leaves(build(name, cast, seed, 20))]
    words = {word for text in texts for word in re.findall(r"[A-Z]\w+", text)}
    assert words & set(COMMON.split()) <= theirs


@every_world
@every_cast
def test_dates_are_around_the_beginning_of_the_episode(name: str, cast: Cast) -> None:
    later = cast.model_copy(update={"now": cast.now + CENTURY})
    for field, text in (leaf for seed in SEEDS for leaf in leaves(build(name, later, seed, 20))):
        if "born" not in field and "birth" not in field:
            days = [datetime.fromisoformat(found) for found in DAY.findall(text)]
            assert [day for day in days if abs(later.now - day) > CENTURY / 5] == [], text


@every_world
@every_cast
def test_texts_could_have_been_written_by_a_person(name: str, cast: Cast) -> None:
    for _, text in (leaf for seed in SEEDS for leaf in leaves(build(name, cast, seed, 20))):
        assert not FILLER.search(text), text
        assert CODE.search(text) or not SLOT.search(text), f"left unfilled: {text}"


@every_world
@every_cast
def test_texts_of_one_field_are_not_all_the_same(name: str, cast: Cast) -> None:
    kinds: dict[str, set[str]] = defaultdict(set)
    for seed in SEEDS:
        texts: dict[str, list[str]] = defaultdict(list)
        for part, value in build(name, cast, seed, 20).items():
            for field, text in longs(value):
                texts[f"{part}/{field}"].append(text)
        for field, found in texts.items():
            assert len(set(found)) == len(found), f"a text of {field!r} stands there twice"
            if len(found) >= 20:
                kinds[field] |= {re.sub(r"\b[A-Z]\S*|\S*\d\S*|\W", "", text) for text in found}
    assert {field: len(found) for field, found in kinds.items() if len(found) < 12} == {}


def answers(name: str, world: World, now: datetime) -> set[str]:
    """All texts that the toolkit's reading tools of untrusted text return, asked about all that the world names."""
    words = sorted({text for _, text in leaves(world) if len(text) < 200})
    found: set[str] = set()
    for tool in methods(name).values():
        if tool.spec.effect is Effect.READ and Capability.READS_UNTRUSTED in tool.spec.does:
            for arguments in questions(tool, words):
                try:
                    found |= {text for _, text in leaves(tool.call(world, arguments, now)[0])}
                except Fault:
                    continue
    return found


def questions(tool: Tool, words: list[str]) -> Iterator[World]:
    """Arguments for a tool that needs at most one text."""
    parameters = tool.spec.parameters
    needed = parameters.get("required", [])
    if not needed:
        yield {}
    elif len(needed) == 1 and parameters["properties"][needed[0]].get("type") == "string":
        yield from ({needed[0]: word} for word in parameters["properties"][needed[0]].get("enum", words))


@every_world
@every_cast
def test_texts_of_others_are_returned_in_full(name: str, cast: Cast) -> None:
    if not any(Capability.READS_UNTRUSTED in tool.spec.does for tool in methods(name).values()):
        pytest.skip("it shows nobody's texts but the user's")
    world = toolkit_of(name).State.model_validate(build(name, cast, amount=0)).model_dump(mode="json")
    assert len({text for _, text in longs(world)} & answers(name, world, cast.now)) >= 2


@every_world
def test_there_are_phrases_for_every_tool(name: str) -> None:
    phrases: dict[str, tuple[str, ...]] = module_of(name).PHRASES
    assert set(phrases) == set(methods(name))
    for method, tool in methods(name).items():
        least = 3 if tool.spec.effect is Effect.READ else 5
        assert len(set(phrases[method])) == len(phrases[method]) >= least, method


@every_world
def test_phrases_are_imperatives_with_slots_for_roles(name: str) -> None:
    for method, tool in methods(name).items():
        roles = {role.value.lower() for role in tool.spec.roles.values()}
        for phrase in module_of(name).PHRASES[method]:
            slots = [slot for _, slot, _, _ in string.Formatter().parse(phrase) if slot is not None]
            assert sorted(set(slots)) == sorted(slots), phrase
            assert set(slots) <= roles, f"{phrase!r}: {method} has the roles {sorted(roles)}"
            assert re.match(r"[a-z{]", phrase), phrase
            assert not phrase.endswith((".", " ")), phrase
