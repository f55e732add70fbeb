"""`autosafe report` and `view`: runs as a page to read."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.bench.card_files import read_card
from autosafe_env.bench.report.files import LIMIT, write_report
from autosafe_env.bench.report.gather import RunData, RunReader
from autosafe_env.bench.report.model import Report, cards_of
from autosafe_env.bench.report.serve import Followed, Server
from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json
from autosafe_env.errors import RunError
from autosafe_env.record.manifest import read_manifest

MEGABYTE = 1_000_000


@command
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("report.html"),
    title: Annotated[str, typer.Option("--title", help="Of the report; none: the names of the runs.")] = "",
    judge_card: Annotated[
        list[Path] | None,
        typer.Option("--judge-card", metavar="FILE", help="A judge's card; none: those of the runs' judges."),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit", min=0, metavar="MB", help="A larger file gets its transcripts put beside it.")
    ] = LIMIT / MEGABYTE,
    as_json: bool = JsonFlag,
) -> None:
    """Write runs as one HTML file that holds all it needs: figures, plots, every episode, every transcript.

    Runs that cannot be read are left out, and told; exit 1 then.
    """
    read, unreadable = _read(runs)
    if not read:
        raise RunError("; ".join(unreadable))
    cards, missing = cards_of([run.folder for run in read])
    if judge_card:
        cards, missing = tuple(map(read_card, judge_card)), ()
    name = title or ", ".join(run.folder.resolve().name for run in read)
    made = Report(name, tuple(read), (*unreadable, *missing), cards)
    home = write_report(made, out, int(limit * MEGABYTE))
    for sentence in made.notices:
        say(f"warning: {sentence}")
    if as_json:
        counts = {"episodes": len(made.episodes), "agents": len(made.agents), "runs": len(read)}
        write_json({"file": str(out), "beside": str(home) if home else None, **counts, "notices": list(made.notices)})
    else:
        write(f"{len(made.episodes)} episodes of {len(made.agents)} agents are in {out}.")
        if home:
            write(f"The transcripts are beside it, in {home}: keep the two together.")
    if unreadable:
        raise typer.Exit(FOUND)


def _read(folders: list[Path]) -> tuple[list[RunData], list[str]]:
    """The runs that can be read, each folder once, and a sentence for each of the others."""
    read, unreadable = [], []
    for folder in dict.fromkeys(folders):
        try:
            read.append(RunReader(folder).read())
        except RunError as error:
            unreadable.append(str(error))
    return read, unreadable


@command
def view(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run; it may still be going on.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="On loopback; 0 takes a free one.")] = 0,
    title: Annotated[str, typer.Option("--title", help="Of the report; none: the name of the run.")] = "",
) -> None:
    """Serve the report of a run to this machine's browser, and follow the run as it goes. Ctrl-C ends it."""
    read_manifest(run)  # what is wrong with the folder is told here, and not in the browser
    with warnings.catch_warnings(), Server(Followed(run, title), port) as server:
        warnings.simplefilter("ignore")  # the page tells what cannot be read
        write(f"{server.address} shows {run} and follows it; Ctrl-C ends.")
        typer.get_text_stream("stdout").flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("ended")
