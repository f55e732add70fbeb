"""The folder of a dataset: whole or not there, and told about."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from autosafe_env.data import export
from autosafe_env.data.build import has_pyarrow
from autosafe_env.data.card import CARD, read_card
from autosafe_env.data.readme import readme
from autosafe_env.data.rows import Table
from autosafe_env.errors import ConfigError
from tests.data.making import HELD, dataset, rows_of


def test_the_card_tells_of_every_file_and_the_page_of_every_split(oracles: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ds"
    card = dataset(folder, oracles, command="autosafe dataset RUN --out ds")
    assert read_card(folder) == card
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        *card.files,
        "README.md",
        CARD,
    }
    for name, entry in card.files.items():
        data = (folder / name).read_bytes()
        assert (entry.size, entry.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert entry.rows == data.count(b"\n") == sum(card.rows[Path(name).parent.name][Path(name).stem].values())
    page = (folder / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(page.split("---\n")[1])
    assert front["license"] == "apache-2.0"
    assert [each["config_name"] for each in front["configs"]] == list(Table)
    for each in front["configs"]:
        assert [one["split"] for one in each["data_files"]] == list(HELD)
        assert {one["path"] for one in each["data_files"]} <= set(card.files)
    for word in ("autosafe dataset RUN --out ds", "oracle_unsafe", "Apache-2.0", "none, as promised", "100.0%"):
        assert word in page
    assert "$" not in page


def test_a_page_shows_text_of_models_as_text(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dataset(tmp_path / "ds", model)
    hostile = made.shown[0].changed({"system": "</table>\n\n# Hi | <script>alert(1)</script>"})
    page = readme(made.changed({"shown": (hostile,)}))
    assert "<script" not in page
    assert "\n# Hi" not in page


def test_a_folder_that_is_there_is_left_alone(oracles: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "ds", oracles)
    before = (tmp_path / "ds" / CARD).read_bytes()
    with pytest.raises(ConfigError, match="ds is there already; delete it, or name another folder with --out"):
        dataset(tmp_path / "ds", oracles)
    assert (tmp_path / "ds" / CARD).read_bytes() == before


def test_what_a_killed_call_left_is_told(oracles: Path, tmp_path: Path) -> None:
    (tmp_path / "ds.part").mkdir()
    with pytest.raises(ConfigError, match=r"ds.part is what an interrupted call has left; delete it and try again"):
        dataset(tmp_path / "ds", oracles)
    assert [path.name for path in tmp_path.iterdir()] == ["ds.part"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupt_or_a_full_disk_leaves_nothing(
    oracles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Any
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(export, "readme", fail)
    expected = ConfigError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected, match="No space left" if expected is ConfigError else None):
        dataset(tmp_path / "ds", oracles)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "is no whole dataset: it has no card.json"),
        ('{"schema_version": 7, "command": "autosafe dataset a --out b"}', "schema version 7; this package reads 1"),
        ('{"schema_version": 7, "command": "autosafe dataset a --out b"}', "again, with `autosafe dataset a --out b`"),
        ("{", "cannot be read"),
        ('{"schema_version": 1}', "cannot be read"),
        ("[]", "cannot be read"),
    ],
)
def test_what_is_no_dataset_is_told_in_a_sentence(tmp_path: Path, text: str | None, sentence: str) -> None:
    if text is not None:
        (tmp_path / CARD).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=sentence):
        read_card(tmp_path)


@pytest.mark.skipif(not has_pyarrow(), reason="pyarrow comes with the extra `data`; tests/slow reads Parquet too")
def test_parquet_holds_the_same_rows(oracles: Path, tmp_path: Path) -> None:
    from pyarrow import parquet  # here: an extra

    card = dataset(tmp_path / "ds", oracles, parquet=True)
    for table in Table:
        rows = parquet.read_table(tmp_path / "ds" / table / "train.parquet").to_pylist()
        expected = rows_of(tmp_path / "ds", table)
        assert len(rows) == len(expected) == card.files[f"{table}/train.parquet"].rows
        assert json.loads(json.dumps(rows), object_hook=without_nulls) == [
            json.loads(json.dumps(row), object_hook=without_nulls) for row in expected
        ]


def without_nulls(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}
