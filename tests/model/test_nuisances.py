"""What nuisances do, and do not do, to a limit."""

import itertools

import pytest
from experiment_files import CURRENT
from monte_carlo import generator

from bayesnu.experiments.loading import load
from bayesnu.inference.profile import profile
from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import MagneticMoment

CUT = threshold(0.9, 1)
LEVER = 1e-7  # relative width that fixes a nuisance for all purposes


def asimov(likelihood: Likelihood) -> Likelihood:
    """Data that the Standard Model at all expectations describes exactly."""
    centred = likelihood
    for parameter in likelihood.parameters:
        if parameter.role == "background" and not parameter.prior.is_gaussian:
            centred = centred.with_prior(parameter.name, priors.flat(0.0, 100.0))
    x = likelihood.start
    return centred.with_observed(centred.expected(x))


def limit_of(likelihood: Likelihood) -> float:
    upper = profile(likelihood, "mu_eff").intervals(CUT)[-1][1]
    assert upper is not None
    return upper


@pytest.mark.parametrize("name", CURRENT)
def test_adding_a_nuisance_never_strengthens_a_limit(name: str) -> None:
    """Each nuisance in turn, on Asimov data, where the fit without it is not biased."""
    full = asimov(build_likelihood([load(name)], MagneticMoment(), ["mu_eff"]))
    nuisances = [p.name for p in full.parameters if p.role != "signal"]
    assert len(nuisances) >= 4
    fixed = full
    for nuisance in nuisances:
        centre = float(full.start[full.index(nuisance)])
        fixed = fixed.with_prior(nuisance, priors.gaussian(centre, LEVER))
    limits = [limit_of(fixed)]
    for nuisance in nuisances:
        prior = full.parameters[full.index(nuisance)].prior
        fixed = fixed.with_prior(nuisance, prior)
        limits.append(limit_of(fixed))
    # The search for the crossing is exact to 1e-10, the inner fits to 1e-9 in chi2.
    assert all(b >= a * (1 - 1e-6) for a, b in itertools.pairwise(limits)), limits
    assert limits[-1] > limits[0] * 1.05


@pytest.mark.parametrize(
    ("name", "background", "halves"),
    [
        (
            "xenonnt-2022-er",
            "Xe136",
            'spectrum = { table = "er-shapes/xe136.csv", column = "density_per_keV" }\n'
            'below_keV_as = "linear"\nevents = 780\n'
            'prior = { type = "gaussian", sigma_events = 30 }\n',
        ),
        (
            "lz-2022-er",
            "beta_det",
            'flat = true\nevents = 107.5\nprior = { type = "gaussian", sigma_events = 18 }\n',
        ),
    ],
)
def test_two_equal_halves_with_a_shared_nuisance_change_nothing(
    variant, name: str, background: str, halves: str
) -> None:
    path = variant(
        name,
        f"[backgrounds.{background}]\nomit = true\n"
        + "".join(f'[backgrounds.half{i}]\nshared = "halves"\n{halves}' for i in (1, 2)),
    )
    whole = build_likelihood([load(name)], MagneticMoment(), ["mu_eff"])
    split = build_likelihood([load(path)], MagneticMoment(), ["mu_eff"])
    assert len(split.parameters) == len(whole.parameters)
    assert "background_halves" in split.names
    own = f"background_{background}_{name.replace('-', '_')}"

    def renamed(parameter: str) -> str:
        plain = parameter.replace(path.stem.replace("-", "_"), name.replace("-", "_"))
        return own if parameter == "background_halves" else plain

    order = [whole.names.index(renamed(parameter)) for parameter in split.names]
    rng = generator(7)
    for _ in range(20):
        x = whole.start * rng.uniform(0.7, 1.3, len(whole.start))
        x[0] = rng.uniform(0.0, 2.0)
        assert split.chi2(x[order]) == pytest.approx(float(whole.chi2(x)), abs=1e-9)
    assert limit_of(split) == pytest.approx(limit_of(whole), rel=1e-6)


def test_pulls_are_of_relative_widths_and_not_of_events() -> None:
    """A norm that moves the events by one published sigma costs 1 in chi2."""
    for name, component, expected, sigma in (
        ("xenonnt-2022-er", "Kr85", 90.0, 60.0),
        ("xenonnt-2022-er", "materials", 270.0, 50.0),
        ("xenonnt-2022-er", "Xe136", 1560.0, 60.0),
        ("lz-2022-er", "beta_det", 215.0, 36.0),
        ("lz-2022-er", "Xe127", 9.2, 0.8),
    ):
        experiment = load(name)
        likelihood = build_likelihood([experiment], MagneticMoment(), ["mu_eff"])
        nuisance = f"background_{component}_{name.replace('-', '_')}"
        x = likelihood.point({nuisance: 1.0 + sigma / expected})
        counts = likelihood.components(x)[(name, component)].sum()
        assert counts == pytest.approx(expected + sigma, rel=1e-12)
        assert likelihood.pulls(x)[likelihood.index(nuisance)] == pytest.approx(1.0, rel=1e-12)


def test_a_free_background_has_no_end(variant) -> None:
    """Its size in the file is a unit: three events or a thousand give one limit."""
    limits = []
    for events in (3, 1000):
        path = variant(
            "xenonnt-2022-er",
            f'[backgrounds.Pb214]\nevents = {events}\nprior = {{ type = "free" }}\n',
        )
        limits.append(limit_of(build_likelihood([load(path)], MagneticMoment(), ["mu_eff"])))
    assert limits[0] == pytest.approx(limits[1], rel=1e-5)


def test_a_flat_range_in_events_bounds_the_norm() -> None:
    likelihood = build_likelihood([load("xenonnt-2022-er")], MagneticMoment(), ["mu_eff"])
    prior = likelihood.parameters[likelihood.index("background_Pb214_xenonnt_2022_er")].prior
    assert (prior.low * 960, prior.high * 960) == pytest.approx((570, 1200))
    assert not prior.is_gaussian


def test_the_resolution_of_pandax_is_an_absolute_width_in_keV() -> None:
    """0.073 + 0.173 E - ...: a public code reads it as a fraction."""
    entry = load("pandax4t-2022-er").file.resolution
    sigma = sum(c * 10.0**p for c, p in zip(entry.coefficients, entry.powers, strict=True))
    # At 10 keV: 0.073 + 1.73 - 0.65 + 0.11 keV.
    assert sigma == pytest.approx(1.263)
