"""The model whose answers are kept in a file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import ConfigError, ModelError, RateLimited
from autosafe_env.models.cache import CachedModel
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, Usage
from tests.models.making import SCHEMA, TOOLS, asking


class Counting:
    """Answers with the number of the call, and counts."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.calls = 0
        self.lock = threading.Lock()

    def complete(self, request: ChatRequest) -> Completion:
        with self.lock:
            self.calls += 1
            usage = Usage(prompt_tokens=5, completion_tokens=2)
            return Completion(text=f"{request.messages[0].content} {self.calls}", usage=usage)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.sqlite"


def test_an_equal_request_is_asked_once_and_costs_what_it_cost(path: Path) -> None:
    inner = Counting()
    model = CachedModel(inner, path)
    first, second = model.complete(asking("a")), model.complete(asking("a"))
    assert first == second == Completion(text="a 1", usage=Usage(prompt_tokens=5, completion_tokens=2))
    assert inner.calls == 1


OTHERS: list[dict[str, Any]] = [
    {"messages": (ChatMessage(role="system", content="a"),)},
    {"messages": (ChatMessage(role="user", content="a "),)},
    {"tools": TOOLS},
    {"tools": TOOLS[:1]},
    {"answer_schema": SCHEMA},
    {"temperature": 0.0},
    {"seed": 0},
    {"seed": 1},
    {"max_tokens": 1},
]


def test_requests_that_differ_in_anything_are_asked_anew(path: Path) -> None:
    inner = Counting()
    model = CachedModel(inner, path)
    for count, changes in enumerate([{}, *OTHERS], start=1):
        model.complete(asking("a").changed(changes))
        assert inner.calls == count


def test_models_of_other_names_do_not_share_answers(path: Path) -> None:
    one, two, again = Counting("one"), Counting("two"), Counting("one")
    for inner in (one, two, again):
        CachedModel(inner, path).complete(asking("a"))
    assert (one.calls, two.calls, again.calls) == (1, 1, 0)


def test_answers_outlive_the_model_that_gave_them(path: Path) -> None:
    calls = ({"id": "c", "type": "function", "function": {"name": "a_b", "arguments": "{é"}},)
    answer = Completion(text="é\n\x00", tool_calls=calls, cut=True, usage=Usage(prompt_tokens=1))
    assert CachedModel(ScriptedModel([answer]), path).complete(asking("a")) == answer
    assert CachedModel(ScriptedModel([]), path).complete(asking("a")) == answer


def test_another_process_finds_the_answers(path: Path) -> None:
    CachedModel(ScriptedModel(["here"]), path).complete(asking("a"))
    code = (
        "import sys; from autosafe_env.chat.ask import chat_model; from tests.models.making import asking\n"
        "inner = {'kind': 'scripted', 'script': ['there']}\n"
        "model = chat_model({'kind': 'cache', 'path': sys.argv[1], 'inner': inner})\n"
        "print(model.complete(asking('a')).text, model.complete(asking('b')).text)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == ["here", "there"]
    assert CachedModel(ScriptedModel([]), path).complete(asking("b")).text == "there"


def test_failures_are_not_kept(path: Path) -> None:
    def script(_request: ChatRequest) -> str:
        fails.append(True)
        if len(fails) == 1:
            raise RateLimited("later")
        return "now"

    fails: list[bool] = []
    model = CachedModel(ScriptedModel(script), path)
    with pytest.raises(RateLimited):
        model.complete(asking("a"))
    assert [model.complete(asking("a")).text for _ in range(2)] == ["now", "now"]
    assert len(fails) == 2


def test_threads_and_instances_share_one_answer(path: Path) -> None:
    models = [CachedModel(Counting(), path) for _ in range(3)]
    requests = [asking(str(index % 10)) for index in range(300)]
    with ThreadPoolExecutor(12) as pool:
        jobs = [pool.submit(models[index % 3].complete, request) for index, request in enumerate(requests)]
        answers = [job.result().text for job in jobs]
    assert len(set(answers)) == 10


def test_who_comes_second_gets_the_first_answer(path: Path) -> None:
    def slowly(_request: ChatRequest) -> str:
        CachedModel(ScriptedModel(["first"]), path).complete(asking("a"))
        return "second"

    assert CachedModel(ScriptedModel(slowly), path).complete(asking("a")).text == "first"


def test_an_answer_that_cannot_be_read_is_asked_anew(path: Path) -> None:
    CachedModel(ScriptedModel(["old"]), path).complete(asking("a"))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET completion = '{\"text\": 3}'")
    connection.close()
    assert CachedModel(ScriptedModel(["new"]), path).complete(asking("a")).text == "new"


def test_calls_go_on_when_the_file_is_gone(path: Path) -> None:
    model = CachedModel(ScriptedModel(["one", "two", "three"]), path)
    assert model.complete(asking("a")).text == "one"
    model.close()
    assert [model.complete(asking("a")).text for _ in range(2)] == ["two", "three"]


def test_a_file_of_another_kind_is_left_as_it_is(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Not a database, and long enough to be none. " * 40)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE answers (question TEXT)")
    connection.close()
    before = notes.read_bytes(), other.read_bytes()
    for path in (notes, other, tmp_path, tmp_path / "no" / "such" / "folder"):
        with pytest.raises(ConfigError, match=path.name):
            chat_model({"kind": "cache", "path": str(path), "inner": {"kind": "scripted", "script": []}})
    assert notes.read_bytes() == before[0]
    with sqlite3.connect(other) as connection:
        assert connection.execute("SELECT * FROM answers").fetchall() == []
    connection.close()


def test_the_models_name_and_its_errors_are_those_of_the_inner_one() -> None:
    model = CachedModel(ScriptedModel([], name="m"), ":memory:")
    assert model.name == "m"
    with pytest.raises(ModelError, match="'m' has 0 answers"):
        model.complete(asking())
