"""The `autosafe` command.

Exit codes: 0 all well; 1 something was found (a scenario that is not proven, a replay that differs); 2 the command, a
name or a file is wrong; 130 interrupted.
"""

from __future__ import annotations

import typer

from autosafe_env.cli import (
    attacking,
    benching,
    carding,
    comparing,
    dataset,
    emulating,
    exporting,
    finetuning,
    generating,
    importing,
    improving,
    inspecting,
    judging,
    labelling,
    listing,
    outside,
    proposing,
    reading,
    reflecting,
    reporting,
    running,
    training,
)

app = typer.Typer(
    name="autosafe",
    help="Risky episodes for LLM agents: step them, judge them, record and replay them.",
    epilog="Exit codes: 0 all well, 1 something was found, 2 the command or a file is wrong, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("list")(listing.list_things)
app.command("show")(listing.show)
app.command("schema")(listing.schema)
app.command("check")(running.check)
app.command("check-emulator")(emulating.check_emulator)
app.command("run")(running.run)
app.command("generate")(generating.generate)
app.command("propose-pattern")(proposing.propose_pattern)
app.command("attack")(attacking.attack)
app.command("agentdojo")(outside.agentdojo)
app.command("import")(importing.import_files)
app.command("inspect-suite")(inspecting.inspect)
app.command("play")(running.play)
app.command("rejudge")(judging.rejudge)
app.command("judge-card")(carding.judge_card)
app.command("judge-labels")(labelling.judge_labels)
app.command("reflect")(reflecting.reflect)
app.add_typer(dataset.app, name="dataset")
app.command("improve")(improving.improve)
app.command("bench")(benching.bench)
app.command("compare")(comparing.compare)
app.command("leaderboard")(benching.leaderboard)
app.command("report")(reporting.report)
app.command("view")(reporting.view)
app.command("export")(exporting.export)
app.command("transcript")(reading.transcript)
app.command("replay")(reading.replay)

train_app = typer.Typer(help="Policies that learn from runs.", no_args_is_help=True)
train_app.command("sft")(finetuning.sft)
train_app.command("dpo")(finetuning.dpo)
train_app.command("grpo")(finetuning.grpo)
train_app.command("student")(training.student)
app.add_typer(train_app, name="train")


def main() -> None:
    """Entry point of the console script."""
    app()
