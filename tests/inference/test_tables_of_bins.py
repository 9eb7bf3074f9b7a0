"""The compiled log-posterior reads fewer numbers than a likelihood has, and loses none."""

import numpy as np
import pytest
from monte_carlo import generator
from toy_likelihoods import nuisance, polynomial
from unbounded import log_jacobian

from bayesnu.analyses.question import likelihood_of
from bayesnu.inference.along import Along
from bayesnu.inference.layout import AT_ONCE, merged, parts_of, tree_of
from bayesnu.inference.log_posterior import log_posterior
from bayesnu.likelihood.factors import products, values
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import gaussian

BOTH = ("xenonnt-2022-er", "lz-2022-er")


@pytest.fixture(scope="module")
def both() -> Likelihood:
    """Two experiments, with shapes and mixing angles as nuisances."""
    return likelihood_of(BOTH, "magnetic-moment", ["mu_eff"])


def points(likelihood: Likelihood, number: int) -> np.ndarray:
    width = 0.1 * np.minimum(likelihood.high - likelihood.low, 5.0)
    x = likelihood.start + width * generator(5).normal(size=(number, len(width)))
    return np.clip(x, likelihood.low + 1e-3, likelihood.high - 1e-3)


def node_values(nodes: np.ndarray, x: np.ndarray) -> np.ndarray:
    found, factor = np.ones(len(nodes)), values(x)
    for node, (before, own) in enumerate(nodes[1:], start=1):
        assert before < node
        found[node] = found[before] * factor[own]
    return found


def test_products_of_a_tree_and_tables_of_bins_are_the_expected_counts(both: Likelihood) -> None:
    terms = merged(both)
    tree = tree_of(terms.factors, len(both.names))
    parts = parts_of(both, terms.templates, tree.of)
    for x in points(both, 5):
        node = node_values(tree.nodes, x)
        np.testing.assert_allclose(
            node[tree.of], products(x, terms.factors, plain=False), rtol=1e-14
        )
        counts = np.zeros(len(both.observed))
        for first, last, start, stop, width, place in parts.spans:
            column = np.zeros(width)
            of, share = parts.entries[start:stop], parts.shares[start:stop]
            np.add.at(column, of[:, 1], share * node[of[:, 0]])
            table = parts.tables[place : place + (last - first) * width]
            counts[first:last] += table.reshape(last - first, width) @ column
        # One shape is one to 1e-13 of its largest bin.
        np.testing.assert_allclose(counts, both.expected(x), rtol=1e-11)


def test_tables_leave_out_what_is_empty_and_what_is_there_already(both: Likelihood) -> None:
    terms = merged(both)
    tree = tree_of(terms.factors, len(both.names))
    parts = parts_of(both, terms.templates, tree.of)
    assert not (parts.spans[:, 4] % AT_ONCE).any()
    # Efficiencies change no shape; thresholds reach no bin at high energies.
    assert len(parts.tables) < 0.5 * both.templates.size
    covered = np.concatenate([np.arange(first, last) for first, last, *_ in parts.spans])
    assert sorted(covered) == list(range(len(both.observed)))


def test_equal_products_are_one_term_and_empty_templates_none() -> None:
    likelihood = polynomial(
        [nuisance("a", gaussian(1.0, 0.1)), nuisance("b", gaussian(1.0, 0.1))],
        {("a", "b"): [1.0, 2.0], ("b", "a"): [3.0, 0.0], ("a",): [0.0, 0.0], (): [5.0, 5.0]},
        [9.0, 7.0],
    )
    terms = merged(likelihood)
    x = points(likelihood, 1)[0]
    assert len(terms.factors) == 2
    counts = products(x, terms.factors, plain=True) @ terms.templates
    np.testing.assert_allclose(counts, likelihood.expected(x), rtol=1e-15)


def test_the_compiled_log_posterior_of_two_experiments_is_the_numpy_one(both: Likelihood) -> None:
    compiled = log_posterior(both)
    function = compiled.function()
    differences = []
    for x in points(both, 20):
        u = compiled.to_unbounded(x)
        value, gradient = function(u)
        differences.append(value - both.log_posterior(x) - log_jacobian(both, compiled, u))
        assert np.isfinite(gradient).all()
    # 1e-9 of values of order 10^3; these are of order 10^4.
    assert np.ptp(differences) < 1e-8


def test_counts_along_a_parameter_are_the_expected_counts(both: Likelihood) -> None:
    others, x = points(both, 4), np.linspace(0.1, 2.0, 5)
    for name in ("mu_eff", "threshold_xenonnt_2022_er", "flux_pp"):
        index = both.index(name)
        whole = np.repeat(others[:, None, :], len(x), axis=1)
        whole[..., index] = x
        found = Along(both, index).expected(others, x)
        np.testing.assert_allclose(found, both.expected(whole), rtol=1e-12)


def test_logarithms_are_right_to_the_last_digit() -> None:
    from bayesnu.inference.compiled.sums import logarithm

    rng = generator(6)
    x = np.concatenate([np.exp(rng.uniform(-23.0, 60.0, 5000)), rng.uniform(0.6, 1.6, 5000)])
    x = np.append(x, [1e-10, 0.5, 1.0, 2.0, 1e300])
    found = np.empty_like(x)
    logarithm(x, found)
    exact = np.log(x)
    assert (np.abs(found - exact) <= 1.01 * np.spacing(np.abs(exact))).all()


def test_a_mixing_angle_that_changes_nothing_has_no_terms() -> None:
    equal = likelihood_of(["xenonnt-2022-er"], "magnetic-moment", ["mu_eff"])
    muon = likelihood_of(["xenonnt-2022-er"], "magnetic-moment", ["mu_mu"])
    for likelihood, known in ((equal, False), (muon, True)):
        atmospheric = likelihood.index("pull_sin2_theta23")
        assert (likelihood.factors == atmospheric).any() == known
    # All flavours alike: what the moment adds is the same with any mixing.
    solar, moment = equal.index("pull_sin2_theta12"), equal.index("mu_eff")
    rows = [set(row) for row in equal.factors.tolist()]
    assert any(solar in row for row in rows)
    assert not any({solar, moment} <= row for row in rows)
