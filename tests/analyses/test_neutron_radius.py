"""The radius of the neutrons in nuclei: exact counts through the graph, no polynomial."""

import numpy as np
import pytensor
import pytest

from bayesnu import InputError, likelihood_of, limit, load, profile_scan
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import NeutronRadius, StandardModel
from bayesnu.physics.targets import target
from bayesnu.physics.treatment import Neutrinos

NUCLEI = "pandax4t-2024-8b"


def total(name: str, radius: float) -> float:
    counts = recoil_rate(load(name)).counts(NeutronRadius(), {"r_n": radius})
    return float(np.sum(list(counts.values())))


def test_the_radius_of_the_files_form_factor_changes_nothing() -> None:
    treatment = Neutrinos(form_factor="helm", nuclei="average")
    nucleus = target.nuclei(np.geomspace(0.1, 60.0, 30), treatment, "I")[0]
    a = nucleus.z + nucleus.n
    central = 1.23 * a ** (1 / 3) - 0.6
    radius = np.sqrt(3 / 5 * (central**2 + 7 / 3 * (np.pi * 0.52) ** 2 - 5 * 0.81) + 3 * 0.81)
    for state in ("e", "anti_mu"):
        (found,) = NeutronRadius().on_nucleus(nucleus, state, {"r_n": radius})
        (expected,) = StandardModel().on_nucleus(nucleus, state, {})
        np.testing.assert_allclose(
            found.coefficients.at(40.0), expected.coefficients.at(40.0), rtol=1e-10
        )


def test_larger_nuclei_are_less_coherent() -> None:
    """The collaboration's 341 +- 11 events lie within what radii of 4.8 +- 0.1 fm give."""
    assert total("coherent-csi-2021", 4.7) > 341 > total("coherent-csi-2021", 4.9)


def test_counts_through_the_graph_are_those_of_each_radius() -> None:
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        of = likelihood_of([NUCLEI], "neutron-radius", ["r_n"])
        assert of.route == "graph"
        x = of.start.copy()
        for radius in (2.5, 4.8, 9.0):
            x[of.index("r_n")] = radius
            found = of.components(x)[NUCLEI, "solar_nu"]
            counts = recoil_rate(load(NUCLEI)).counts(NeutronRadius(), {"r_n": radius})
            np.testing.assert_allclose(found, np.sum(list(counts.values()), axis=0), rtol=1e-12)


def test_what_is_no_polynomial_or_not_one_nucleus_is_refused_in_a_sentence() -> None:
    question = ([NUCLEI], "neutron-radius", "r_n")
    with pytest.raises(InputError, match="free parameter, in which the counts are no polynomial"):
        limit(*question, method="profile")
    with pytest.raises(InputError, match="free parameter, in which the counts are no polynomial"):
        profile_scan(*question)
    with pytest.raises(InputError, match="on different nuclei, expected one material"):
        limit(["coherent-csi-2021", "coherent-lar-2020"], "neutron-radius", "r_n")
    with pytest.raises(InputError, match="at least 2"):
        likelihood_of([NUCLEI], "neutron-radius", [], fixed={"r_n": 1.0})


def test_its_prior_is_that_of_a_scale() -> None:
    of = likelihood_of([NUCLEI], "neutron-radius", ["r_n"])
    assert of.parameters[0].prior.words("r_n") == "flat in log r_n on [2, 10]"
    assert not of.parameters[0].one_sided
