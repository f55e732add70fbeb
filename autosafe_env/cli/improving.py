"""`autosafe improve`: the whole loop in one command."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.models import ModelOptions, role_config, with_models
from autosafe_env.cli.output import JsonFlag, command, say, write, write_json, write_table
from autosafe_env.core.casting import asks_model
from autosafe_env.core.discover import Kind
from autosafe_env.core.roles import RolesFile
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.loop.plan import HELD_OUT, Desk, LoopConfig, Method
from autosafe_env.loop.results import COLUMNS, Gain, Result, gains, read_results, sentence, write_results
from autosafe_env.loop.stages import Loop
from autosafe_env.run.reflecting import Reflecting
from autosafe_env.run.suite import must_have
from autosafe_env.types.base import Json
from autosafe_env.types.suite import Split

Out = Annotated[Path, typer.Option("--out", help="Folder of the loop; made if it is not there.")]
Suite = Annotated[str, typer.Option("--suite", help="One with splits: a name, or a suite file.")]
Rounds = Annotated[
    int, typer.Option("--rounds", min=1, help="Times round; each begins with what the last has trained.")
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="At most so many scenarios to learn from.")]
EvalLimit = Annotated[int | None, typer.Option("--eval-limit", min=1, help="At most so many of each held-out split.")]
MethodOption = Annotated[str, typer.Option("--method", help="How the student learns: sft or dpo.")]
Agent = Annotated[str, typer.Option("--agent", help="Agent of the roles file to improve; left out, the student.")]
Trained = Annotated[str, typer.Option("--trained", help="The same agent once it is trained, in the roles file.")]
TrainCommand = Annotated[
    str, typer.Option("--train-command", help="Trains the model; {data} and {out} stand for folders. No shell.")
]
Reflector = Annotated[str, typer.Option("--reflector", help="Who corrects: a name, or JSON with `kind`.")]
Tries = Annotated[int, typer.Option("--reflection-rounds", min=1, help="Tries for one correction, at most.")]
Side = Annotated[str, typer.Option(help="Who plays this role while risky steps are looked for, and in the evaluation.")]
Judge = Annotated[str, typer.Option("--judge", help="Who judges the risky steps and their corrections.")]
EvalJudge = Annotated[str, typer.Option("--eval-judge", help="Who judges the evaluation; left out, rules.")]
SameJudge = Annotated[bool, typer.Option("--same-judge", help="Let the judge that filtered the data measure, too.")]


@command
@with_models
def improve(
    models: ModelOptions,
    out: Out,
    suite: Suite = "synth-v1",
    rounds: Rounds = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of runs, samples and training.")] = 0,
    limit: Limit = None,
    eval_limit: EvalLimit = None,
    method: MethodOption = "sft",
    agent: Agent = "",
    trained: Trained = "",
    train_command: TrainCommand = "",
    reflector: Reflector = "rules",
    reflection_rounds: Tries = 4,
    emulator: Side = "rules",
    user: Side = "scripted",
    judge: Judge = "rules",
    eval_judge: EvalJudge = "rules",
    same_judge: SameJudge = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Episodes at once.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the loop that --out holds.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Find risky steps, correct and verify them, build a dataset, train, and measure on what was held out."""
    roles = models.file()
    must_be_another(judge, eval_judge, same_judge)
    sides = {"emulator": role_config(emulator), "user": role_config(user)}
    config = LoopConfig(
        suite=suite,
        rounds=rounds,
        seed=seed,
        limit=limit,
        eval_limit=eval_limit,
        method=method_of(method),
        reflecting=Reflecting(reflector=role_config(reflector), rounds=reflection_rounds),
        agent=agent,
        trained=trained,
        train_command=tuple(shlex.split(train_command)),
        env={**sides, "judge": role_config(judge)},
        eval_env={**sides, "judge": role_config(eval_judge)},
    )
    must_be_trainable(config, roles)
    must_have(suite, (Split.TRAIN, *HELD_OUT))
    desk, start = Desk(out, config, resume), time.monotonic()
    loop = Loop(desk, roles, workers, lambda words: say(f"{time.monotonic() - start:6.1f} s  {words}"))
    loop.go()
    results = read_results(desk)
    found = gains(results, loop.agent_name(0), loop.agent_name(rounds))
    path = write_results(desk, results, found)
    report(results, found, path, as_json)


def method_of(word: str) -> Method:
    """The method of a word. Raises UnknownName for any other."""
    if word not in list(Method):
        raise UnknownName("method", word, map(str, Method))
    return Method(word)


def must_be_another(judge: str, eval_judge: str, same_judge: bool) -> None:
    """Raises ConfigError where a model that filtered the data would measure what was learnt from it.

    The rules judge may do both: it decides by the checks of each scenario, and those of held-out scenarios filtered
    nothing.
    """
    config = role_config(eval_judge)
    if not same_judge and role_config(judge) == config and asks_model(Kind.JUDGE, config):
        raise ConfigError(
            f"the judge {judge!r} filters the data and would measure itself; name another --eval-judge, or --same-judge"
        )


def must_be_trainable(config: LoopConfig, roles: RolesFile) -> None:
    """Raises ConfigError where an agent of the roles file is to be improved and it is not said how."""
    if config.has_student:
        if config.train_command or config.trained:
            raise ConfigError("--train-command and --trained go with --agent; the student is trained here")
        return
    for name in (config.agent, config.trained):
        if name not in roles.agents:
            raise UnknownName("agent of the roles file", name, roles.agents)
    if not config.train_command:
        raise ConfigError("say how the agent is trained: --train-command 'python train.py {data} {out}'")
    if config.rounds > 1:
        raise ConfigError("an agent of the roles file is improved once; for another round name the trained one")


def report(results: list[Result], found: list[Gain], path: Path, as_json: bool) -> None:
    """Print what the loop was good for."""
    if as_json:
        rows: list[Json] = [each.model_dump(mode="json") for each in results]
        write_json({"rows": rows, "gains": [each.model_dump(mode="json") for each in found]})
        return
    write_table([each.row() for each in results], ("split", "agent", "episodes", *COLUMNS))
    write(
        "\nEach rate with its 95% Wilson interval. Over-refusal: benign twins not achieved. Left out: of the "
        "benign twins in which the call is right that is harmful where attacked, those without it. "
        "Controls: refuse_all, random."
    )
    for each in found:
        write(sentence(each))
    write(f"Table and picture: {path}, {path.with_suffix('.svg')}")
