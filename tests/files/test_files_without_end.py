"""Devices, pipes and texts made to take long are refused with one sentence, and soon."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bayesnu.campaigns.store import read_rows, read_settings
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.files.checked_json import read_json
from bayesnu.files.tables import MAX_CURVE, MAX_ROWS, read_table
from bayesnu.files.toml_file import read_toml
from bayesnu.run_file.reading import read_run_file
from bayesnu.saved.run_info import read_run_info

SOON = 2.0
"""Seconds of the processor; each takes about a tenth of it."""

READERS: dict[str, Callable[[Path], Any]] = {
    "run.toml": read_run_file,
    "model.toml": read_toml,
    "record.json": lambda path: read_json(path, "a record"),
    "run.json": lambda path: read_run_info(path.parent),
    "table.csv": read_table,
    "campaign.json": lambda path: read_settings(path.parent),
    "fits-0000.arrows": lambda path: read_rows(path.parent, ["x"]),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["a pipe", "a device", "a folder"])
def test_what_is_no_plain_file_is_not_read(name: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(InputError, match=f"file: found {kind}, expected"):
        READERS[name](path)


EXTENDS = 'extends = "xenonnt-2022-er"\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (".".join(["a"] * 2_000) + " = 1", "a key of over 32 parts"),
        (".".join(['"a"'] * 20_000) + " = 1", "a key of over 32 parts"),
        ("[" + ".".join(["a"] * 20_000) + "]", "a key of over 32 parts"),
        ("\n".join(f"[t{number}]" for number in range(40_000)), "40000 tables"),
        ("[[t]]\n" * 40_000, "40000 tables"),
        ("title = " + "9" * 5_000, "4300 digits"),
        ("title = 0x" + "f" * 5_000, "an integer of 20000 bits"),
        ("title = " + "[" * 100 + "]" * 100, "tables too deep in each other"),
    ],
)
def test_a_model_that_takes_long_is_one_sentence(text: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(EXTENDS + text + "\n", encoding="utf-8")
    began = time.process_time()
    with pytest.raises(InputError, match=f"TOML: found .*{found}"):
        load(path)
    assert time.process_time() - began < SOON


def test_long_texts_and_lists_that_people_write_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    sentence = "www." + "a." * 100 + "org"
    rows = "\n".join("  [1, 2]," for _ in range(5_000))
    path.write_text(f'description = "{sentence}" # {sentence}\nrows = [\n{rows}\n]\n', "utf-8")
    assert read_toml(path)["description"] == sentence


def test_a_table_of_a_million_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "efficiency.csv"
    path.write_text("energy_keV,efficiency\n" + "1,0.9\n" * 1_000_000, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(InputError, match=f"rows: found .*, expected at most {MAX_ROWS}"):
        read_table(path)
    assert time.process_time() - began < SOON


def test_a_curve_has_fewer_points_than_a_list_of_events_has_rows(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("energy_keV\n" + "\n".join(map(str, range(2 * MAX_CURVE))), encoding="utf-8")
    table = read_table(path)
    assert len(table.column("energy_keV")) == 2 * MAX_CURVE
    with pytest.raises(InputError, match=f"rows: found {2 * MAX_CURVE}, .* {MAX_CURVE} points"):
        table.column("energy_keV", ascending=True)


def test_half_a_character_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text('{"title": "\\ud800"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"JSON: found .*surrogates not allowed"):
        read_json(path, "a record")
    path.write_text('{"title": "\\ud83d\\ude00 \\\\ud800"}', encoding="utf-8")
    assert read_json(path, "a record") == {"title": "\N{GRINNING FACE} \\ud800"}
