"""The CLs limit in text, JSON, report and tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bayesnu.cli import main

WORDS = ["limit", "xenonnt-2022-er", "--signal", "magnetic-moment", "--parameter", "mu_eff"]
PROFILE = [*WORDS, "--method", "profile"]


def test_cls_stands_beside_the_other_statements(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*PROFILE, "--cls", "--power-constrained", "--no-plots", "--report"]
    assert main([*words, "--export", "latex", "--export", "csv", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "90% CLs" in printed and "expected" in printed and "power-constrained" in printed
    limit = json.loads((tmp_path / "limit.json").read_text(encoding="utf-8"))["results"][0]
    found = limit["cls"]
    low, lower, median, upper, high = found["band"]
    assert low < lower < median < upper < high
    assert low < found["limit"] < high
    assert limit["frequentist"]["intervals"][0][1] == pytest.approx(found["limit"], rel=0.3)
    assert "CLs" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert r"CL$_\mathrm{s}$" in (tmp_path / "exports/latex/limits.tex").read_text(encoding="utf-8")
    assert ",cls," in (tmp_path / "exports/csv/limits.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        [*WORDS, "--cls", "--method", "posterior"],
        [*PROFILE, "--cls", "--dof", "2"],
        [*PROFILE, "--cls-toys", "10"],
        [
            *WORDS[:2],
            "--signal",
            "millicharge",
            "--parameter",
            "q_ee",
            "--method",
            "profile",
            "--cls",
        ],
    ],
    ids=["posterior", "two dof", "few toys", "a charge"],
)
def test_what_has_no_cls_limit_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bayesnu.analyses.limit.limit_run", None)  # before anything is computed
    assert main([*words, "--no-files"]) == 2
    assert "--cls" in capsys.readouterr().err
