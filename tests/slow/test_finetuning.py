"""SFT, DPO and GRPO on a model of two layers, from the command line to an adapter that generates.

Run by `make test-train`, which installs the extra `train`; needs no network and no GPU.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from autosafe_env.train.tuning_record import TuningManifest
from autosafe_env.train.tuning_record import read as read_manifest
from tests.cli.shell import Done, invoke
from tests.fixtures import FRAUD, KNOWN, scenario_data
from tests.slow.tiny import save_dataset, save_model

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default"), pytest.mark.timeout(600)]

CONFIG = {
    "batch_size": 4,
    "accumulation": 1,
    "max_length": 2000,
    "save_every": 3,
    "lora": {"rank": 8, "alpha": 16, "dropout": 0.0},
    "sft": {"learning_rate": 5e-3, "epochs": 4},
    "dpo": {"learning_rate": 5e-3, "epochs": 4},
    "grpo": {"learning_rate": 5e-3, "generations": 4, "episode_tokens": 24, "epochs": 8},
}


@pytest.fixture(scope="module", autouse=True)
def _offline() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_dataset(tmp_path_factory.mktemp("data"))


def config(folder: Path, **changes: Any) -> Path:
    path = folder / f"tuning-{'-'.join(changes)}.yaml"
    path.write_text(yaml.safe_dump({**CONFIG, **changes}))
    return path


@pytest.fixture(scope="module")
def tuned(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a finished training by method, each trained once."""
    folder = tmp_path_factory.mktemp("tuned")
    settings = config(folder)

    def of(method: str) -> Path:
        out = folder / method
        if not out.exists():
            done = train(method, data, model, out, settings)
            assert done.code == 0, done.err
        return out

    return of


def train(method: str, data: Path, model: Path, out: Path, settings: Path, *more: str) -> Done:
    return invoke("train", method, "--data", data, "--model", model, "--out", out, "--config", settings, *more)


def manifest(out: Path) -> TuningManifest:
    found = read_manifest(out)
    assert found is not None
    return found


@pytest.mark.parametrize("method", ["sft", "dpo"])
def test_the_loss_falls_on_what_is_learnt_and_on_what_is_held_out(method: str, tuned: Callable[[str], Path]) -> None:
    told = manifest(tuned(method))
    losses = told.losses
    assert told.finished
    assert None not in (losses.first, losses.last, losses.eval_before, losses.eval_after)
    assert losses.last < 0.97 * losses.first  # type: ignore[operator]
    assert losses.eval_after < 0.97 * losses.eval_before  # type: ignore[operator]
    assert [row["step"] for row in losses.history] == list(range(1, 13))
    assert [(each.name, each.rows, each.used) for each in told.data] == [
        (f"{method}/train.jsonl", 12, 12),
        (f"{method}/heldout_scenarios.jsonl", 4, 4),
    ]
    assert 0 < told.trained_parameters < told.parameters
    assert told.device


def test_without_held_out_rows_the_training_says_so_and_goes_on(model: Path, tmp_path: Path) -> None:
    data, settings = save_dataset(tmp_path / "data", train=4), config(tmp_path, max_steps=1)
    (data / "sft" / "heldout_scenarios.jsonl").unlink()
    done = train("sft", data, model, tmp_path / "out", settings)
    assert done.code == 0, done.err
    assert "no sft rows that are held out, so no loss on such is told" in done.err
    assert "held-out loss" not in done.out
    assert manifest(tmp_path / "out").losses.eval_before is None
    named = train("sft", data, model, tmp_path / "named", config(tmp_path, eval_split="heldout_patterns"))
    assert (named.code, "has no file sft/heldout_patterns.jsonl; it has train" in named.err) == (2, True)


def test_only_the_completion_is_learnt(model: Path, data: Path) -> None:
    from autosafe_env.train.examples import read_examples
    from autosafe_env.train.from_files import _dataset, _trainer
    from autosafe_env.train.language_models import load
    from autosafe_env.train.tuning import Job, settings
    from autosafe_env.train.tuning_config import Method, TuningConfig
    from autosafe_env.types.suite import Split

    job = Job(Method.SFT, str(model), data / "unused", TuningConfig(batch_size=1))
    loaded = load(job.model, job.config)
    rows = read_examples(data, Method.SFT, Split.TRAIN).rows
    trainer = _trainer(job, loaded, settings(job, loaded), _dataset(list(rows)), None)
    labels = trainer.train_dataset[0]["labels"]
    learnt = loaded.tokenizer.decode([label for label in labels if label != -100])
    assert learnt.strip().startswith("<tool_call>")
    assert "message_user" in learnt
    assert "invoice 0" in learnt
    assert "email_read" not in learnt
    whole = loaded.tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    assert '{"message_id": "m0"}' in whole
    assert "null" not in whole
    assert "The tool bank_transfer." in whole


def test_the_adapter_loads_back_and_generates(model: Path, tuned: Callable[[str], Path]) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = tuned("sft") / "adapter"
    tokenizer = AutoTokenizer.from_pretrained(place)
    plain = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    inputs = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Pay."}], add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    with torch.no_grad():
        before = plain(**inputs).logits
        adapted = PeftModel.from_pretrained(plain, place)
        after = adapted(**inputs).logits
    assert not torch.allclose(before, after)
    answer = adapted.generate(**inputs, max_new_tokens=8, do_sample=False)
    assert answer.shape[1] > inputs["input_ids"].shape[1]


def test_the_same_seed_gives_the_same_losses(
    model: Path, data: Path, tuned: Callable[[str], Path], tmp_path: Path
) -> None:
    again = tmp_path / "again"
    assert train("sft", data, model, again, config(tmp_path)).code == 0
    assert manifest(again).losses.history == manifest(tuned("sft")).losses.history


def test_an_interrupted_training_goes_on_and_ends_as_an_unbroken_one(
    model: Path, data: Path, tuned: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import Trainer

    out, real = tmp_path / "out", Trainer.training_step
    calls = iter(range(100))

    def step(self: Any, *arguments: Any, **more: Any) -> Any:
        if next(calls) == 7:
            raise KeyboardInterrupt
        return real(self, *arguments, **more)

    monkeypatch.setattr(Trainer, "training_step", step)
    stopped = train("sft", data, model, out, config(tmp_path))
    assert stopped.code == 130
    assert not manifest(out).finished
    assert len(manifest(out).losses.history) == 7
    monkeypatch.setattr(Trainer, "training_step", real)
    assert "holds a training already; say --resume" in train("sft", data, model, out, config(tmp_path)).err
    resumed = train("sft", data, model, out, config(tmp_path), "--resume")
    assert resumed.code == 0, resumed.err
    assert "going on from checkpoint-6" in resumed.err
    whole, own = manifest(tuned("sft")).losses, manifest(out).losses
    assert own.eval_before == whole.eval_before
    assert [row["step"] for row in own.history] == [row["step"] for row in whole.history]
    assert own.eval_after == pytest.approx(whole.eval_after, rel=1e-3)
    assert "is finished; its adapter is in" in train("sft", data, model, out, config(tmp_path), "--resume").err


def test_dpo_goes_on_from_the_adapter_of_sft(data: Path, tuned: Callable[[str], Path], tmp_path: Path) -> None:
    out = tmp_path / "both"
    done = train("dpo", data, tuned("sft") / "adapter", out, config(tmp_path, max_steps=4), "--json")
    assert done.code == 0, done.err
    told = done.json()
    assert told["losses"]["eval_before"] == pytest.approx(0.6931, abs=1e-3)  # the reference is the adapter itself
    assert told["losses"]["eval_after"] < told["losses"]["eval_before"]
    assert json.loads((out / "adapter" / "adapter_config.json").read_text())["r"] == 8


def test_grpo_steps_our_env(tuned: Callable[[str], Path], model: Path, tmp_path: Path) -> None:
    """The model says noise, so that every episode ends with its first text; the judge's rule decides on the noise."""
    scenario = scenario_data()
    scenario["outcomes"][0]["check"] += ' || (action.kind == "final" && action.text.size() > 83)'
    suite = tmp_path / "test-invoice-redirect.yaml"
    suite.write_text(yaml.safe_dump(scenario))
    out = tmp_path / "grpo"
    arguments = ("--suite", suite, "--split", "", "--model", model, "--out", out, "--config", config(tmp_path))
    done = invoke("train", "grpo", *arguments)
    assert done.code == 0, done.err
    told = manifest(out)
    rewards = [row["reward"] for row in told.losses.history]
    assert told.finished
    assert len(rewards) == 16
    assert min(rewards) < 0.0
    assert len({*rewards}) > 1
    assert sum(rewards[-4:]) > sum(rewards[:4])
    assert any(row["loss"] != 0.0 for row in told.losses.history)
    assert (out / "adapter" / "adapter_model.safetensors").exists()


def test_prompts_of_grpo_are_those_of_the_agent(model: Path, tmp_path: Path) -> None:
    from autosafe_env.run.tool_episodes import playground
    from autosafe_env.train.in_env import _trainer
    from autosafe_env.train.language_models import load
    from autosafe_env.train.tuning import Job, settings
    from autosafe_env.train.tuning_config import Grpo, Method, TuningConfig

    path = tmp_path / "test-invoice-redirect.yaml"
    path.write_text(yaml.safe_dump(scenario_data()))
    ground = playground(str(path), "")
    tuning = TuningConfig(batch_size=4, accumulation=1, grpo=Grpo(generations=4))
    job = Job(Method.GRPO, str(model), tmp_path / "out", tuning)
    loaded = load(job.model, job.config)
    trainer = _trainer(job, ground, loaded, settings(job, loaded))
    row = ground.rows[0]
    trainer._batch_environments = [row["environment"]]
    (ids,), *_ = trainer._tokenize_prompts([row["prompt"]])
    wanted = loaded.tokenizer.apply_chat_template(
        row["prompt"], tools=ground.tools[row["environment"]], add_generation_prompt=True, tokenize=False
    )
    assert loaded.tokenizer.decode(ids) == wanted


def test_what_is_wrong_ends_in_a_sentence(model: Path, data: Path, tmp_path: Path) -> None:
    settings = config(tmp_path)
    nowhere = tmp_path / "nowhere"
    out = tmp_path / "out"
    short = config(tmp_path, max_length=10)
    cases = [
        (train("sft", nowhere, model, out, settings), "there is no dataset folder"),
        (train("sft", data, nowhere, out, settings), "there is no model in"),
        (train("sft", data, Path("no-such-model"), out, settings), "the model 'no-such-model' cannot be loaded"),
        (train("sft", data, model, out, short), "is longer than max_length, 10 tokens; the shortest has"),
        (train("sft", data, model, out, config(tmp_path, scheduler="steep")), "the training cannot be set up"),
        (
            invoke("train", "grpo", "--suite", "synth-v1", "--limit", 2, "--model", model, "--out", out, "--config",
                   config(tmp_path, batch_size=3)),
            "= 3 episodes a step is no multiple of grpo.generations, 4",
        ),
    ]  # fmt: skip
    for done, words in cases:
        assert (done.code, done.out) == (2, ""), done.err
        assert words in done.err
        assert "Traceback" not in done.err


def test_tool_calls_of_grpo_are_steps_and_are_rewarded(model: Path, tmp_path: Path) -> None:
    """TRL's own loop, with a model whose words are given: half of the episodes pay the fraud, half the supplier."""
    import dataclasses

    from autosafe_env.run.tool_episodes import playground
    from autosafe_env.train.in_env import _trainer
    from autosafe_env.train.language_models import load
    from autosafe_env.train.tuning import Job, settings
    from autosafe_env.train.tuning_config import Grpo, Method, TuningConfig

    path = tmp_path / "test-invoice-redirect.yaml"
    path.write_text(yaml.safe_dump(scenario_data()))
    rewards: list[float | None] = []
    plain = playground(str(path), "")

    def score(*arguments: Any, **columns: Any) -> list[float | None]:
        rewards.extend(found := plain.score(*arguments, **columns))
        return found

    ground = dataclasses.replace(plain, score=score)
    tuning = TuningConfig(batch_size=4, accumulation=1, max_steps=2, grpo=Grpo(generations=4))
    job = Job(Method.GRPO, str(model), tmp_path / "out", tuning)
    loaded = load(job.model, job.config)
    trainer = _trainer(job, ground, loaded, settings(job, loaded))
    turn = itertools.count()

    def words(prompt: list[int]) -> list[int]:
        shown = loaded.tokenizer.decode(prompt)
        answered = shown.count("<tool_response>")
        if answered == 2:
            said = "Paid."
        else:
            iban = FRAUD if next(turn) % 2 and "changed" in shown else KNOWN
            pay = {"name": "bank_transfer", "arguments": {"account_id": "a1", "iban": iban, "amount": 4250.0}}
            read = {"name": "email_read", "arguments": {"message_id": "m1"}}
            said = f"<tool_call>\n{json.dumps(pay if answered else read)}\n</tool_call>"
        return [*loaded.tokenizer.encode(said), loaded.tokenizer.eos_token_id]

    def generate(prompt_ids: list[list[int]], *_more: Any, **_rest: Any) -> Any:
        return [words(prompt) for prompt in prompt_ids], None

    trainer._generate_single_turn = generate
    trainer.train()
    assert len(rewards) == 8
    assert {*rewards} == {-1.0, 1.0}
    (logged,) = [row for row in trainer.state.log_history if row.get("step") == 1 and "reward" in row]
    assert logged["tools/call_frequency"] == 2.0
    assert logged["tools/failure_frequency"] == 0.0
