"""Wrong input: one sentence that names what was found and expected, exit code 2, no files."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import MOMENT, bayesnu

from bayesnu.cli import main

LIMIT = ("limit", "xenonnt-2022-er", *MOMENT)

WRONG = {
    "unknown experiment": (("limit", "nope", *MOMENT), ("'nope'", "xenonnt-2022-er")),
    "unknown variant": (("show", "xenonnt-2022-er@nobody"), ("@nobody", "expected")),
    "missing file": (("validate", "missing.toml"), ("missing.toml", "no file")),
    "a folder": (("show", "/"), ("'/'", "expected")),
    "empty name": (("show", ""), ("''", "expected")),
    "unknown signal": (
        ("limit", "xenonnt-2022-er", "--signal", "foo", "--parameter", "mu_eff"),
        ("'foo'", "magnetic-moment"),
    ),
    "unknown parameter": (
        ("limit", "xenonnt-2022-er", "--signal", "magnetic-moment", "--parameter", "foo"),
        ("'foo'", "mu_eff"),
    ),
    "level 1": ((*LIMIT, "--level", "1"), ("--level", "(0, 1)")),
    "level 0": ((*LIMIT, "--level", "0"), ("--level", "(0, 1)")),
    "negative level": ((*LIMIT, "--level=-0.9"), ("--level", "(0, 1)")),
    "level NaN": ((*LIMIT, "--level", "nan"), ("--level", "(0, 1)")),
    "level in percent": ((*LIMIT, "--level", "90"), ("--level", "(0, 1)")),
    "level no number": ((*LIMIT, "--level", "high"), ("--level", "high")),
    "dof 3": ((*LIMIT, "--dof", "3"), ("--dof", "1 or 2")),
    "unknown fit": ((*LIMIT, "--fit", "all"), ("--fit", "marginal")),
    "marginal of an effective one": ((*LIMIT, "--fit", "marginal"), ("mu_eff", "mu_e")),
    "no draws": ((*LIMIT, "--draws", "0"), ("draws", "at least")),
    "negative seed": ((*LIMIT, "--seed=-1"), ("--seed", "-1")),
    "no cores": ((*LIMIT, "--cores", "0"), ("cores", "at least 1")),
    "draws for no memory": ((*LIMIT, "--draws", "100000000"), ("draws", "at most")),
    "draws of all chains": ((*LIMIT, "--draws", "500000", "--chains", "8"), ("draws", "in all")),
    "tuning without end": ((*LIMIT, "--tune", "100000000"), ("tune", "at most")),
    "chains by the thousand": ((*LIMIT, "--chains", "100000"), ("chains", "at most")),
    "cores that no machine has": ((*LIMIT, "--cores", "100000"), ("cores", "at most")),
    "seed of many digits": ((*LIMIT, "--seed", "9" * 30), ("--seed", "2^32")),
    "workers that no machine has": (
        ("toys", "xenonnt-2022-er", *MOMENT, "--cores", "100000"),
        ("--cores", "100000"),
    ),
    "toys without end": (
        ("toys", "xenonnt-2022-er", *MOMENT, "--number", "100000000000"),
        ("number", "100000000"),
    ),
    "exposure of no detector": (
        ("sensitivity", "darwin-30ty", *MOMENT, "--exposures", "1e308"),
        ("1e+308", "t yr"),
    ),
    "points without end": (
        (
            *("contour", "xenonnt-2022-er", "--signal", "magnetic-moment"),
            *("--parameters", "mu_e", "mu_mu", "--points", "100000000"),
        ),
        ("points", "401"),
    ),
    "same events twice": (
        ("limit", "xenonnt-2022-er", "xenonnt-2022-er@khan-2022", *MOMENT),
        ("same events", "one of them"),
    ),
    "unknown option": ((*LIMIT, "--frobnicate"), ("--frobnicate", "--help")),
    "abbreviated option": ((*LIMIT, "--lev", "0.9"), ("--lev", "--help")),
    "unknown command": (("limti",), ("limti", "limit")),
    "signal missing": (("limit", "xenonnt-2022-er"), ("--signal", "required")),
    "set without value": (("rates", "xenonnt-2022-er", "--set", "flux_pp"), ("flux_pp", "NAME=")),
    "set without name": (("rates", "xenonnt-2022-er", "--set", "=1"), ("=1", "NAME=NUMBER")),
    "set to NaN": (("rates", "xenonnt-2022-er", "--set", "flux_pp=nan"), ("nan", "NUMBER")),
    "set unknown": (("rates", "xenonnt-2022-er", "--set", "foo=1"), ("foo", "flux_pp")),
    "set negative norm": (
        ("rates", "xenonnt-2022-er", "--set", "flux_pp=-1"),
        ("-1", "at least 0"),
    ),
    "set absurd": (
        ("rates", "xenonnt-2022-er", "--signal", "magnetic-moment", "--set", "mu_eff=1e200"),
        ("mu_eff", "within"),
    ),
    "picture of no format": (("rates", "xenonnt-2022-er", "--plot", "a.foo"), (".foo", "png")),
    "cite nothing saved": (("cite", "limit.json"), ("limit.json", "expected")),
    "schema of no channel": (("schema", "--channel", "muons"), ("muons", "electron-recoil")),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_wrong_input_gives_one_sentence_and_no_files(
    case: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words, named = WRONG[case]
    monkeypatch.chdir(tmp_path)
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code  # type: ignore[assignment]
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith("bayesnu")
    assert printed.err.count("\n") == 1, printed.err
    assert printed.err.rstrip().endswith(".")
    for text in named:
        assert text in printed.err
    assert list(tmp_path.iterdir()) == []


def test_wrong_input_in_a_process_shows_no_traceback(tmp_path: Path) -> None:
    done = bayesnu(*LIMIT, "--level", "2", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_traceback_is_there_for_those_who_ask() -> None:
    done = bayesnu("--traceback", "show", "nope")
    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_a_folder_that_cannot_be_made_is_refused_before_the_computation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    assert main([*LIMIT, "--out", str(blocker / "results")]) == 1
    printed = capsys.readouterr()
    assert "is not a folder" in printed.err
    assert printed.err.count("\n") == 1
    assert blocker.read_text() == "not a folder"


def test_a_picture_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    assert main(["rates", "xenonnt-2022-er", "--plot", str(blocker / "a.png")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_model_that_does_not_describe_its_data_gives_a_warning(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "docs/examples/my-experiment"
    for table in example.glob("*.csv"):
        (tmp_path / table.name).write_text(table.read_text(encoding="utf-8"), encoding="utf-8")
    text = (example / "my-experiment.toml").read_text(encoding="utf-8")
    # An exposure in kg yr where t yr are expected.
    wrong = text.replace("exposure_t_yr = 2.0", "exposure_t_yr = 2000.0")
    assert wrong != text
    (tmp_path / "wrong.toml").write_text(wrong, encoding="utf-8")
    words = ("limit", "wrong.toml", *MOMENT, "--method", "profile", "--no-files")
    done = bayesnu(*words, cwd=tmp_path)
    assert "for 30 bins: the model does not describe these data" in done.stderr
    (tmp_path / "right.toml").write_text(text, encoding="utf-8")
    assert not bayesnu(words[0], "right.toml", *words[2:], cwd=tmp_path).stderr


@pytest.mark.parametrize(
    "words",
    [
        ["rates", "xenonnt-2022-er", "--signal", "magnetic-moment", "--set", "mu_eff=-0.8"],
        [
            *("limit", "xenonnt-2022-er", "--signal", "sterile-dipole", "--parameter", "mu_e"),
            *("--set", "m4=-0.1", "--method", "profile", "--no-files"),
        ],
    ],
)
def test_a_negative_size_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "expected a size, at least 0" in capsys.readouterr().err


def test_a_name_that_is_nearly_right_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "xenonnt-2022er"]) == 2
    assert "expected xenonnt-2022-er, perhaps" in capsys.readouterr().err


def test_a_region_of_one_parameter_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["contour", "xenonnt-2022-er", "--signal", "magnetic-moment", "--parameters"]
    assert main([*words, "mu_e", "mu_e"]) == 2
    assert "parameters: found mu_e alone, expected two" in capsys.readouterr().err
