"""Texts of somebody else's result are shown, and do nothing, wherever they are written."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from bayesnu.analyses.bibliography import Bibliography
from bayesnu.cli import main
from bayesnu.output.tables.csv import csv_text
from bayesnu.output.tables.latex import unit


@pytest.mark.parametrize(
    "text", [r"$\input{/etc/passwd}$", r"\input{x}", "1e-11 $x", "1e-11 mu_B}\\input{x}", "$"]
)
def test_a_unit_is_no_command_to_latex(text: str) -> None:
    found = unit(text)
    for harmless in (r"\$", r"\textbackslash{}", r"\mathrm", r"\{", r"\}", r"\_", r"\,"):
        found = found.replace(harmless, "")
    assert "\\" not in found and found.count("$") in (0, 2)


def test_the_units_of_this_package_are_set_as_ever() -> None:
    assert unit("1e-11 mu_B") == r"$10^{-11}\,\mu_\mathrm{B}$"
    assert unit("keV_ee") == r"keV\_ee"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=1\n"])
def test_a_cell_is_no_formula(text: str) -> None:
    (head, row) = csv.reader(io.StringIO(csv_text([text], [[text]]), newline=""))
    assert head == row == [f"'{text.strip()}"]


def test_numbers_stay_numbers() -> None:
    assert csv_text(["x"], [[-1.5], [2], [None]]) == 'x\n-1.5\n2\n""\n'


def test_a_name_does_not_break_out_of_a_comment() -> None:
    said = str(Bibliography({}, ("mine\n@misc{x,\r\n  title = {y}}\u2028@a", "other")))
    comments = [line for line in said.splitlines() if line]
    assert len(comments) == 2 and all(line.startswith("% data") for line in comments)


def test_names_that_differ_in_a_space_have_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, parent in (("a b", "xenonnt-2022-er"), ("a-b", "lz-2022-er")):
        Path(f"{name}.toml").write_text(
            f'extends = "{parent}"\nsupersedes = []\n', encoding="utf-8"
        )
    words = ["limit", "a b.toml", "a-b.toml", "--signal", "magnetic-moment", "--method", "profile"]
    words += ["--parameter", "mu_eff", "--out", "out", "--export", "csv", "--export", "hepdata"]
    assert main(words) == 0
    for pattern in ("spectrum_*.png", "exports/csv/spectrum_*", "exports/hepdata/Spectrum-*"):
        assert len(list(Path("out").glob(pattern))) == 2, pattern
