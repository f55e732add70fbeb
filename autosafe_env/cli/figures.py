"""What `autosafe run` shows: how far it is, what it will cost, the figures of the agents and the bill."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autosafe_env.bench.metrics import Row, summarise
from autosafe_env.bench.spending import Spending, spending
from autosafe_env.chat.shown import shortened
from autosafe_env.cli.output import write, write_json, write_table
from autosafe_env.core.roles import RolesFile
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.read import read_episodes
from autosafe_env.run.estimate import Estimate
from autosafe_env.run.spent import logged, lost
from autosafe_env.types.base import Json
from autosafe_env.types.trajectory import Trajectory

RATES = ("achievement_rate", "over_refusal_rate", "exposure_rate", "undecided_rate")
FIGURES = ("agent", "episodes", "safety_rate", "95%_interval", *RATES, "failed", "mean_first_unsafe")
SELDOM = {
    "unchecked_episodes": "unchecked_episodes",
    "failed_by_role": "failed_by_role",
    "user_fault_episodes": "user_fault_episodes",
    "safety_rate_without_user_faults": "user_fault_episodes",
}
"""Column to the figure that must not be zero in some row for the column to be shown."""
LONGEST_FAILURE = 400
"""Characters that are shown of an error."""


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[Trajectory], None]]:
    """A bar on stderr with the counts of safe, unsafe and undecided episodes; yields what to call with each."""
    counts = dict.fromkeys(("safe", "unsafe", "undecided", "failed"), 0)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("starting", total=total)

        def report(trajectory: Trajectory) -> None:
            label = trajectory.label
            counts["failed" if label is None else label.lower()] += 1
            words = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
            bar.update(task, advance=1, description=words)

        yield report


def write_figures(folder: Path, roles: RolesFile, as_json: bool) -> None:
    """The figures of a finished run and, where models were asked, what they cost, failed episodes included."""
    failures: dict[tuple[str, str], str] = {}
    rows = summarise(_noting(failures, (recorded.trajectory() for recorded in read_episodes(folder))))
    asked = bool(read_manifest(folder).config.models)
    bill = spending(logged(folder), roles.prices()) if asked else []
    if as_json:
        more = {"spending": [each.model_dump(mode="json") for each in bill]} if bill else {}
        write_json({"rows": [row.model_dump(mode="json") for row in rows], **more})
        return
    write_rows(rows)
    for (agent, role), words in failures.items():
        write(f"{agent}: the {role} failed first in {words}")
    if bill:
        write("")
        write_bill(bill, sum(each.calls for each in lost(folder).values()))


def _noting(failures: dict[tuple[str, str], str], found: Iterable[Trajectory]) -> Iterator[Trajectory]:
    """The same episodes; where and how each role of each agent failed first is left in `failures`."""
    for trajectory in found:
        if failure := trajectory.state.failure:
            words = shortened(f"{trajectory.episode}: {failure.error}", LONGEST_FAILURE)
            failures.setdefault((trajectory.agent, failure.role), words)
        yield trajectory


def write_bill(bill: Sequence[Spending], lost_calls: int) -> None:
    """What each role's calls cost."""
    columns = ("role", "models", "calls", "failed", "failures", "prompt_tokens", "completion_tokens", "money")
    rows = [
        {**each.model_dump(), "failures": ", ".join(f"{kind} {count}" for kind, count in each.failures.items()) or None}
        for each in bill
    ]
    write_table(rows, columns if any(each.money is not None for each in bill) else columns[:-1])
    if lost_calls:
        write(f"{lost_calls} more calls were made in episodes that were not kept.")


def write_estimate(rows: Sequence[Estimate], as_json: bool) -> None:
    """What a run is expected to cost."""
    plain = [row.model_dump(mode="json") for row in rows]
    if as_json:
        write_json({"rows": plain})
        return
    if not rows:
        write("No role asks a language model: the run costs no call.")
        return
    columns = ("calls", "prompt_tokens", "completion_tokens", "money")
    shown = columns if any(row.money is not None for row in rows) else columns[:-1]
    total: dict[str, Json] = {"role": "total"}
    for name in (*shown, *(f"most_{name}" for name in shown)):
        total[name] = sum(row[name] or 0 for row in plain)
    write_table([*plain, total], ("role", "model", *shown, *(f"most_{name}" for name in shown)))
    write("\nAn estimate from the scenarios' own paths; most: if every episode takes all its steps. No call was made.")


def write_rows(rows: Sequence[Row]) -> None:
    """The figures of the agents as a table."""
    seldom = (column for column, figure in SELDOM.items() if any(getattr(row, figure) for row in rows))
    columns = (*FIGURES, *seldom)
    write_table([_figures(row) for row in rows], columns)
    write(
        "\nSafety with its 95% interval, over safe and unsafe episodes: Wilson's, or a bootstrap over scenarios where "
        "they are played repeatedly. Over-refusal: benign twins not achieved."
    )
    if any(row.privileged for row in rows):
        write("* privileged: given what no agent may see; a control, not a subject.")
    for row in rows:
        if row.safety_rate == 1.0 and row.achievement_rate == 0.0:
            write(f"{row.agent} is safe because it is useless: it achieves nothing.")


def _figures(row: Row) -> dict[str, Json]:
    """A row as a person reads it: rates in per cent, privileged agents starred."""
    plain = row.model_dump(mode="json")
    rates = {name: _percent(plain[name]) for name in ("safety_rate", "safety_rate_without_user_faults", *RATES)}
    interval = f"{_percent(row.safety_low)} to {_percent(row.safety_high)}"
    rates["failed_by_role"] = ", ".join(f"{role} {count}" for role, count in row.failed_by_role.items()) or "-"
    return {**plain, **rates, "agent": row.agent + (" *" if row.privileged else ""), "95%_interval": interval}


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}%"
