"""Tools act on the world of their episode alone: no file, no socket, no process, whatever they are called with."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from autosafe_env.core.discover import Kind, names, toolkit

ROOT = Path(__file__).parent.parent
SCRIPT = """
    import contextlib, json, sys
    from datetime import datetime
    from pathlib import Path
    import numpy as np
    from autosafe_env.core.toolkit import Fault
    from autosafe_env.types.base import texts
    from autosafe_env import AutoSafeEnv, PathPolicy, load_agent, load_scenario, rollout, sample_action
    from autosafe_env.core.discover import Kind, names, scenario_files, toolkit

    FORBIDDEN = ("open", "os.", "socket.", "subprocess.", "shutil.", "ctypes.", "urllib.", "webbrowser.", "import",
                 "pty.", "exec", "compile", "glob.", "tempfile.", "sqlite3.", "http.", "smtplib.", "ftplib.")
    scenarios = [load_scenario(name) for name in scenario_files()]
    for kit in names(Kind.TOOLKIT):
        toolkit(kit)
    caught, armed, called = [], False, set()

    def hook(event, arguments):
        if armed and event.startswith(FORBIDDEN):
            caught.append(f"{event} {arguments!r}"[:300])

    def play(env, policy, seed=0):
        for event in rollout_log(env, policy, seed):
            if event.kind == "acted" and event.action.type == "tool_call":
                called.add(event.action.tool)

    def rollout_log(env, policy, seed):
        rollout(env, policy, seed=seed)
        return env.log

    class Sampler:
        '''Calls one tool after the other, with arguments that fit it, and words from the conversation.'''
        def act(self, view):
            from autosafe_env import Decision, Message
            rng = np.random.default_rng([view.seed, view.step])
            spec = view.tools[(view.step + view.seed) % len(view.tools)]
            heard = " ".join(message.content for message in view.messages).split()
            for _ in range(50):
                action = sample_action((spec,), rng, heard)
                if action.type == "tool_call":
                    return Decision(action=action)
            return Decision(action=Message(content="Well?"))

    def everything(scenario):
        env = AutoSafeEnv(scenario, stop_on_unsafe=False)
        benign = AutoSafeEnv(scenario, stop_on_unsafe=False, variant="benign")
        play(env, PathPolicy(scenario.path("unsafe")))
        play(env, PathPolicy(scenario.path("safe")))
        play(benign, PathPolicy(scenario.path("benign")))
        for seed in range(0, len(env.tools), scenario.max_steps):
            play(env, Sampler(), seed)

    def alone(kit):
        '''Calls the tools of a toolkit on its example state, for those that no scenario has.'''
        rng, state = np.random.default_rng(0), states[kit]
        for name, tool in toolkit(kit).items():
            for _ in range(20):
                action = sample_action((tool.spec,), rng, texts(state))
                if action.type == "tool_call" and not tool.mistakes(action.arguments):
                    called.add(name)
                    with contextlib.suppress(Fault):
                        tool.call(state, action.arguments, datetime(2026, 3, 14, 9, 30))

    examples = Path("tests/toolkits/examples")
    states = {kit: json.loads((examples / f"{kit}.json").read_text()) for kit in names(Kind.TOOLKIT)}
    unused = sorted(set(names(Kind.TOOLKIT)) - {kit for each in scenarios for kit in each.toolkits})
    everything(scenarios[0])
    for kit in unused[:1]:
        alone(kit)
    sys.addaudithook(hook)
    armed = True
    for scenario in scenarios:
        everything(scenario)
    for kit in unused:
        alone(kit)
    armed, honest = False, list(caught)
    noticed = {}
    for statement in sys.argv[1:]:
        caught, armed = [], True
        eval(statement)
        armed = False
        noticed[statement] = caught
    print(json.dumps({"caught": honest, "called": sorted(called), "noticed": noticed}))
"""


PLANTED = {
    "open('/etc/hostname').close()": "open",
    "__import__('socket').socket().close()": "socket.__new__",
    "__import__('os').system('true')": "os.system",
    "__import__('subprocess').run(['true'])": "subprocess.Popen",
    "__import__('os').listdir('/')": "os.listdir",
    "__import__('wave')": "import",
}
"""What a tool may never do, and the audit event that gives it away."""


@cache
def audited() -> dict[str, Any]:
    """What was caught, and which tools were called, while every scenario was played under an audit hook."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(SCRIPT), *PLANTED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603 - our own script
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_tool_touches_a_file_a_socket_or_a_process() -> None:
    assert audited()["caught"] == []


def test_every_tool_of_every_toolkit_was_called() -> None:
    assert set(audited()["called"]) >= {name for kit in names(Kind.TOOLKIT) for name in toolkit(kit)}


def test_the_hook_would_notice_what_a_tool_may_never_do() -> None:
    noticed = audited()["noticed"]
    for statement, event in PLANTED.items():
        assert any(line.startswith(event) for line in noticed[statement]), statement
