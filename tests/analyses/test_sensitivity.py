"""Sensitivity against exposure: scaling, toys, credible limits, the command."""

import json
from pathlib import Path

import numpy as np
import pytest
from monte_carlo import assert_within, generator, seed, settings, stochastic

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.question import likelihood_of
from bayesnu.analyses.sensitivity import sensitivity
from bayesnu.campaigns.simulation import draw
from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load
from bayesnu.inference.settings import Settings

MOMENT = ("darwin-30ty@giunti-ternes-2023", "magnetic-moment", "mu_eff")


def upper(found) -> list[float]:
    return [point.frequentist.intervals[-1][1] for point in found.points]


@pytest.fixture(scope="module")
def statistics_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DARWIN with fluxes, mixing angles and backgrounds known exactly."""
    file = load("darwin-30ty").file
    changes = "".join(
        f'[backgrounds.{name}]\nprior = {{ type = "fixed" }}\n' for name in file.backgrounds
    )
    flux = ", ".join(f"{component} = 0.0" for component in file.neutrinos.components)
    path = tmp_path_factory.mktemp("statistics") / "statistics.toml"
    path.write_text(
        'extends = "darwin-30ty@giunti-ternes-2023"\n'
        f"[neutrinos]\nflux_sigma = {{ {flux} }}\n{changes}",
        encoding="utf-8",
    )
    return path


def exponent(found) -> float:
    """Return d ln(limit) / d ln(exposure) between the first and the last exposure."""
    limits, exposures = upper(found), [point.exposure for point in found.points]
    return float(np.log(limits[-1] / limits[0]) / np.log(exposures[-1] / exposures[0]))


@pytest.mark.parametrize(
    ("signal", "parameter"), [("magnetic-moment", "mu_eff"), ("magnetic-moment", "mu_mu")]
)
def test_mu_scales_as_exposure_to_the_minus_one_quarter_where_statistics_dominate(
    statistics_only: Path, signal: str, parameter: str
) -> None:
    """Signal ~ mu^2 t, its error ~ sqrt(t); 0.004: counts are not Gaussian at the lowest bins."""
    found = exponent(sensitivity(statistics_only, signal, parameter, [30.0, 300.0, 3000.0]))
    print(f"{parameter}: limit ~ exposure^{found:.4f}")
    assert found == pytest.approx(-0.25, abs=0.004)


def test_mu_scales_nearly_so_with_what_is_not_known() -> None:
    """The nuisances of the file, fitted from the same data, take 0.012 off the exponent."""
    found = exponent(sensitivity(*MOMENT, [30.0, 300.0]))
    print(f"with nuisances: limit ~ exposure^{found:.4f}")
    assert -0.25 < found < -0.23


def test_what_enters_linearly_scales_as_exposure_to_the_minus_one_half(
    statistics_only: Path,
) -> None:
    """The upper end of r2_ee, far inside the distance to its mirror solution."""
    found = sensitivity(statistics_only, "charge-radius", "r2_ee", [300.0, 3000.0])
    widths = [p.frequentist.intervals[-1][1] - p.frequentist.best_fit for p in found.points]
    # 2%: what is left of the quadratic term.
    assert np.log10(widths[1] / widths[0]) == pytest.approx(-0.5, rel=0.02)


def test_less_background_is_never_worse() -> None:
    factors = (1.0, 0.1, 0.01, 0.0)
    limits = [upper(sensitivity(*MOMENT, [300.0], scale={"Xe136": f}))[0] for f in factors]
    assert limits == sorted(limits, reverse=True)


@stochastic
def test_the_median_of_toys_is_the_asimov_limit() -> None:
    """Toys scatter by 25%; the error of their median is that of a normal distribution's."""
    point = sensitivity(*MOMENT, [30.0], toys=100, settings=Settings(seed=seed(4))).points[0]
    quantiles = point.band.upper
    print(f"Asimov {point.frequentist.intervals[0][1]:.3f}, toys {quantiles}")
    asimov = point.frequentist.intervals[0][1]
    error = np.sqrt(np.pi / 2) * 0.5 * (quantiles[3] - quantiles[1]) / np.sqrt(100)
    assert error < 0.04 * asimov
    assert_within(quantiles[2], asimov, error, 0.02 * asimov)
    assert quantiles == tuple(sorted(quantiles)) and point.band.lower is None
    assert point.band.failed == 0 and point.band.toys == 100


@stochastic
def test_the_median_of_toys_is_the_asimov_limit_where_a_nuisance_is_not_as_expected() -> None:
    """The truth is behind the counts; the pulls stay where the file has them, in both."""
    given = {"truth": {"flux_be7": 1.3}, "toys": 60, "settings": Settings(seed=seed(5))}
    point = sensitivity("darwin-30ty", "magnetic-moment", "mu_e", [30.0], **given).points[0]
    quantiles, asimov = point.band.upper, point.frequentist.intervals[0][1]
    print(f"Asimov {asimov:.3f}, toys {quantiles}")
    error = np.sqrt(np.pi / 2) * 0.5 * (quantiles[3] - quantiles[1]) / np.sqrt(60)
    assert_within(quantiles[2], asimov, error, 0.02 * asimov)


@stochastic
def test_toys_draw_the_counts_and_the_centres_of_the_pulls() -> None:
    likelihood = likelihood_of(
        ["darwin-30ty"], "magnetic-moment", ["mu_eff"], observed=asimov(["darwin-30ty"])
    )
    rng = generator(3)
    drawn = [draw(likelihood, likelihood.observed, likelihood.centre, rng) for _ in range(2000)]
    counts, centres = (np.array(part) for part in zip(*drawn, strict=True))
    fullest = int(np.argmax(likelihood.observed))
    norm = likelihood.index("flux_pp")
    width = likelihood.parameters[norm].prior.sigma
    for toys, mean, spread in (
        (counts[:, fullest], likelihood.observed[fullest], likelihood.observed[fullest] ** 0.5),
        (centres[:, norm], likelihood.centre[norm], width),
    ):
        assert_within(toys.mean(), mean, spread / 2000**0.5)
        assert_within(toys.std(), spread, spread / 4000**0.5)


def test_the_same_seed_gives_the_same_toys() -> None:
    runs = [sensitivity(*MOMENT, [3.0], toys=10).to_dict() for _ in range(2)]
    assert runs[0] == runs[1]


def test_processes_fit_the_same_toys_as_one_and_a_kept_folder_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = sensitivity(*MOMENT, [3.0], toys=12).points[0].band
    sensitivity(*MOMENT, [3.0], toys=10, keep=tmp_path)
    (folder,) = tmp_path.glob("toys-*")
    assert len(list(folder.glob("fits-*.arrows"))) == 1
    monkeypatch.setattr("bayesnu.analyses.sensitivity.useful_cores", lambda wanted, _: wanted)
    assert sensitivity(*MOMENT, [3.0], toys=12, cores=2, keep=tmp_path).points[0].band == alone
    # Nothing is left to be fitted.
    monkeypatch.setattr("bayesnu.campaigns.ensemble.profile", lambda *_, **__: 1 / 0)
    assert sensitivity(*MOMENT, [3.0], toys=12, keep=tmp_path).points[0].band == alone


@stochastic
def test_expected_credible_limit_beside_the_delta_chi2_limit() -> None:
    """Both follow from one likelihood; flat in mu the credible limit is a little lower."""
    found = sensitivity(
        *MOMENT, [30.0], method="both", settings=settings(draws=500, chains=4, cores=2)
    )
    credible = found.points[0].bayesian
    print(found)
    assert found.converged
    assert 0.75 < credible.intervals[0][1] / upper(found)[0] < 1.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exposures": []}, "at least one"),
        ({"toys": 3}, "10 to 1e6"),
        ({"method": "guess"}, "profile"),
        ({"scale": {"Xe1": 2.0}}, "no such background"),
        ({"truth": {"mu": 2.0}}, "unknown name"),
        ({"free": ["q_ee"]}, "mu_e"),
    ],
)
def test_wrong_input_is_refused(changes: dict[str, object], words: str) -> None:
    given = {"exposures": [1.0], **changes}
    with pytest.raises(InputError, match=words):
        sensitivity(*MOMENT, **given)


def test_the_command_prints_json_and_draws(tmp_path: Path, capsys) -> None:
    plot = tmp_path / "mu.png"
    words = ["sensitivity", "darwin-30ty", "--signal", "magnetic-moment", "--parameter", "mu_eff"]
    words += ["--exposures", "30", "300", "--scale", "Xe136=0.01", "--json"]
    assert main([*words, "--plot", str(plot)]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert [point["exposure"] for point in result["points"]] == [30.0, 300.0]
    assert result["scale"] == {"Xe136": 0.01} and result["points"][0]["band"] is None
    assert plot.stat().st_size > 10_000


def test_commands_take_asimov_exposure_and_scale(capsys) -> None:
    words = ["--signal", "magnetic-moment", "--asimov", "--exposure", "300"]
    words += ["--scale", "Xe136=0.01", "--json"]
    moment = ["--parameter", "mu_eff"]
    assert main(["limit", "darwin-30ty", *words, *moment, "--method", "profile"]) == 0
    (limit,) = json.loads(capsys.readouterr().out)["results"]
    assert main(["profile", "darwin-30ty", *words, *moment]) == 0
    (profile,) = json.loads(capsys.readouterr().out)["results"]
    assert main(["rates", "darwin-30ty", *words]) == 0
    (rates,) = json.loads(capsys.readouterr().out)["results"]
    assert limit["frequentist"]["intervals"] == profile["intervals"]
    assert limit["published"] == []
    assert sum(rates["totals"].values()) == pytest.approx(sum(rates["observed"]), rel=1e-9)


def test_contour_and_sample_take_them_too(tmp_path: Path, capsys) -> None:
    moments = ["--signal", "magnetic-moment", "--asimov", "--exposure", "5", "--json"]
    words = ["contour", "darwin-30ty", *moments, "--parameters", "mu_e", "mu_mu", "--points", "9"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["results"][0]["experiments"] == ["darwin-30ty"]
    words = ["sample", "darwin-30ty", *moments, "--parameter", "mu_eff", "--truth", "mu_eff=1"]
    words += ["--draws", "300", "--chains", "2", "--cores", "2", "--out", str(tmp_path / "out")]
    main(words)
    assert (tmp_path / "out" / "posterior.nc").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--truth", "mu_eff=1"], "--asimov too"),
        (["--asimov", "--truth", "mu_eff"], "NAME=NUMBER"),
        (["--asimov", "--scale", "Xe1=2"], "no such background"),
        (["--exposure", "3"], "--asimov"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(words: list[str], message: str, capsys) -> None:
    base = ["profile", "darwin-30ty", "--signal", "magnetic-moment", "--parameter", "mu_eff"]
    assert main([*base, *words]) == 2
    assert message in capsys.readouterr().err
