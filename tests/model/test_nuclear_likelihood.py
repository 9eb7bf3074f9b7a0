"""The likelihood of nuclear-recoil experiments against a direct calculation."""

import numpy as np
import pytest
from monte_carlo import generator
from scipy.special import xlogy

import bayesnu
from bayesnu.errors import InputError
from bayesnu.model.build import build_likelihood
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import signal_by_tag


def test_chi2_equals_a_direct_calculation_at_random_points():
    """Fold the spectrum with the response at each point, instead of adding up templates."""
    experiment = bayesnu.load("xenonnt-2026-s2only")
    signal = signal_by_tag("magnetic-moment", "nuclear-recoil")
    likelihood = build_likelihood([experiment], signal, ["mu_e"])
    rate = recoil_rate(experiment)
    response = experiment.responses[0]
    up = response.terms[("t_qy",)] + response.terms[("t_qy", "t_qy")] + response.nominal
    down = -response.terms[("t_qy",)] + response.terms[("t_qy", "t_qy")] + response.nominal
    rng = generator(3)
    for _ in range(5):
        mu, t = rng.uniform(0, 300), rng.uniform(-2, 2)
        norms = {n: rng.uniform(0.8, 1.2) for n in likelihood.names if n not in ("mu_e",)}
        norms["t_qy_xenonnt_2026_s2only"] = t
        # Derivatives by mixing angles are left out of this sum.
        norms |= {name: 0.0 for name in likelihood.names if name.startswith("pull_")}
        x = likelihood.point({"mu_e": mu, **norms})
        parabola = (
            response.nominal
            + 0.5 * t * (up - down)
            + 0.5 * t**2 * (up + down - 2.0 * response.nominal)
        )
        expected = np.zeros(experiment.bins)
        for component, spectrum in rate.spectrum(signal, {"mu_e": mu}).items():
            expected += norms[f"flux_{component}"] * (parabola @ spectrum)
        expected *= norms["signal_xenonnt_2026_s2only"]
        pulls = sum(p.prior.pull(norms[p.name]) for p in likelihood.parameters if p.name != "mu_e")
        for background in experiment.backgrounds:
            name = f"background_{background.name}_xenonnt_2026_s2only"
            expected += norms[name] * background.counts
        n = experiment.observed
        chi2 = 2.0 * (expected - n + xlogy(n, n / expected)).sum() + pulls
        # The same sums in another order.
        assert float(likelihood.chi2(x)) == pytest.approx(chi2, rel=1e-9)


def test_gradient_is_the_derivative_with_yield_nuisances():
    likelihood = build_likelihood(
        [bayesnu.load("xenonnt-2024-8b")],
        signal_by_tag("millicharge", "nuclear-recoil"),
        ["q_ee", "q_emu"],
    )
    x = likelihood.start + 0.1
    _, gradient = likelihood.chi2_and_gradient(x)
    for index in range(len(x)):
        step = np.zeros_like(x)
        step[index] = 1e-5
        slope = float(likelihood.chi2(x + step) - likelihood.chi2(x - step)) / 2e-5
        # Central differences lose about half of the digits of chi2 = 100.
        assert gradient[index] == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_pymc_model_holds_the_same_likelihood():
    from pymc.model.transform.conditioning import remove_value_transforms

    likelihood = build_likelihood(
        [bayesnu.load("xenonnt-2026-s2only")],
        signal_by_tag("magnetic-moment", "nuclear-recoil"),
        ["mu_eff"],
    )
    model = remove_value_transforms(bayesnu.build_model(likelihood))
    compiled = model.compile_logp(mode="FAST_COMPILE")
    rng = generator(1)
    differences = []
    for _ in range(3):
        x = likelihood.start * rng.uniform(0.9, 1.1, len(likelihood.start))
        x[likelihood.index("mu_eff")] = rng.uniform(1.0, 200.0)
        x[likelihood.index("t_qy_xenonnt_2026_s2only")] = rng.uniform(-1.5, 1.5)
        point = dict(zip(likelihood.names, map(np.array, x), strict=True))
        differences.append(float(compiled(point)) - likelihood.log_posterior(x))
    # Constants only: rounding of sums of size 1e4.
    assert np.ptp(differences) < 1e-8


def test_releases_with_the_same_events_are_not_combined():
    for pair in (
        ("xenonnt-2026-8b", "xenonnt-2024-8b"),
        ("xenonnt-2024-8b", "xenonnt-2024-8b@deromeri-2024"),
        ("xenonnt-2026-8b", "xenonnt-2026-s2only"),
    ):
        with pytest.raises(InputError, match="expected one of them"):
            bayesnu.limit(list(pair), "magnetic-moment", "mu_eff", method="profile")


def test_flux_is_one_nuisance_for_both_experiments():
    names = build_likelihood(
        [bayesnu.load("xenonnt-2026-8b"), bayesnu.load("pandax4t-2024-8b")],
        signal_by_tag("magnetic-moment", "nuclear-recoil"),
        ["mu_eff"],
    ).names
    assert [name for name in names if name.startswith("flux_")] == ["flux_b8", "flux_hep"]


def test_both_channels_share_a_magnetic_moment():
    """Electrons decide: 1e-11 against 1e-9 mu_B."""
    both = bayesnu.limit(
        ["xenonnt-2022-er", "xenonnt-2026-8b"], "magnetic-moment", "mu_eff", method="profile"
    )
    alone = bayesnu.limit(["xenonnt-2022-er"], "magnetic-moment", "mu_eff", method="profile")
    ends = [r.frequentist.intervals[0][1] for r in (both, alone)]
    # Nuclei add (1e-2)^2 of the sensitivity; the rest is the fit's tolerance.
    assert ends[0] == pytest.approx(ends[1], rel=5e-3)
