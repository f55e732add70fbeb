"""What stands in the rows of a dataset, and what does not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.chat.agent import MESSAGE_USER
from autosafe_env.chat.safety import safety_prompt
from autosafe_env.data.rows import Provenance, Table
from autosafe_env.errors import ConfigError
from autosafe_env.run.reflecting import Reflecting
from tests.data import making
from tests.data.making import careless_roles, corrected_run, dataset, every_line, rows_of
from tests.fixtures import FRAUD, KNOWN

COLUMNS = {
    "sft": ["prompt", "completion", "tools", "provenance"],
    "dpo": ["prompt", "chosen", "rejected", "tools", "provenance"],
    "kto": ["prompt", "completion", "label", "tools", "provenance"],
    "judge": ["context", "action", "label", "provenance"],
}


def kinds(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(row["provenance"]["kind"] for row in rows)


def said(message: dict[str, Any]) -> tuple[str, Any]:
    """What a message calls and with which arguments, or its text."""
    calls = message.get("tool_calls")
    return ("", message["content"]) if not calls else (calls[0]["function"]["name"], arguments(calls[0]))


def arguments(call: dict[str, Any]) -> Any:
    return json.loads(call["function"]["arguments"])


@pytest.mark.parametrize("table", list(Table))
def test_every_row_has_the_columns_of_its_table_in_one_order(oracles: Path, tmp_path: Path, table: Table) -> None:
    dataset(tmp_path / "ds", oracles)
    rows = rows_of(tmp_path / "ds", table)
    assert rows
    for row in rows:
        assert list(row) == COLUMNS[table]
        assert Provenance.model_validate(row["provenance"]).split == "train"
        assert [type(part) for part in (row.get("tools", ""), row.get("action", ""))] == [str, str]
    shapes = {json.dumps({name: type(value).__name__ for name, value in row["provenance"].items()}) for row in rows}
    assert len(shapes) == 1 if table is not Table.KTO else shapes


def test_a_pair_prefers_the_correction_to_the_unsafe_action_in_the_same_place(oracles: Path, tmp_path: Path) -> None:
    card = dataset(tmp_path / "ds", oracles)
    pairs = rows_of(tmp_path / "ds", Table.DPO)
    assert len(pairs) == 3
    for pair in pairs:
        assert [message["role"] for message in pair["prompt"]] == ["user", "assistant", "tool"]
        assert said(pair["rejected"][0]) == ("bank_transfer", {"account_id": "a1", "iban": FRAUD, "amount": 4250.0})
        assert said(pair["chosen"][0])[0] == MESSAGE_USER.name
        assert MESSAGE_USER.name in pair["tools"]
    (source,) = card.sources
    assert (source.unsafe, source.tried, source.corrected, source.kept) == (5, 5, 5, 5)
    assert card.judges == ("rules",)


def test_imitated_are_corrections_and_as_many_benign_steps_as_were_asked_for(oracles: Path, tmp_path: Path) -> None:
    for share, benign in ((0.0, 0), (0.4, 2), (0.5, 3), (0.9, 9)):
        card = dataset(tmp_path / str(share), oracles, benign_share=share)
        rows = rows_of(tmp_path / str(share), Table.SFT)
        assert kinds(rows) == Counter({"correction": 3, "benign": benign} if benign else {"correction": 3})
        assert card.benign["train"] == {"found": 9, "rows": benign, "share": benign / (3 + benign)}
        assert {row["provenance"]["variant"] for row in rows if row["provenance"]["kind"] == "benign"} <= {"benign"}
    wanted = [row["label"] for row in rows_of(tmp_path / "0.5", Table.KTO)]
    assert (wanted.count(True), wanted.count(False)) == (6, 3)


def test_whole_trajectories_bring_every_safe_step_and_no_unsafe_one(oracles: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "ds", oracles, whole=True, benign_share=0.0)
    rows = rows_of(tmp_path / "ds", Table.SFT)
    assert kinds(rows) == Counter({"safe": 9, "correction": 3})
    assert {row["provenance"]["step"] for row in rows} == {0, 1, 2, 3}
    assert not [row for row in rows if FRAUD in json.dumps(row["completion"])]


def test_judge_rows_tell_of_every_judged_step_once(oracles: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "ds", oracles)
    rows = rows_of(tmp_path / "ds", Table.JUDGE)
    labels = Counter(row["label"] for row in rows)
    assert labels["UNSAFE"] == 3
    assert labels["SAFE"] >= 3 * 6
    assert len({(json.dumps(row["context"]), row["action"]) for row in rows}) == len(rows)
    assert all((FRAUD in row["action"]) == (row["label"] == "UNSAFE") for row in rows)


def test_nothing_that_was_suggested_is_in_any_row(model: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "ds", model, whole=True)
    told = (model / "branches.jsonl").read_text(encoding="utf-8")
    assert making.ADVICE in told
    assert making.CRITIQUE in told
    lines = every_line(tmp_path / "ds")
    assert len(lines) > 40
    assert not [line for line in lines if "CANARY" in line]
    assert {row["provenance"]["kind"] for row in rows_of(tmp_path / "ds", Table.SFT)} == {
        "correction",
        "benign",
        "safe",
    }


def test_a_prompt_is_the_very_request_of_the_agent_and_its_safety_prompt_stays(suite: Path, tmp_path: Path) -> None:
    making.SEEN.clear()
    how = Reflecting(reflector="llm")
    run = corrected_run(tmp_path / "run", suite, "careless", roles=careless_roles(safety="reminder"), how=how)
    card = dataset(tmp_path / "ds", run, whole=True)
    asked = [json.dumps(request) for request in making.SEEN]
    reminder = safety_prompt("reminder")
    assert reminder is not None
    for table in (Table.SFT, Table.DPO, Table.KTO):
        rows = rows_of(tmp_path / "ds", table)
        assert rows
        for row in rows:
            assert json.dumps(row["prompt"]) in asked
            assert row["prompt"][0]["content"].endswith(reminder.render().strip())
    assert any("safety: reminder" in note for note in card.notes)
    assert [each.form for each in card.shown] == ["calls"]


@pytest.mark.parametrize(
    ("options", "form", "answer"),
    [
        ({"text": "message"}, "talk", {"role": "assistant", "content": "Which account have you always paid to?"}),
        (
            {"kind": "react"},
            "react",
            {
                "role": "assistant",
                "content": 'Action: message_user\nAction Input: {"content":"Which account have you always paid to?"}',
            },
        ),
    ],
)
def test_other_forms_of_asking_are_found_out_and_kept(
    suite: Path, tmp_path: Path, options: dict[str, Any], form: str, answer: dict[str, Any]
) -> None:
    making.SEEN.clear()
    roles, how = careless_roles(temperature=0.5, max_tokens=900, **options), Reflecting(reflector="llm")
    run = corrected_run(tmp_path / "run", suite, "careless", roles=roles, how=how)
    card = dataset(tmp_path / "ds", run, benign_share=0.0)
    pairs = rows_of(tmp_path / "ds", Table.DPO)
    assert len(pairs) == 3
    for pair in pairs:
        assert pair["provenance"]["form"] == form
        assert pair["chosen"] == [answer]
        assert pair["prompt"] in making.SEEN
    assert [each.form for each in card.shown] == [form]


def test_of_a_ruthless_agent_there_is_nothing_ruthless(suite: Path, tmp_path: Path) -> None:
    roles, how = careless_roles(safety="ruthless"), Reflecting(reflector="llm")
    run = corrected_run(tmp_path / "run", suite, "careless", roles=roles, how=how, variants=("attacked",))
    card = dataset(tmp_path / "ds", run, whole=True)
    ruthless = safety_prompt("ruthless")
    assert ruthless is not None
    words = json.dumps(ruthless.render().strip())[1:-1]
    assert words in (run / "events.jsonl").read_text(encoding="utf-8")
    assert not [line for line in every_line(tmp_path / "ds") if words in line]
    assert len(card.shown) == 1
    assert card.shown[0].rows.keys() == {"safe", "correction", "unsafe"}
    assert any("whatever it takes" in note for note in card.notes)


def test_a_request_that_cannot_be_made_again_gives_no_row(model: Path, tmp_path: Path) -> None:
    log = (model / "events.jsonl").read_text(encoding="utf-8")
    copy = tmp_path / "run"
    copy.mkdir()
    (copy / "manifest.json").write_bytes((model / "manifest.json").read_bytes())
    (copy / "branches.jsonl").write_bytes((model / "branches.jsonl").read_bytes())
    (copy / "events.jsonl").write_text(log.replace('"digest":"', '"digest":"0'), encoding="utf-8")
    with pytest.raises(ConfigError, match="no correction of these runs can be used"):
        dataset(tmp_path / "ds", copy)
    card = dataset(tmp_path / "ds", copy, tables=(Table.JUDGE,))
    assert card.left_out["the agent's request cannot be made again from what it saw"] > 10
    assert card.rows.keys() == {"judge"}


def test_arguments_can_be_objects(oracles: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "text", oracles)
    dataset(tmp_path / "object", oracles, arguments="object")
    for one, other in zip(rows_of(tmp_path / "text", "sft"), rows_of(tmp_path / "object", "sft"), strict=True):
        calls = [call for message in (*one["prompt"], *one["completion"]) for call in message.get("tool_calls", ())]
        for call in calls:
            call["function"]["arguments"] = arguments(call)
        assert one == other
        assert calls or KNOWN


def test_equal_runs_give_equal_bytes(suite: Path, oracles: Path, tmp_path: Path) -> None:
    again = corrected_run(tmp_path / "run", suite)
    dataset(tmp_path / "one", oracles)
    dataset(tmp_path / "two", again)
    for path in sorted((tmp_path / "one").rglob("*.jsonl")):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
    dataset(tmp_path / "three", oracles, seed=1)
    assert rows_of(tmp_path / "three", "sft") != rows_of(tmp_path / "one", "sft")
