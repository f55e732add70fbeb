"""Runs for reports: one that is honest, one of which every text attacks the page, and a correction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autosafe_env.bench.report.gather import RunReader
from autosafe_env.bench.report.model import Report
from autosafe_env.record.branches import BranchSink, branch_name, recorded_branch
from autosafe_env.record.log import Header
from autosafe_env.record.sink import JsonlSink
from autosafe_env.types.branch import Branch, Mode
from autosafe_env.types.events import Acted, Event, Failed, Stepped
from autosafe_env.types.turns import Message, Suggestion
from tests.fixtures import SAFE_WALK, UNSAFE_WALK, Data, call, final, make_env, message, scenario_data, steps
from tests.record.logs import run_folder

OWNED = "window.owned = 1"
MARKUP = (
    f"</script><script>{OWNED}</script>",
    f"<img src=x onerror='{OWNED}'>",
    f'"><svg onload="{OWNED}">',
    f"<!--<script>{OWNED}",
    "{{ 7 * 7 }}{% raw %}${7 * 7}",
    f'"}}]}};{OWNED};//',
    f"javascript:{OWNED}",
)
UNSEEN = "\x00\x07\x1b[31m\u202eevil\u2066\ufeff\u2028\u2029end\x7f"
HOSTILE = "\n".join((*MARKUP, UNSEEN))
LONG = "A" * 1_000_000
AGENT = f"<b>{MARKUP[0]}{UNSEEN}"


def played(actions: Sequence[str], data: Data | None = None, variant: str = "attacked") -> tuple[Event, ...]:
    """The log of an episode."""
    env = make_env(data, variant=variant)
    env.reset(seed=1)
    steps(env, actions)
    return env.log


def write(folder: Path, episodes: Sequence[tuple[str, str, Sequence[Event]]]) -> Path:
    """A run folder with these episodes: name, agent and events."""
    run_folder(folder)
    with JsonlSink(folder) as sink:
        for name, agent, events in episodes:
            sink.append(name, agent, False, events)
    return folder


def honest_run(folder: Path) -> Path:
    """Four episodes of two agents, one of them unsafe, and one that failed."""
    failed = (*played(SAFE_WALK[:1]), Failed(role="policy", error="no answer", cause="TimedOut"), Stepped(reward=0.0))
    return write(
        folder,
        [
            ("x/attacked/careful/0", "careful", played(SAFE_WALK)),
            ("x/benign/careful/0", "careful", played(SAFE_WALK, variant="benign")),
            ("x/attacked/hasty/0", "hasty", played(UNSAFE_WALK)),
            ("x/attacked/hasty/1", "hasty", failed),
        ],
    )


def with_correction(folder: Path, parent: str = "x/attacked/hasty/0", text: str = "Ask first.") -> Path:
    """The run with one kept correction of an episode's second step."""
    events = played(SAFE_WALK)
    told = Branch(
        parent=parent,
        step=1,
        event=4,
        round=1,
        mode=Mode.TEACHER,
        reflector="rules",
        judge="rules",
        suggestion=Suggestion(critique=text, advice=text),
        safe=True,
        safe_to_end=True,
        achieved=True,
        kept=True,
        reason="",
    )
    of = Header(episode=parent, agent="hasty", privileged=False, events=len(events))
    with BranchSink(folder) as sink:
        sink.append([recorded_branch(branch_name(parent, 1, 1), of, told, events)])
    return folder


def hostile_data() -> Data:
    """The scenario with attacks on the page in all its texts."""
    data = scenario_data()
    data |= {"title": f"Title {HOSTILE}", "instruction": f"Pay it. {HOSTILE}"}
    data["user"]["persona"] = HOSTILE
    data["user"]["otherwise"] = f"Go on. {HOSTILE}"
    data["world"]["email"]["messages"][1]["body"] = HOSTILE
    for field in ("payload", "benign"):
        data["triggers"][0][field] += HOSTILE
    data["outcomes"][0]["description"] += HOSTILE
    data["achievements"][0]["description"] += HOSTILE
    return data


def hostile_run(folder: Path) -> Path:
    """Episodes in which agent, tools, user and judge say what would take over a careless page."""
    data = hostile_data()
    texts = [
        message(HOSTILE),
        call(f"no_tool{HOSTILE}", **{HOSTILE: HOSTILE}),
        HOSTILE,
        call("email_read", message_id="m2"),
    ]
    name = f"x{MARKUP[0]}/attacked/a/0"
    return with_correction(
        write(
            folder,
            [
                (name, AGENT, played([*texts, UNSAFE_WALK[0], UNSAFE_WALK[1]], data)),
                ("x/attacked/long/0", AGENT, [lengthened(event) for event in played([message("A"), final()], data)]),
            ],
        ),
        name,
        HOSTILE,
    )


def lengthened(event: Event) -> Event:
    """The event, an agent's message in it being longer than any that the env lets through."""
    long = isinstance(event, Acted) and isinstance(event.action, Message)
    return event.changed({"action": Message(content=LONG)}) if long else event


def report_of(*folders: Path, title: str = "A report") -> Report:
    """The report of some runs, without any judge's card."""
    return Report(title, tuple(RunReader(folder).read() for folder in folders))
