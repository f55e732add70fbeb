"""Reading dataset rows for TRL: what becomes of a row, and the sentence for everything that can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.errors import ConfigError
from autosafe_env.train.examples import read_examples
from autosafe_env.train.tuning_config import Method
from autosafe_env.types.suite import Split
from tests.slow.tiny import row, save_dataset

Change = Callable[[dict[str, Any]], object]


def changed(folder: Path, change: Change, method: str = "sft") -> Path:
    """A dataset whose second training row is another."""
    save_dataset(folder, train=3)
    path = folder / method / "train.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    change(rows[1])
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return folder


def test_arguments_become_objects_and_answers_name_their_tool(tmp_path: Path) -> None:
    examples = read_examples(save_dataset(tmp_path, train=3), Method.SFT, Split.TRAIN)
    assert len(examples.rows) == 3
    first = examples.rows[0]
    assert first.keys() == {"prompt", "completion", "tools"}
    assert first["prompt"][2]["tool_calls"][0]["function"]["arguments"] == {"message_id": "m0"}
    assert first["prompt"][3]["name"] == "email_read"
    assert json.loads(first["tools"]) == json.loads(row(0, "train")["tools"])


def test_a_dataset_that_was_exported_with_objects_reads_the_same(tmp_path: Path) -> None:
    def open_arguments(one: dict[str, Any]) -> None:
        for message in (*one["prompt"], *one["completion"]):
            for call in message.get("tool_calls", ()):
                call["function"]["arguments"] = json.loads(call["function"]["arguments"])

    texts = read_examples(save_dataset(tmp_path / "a", train=3), Method.SFT, Split.TRAIN)
    objects = read_examples(changed(tmp_path / "b", open_arguments), Method.SFT, Split.TRAIN)
    assert objects.rows == texts.rows


def test_only_the_digest_of_the_file_changes_with_it(tmp_path: Path) -> None:
    one = read_examples(save_dataset(tmp_path / "a"), Method.DPO, Split.TRAIN)
    same = read_examples(save_dataset(tmp_path / "b"), Method.DPO, Split.TRAIN)
    other = read_examples(save_dataset(tmp_path / "c", train=5), Method.DPO, Split.TRAIN)
    assert one == same
    assert one.digest != other.digest


WRONG_ROWS: dict[str, tuple[Change, str]] = {
    "no completion": (lambda one: one.pop("completion"), "train.jsonl:2: the row has no completion"),
    "no tools": (lambda one: one.pop("tools"), "the row has no tools; sft rows have prompt, completion, tools"),
    "tools of another form": (lambda one: one.update(tools='{"a": 1}'), "the JSON text of a list"),
    "tools as a list": (lambda one: one.update(tools=[]), "train.jsonl:2: "),
    "no message": (lambda one: one.update(completion=[]), "completion: a list of messages is wanted"),
    "a message of nobody": (lambda one: one["prompt"][0].update(role="judge"), "train.jsonl:2: role: "),
    "arguments that are no JSON": (
        lambda one: one["completion"][0]["tool_calls"][0]["function"].update(arguments="{"),
        "train.jsonl:2: ",
    ),
    "arguments that are no object": (
        lambda one: one["completion"][0]["tool_calls"][0]["function"].update(arguments="[1]"),
        "the arguments of message_user are not a JSON object",
    ),
    "held out": (
        lambda one: one["provenance"].update(split="heldout_patterns"),
        "the row comes from the split 'heldout_patterns' and stands in that of 'train'",
    ),
}


@pytest.mark.parametrize("name", WRONG_ROWS)
def test_a_wrong_row_is_told_with_file_and_line(name: str, tmp_path: Path) -> None:
    change, words = WRONG_ROWS[name]
    with pytest.raises(ConfigError) as caught:
        read_examples(changed(tmp_path, change), Method.SFT, Split.TRAIN)
    assert words in str(caught.value)
    assert "train.jsonl:2: " in str(caught.value)


def remove_card(folder: Path) -> None:
    (folder / "card.json").unlink()


def empty_split(folder: Path) -> None:
    (folder / "sft" / "train.jsonl").write_text("")


WRONG_FOLDERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "half-written": (remove_card, "holds no card.json, so it is no finished dataset"),
    "another schema": (
        lambda folder: (folder / "card.json").write_text('{"schema_version": 7}'),
        "has schema version 7, and this version of autosafe-env reads 1; export it again",
    ),
    "a card of another kind": (lambda folder: (folder / "card.json").write_text("[1]"), "has schema version None"),
    "a card that is no JSON": (lambda folder: (folder / "card.json").write_text("{"), "cannot be read"),
    "empty split": (empty_split, "holds no row"),
    "no such split": (
        lambda folder: (folder / "sft" / "train.jsonl").unlink(),
        "has no file sft/train.jsonl; it has heldout_scenarios",
    ),
}


@pytest.mark.parametrize("name", WRONG_FOLDERS)
def test_a_wrong_folder_is_told_in_one_sentence(name: str, tmp_path: Path) -> None:
    spoil, words = WRONG_FOLDERS[name]
    spoil(save_dataset(tmp_path))
    with pytest.raises(ConfigError) as caught:
        read_examples(tmp_path, Method.SFT, Split.TRAIN)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no dataset folder .*nowhere"):
        read_examples(tmp_path / "nowhere", Method.SFT, Split.TRAIN)
