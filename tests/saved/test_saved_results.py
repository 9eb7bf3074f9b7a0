"""What a run leaves can be read, drawn again and cited, without the files it was made from."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from monte_carlo import seed
from small_run import EXAMPLE

from bayesnu import load, read_run
from bayesnu.cli import main
from bayesnu.output.plots.kinds import KINDS
from bayesnu.output.plots.pictures import pictures_of
from bayesnu.results.limit import CalibratedLimit
from bayesnu.run_file.runner import Outcome, check_run_file


def test_a_run_leaves_one_folder_that_stands_alone(analysis: Outcome) -> None:
    folder = analysis.folder
    names = {path.name for path in folder.iterdir()}
    steps = {step.folder for step in analysis.info.steps}
    assert names == steps | {"analysis.toml", "run.json", "report.html", "exports", "mine"}
    for name in ("my-experiment.toml", "counts.csv", "efficiency.csv"):
        assert (folder / "mine" / name).read_bytes() == (EXAMPLE / name).read_bytes()
    # The run file's experiment of one's own is found beside the copy.
    assert len(check_run_file(folder / "analysis.toml")) == len(steps)
    info = json.loads((folder / "run.json").read_text())
    assert info["seed"] == seed(3) and info["versions"]["bayesnu"]
    assert info["inputs"]["xenonnt-2022-er"] == load("xenonnt-2022-er").digest


def test_every_picture_is_in_the_folder_of_its_step(analysis: Outcome) -> None:
    pictures = list(pictures_of(read_run(analysis.folder)))
    # No step of a run calibrates its cut or compares, and this one asks for no impacts.
    none = {"calibrated", "compare", "impacts"}
    assert {picture.kind for picture in pictures} == set(KINDS) - none
    for picture in pictures:
        file = analysis.folder / picture.folder / f"{picture.name}.png"
        assert file.read_bytes().startswith(b"\x89PNG"), file


def test_a_saved_limit_is_the_limit(analysis: Outcome) -> None:
    fit = read_run(analysis.folder / "limit-mu_eff").fits[0]
    assert fit.limit is not None and fit.record is not None and fit.tree is not None
    assert fit.record.limit == fit.limit
    assert fit.record.curve is not None and fit.limit.frequentist is not None
    curve, cut = fit.record.curve, fit.limit.frequentist.threshold
    ((_, high),) = fit.limit.frequentist.intervals
    above = curve.values > curve.values[np.argmin(curve.delta_chi2)]
    crossing = np.interp(cut, curve.delta_chi2[above], curve.values[above])
    # Between points of the grid the curve bends by less than this.
    assert high == pytest.approx(crossing, rel=0.02)
    spectrum = fit.record.spectra[0]
    experiment = load(EXAMPLE / "my-experiment.toml")
    assert experiment.observed is not None
    assert np.array_equal(spectrum.observed, experiment.observed)
    assert spectrum.overlay is not None
    assert sum(spectrum.overlay) > sum(map(sum, spectrum.components.values()))


def test_plot_draws_again_without_a_fit(
    analysis: Outcome,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fit(*_: object, **__: object) -> None:
        raise AssertionError("a fit")

    monkeypatch.setattr("bayesnu.inference.minimise.minimise", fit)
    monkeypatch.setattr("bayesnu.inference.profile.minimise", fit)
    monkeypatch.setattr("bayesnu.model.build.build_likelihood", fit)
    step, out = str(analysis.folder / "limit-mu_eff"), tmp_path / "profile.pdf"
    assert main(["plot", step, "--kind", "profile", "-o", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert capsys.readouterr().out == f"Written to {out}.\n"
    words = ["--kind", "trace", "--kind", "rank", "--out", str(tmp_path / "new"), "--format", "svg"]
    assert main(["plot", str(analysis.folder), *words, "--step", "sample-charge"]) == 0
    found = sorted(path.name for path in (tmp_path / "new/sample-charge").iterdir())
    assert found == ["rank.svg", "trace.svg"]


def test_plot_says_what_there_is(analysis: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    step = str(analysis.folder / "limit-khan")
    assert main(["plot", step, "--kind", "corner"]) == 2
    assert "expected profile, spectrum." in capsys.readouterr().err
    assert main(["plot", str(analysis.folder), "--kind", "profile", "-o", "a.png"]) == 2
    assert "expected a folder" in capsys.readouterr().err


def keys(text: str) -> set[str]:
    """Return the keys of BibTeX entries."""
    return {line.partition("{")[2].rstrip(",") for line in text.splitlines() if line[:1] == "@"}


def test_cite_names_data_formulas_and_software_of_exactly_this_result(
    analysis: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    def cite(name: str) -> set[str]:
        assert main(["cite", str(analysis.folder / name)]) == 0
        return keys(capsys.readouterr().out)

    profile, sampled = cite("limit-khan"), cite("limit-mu_eff")
    sampler = {"nutpie", "hoffman2014", "lam2015numba", "arviz2026"}
    assert {"XENON:2022ltv", "khan-2022", "vinyoles2017", "harris2020array"} <= profile
    assert not sampler & profile, "nothing was sampled"
    assert sampler <= sampled and "khan-2022" not in sampled
    assert "LZ:2022lsv" not in sampled
    assert "deromeri-2024" in cite("exclusion-mu_e-m4"), "the formulas of the dipole portal"
    assert profile | sampled <= cite("."), "a run cites what its steps cite"
    assert cite("sample-charge/posterior.nc") >= sampler | {"XENON:2022ltv"}


def test_cite_needs_no_experiment_file_that_has_gone(
    analysis: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(analysis.folder / "limit-mu_eff", tmp_path / "alone")
    assert main(["cite", str(tmp_path / "alone"), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    assert found["experiments"] == ["my-experiment", "xenonnt-2022-er"]
    assert "XENON:2022ltv" in {entry["key"] for entry in found["data"]}


def test_limit_writes_report_and_tables_when_asked(tmp_path: Path) -> None:
    words = ("limit", "xenonnt-2022-er", "--signal", "magnetic-moment", "--parameter", "mu_eff")
    more = ("--method", "profile", "--no-plots", "--report", "--export", "csv")
    assert main([*words, *more, "--out", str(tmp_path)]) == 0
    assert (tmp_path / "report.html").is_file()
    assert (tmp_path / "exports/csv/limits.csv").is_file()
    # A later limit does not leave the report of an earlier one beside it.
    assert main([*words, "--method", "profile", "--no-plots", "--out", str(tmp_path)]) == 0
    assert not (tmp_path / "report.html").exists()


def test_a_calibrated_cut_is_drawn_again(analysis: Outcome) -> None:
    saved = read_run(analysis.folder / "limit-mu_eff")
    (fit,) = saved.fits
    assert fit.limit is not None
    calibrated = CalibratedLimit(
        100, (0.0, 0.4, 0.8), (1.5, 2.0, 2.5), (0.1, 0.1, 0.1), ((None, 0.6),)
    )
    fit = replace(fit, limit=replace(fit.limit, calibrated=calibrated))
    found = {p.kind: p for p in pictures_of(replace(saved, fits=(fit,)))}
    assert "100 toys" in found["calibrated"].caption
    (axes,) = found["calibrated"].draw().axes
    assert 0.6 in [line.get_xdata()[0] for line in axes.lines]
