"""Priors of a question: words, ranges, groups, warnings with numbers; on the command line too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from monte_carlo import settings, stochastic, with_seed
from scipy.stats import halfnorm

import bayesnu
from bayesnu.analyses.limit import with_volume
from bayesnu.analyses.prior_choice import other_prior
from bayesnu.analyses.prior_effect import suiting
from bayesnu.analyses.question import Question
from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.inference.profile import profile
from bayesnu.results.limit import CredibleLimit

ER = "xenonnt-2022-er"
MU = ("magnetic-moment", "mu_eff")
WORDS = [ER, "--signal", MU[0], "--parameter", MU[1]]


@stochastic
def test_a_half_normal_prior_is_that_of_scipy() -> None:
    how = {"method": "posterior", "settings": settings(cores=1)}
    one = bayesnu.limit([ER], *MU, prior="half-normal:0.5", **how)
    other = bayesnu.limit([ER], *MU, prior=halfnorm(scale=0.5), **how)
    assert one.bayesian.intervals[0][1] == pytest.approx(other.bayesian.intervals[0][1], rel=1e-9)
    assert one.bayesian.prior == "half-normal in mu_eff, width 0.5 on [0, 100]"
    assert other.bayesian.prior == "halfnorm(scale=0.5) in mu_eff on [0, 100]"


@stochastic
def test_the_profile_does_not_know_of_a_prior_that_weighs_draws() -> None:
    run = bayesnu.limit_run([ER], *MU, prior="gaussian:0,0.3", settings=settings(cores=1))
    plain = bayesnu.limit([ER], *MU, method="profile")
    assert run.limit.frequentist == plain.frequentist
    assert run.limit.bayesian.intervals[0][1] < 0.6
    tree = run.posterior
    attributes = tree["posterior"]["mu_eff"].attrs
    assert attributes["prior"] == "Gaussian in mu_eff, 0 +- 0.3" and "prior_power" not in attributes
    assert "prior" not in tree.children and "posterior_predictive" in tree.children


@stochastic
def test_a_short_range_is_said_with_numbers() -> None:
    found = bayesnu.limit([ER], *MU, prior_range=(0.0, 1.0), settings=settings(cores=1))
    said = " ".join(found.bayesian.remarks("mu_eff"))
    assert "twice the prior's range would make the limit" in said and "% longer" in said
    assert "at the end of the range, 1, the posterior is" in said
    assert found.bayesian.prior == "flat in mu_eff on [0, 1]"


def test_a_region_that_leaves_out_what_fits_is_said() -> None:
    """One of several free charges: the profile has zero within 0.6 of its best fit."""
    question = Question.of([ER], "millicharge", ["q_ee"], free=["q_mumu"])
    curve = profile(question.likelihood, "q_ee")
    assert curve.at(0.0) < 1.0
    region = CredibleLimit(
        "flat", "highest-density", ((0.5, 8.0),), 4.0, 2.0, 1.0, 900.0, 0, 4000, True
    )
    (said,) = with_volume(question, region, curve).notes
    assert said.startswith(f"it leaves out 0, whose Delta chi2 is {curve.at(0.0):.2g}")
    for quiet in (((-1.0, 8.0),), ((None, 8.0),)):
        assert with_volume(question, replace(region, intervals=quiet), curve).notes == ()
    alone = question.but(free=())
    assert with_volume(alone, region, curve).notes == ()


def test_ranges_without_a_meaning_are_refused() -> None:
    for given in ((1.0, 0.0), (-1.0, 5.0), (0.0, np.inf)):
        with pytest.raises(InputError, match="--prior-range"):
            _ = Question.of([ER], MU[0], [MU[1]], prior_range=given).likelihood
    likelihood = Question.of([ER], MU[0], [MU[1]], prior="log", prior_range=(0.1, 5.0)).likelihood
    assert likelihood.parameters[0].prior.words("mu_eff") == "flat in log mu_eff on [0.1, 5]"


def test_the_natural_prior_is_flat_in_the_squares_of_complex_sizes() -> None:
    question = Question.of([ER], "charge-radius", ["r2_ee"], fit="marginal", prior="natural")
    powers = {p.name: p.prior.power for p in question.likelihood.parameters if p.role == "signal"}
    phased = {p.name for p in question.signal.parameters if p.phase}
    assert powers["r2_ee"] == 0.0
    assert {name for name, power in powers.items() if power == 1.0} == phased & set(powers)


def test_other_analyses_refuse_priors_that_weigh_draws() -> None:
    with pytest.raises(InputError, match="in this analysis"):
        bayesnu.sensitivity("darwin-30ty", *MU, [30.0], prior="jeffreys", method="both")


def test_priors_that_suit_every_free_parameter_are_in_the_table() -> None:
    sizes = Question.of([ER], MU[0], ["mu_e"], free=["mu_mu"])
    assert suiting(sizes) == ("flat", "flat-squared", "log")
    assert other_prior(sizes, "jeffreys").words == "Jeffreys in mu_e, mu_mu"
    charges = Question.of([ER], "millicharge", ["q_ee"], fit="marginal")
    phases = any(charges.signal.parameter(name).phase for name in charges.free)
    assert suiting(charges) == (("flat", "natural") if phases else ("flat",))


@stochastic
def test_further_priors_stand_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["priors", ER, "--signal", "millicharge", "--parameter", "q_ee", "--json"]
    words += ["--prior", "gaussian:0,1", "--cores", "1"]
    assert main(with_seed(words)) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    flat, jeffreys, gaussian = (limit["intervals"][0] for limit in found["credible"])
    assert [limit["prior"].partition(" ")[0] for limit in found["credible"]] == [
        "flat",
        "Jeffreys",
        "Gaussian",
    ]
    assert found["free"] == ["q_ee"]
    # Widths that differ by a fifth and more, known to a few percent.
    assert gaussian[1] - gaussian[0] < flat[1] - flat[0] < jeffreys[1] - jeffreys[0]


def test_the_command_names_its_folder_after_the_prior(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    how = [
        "--method",
        "profile",
        "--no-plots",
        "--prior",
        "gaussian:0,1",
        "--prior-range",
        "0",
        "9",
    ]
    assert main(["limit", *WORDS, *how]) == 0
    place = tmp_path / "results" / ER / MU[0] / "mu_eff+gaussian-0,1+range-0-9"
    assert (place / "limit.json").is_file()
    assert main(["limit", *WORDS, "--prior", "flatt", "--no-files"]) == 2


def test_a_run_file_has_priors_and_ranges(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    text = f'title = "t"\nexperiments = ["{ER}"]\nsignal = "{MU[0]}"\n'
    step = f'[[limit]]\nparameter = "{MU[1]}"\nprior = "%s"\nprior_range = [0, 9]\n'
    file.write_text(text + step % "jeffreys", encoding="utf-8")
    assert main(["run", str(file), "--check"]) == 0
    file.write_text(text + step % "nothing", encoding="utf-8")
    assert main(["run", str(file), "--check"]) == 2
