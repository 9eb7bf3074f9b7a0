"""A run that the first edition saved is read, drawn, reported and exported as it was."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from bayesnu import InputError, export_run, read_run
from bayesnu.output.plots.pictures import pictures_of
from bayesnu.output.report.page import report_html
from bayesnu.output.tables.formats import FORMATS
from bayesnu.saved.runs import SavedRun

FIRST = Path(__file__).parent / "first_edition"
"""Written by version 0.1.0: a limit with 20 draws, a profile, a contour, a plane, a sensitivity."""


@pytest.fixture(scope="module")
def run() -> SavedRun:
    return read_run(FIRST)


def test_its_limit_has_its_curve_draws_and_goodness(run: SavedRun) -> None:
    (fit,) = run.fits
    assert fit.limit is not None and fit.limit.frequentist is not None
    assert fit.record is not None and fit.record.curve is not None
    curve, frequentist = fit.record.curve, fit.limit.frequentist
    assert curve.intervals(frequentist.threshold) == frequentist.intervals
    saved = json.loads((FIRST / "limit-mu_eff/record.json").read_text())
    assert np.array_equal(curve.values, saved["curve"]["x"])
    assert np.array_equal(curve.delta_chi2, saved["curve"]["y"])
    assert set(fit.columns) >= {"mu_eff", "flux_pp"} and fit.columns["mu_eff"].values.size == 40
    goodness = fit.record.goodness
    assert goodness is not None and goodness.toys == 5
    assert goodness.p_value_error == pytest.approx(saved["goodness"]["p_value_error"])
    (experiment,) = fit.record.experiments
    assert experiment.facts["channel"] == "electron-recoil on xenon"


def test_its_curves_and_regions_have_their_intervals_and_lines(run: SavedRun) -> None:
    ((curve,),) = run.profiles.values()
    (saved,) = json.loads((FIRST / "profile-mu_eff/profile.json").read_text())["results"]
    now = curve.to_dict()
    assert {key: now[key] for key in saved} == saved
    assert not now["fixed"] and not now["notes"]  # of which that edition said nothing
    ((region,),) = run.contours.values()
    (saved,) = json.loads((FIRST / "contour-mu_e-mu_mu/contour.json").read_text())["results"]
    again = region.to_dict()
    for (one,), (other,) in [(again.pop("contours"), saved.pop("contours"))]:
        assert one["cut"] == other["cut"]
        assert np.allclose(one["lines"][0], other["lines"][0])
    assert {key: again[key] for key in saved} == saved


@pytest.mark.parametrize(
    ("step", "file", "key"),
    [
        ("profile-mu_eff", "profile.json", "delta_chi2"),
        ("contour-mu_e-mu_mu", "contour.json", "y"),
        ("contour-mu_e-mu_mu", "contour.json", "delta_chi2"),
    ],
)
def test_numbers_that_do_not_belong_together_are_refused(
    step: str, file: str, key: str, tmp_path: Path
) -> None:
    found = json.loads((FIRST / step / file).read_text())
    found["results"][0][key].pop()
    (tmp_path / file).write_text(json.dumps(found))
    with pytest.raises(InputError, match="delta_chi2"):
        read_run(tmp_path)


def test_all_of_it_is_drawn_reported_and_exported(run: SavedRun, tmp_path: Path) -> None:
    drawn = {picture.kind: picture.draw() for picture in pictures_of(run)}
    assert {"spectrum", "profile", "corner", "contour", "exclusion", "sensitivity"} <= set(drawn)
    plane, spectrum = drawn["exclusion"].axes[0], drawn["spectrum"].axes[0]
    assert plane.get_xlabel() == "$m_4$ [MeV]" and r"\mu_{\nu_e 4}" in plane.get_ylabel()
    texts = [text.get_text() for text in spectrum.get_legend().get_texts()]
    assert any(text.startswith("fit, with $") and "(90%)" in text for text in texts)
    assert "my-experiment" in report_html(run)
    for kind in FORMATS:
        assert export_run(run, kind, tmp_path / kind)
    with (tmp_path / "csv/limits.csv").open(newline="") as file:
        statements = [row["statement"] for row in csv.DictReader(file)]
    assert statements == ["delta_chi2", "credible"]
