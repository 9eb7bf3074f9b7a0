"""Counts of interactions in scattering and in the sun: numbers, graph and scans are one."""

import numpy as np
import pytensor
import pytest
from pymc.model.transform.conditioning import remove_value_transforms

from bayesnu import build_model, contour, likelihood_of, limit_run, load, profile_scan
from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.inference.minimise import minimise
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import StandardModel, signal_by_tag

NUCLEI, SUN, BEAM = "pandax4t-2024-8b", "xenonnt-2022-er@khan-2022", "coherent-csi-2021"
LOW = "xenonnt-2022-er"


def counts(name, tag, values):
    signal = StandardModel() if tag is None else signal_by_tag(tag)
    return sum(recoil_rate(load(name)).counts(signal, values).values())


@pytest.mark.parametrize(
    "name, tag", [(SUN, "nsi-electron-propagation"), (NUCLEI, "nsi-quark-propagation")]
)
def test_without_them_there_is_the_standard_model(name, tag):
    np.testing.assert_allclose(counts(name, tag, {}), counts(name, None, {}), rtol=1e-9)


def test_a_beam_does_not_propagate():
    values = {"eps_u_ee": 0.1, "eps_d_emu": 0.2}
    both = [counts(BEAM, tag, values) for tag in ("nsi-quark", "nsi-quark-propagation")]
    np.testing.assert_array_equal(*both)


def test_propagation_changes_what_scattering_sees():
    both = [counts(NUCLEI, t, {"eps_u_ee": 0.2}) for t in ("nsi-quark", "nsi-quark-propagation")]
    assert abs(both[0] - both[1]).max() > 1e-3 * both[0].max()


def test_a_treatment_without_matter_effects_is_refused():
    with pytest.raises(InputError, match='survival = "msw"'):
        counts(LOW, "nsi-electron-propagation", {"eps_V_ee": 0.2})


def test_graph_and_numbers_are_one_density():
    """chi2 of held values with nuisances at some point, and the density of the graph there."""
    tag = "nsi-quark-propagation"
    values = {"eps_u_ee": 0.2, "size_d_emu": 0.1, "phi_d_emu": 1.0}
    of = likelihood_of([NUCLEI], tag, list(values))
    assert of.route == "graph"
    model = remove_value_transforms(build_model(of))
    variables = [model.rvs_to_values[model[n]] for n in of.names]
    logp = pytensor.function(variables, model.logp(jacobian=False), mode="FAST_COMPILE")
    found, expected = [], []
    for scale in (0.0, 0.5, 1.0):
        point = {n: scale * v for n, v in values.items()}
        held = likelihood_of([NUCLEI], tag, [], fixed=point)
        x = dict(zip(held.names, held.start + 1e-3, strict=True)) | point
        expected.append(-0.5 * held.chi2(np.array([x[n] for n in held.names])))
        found.append(float(logp(*(x[n] for n in of.names))))
    # Numbers have a spline of the probability, the graph a polynomial: 10^-9 of counts.
    assert np.ptp(np.subtract(found, expected)) < 1e-6 * np.abs(expected).max()


def test_a_profile_is_scanned_value_by_value():
    run = limit_run([NUCLEI], "nsi-quark-propagation", "eps_u_ee", method="profile")
    curve = run.profile
    assert run.limit.frequentist.intervals == curve.below
    (low, high) = curve.below[0][0], curve.below[-1][1]
    assert -0.6 < low < 0.0 < high < 1.0
    held = likelihood_of([NUCLEI], "nsi-quark-propagation", [], fixed={"eps_u_ee": high})
    none = np.zeros(len(held.names), dtype=bool)
    chi2 = minimise(held, held.start, none).chi2
    assert chi2 - curve.chi2_min == pytest.approx(curve.threshold, abs=1e-6)


def test_the_command_line_scans(capsys, monkeypatch):
    monkeypatch.setattr("bayesnu.analyses.scanned_profile.POINTS", 7)
    question = ["pandax4t-2024-8b", "--signal", "nsi-quark-propagation", "--parameter", "eps_u_ee"]
    assert main(["limit", *question, "--method", "profile", "--no-files"]) == 0
    assert "(-0.307, 0.807)" in capsys.readouterr().out


def test_what_needs_a_polynomial_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="no polynomial"):
        contour(
            likelihood_of([NUCLEI], "nsi-quark-propagation", ["eps_u_ee", "eps_d_ee"]),
            "eps_u_ee",
            "eps_d_ee",
        )
    with pytest.raises(InputError, match="free together"):
        profile_scan([NUCLEI], "nsi-quark-propagation", "eps_u_ee", free=["eps_d_ee"])
