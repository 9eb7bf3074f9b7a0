"""A report shows what each nuisance does to a limit as `bayesnu impacts` prints it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from command_line import MOMENT
from page import check_self_contained, parse
from sealing import seal

from bayesnu import impacts, limit_run, read_run, save_run, write_report
from bayesnu.analyses.limit import LimitRun
from bayesnu.cli import main
from bayesnu.output.report.page import report_html
from bayesnu.output.report.tables import ORDER, grouped, parameter_rows, plain
from bayesnu.results.impacts import Impacts
from bayesnu.results.interval_text import intervals_text
from bayesnu.run_file.runner import run_analysis
from bayesnu.saved.runs import SavedRun

NAME = "pandax4t-2022-er"
ASKED = ([NAME], "magnetic-moment", "mu_eff")
LIMIT = ("limit", NAME, *MOMENT, "--method", "profile")
PICTURE = "Pulls of the nuisances (left)"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7919 * 104729 }} $\\x{$"

RUN = f"""
title = "With impacts"
experiments = ["{NAME}"]
signal = "magnetic-moment"
method = "profile"

[output]
impacts = true

[[limit]]
parameter = "mu_eff"
"""


@pytest.fixture(scope="module")
def found() -> Impacts:
    return impacts(*ASKED)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a limit that kept its impacts."""
    folder = tmp_path_factory.mktemp("limit") / "kept"
    assert main([*LIMIT, "--impacts", "--report", "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def copied(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copied"))


def check_shown(html: str, found: Impacts) -> None:
    """Check that a page has the numbers of all nuisances and of the breakdown."""
    page = parse(html)
    check_self_contained(page)
    assert PICTURE in " ".join(page.values("alt"))
    text = page.text.partition("What each nuisance does to the limit")[2]
    places = []
    for n in found.nuisances:
        name = parse(f"<p>{plain(n.name, found.experiments)}</p>").text
        assert n.impact_up is not None and n.impact_down is not None
        pull = "free" if n.pull is None else f"{n.pull:+z.2f}"
        narrow = "–" if n.constraint is None else f"{n.constraint:.2f}"
        numbers = f"{pull} {narrow} {n.impact_up:+.2g} {n.impact_down:+.2g}"
        row = text.find(f"{name} {n.group} ")
        assert row >= 0 and numbers in text[row:], n.name
        places.append(row)
    assert places == sorted(places), "the largest first"
    for known in found.known:
        group = "statistical" if known.group == "all" else known.group
        assert known.change is not None
        words = f"{group} {intervals_text((known.interval,))} {known.change:+z.1%}"
        assert words in text, words


def test_what_limit_keeps_is_what_impacts_finds_and_is_shown(saved: Path, found: Impacts) -> None:
    (fit,) = read_run(saved).fits
    assert fit.record is not None
    assert fit.record.impacts == replace(found, spectra=())
    check_shown((saved / "report.html").read_text(encoding="utf-8"), found)
    assert (saved / "impacts.png").stat().st_size > 10_000


def test_a_run_file_asks_for_impacts(tmp_path: Path, found: Impacts) -> None:
    (tmp_path / "run.toml").write_text(RUN)
    outcome = run_analysis(tmp_path / "run.toml", tmp_path / "out")
    check_shown((outcome.folder / "report.html").read_text(encoding="utf-8"), found)
    assert (outcome.folder / "limit-mu_eff/impacts.png").is_file()


def test_a_limit_in_memory_takes_its_impacts_along(tmp_path: Path, found: Impacts) -> None:
    own = replace(limit_run(*ASKED, method="profile"), impacts=found)
    page = write_report(own, tmp_path / "r.html").read_text(encoding="utf-8")
    check_shown(page, found)
    record = save_run(own, tmp_path / "kept").fits[0].record
    assert record is not None and record.impacts == replace(found, spectra=())


def test_a_received_result_needs_no_experiment_and_no_fit(
    copied: Path, found: Impacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("bayesnu.saved.experiments.load", gone)
    monkeypatch.setattr("bayesnu.inference.impacts.find_minima", gone)
    assert main(["report", str(copied), "--out", str(copied / "other.html")]) == 0
    check_shown((copied / "other.html").read_text(encoding="utf-8"), found)
    (copied / "impacts.png").unlink()
    assert main(["plot", str(copied), "--kind", "impacts"]) == 0
    assert (copied / "impacts.png").is_file()


def test_without_impacts_none_are_shown_and_none_of_an_earlier_limit_stay(copied: Path) -> None:
    assert main([*LIMIT, "--out", str(copied)]) == 0
    assert not (copied / "impacts.png").exists()
    html = report_html(read_run(copied))
    assert PICTURE not in html and "What each nuisance does" not in html


def test_altered_impacts_are_refused(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads((copied / "record.json").read_text())
    record["impacts"]["nuisances"][0]["impact_up"] = 1.0
    (copied / "record.json").write_text(json.dumps(record))
    assert main(["report", str(copied)]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "record.json: contents" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [("nuisances", 3), ("known", [{}]), ("interval", [1, "two"]), ("correlated", [["a", "b"]])],
)
def test_impacts_of_another_form_are_one_sentence(
    key: str, value: object, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads((copied / "record.json").read_text())
    record["impacts"][key] = value
    (copied / "record.json").write_text(json.dumps(record))
    seal(copied)
    assert main(["report", str(copied)]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and f"record.json: impacts.{key}" in message


def test_texts_of_impacts_are_shown_and_never_run(copied: Path) -> None:
    record = json.loads((copied / "record.json").read_text())
    moved = record["impacts"]
    moved.update(dict.fromkeys(("signal", "unit", "latex", "of"), HOSTILE))
    for entry in moved["nuisances"]:
        entry.update(dict.fromkeys(("name", "group", "prior"), HOSTILE))
    moved["known"][0]["group"] = HOSTILE
    moved["correlated"] = [[HOSTILE, HOSTILE, 0.5]]
    (copied / "record.json").write_text(json.dumps(record))
    seal(copied)
    page = parse(report_html(read_run(copied)))
    check_self_contained(page)
    assert "<script>alert(1)</script>" in page.text, "shown as it is"
    assert str(7919 * 104729) not in page.text, "no template of a file is filled in"


def test_counts_that_are_no_polynomial_have_no_impacts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["limit", NAME, "--signal", "light-mediator", "--parameter", "g_vector"]
    words += ["--free", "m_mediator", "--impacts", "--out", str(tmp_path / "none")]
    assert main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "none").exists()


def test_parameters_are_listed_by_groups(run: LimitRun, tmp_path: Path) -> None:
    saved: SavedRun = save_run(run, tmp_path)
    (fit,) = saved.fits
    rows = parameter_rows(fit, fit.diagnostics)
    groups = grouped(rows)
    assert tuple(group for group, _ in groups) == ORDER
    roles = {p.name: p.role for p in run.likelihood.parameters}
    assert {row.name for row in rows} == set(roles)
    mixing = {row.name for row in dict(groups)["mixing"]}
    assert mixing == {name for name, role in roles.items() if role == "oscillation"}
    for _, own in groups[1:]:
        sizes = [abs(float(row.impact)) for row in own]
        assert all(a >= b * (1.0 - 1e-2) for a, b in pairwise(sizes))
        gaussian = [row for row in own if row.prior.startswith("Gaussian")]
        assert all(row.pull != "free" and row.constraint != "–" for row in gaussian)
