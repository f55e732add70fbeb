"""What it costs to wait for many models at once: run it by hand, never as a test.

    python benchmarks/concurrency.py [--quick]

Episodes with a language model in every role are played as `autosafe run` plays them, against a mock server in a process
of its own. The ideal wall-clock time of any number of episodes at once is that of one: its
calls come one after the other, and each takes the server's latency. Bare clients that send the very same bodies are
measured in the same run, since figures of two runs cannot be compared: our own CPU is that beyond bare http.client,
which `http` is made of, and holds everything: env, prompts, reading answers, judging, the log.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import openai
import urllib3

from autosafe_env import Scenario, load_scenario
from autosafe_env.chat.wire import request_body
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.record.manifest import RunConfig
from autosafe_env.record.read import read_episodes
from autosafe_env.run.cast import env_of, make_cast
from autosafe_env.run.pool import run
from autosafe_env.run.rollout import rollout
from autosafe_env.run.spent import logged
from autosafe_env.types.chat import ChatRequest
from autosafe_env.types.threat import Variant

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.stub import sensible_emulator, sensible_judge, sensible_user

LATENCY = 0.5
LONGEST, SHORTEST = 30, 3
"""Turns of the two conversations whose CPU is compared."""
TRIES = 3
"""Of each figure of CPU time, since other work of the machine shows in it."""
SCENARIO = "core-invoice-redirect"
HEADERS = {"Content-Type": "application/json"}
ASK = {"name": "message_user", "arguments": json.dumps({"content": "Shall I look at the mailbox?"})}
LOOK = {"name": "email_list", "arguments": "{}"}
SENSIBLE = {
    "EmulatorAnswer": sensible_emulator.answer,
    "Ruling": sensible_judge.answer,
    "UserAnswer": sensible_user.answer,
}
"""Title of an answer's schema to what a sensible model answers."""


@dataclass(frozen=True)
class Plan:
    """Episodes of one length, and what the server has to say in them."""

    turns: int
    scenario: Scenario
    bodies: tuple[bytes, ...]
    """The body of each call of an episode, in order."""
    texts: dict[str, str]
    """A part of a request to the answer it gets; agents are answered by the turn."""

    def config(self, episodes: int) -> RunConfig:
        """A run of so many episodes with a model in every role."""
        return RunConfig(
            suite="bench",
            scenarios=(self.scenario.id,),
            agents=("openai_chat",),
            variants=(Variant.ATTACKED,),
            episodes=episodes,
            env={"emulator": "llm", "user": "llm", "judge": "llm"},
        )


@dataclass(frozen=True)
class Measured:
    """What one client took for the same calls."""

    client: str
    turns: int
    at_once: int
    calls: int
    seconds: float
    ideal: float
    cpu: float
    """Milliseconds per call, of the whole process."""


def rehearsed(turns: int) -> Plan:
    """Play one episode with scripted models, and keep what is asked and answered in it."""
    scenario = load_scenario(SCENARIO).changed({"max_steps": turns + 2})
    requests: list[ChatRequest] = []
    texts: dict[str, str] = {}

    def answer(request: ChatRequest) -> str | dict[str, Any]:
        requests.append(request)
        if request.answer_schema is None:
            said = sum(message.role == "assistant" for message in request.messages)
            return {"text": "That is all."} if said > turns else {"tool_calls": [LOOK if said else ASK]}
        title = request.answer_schema["title"]
        text = SENSIBLE[title]({"messages": [message.plain() for message in request.messages]})
        return texts.setdefault(f'"name":"{title}"', text)

    plan = Plan(turns, scenario, (), texts)
    config = plan.config(1)
    model = ScriptedModel(answer, name="mock")
    cast = make_cast(config, lambda _role: model)
    played = rollout(env_of(config, cast, scenario, "attacked"), cast.agents["openai_chat"], seed=0)
    if played.label is None or len(played.steps) != turns + 2:
        raise SystemExit(f"the rehearsal went wrong: {played.state.failure or played.state.end}")
    bodies = tuple(request_body("mock", request, structured=True) for request in requests)
    return Plan(turns, scenario, bodies, texts)


@contextmanager
def server(plan: Plan, latency: float) -> Iterator[str]:
    """The URL of a mock server in a process of its own."""
    command = (sys.executable, str(Path(__file__).with_name("mock_server.py")))
    settings = {"latency": latency, "turns": plan.turns, "first": ASK, "call": LOOK, "texts": plan.texts}
    process = subprocess.Popen((*command, json.dumps(settings)), stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        yield next(iter(process.stdout or ())).strip()
    finally:
        process.kill()
        process.communicate()


def measured(client: str, plan: Plan, at_once: int, latency: float) -> Measured:
    """One client, `at_once` conversations at once."""
    with server(plan, latency) as url:
        play = OURS.get(client)
        calls = [len(plan.bodies) * at_once]

        def all_of_it() -> None:
            if play is None:
                in_threads(BARE[client](url), plan.bodies, at_once)
            else:
                calls[0] = played(play, plan, url, at_once)

        gc.collect()
        cpu, start = time.process_time(), time.perf_counter()
        all_of_it()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    ideal = len(plan.bodies) * latency
    return Measured(client, plan.turns, at_once, calls[0], seconds, ideal, 1000 * cpu / calls[0])


def played(kind: str, plan: Plan, url: str, episodes: int) -> int:
    """Play a run; returns how many calls its log holds. What is checked is checked after the clock has stopped."""
    roles = {"defaults": {"kind": kind, "model": "mock", "base_url": url}}
    folder = Path(FOLDER.name) / f"{kind}-{plan.turns}-{episodes}-{time.monotonic_ns()}"
    run(plan.config(episodes), {plan.scenario.id: plan.scenario}, folder, roles=roles, workers=episodes)
    RUNS.append((folder, episodes, len(plan.bodies)))
    return episodes * len(plan.bodies)


def check(folder: Path, episodes: int, calls: int) -> None:
    """Fail if a run is not what was planned."""
    labels = [recorded.trajectory().label for recorded in read_episodes(folder)]
    made = sum(1 for _ in logged(folder))
    if len(labels) != episodes or None in labels or made != episodes * calls:
        raise SystemExit(f"a run went wrong: {len(labels)} of {episodes} episodes, {made} calls, labels {set(labels)}")


def in_threads(post: Callable[[bytes], object], bodies: Sequence[bytes], at_once: int) -> None:
    """Send the bodies one after the other, on so many threads at once."""

    def talk() -> None:
        for body in bodies:
            post(body)

    usual = threading.stack_size(1 << 20)
    threads = [threading.Thread(target=talk) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    threading.stack_size(usual)
    for thread in threads:
        thread.join()


def bare_urllib3(url: str) -> Callable[[bytes], object]:
    """A pool shared by all threads, as `models/http.py` has one."""
    pool = urllib3.connection_from_url(url, maxsize=1024, block=False, retries=False)
    path = urlsplit(url).path + "/chat/completions"
    return lambda body: json.loads(pool.urlopen("POST", path, body, HEADERS, redirect=False).data)


def bare_http_client(url: str) -> Callable[[bytes], object]:
    """A connection of its own for each thread."""
    parts, own = urlsplit(url), threading.local()

    def post(body: bytes) -> object:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        own.connection.request("POST", parts.path + "/chat/completions", body, HEADERS)
        return json.loads(own.connection.getresponse().read())

    return post


def bare_openai(url: str) -> Callable[[bytes], object]:
    """One client shared by all threads, as `models/openai_compat.py` has one."""
    client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)

    def post(body: bytes) -> object:
        fields: dict[str, Any] = json.loads(body)
        return client.chat.completions.create(**fields)

    return post


BARE = {"bare urllib3": bare_urllib3, "bare http.client": bare_http_client, "bare openai SDK": bare_openai}
OURS = {"ours over http": "http", "ours over openai_compat": "openai_compat"}
FOLDER = tempfile.TemporaryDirectory()
RUNS: list[tuple[Path, int, int]] = []
"""Folder, episodes and calls per episode of each run that was played."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer at once, short latency: to see that it works")
    quick = parser.parse_args().quick
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit[1], 16384), limit[1]))
    many, most, few = (16, 32, 8) if quick else (256, 1000, 64)
    latency = 0.05 if quick else LATENCY
    short, long = rehearsed(SHORTEST), rehearsed(LONGEST)
    sizes = [f"{plan.turns} turns: {len(plan.bodies)} calls of {_mean(plan.bodies):.0f} kB" for plan in (short, long)]
    print(f"{os.cpu_count()} cores; {'; '.join(sizes)}")
    print(f"\nWall-clock time, {SHORTEST} turns, latency {latency} s: at most +10% over http, +12% over openai_compat")
    print(f"{'client':<26}{'at once':>8}{'seconds':>9}{'ideal':>7}{'over':>7}{'CPU ms/call':>13}")
    crowds = [("ours over http", many), ("bare urllib3", many), ("bare http.client", many), ("ours over http", most)]
    crowds += [("bare urllib3", most), ("ours over openai_compat", few), ("bare openai SDK", few)]
    for client, at_once in crowds:
        row = measured(client, short, at_once, latency)
        over = f"{100 * (row.seconds / row.ideal - 1):+.0f}%"
        print(f"{client:<26}{at_once:>8}{row.seconds:>9.2f}{row.ideal:>7.2f}{over:>7}{row.cpu:>13.2f}", flush=True)
    print(f"\nCPU in ms per call, median of {TRIES}, {few} at once; ours beyond the bare client: at most 0.5 over http")
    print(f"{'client':<26}{f'{SHORTEST} turns':>10}{f'{LONGEST} turns':>10}{'beyond':>10}{'beyond':>10}")
    bare = {"ours over http": "bare http.client", "ours over openai_compat": "bare openai SDK"}
    cpu: dict[str, list[float]] = {}
    for client in (*bare.values(), *bare):
        tries = [[measured(client, plan, few, latency / 5).cpu for plan in (short, long)] for _ in range(TRIES)]
        cpu[client] = own = [median(each) for each in zip(*tries, strict=True)]
        floor = cpu.get(bare.get(client, ""), [])
        beyond = "".join(f"{mine - bare_cpu:>10.2f}" for mine, bare_cpu in zip(own, floor, strict=False))
        print(f"{client:<26}{own[0]:>10.2f}{own[1]:>10.2f}{beyond}", flush=True)
    for each in RUNS:
        check(*each)
    FOLDER.cleanup()


def _mean(bodies: Sequence[bytes]) -> float:
    return sum(map(len, bodies)) / len(bodies) / 1000


if __name__ == "__main__":
    main()
