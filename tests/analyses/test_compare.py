"""Experiments beside their combination: what is printed, saved, drawn and said in a limit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from bayesnu import asimov, compare, limit, read_run
from bayesnu.analyses.question import likelihood_of
from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.output.plots.pictures import pictures_of
from bayesnu.results.comparison import Comparison

PAIR = ("xenonnt-2022-er", "lz-2022-er")
MU = ("magnetic-moment", "mu_eff")


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(PAIR, *MU, method="profile")


def test_each_part_is_what_the_experiment_says_alone(found: Comparison) -> None:
    """Alone it has its own nuisances; the common mixing angles move nothing that is printed."""
    for part, name in zip(found.parts, PAIR, strict=True):
        alone = profile(likelihood_of([name], *MU[:1], [MU[1]]), MU[1])
        assert part.experiment == name
        assert part.intervals[0][1] == pytest.approx(
            alone.intervals(found.threshold)[0][1], rel=1e-3
        )
        assert part.chi2_min == pytest.approx(alone.chi2_min, abs=1e-3)


def test_the_others_of_two_are_the_other_one(found: Comparison) -> None:
    one, other = found.parts
    assert one.without[0][1] == pytest.approx(other.intervals[0][1], rel=1e-6)
    assert other.without[0][1] == pytest.approx(one.intervals[0][1], rel=1e-6)


def test_parameter_goodness_is_the_difference_of_chi2(found: Comparison) -> None:
    goodness = found.parameter_goodness_of_fit
    parts = sum(part.chi2_min for part in found.parts)
    assert goodness.delta_chi2 == pytest.approx(found.chi2_min - parts, abs=1e-6)
    assert goodness.dof == 1
    assert goodness.p_value == pytest.approx(chi2.sf(max(goodness.delta_chi2, 0.0), 1))
    assert {"flux_pp", "flux_be7"} <= set(goodness.shared)


def test_an_injected_signal_in_one_of_two_data_sets_is_a_disagreement() -> None:
    """A moment in LZ that XENONnT's Asimov data exclude."""
    nothing = asimov(PAIR[:1], MU[0])
    seen = asimov(PAIR[1:], MU[0], {"mu_eff": 3.0})
    of = {"observed": {**nothing, **seen}, "method": "profile"}
    apart = compare(PAIR, *MU, **of)
    assert apart.parameter_goodness_of_fit.disagrees
    assert "They disagree on mu_eff by" in str(apart)
    assert apart.parts[1].pull > 2.0
    said = limit(PAIR, *MU, **of)
    assert said.parameter_goodness_of_fit == apart.parameter_goodness_of_fit
    assert [row for row in said.rows() if row[0] == "tension"]
    quiet = limit(PAIR, *MU, method="profile")
    assert quiet.parameter_goodness_of_fit is not None
    assert not [row for row in quiet.rows() if row[0] == "tension"]


def test_one_experiment_is_no_comparison() -> None:
    with pytest.raises(InputError, match="compare"):
        compare(PAIR[:1], *MU)


def test_numbers_picture_and_report_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", *PAIR, "--signal", MU[0], "--parameter", MU[1], "--method", "profile"]
    assert main([*words, "--out", str(tmp_path), "--report", "--toys", "8"]) == 0
    printed = capsys.readouterr().out
    assert "parameter goodness of fit: Delta chi2" in printed and "8 toys" in printed
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == [
        "compare.json",
        "compare.png",
        "report.html",
    ]
    saved = read_run(tmp_path)
    (again,) = saved.comparisons.values()
    assert printed.startswith(str(again))
    assert "lz-2022-er" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert [picture.kind for picture in pictures_of(saved)] == ["compare"]
    written = json.loads((tmp_path / "compare.json").read_text(encoding="utf-8"))["results"][0]
    assert set(written["parameter_goodness_of_fit"]) >= {"delta_chi2", "dof", "p_value"}
    assert [part["experiment"] for part in written["parts"]] == list(PAIR)
    for form in ("csv", "latex", "hepdata", "json"):
        assert main(["export", str(tmp_path), "--format", form, "--out", str(tmp_path / form)]) == 0
    table = (tmp_path / "csv/compare_mu_eff.csv").read_text(encoding="utf-8")
    assert np.isclose(float(table.splitlines()[1].split(",")[1]), again.parts[0].best_fit)


def test_altered_numbers_are_refused(
    tmp_path: Path, found: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = found.to_dict()
    entry["parts"][0]["values"] = entry["parts"][0]["values"][:-1]
    (tmp_path / "compare.json").write_text(json.dumps({"results": [entry]}), encoding="utf-8")
    assert main(["report", str(tmp_path)]) == 2
    assert "delta_chi2" in capsys.readouterr().err
