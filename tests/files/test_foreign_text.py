"""Tables and files of spreadsheets and editors: read, or refused with what was found."""

from pathlib import Path

import pytest

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.files.toml_file import read_toml

TABLE = "# title: müon\n# trust: user\nenergy_keV,efficiency\n1.5,0.1\n2.5,0.5\n"
COMMAS = "energy_keV;efficiency\n1,5;0,1\n2,5;0,5\n"


def test_a_mark_of_utf8_and_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(TABLE.replace("\n", "\r\n").encode("utf-8-sig"))
    table = read_table(path)
    assert table.names == ("energy_keV", "efficiency")
    assert list(table.column("efficiency")) == [0.1, 0.5]
    toml = tmp_path / "file.toml"
    toml.write_bytes('title = "müon"\r\n'.encode("utf-8-sig"))
    assert read_toml(toml) == {"title": "müon"}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (TABLE.replace(",", ";").encode(), "columns separated by semicolons,"),
        (TABLE.replace(",", "\t").encode(), "columns separated by tabs,"),
        (COMMAS.encode(), "columns separated by semicolons and decimal commas,"),
        (TABLE.encode("utf-16"), "UTF-16 text,"),
        (TABLE.encode("utf-16-le"), r"bytes that are zero \(UTF-16\?\),"),
        (TABLE.encode("cp1252"), r"the byte 0xfc in line 1 \(Windows-1252\?\),"),
    ],
)
def test_what_is_foreign_in_a_table_is_named(tmp_path: Path, raw: bytes, found: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=rf"table\.csv: table: found {found} expected "):
        read_table(path)


def test_what_is_foreign_in_a_file_of_an_experiment_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes('title = "müon"\n'.encode("utf-16"))
    with pytest.raises(InputError, match=r"mine\.toml: TOML: found UTF-16 text, expected text"):
        read_toml(path)


def test_commas_inside_names_and_texts_are_no_separators(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('name,"shape; or none"\n"a; b",1\n')
    assert read_table(path).names == ("name", "shape; or none")
