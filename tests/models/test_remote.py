"""Models behind a server: when they ask again, in which words, and with which key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import ConfigError, ModelError, RateLimited, TimedOut, Unreachable
from autosafe_env.models.http import HttpModel
from autosafe_env.models.openai_compat import OpenAIModel
from tests.models.making import KEY, KEY_ENV, REMOTE, SCHEMA, Maker, asking
from tests.stub import FAULTS, Body, Reply, StubServer, faulty, refusing, scripted

both = pytest.mark.parametrize("make", REMOTE.values(), ids=REMOTE)
NOW = 1_700_000_000.0
"""Tue, 14 Nov 2023 22:13:20 GMT."""


class Slept(list[float]):
    """How long somebody would have slept each time."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def echo(body: Body) -> Reply:
    return Reply(text=body["messages"][-1]["content"])


@both
@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "hang", "disconnect", "truncated", "malformed"])
def test_what_passes_is_tried_again_until_it_has_passed(make: Maker, fault: str) -> None:
    texts = [f"question {index}" for index in range(4 if fault == "hang" else 20)]
    with StubServer(faulty(echo, fault, 0.5, seed=1)) as server:
        model = make(server, retries=30, timeout=0.2 if fault == "hang" else 30.0)
        assert [model.complete(asking(text)).text for text in texts] == texts
        assert len(server.requests) > len(texts)


@both
@pytest.mark.parametrize("fault", ["wrong_schema", "refusal", "empty"])
def test_what_would_not_pass_is_asked_once(make: Maker, fault: str) -> None:
    with StubServer(faulty(echo, fault, 1.0)) as server, pytest.raises(ModelError):
        make(server, retries=5).complete(asking())
    assert len(server.requests) == 1


@both
@pytest.mark.parametrize(("status", "tries"), [(400, 1), (401, 1), (404, 1), (408, 4), (409, 4), (429, 4), (502, 4)])
def test_only_what_may_pass_is_tried_again_and_not_for_ever(make: Maker, status: int, tries: int) -> None:
    slept = Slept()
    with StubServer(refusing(status, "No.")) as server, pytest.raises(ModelError):
        make(server, retries=3, sleep=slept).complete(asking())
    assert len(server.requests) == tries
    assert len(slept) == tries - 1


@both
def test_an_account_without_credit_is_not_asked_again(make: Maker) -> None:
    with StubServer(refusing(429, "Pay first.", "insufficient_quota")) as server, pytest.raises(Unreachable):
        make(server, retries=3).complete(asking())
    assert len(server.requests) == 1


@both
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0.25"}, 0.25),
        ({"retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
        ({"Retry-After": "Tue, 14 Nov 2023 22:13:27 GMT"}, 7.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:13:00 GMT"}, 0.0),
        ({"Retry-After": "86400"}, 60.0),
        ({"Retry-After": "-5"}, 0.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_how_long_to_wait_is_heeded(
    make: Maker, headers: dict[str, str], seconds: float, status: int
) -> None:
    slept = Slept()
    with StubServer(scripted(Reply(status=status, headers=headers, raw=b"{}"), "Now.")) as server:
        assert make(server, retries=1, sleep=slept, clock=lambda: NOW).complete(asking()).text == "Now."
    assert list(slept) == pytest.approx([seconds])


@both
@pytest.mark.parametrize("header", ["soon", "nan", "inf", "", "Tue, 99 Nov"])
def test_a_wait_that_nobody_can_read_is_our_own(make: Maker, header: str) -> None:
    slept = Slept()
    with StubServer(scripted(Reply(status=429, headers={"Retry-After": header}, raw=b"{}"), "Now.")) as server:
        make(server, retries=1, sleep=slept).complete(asking())
    assert 0.25 <= slept[0] <= 0.5


@both
def test_waits_double_up_to_a_limit_and_are_the_same_the_next_time(make: Maker) -> None:
    def waits(text: str) -> Slept:
        slept = Slept()
        with pytest.raises(ModelError):
            make(server, retries=7, sleep=slept).complete(asking(text))
        return slept

    with StubServer(refusing(500, "No.")) as server:
        first, again, other = waits("a"), waits("a"), waits("b")
    assert first == again != other
    for wait, longest in zip(first, [0.5, 1, 2, 4, 8, 8, 8], strict=True):
        assert longest / 2 <= wait <= longest


@both
def test_a_server_that_is_not_there_is_not_waited_for_long(make: Maker) -> None:
    server, slept = StubServer("x"), Slept()
    with server:
        pass
    with pytest.raises(Unreachable):
        make(server, retries=9, sleep=slept).complete(asking())
    assert len(slept) == 2
    assert sum(slept) < 2


@both
def test_a_host_without_an_address_is_unreachable(make: Maker) -> None:
    with StubServer("x") as server:
        server.url = "http://nowhere.invalid/v1"
        with pytest.raises(Unreachable, match=r"no connection to http://nowhere\.invalid/v1 can be made"):
            make(server).complete(asking())


@both
def test_the_last_failure_is_the_one_that_is_told(make: Maker) -> None:
    replies = scripted(refusing(500, "No."), Reply(hang=True), refusing(429, "Slowly."))
    with StubServer(replies) as server, pytest.raises(RateLimited, match="Slowly"):
        make(server, retries=2, timeout=0.2).complete(asking())
    with StubServer(scripted(refusing(429, "Slowly."), Reply(hang=True))) as server, pytest.raises(TimedOut):
        make(server, retries=1, timeout=0.2).complete(asking())


def without_schemas(body: Body) -> Reply:
    """A server that knows no structured output, and a model that does what it is told."""
    if "response_format" in body:
        return refusing(400, "Unknown parameter: response_format.", "unknown_parameter")
    return Reply(text='{"number": 1}' if "JSON schema" in body["messages"][0]["content"] else "One.")


@both
def test_a_server_without_structured_output_is_asked_in_words_and_that_is_remembered(make: Maker) -> None:
    request, slept = asking(answer_schema=SCHEMA), Slept()
    with StubServer(without_schemas) as server:
        model = make(server, sleep=slept)
        assert [model.complete(request).text for _ in range(3)] == ['{"number": 1}'] * 3
        assert model.complete(asking()).text == "One."
    assert ["response_format" in body for body in server.bodies] == [True, False, False, False, False]
    assert slept == []


@both
def test_one_schema_that_is_not_taken_leaves_others_as_they_are(make: Maker) -> None:
    other = {**SCHEMA, "title": "Other"}

    def picky(body: Body) -> Reply:
        name = body.get("response_format", {}).get("json_schema", {}).get("name")
        return refusing(400, "Invalid schema for response_format 'Number'.") if name == "Number" else Reply(text="{}")

    with StubServer(picky) as server:
        model = make(server)
        for schema in (SCHEMA, other, SCHEMA, other):
            model.complete(asking(answer_schema=schema))
    assert ["response_format" in body for body in server.bodies] == [True, False, True, False, True]


@both
def test_what_was_not_the_schemas_fault_is_not_remembered_against_it(make: Maker) -> None:
    broken = refusing(400, "A grammar of its own: bad request.")
    with StubServer(scripted(broken, broken, Reply(text="{}"))) as server:
        model = make(server)
        with pytest.raises(ModelError, match="bad request"):
            model.complete(asking(answer_schema=SCHEMA))
        model.complete(asking(answer_schema=SCHEMA))
    assert ["response_format" in body for body in server.bodies] == [True, False, True]


@both
def test_structured_output_can_be_insisted_on_or_left_alone(make: Maker) -> None:
    with StubServer(without_schemas) as server:
        with pytest.raises(ModelError, match="response_format"):
            make(server, structured="on").complete(asking(answer_schema=SCHEMA))
        assert make(server, structured="off").complete(asking(answer_schema=SCHEMA)).text == '{"number": 1}'
    assert ["response_format" in body for body in server.bodies] == [True, False]


@both
def test_a_server_with_another_name_for_the_limit_is_asked_with_that(make: Maker) -> None:
    def newer(body: Body) -> Reply:
        message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return refusing(400, message) if "max_tokens" in body else Reply(text=str(body.get("max_completion_tokens")))

    with StubServer(newer) as server:
        model = make(server)
        assert [model.complete(asking(max_tokens=9)).text for _ in range(2)] == ["9", "9"]
    assert ["max_tokens" in body for body in server.bodies] == [True, False, False]


@both
def test_many_threads_learn_a_servers_ways_at_once(make: Maker) -> None:
    with StubServer(without_schemas) as server:
        model = make(server)
        said: list[int] = []

        def ask() -> None:
            said.append(len(model.complete(asking(answer_schema=SCHEMA)).text))

        threads = [threading.Thread(target=ask) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        before = len(server.requests)
        ask()
    assert said == [len('{"number": 1}')] * 13
    assert len(server.requests) == before + 1


@both
def test_the_key_is_read_when_it_is_needed_and_none_is_sent_where_there_is_none(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StubServer("x") as server:
        monkeypatch.delenv(KEY_ENV, raising=False)
        model = make(server)
        model.complete(asking())
        monkeypatch.setenv(KEY_ENV, f" {KEY}\n")
        model.complete(asking())
        assert [request.headers.get("authorization") for request in server.requests] == [None, f"Bearer {KEY}"]


@both
@pytest.mark.parametrize("key", ["two\nlines", "kéy"])
def test_a_key_that_no_header_can_hold_is_named_and_not_shown(
    make: Maker, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(KEY_ENV, key)
    with StubServer("x") as server, pytest.raises(ConfigError, match=KEY_ENV) as caught:
        make(server).complete(asking())
    assert key not in str(caught.value)


@both
def test_a_key_that_is_not_accepted_is_named_by_its_variable(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    with StubServer(refusing(401, "Incorrect API key.")) as server:
        monkeypatch.delenv(KEY_ENV, raising=False)
        with pytest.raises(Unreachable, match=f"{KEY_ENV} is not set"):
            make(server).complete(asking())
        monkeypatch.setenv(KEY_ENV, KEY)
        with pytest.raises(Unreachable, match=f"the key in {KEY_ENV}"):
            make(server).complete(asking())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"model": ""}, "name of the model"),
    ({"base_url": "127.0.0.1:8000"}, "base_url begins with"),
    ({"base_url": "ftp://x/v1"}, "base_url begins with"),
    ({"base_url": "http://"}, "base_url begins with"),
    ({"base_url": "http://x:y/v1"}, "base_url begins with"),
    ({"base_url": f"http://me:{KEY}@x/v1"}, "neither a user nor a query"),
    ({"base_url": f"http://x/v1?key={KEY}"}, "neither a user nor a query"),
    ({"api_key_env": KEY}, "not the key itself"),
    ({"structured": "maybe"}, "'auto', 'on' or 'off'"),
    ({"timeout": 0}, "timeout"),
    ({"retries": -1}, "retries"),
    ({"temprature": 1}, "does not take these options"),
]


@pytest.mark.parametrize("kind", REMOTE)
@pytest.mark.parametrize(("options", "sentence"), WRONG)
def test_a_wrong_option_is_named_before_anything_is_sent(kind: str, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        chat_model({"kind": kind, "model": "m", "base_url": "http://127.0.0.1:1/v1", **options})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("kind", [HttpModel, OpenAIModel])
@pytest.mark.parametrize("suffix", ["", "/"])
def test_a_base_url_may_end_with_a_slash(kind: Callable[..., Any], suffix: str) -> None:
    with StubServer("x") as server:
        kind("m", server.url + suffix, api_key_env="").complete(asking())
        assert [request.path for request in server.requests] == ["/v1/chat/completions"]


@both
def test_connections_are_used_again(make: Maker) -> None:
    with StubServer("x") as server:
        model = make(server)
        for _ in range(5):
            model.complete(asking())
        assert server.connections == 1


def test_each_fault_of_the_stub_can_be_planted() -> None:
    good = Reply(text="x")
    assert all(fault(good) != good for fault in FAULTS.values())
    counts = {
        kind: sum(faulty(echo, kind, 0.1, seed=3)(asked(i)) != echo(asked(i)) for i in range(500)) for kind in FAULTS
    }
    assert all(25 <= count <= 80 for count in counts.values()), counts


def asked(index: int) -> Body:
    return {"messages": [{"role": "user", "content": str(index)}]}
