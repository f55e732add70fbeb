"""What a fine-tuning is told and what it leaves behind, as far as no library of the extra is needed for it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

import pytest

from autosafe_env.errors import ConfigError
from autosafe_env.train.language_models import require_libraries
from autosafe_env.train.tuning import _history
from autosafe_env.train.tuning_config import Dpo, Grpo, Lora, Method, Sft, TuningConfig, read_config
from autosafe_env.train.tuning_record import LIBRARIES, DataRecord, begin, last_checkpoint, read, write
from autosafe_env.types.suite import Split
from tests.cli.shell import invoke

DATA = (DataRecord(name="sft/train.jsonl", digest="0f", rows=3),)


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions of libraries that need not be there."""
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "9.9" if name in LIBRARIES else real(name))


def config_file(folder: Path, text: str) -> Path:
    path = folder / "tuning.yaml"
    path.write_text(text)
    return path


def test_a_file_says_what_differs_from_the_defaults(tmp_path: Path) -> None:
    text = "seed: 3\neval_split: heldout_patterns\nlora: {rank: 4, targets: [q_proj]}\nsft: {learning_rate: 2e-4}\n"
    read_one = read_config(config_file(tmp_path, text))
    assert read_one == TuningConfig(
        seed=3,
        eval_split=Split.HELDOUT_PATTERNS,
        lora=Lora(rank=4, targets=("q_proj",)),
        sft=Sft(learning_rate=2e-4),
    )
    assert read_config(None) == read_config(config_file(tmp_path, "")) == TuningConfig()
    assert [TuningConfig().section(method) for method in Method] == [Sft(), Dpo(), Grpo()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed: 1\nlora:\n  rnak: 4\n", "tuning.yaml:3: unknown setting 'lora.rnak'; did you mean 'rank'?"),
        ("batchsize: 2\n", "tuning.yaml:1: unknown setting 'batchsize'; did you mean 'batch_size'?"),
        ("sft:\n  epochs: 0\n", "tuning.yaml:2: sft.epochs: Input should be greater than 0"),
        ("eval_split: nowhere\n", "tuning.yaml:1: eval_split: Input should be 'train'"),
        ("grpo: {generations: 1}\n", "tuning.yaml:1: grpo.generations: "),
        ("- 1\n", "a configuration is a mapping"),
        ("seed: [\n", "tuning.yaml"),
    ],
)
def test_a_wrong_file_is_told_with_the_line(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(config_file(tmp_path, text))
    assert words in str(caught.value)


def test_a_training_goes_on_only_as_what_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    begun = begin(folder, Method.SFT, "m", TuningConfig(), DATA, resume=False)
    assert not folder.exists()
    write(folder, begun.model_copy(update={"data": (DATA[0].model_copy(update={"used": 2}),)}))
    assert begin(folder, Method.SFT, "m", TuningConfig(), DATA, resume=True).created == begun.created
    others = [
        ((Method.DPO, "m", TuningConfig(), DATA), "was begun with method = sft, not dpo"),
        ((Method.SFT, "n", TuningConfig(), DATA), "was begun with model = m, not n"),
        ((Method.SFT, "m", TuningConfig(seed=1), DATA), "was begun with seed = 0, not 1"),
        ((Method.SFT, "m", TuningConfig(), (*DATA, *DATA)), "was begun with other data"),
    ]
    for arguments, words in others:
        with pytest.raises(ConfigError, match=words):
            begin(folder, *arguments, resume=True)


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    begun = begin(tmp_path, Method.SFT, "m", TuningConfig(), DATA, resume=False)
    write(tmp_path, begun)
    with pytest.raises(ConfigError, match="holds a training already; say --resume"):
        begin(tmp_path, Method.SFT, "m", TuningConfig(), DATA, resume=False)
    write(tmp_path, begun.model_copy(update={"finished": True}))
    with pytest.raises(ConfigError, match="is finished; its adapter is in"):
        begin(tmp_path, Method.SFT, "m", TuningConfig(), DATA, resume=True)
    assert read(tmp_path) == begun.model_copy(update={"finished": True})


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").write_text("sun")
    with pytest.raises(ConfigError, match="holds files and no training"):
        begin(tmp_path, Method.SFT, "m", TuningConfig(), DATA, resume=False)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ConfigError, match="is no manifest of a training"):
        read(tmp_path)


def test_a_checkpoint_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    for number, whole in ((5, True), (10, True), (100, False)):
        checkpoint = tmp_path / "checkpoints" / f"checkpoint-{number}"
        checkpoint.mkdir(parents=True)
        (checkpoint / "adapter_model.safetensors").write_text("")
        if whole:
            (checkpoint / "trainer_state.json").write_text("{}")
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoints" / "checkpoint-10"


def test_what_is_not_installed_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("torch", "trl") else object())
    with pytest.raises(ConfigError) as caught:
        require_libraries()
    assert str(caught.value) == ("fine-tuning needs torch, trl, not installed here: pip install 'autosafe-env[train]'")
    for command in (("sft", "--data", "d"), ("dpo", "--data", "d"), ("grpo",)):
        done = invoke("train", *command, "--model", "m", "--out", "o")
        assert (done.code, done.out) == (2, "")
        assert done.err.strip() == str(caught.value)


def test_a_history_keeps_what_json_can_say() -> None:
    logged = [
        {"step": 1, "loss": 0.5, "reward": -1.0, "epoch": 0.1},
        {"step": 2, "loss": float("nan"), "reward": 0.25},
        {"step": 2, "eval_loss": 0.75},
        {"step": 3, "loss": 0.0, "reward": float("nan")},
        {"step": 3, "train_runtime": 9.0},
    ]
    assert _history(logged) == {
        "history": (
            {"step": 1.0, "loss": 0.5, "reward": -1.0},
            {"step": 2.0, "reward": 0.25},
            {"step": 2.0, "eval_loss": 0.75},
            {"step": 3.0, "loss": 0.0},
        ),
        "first": -1.0,
        "last": 0.25,
    }
    assert _history(logged[4:]) == {"history": (), "first": None, "last": None}
