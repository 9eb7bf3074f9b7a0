"""The commands toys and calibrate, and any command with words that make no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fuzzing import fuzz
from monte_carlo import seed

from bayesnu.cli import main

MOMENT = ["xenonnt-2022-er", "--signal", "magnetic-moment"]
FAST = ["--draws", "60", "--tune", "60", "--chains", "2", "--cores", "1"]


def test_calibrate_prints_p_values_and_writes_into_its_folder_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["calibrate", *MOMENT, "--simulations", "6", "--out", "check", "--json", *FAST]
    code = main(words)
    results = json.loads(capsys.readouterr().out)["results"]
    names = [entry["parameter"] for entry in results]
    assert {"mu_eff", "flux_pp", "log_likelihood"} <= set(names)
    for entry in results:
        assert 0.0 < entry["p_value"] <= 1.0 and entry["simulations"] == 6
        assert code == (0 if entry["calibrated"] else 1)
    assert [path.name for path in tmp_path.iterdir()] == ["check"]
    assert {"calibration.json", "calibration.png", "campaign.json", "fits-0000.arrows"} == {
        path.name for path in (tmp_path / "check").iterdir() if not path.name.startswith(".")
    }
    assert main(words) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == code
    assert json.loads(capsys.readouterr().out)["results"] == results


def test_toys_print_coverage_and_draw_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["toys", *MOMENT, "--parameter", "mu_eff", "--truth", "0", "0.6", "--number", "4"]
    assert main([*words, "--method", "both", "--out", "toys", *FAST]) == 0
    text = capsys.readouterr().out
    assert "Delta chi2 < 2.706 covers" in text and "credible covers" in text
    assert "upper limits  median" in text and "Written to toys" in text
    names = {path.name for path in (tmp_path / "toys").iterdir()}
    assert {"coverage.json", "coverage.png", "limits.png"} <= names
    results = json.loads((tmp_path / "toys" / "coverage.json").read_text())["results"]
    assert [entry["truth"] for entry in results] == [0.0, 0.6]
    assert all(entry["toys"] == 4 for entry in results)
    assert main([*words, "--json", "--method", "test", "--cores", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["results"][0]["profile"]["value"] <= 1.0
    assert [path.name for path in tmp_path.iterdir()] == ["toys"]


def test_a_limit_with_a_calibrated_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bayesnu.analyses import feldman_cousins

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(feldman_cousins, "VALUES", 4)
    monkeypatch.setattr("bayesnu.campaigns.engines.available_cores", lambda: 1)
    words = ["limit", *MOMENT, "--parameter", "mu_eff", "--method", "profile", "--json"]
    assert main([*words, "--calibrated", "60", "--out", "here"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    found = result["calibrated"]
    assert found["toys"] == 60 and len(found["cuts"]) == 4
    assert 0.4 < found["intervals"][0][1] < 1.2
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    for wrong in (["--calibrated", "3"], ["--calibrated", "60", "--dof", "2"]):
        assert main([*words, *wrong]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_ctrl_c_while_calibrating_keeps_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bayesnu.analyses import feldman_cousins
    from bayesnu.errors import Interrupted

    def stop(*_: object, **__: object) -> None:
        raise Interrupted("Interrupted after 7 of 900 toys.")

    monkeypatch.setattr(feldman_cousins, "toys", stop)
    words = ["limit", *MOMENT, "--parameter", "mu_eff", "--method", "profile", "--no-plots"]
    assert main([*words, "--calibrated", "100", "--out", str(tmp_path)]) == 130
    printed = capsys.readouterr()
    assert "Delta chi2 < 2.706" in printed.out and "calibrated" not in printed.out
    assert printed.err.endswith("bayesnu: Interrupted after 7 of 900 toys.\n")
    (result,) = json.loads((tmp_path / "limit.json").read_text())["results"]
    assert result["calibrated"] is None and result["frequentist"]["intervals"]


@pytest.mark.parametrize(
    "words",
    [
        ["toys", *MOMENT, "--parameter", "mu_eff", "--truth", "nan"],
        ["toys", *MOMENT, "--parameter", "mu_eff", "--number", "0"],
        ["toys", *MOMENT, "--parameter", "mu_eff", "--level", "2"],
        ["toys", *MOMENT, "--parameter", "mu_eff", "--json", "--resume"],
        ["toys", *MOMENT, "--parameter", "mu_eff", "--draws", "1", "--json"],
        ["calibrate", *MOMENT, "--range", "mu_eff", "--json"],
        ["calibrate", *MOMENT, "--range", "mu_eff=5:1", "--json"],
        ["calibrate", *MOMENT, "--seed", "-1", "--json"],
        ["calibrate", "xenonnt-2022-er", "--signal", "none", "--json"],
        ["calibrate", *MOMENT, "--dask", "nonsense://", "--json"],
    ],
)
def test_wrong_words_are_one_sentence(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("bayesnu: ") and error.count("\n") == 1


def test_random_command_lines_end_with_a_sentence() -> None:
    # 10,000 in the long run (benchmarks/campaigns.py fuzz).
    found = fuzz(250, seed=seed(20))
    assert found["failures"] == 0, found["first"]
