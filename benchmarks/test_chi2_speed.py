"""One chi2 with its gradient: the compiled kernel, beside NumPy and PyMC.

What the sampler calls is the kernel; a fit calls the NumPy likelihood. The least that any
method needs are two products with the templates: expected counts from the coefficients, and
the gradient by the coefficients from the slopes of the bins. They are timed as `products`.
"""

import numpy as np
import pytest

from bayesnu.inference.log_posterior import log_posterior
from bayesnu.likelihood.pymc_model import template_model
from benchmarks.cases import invented, real

SIZES = [(30, 10), (300, 10), (1000, 10), (3000, 10)]
"""Bins, components."""


@pytest.mark.parametrize(("bins", "components"), SIZES)
def test_kernel(benchmark, bins, components):
    compiled = log_posterior(invented(bins, components))
    function, point = compiled.function(), np.zeros(compiled.size)
    function(point)  # pytest-benchmark plans the rounds by the first call
    value, gradient = benchmark(function, point)
    assert np.isfinite(value) and np.isfinite(gradient).all()


@pytest.mark.parametrize(("bins", "components"), SIZES)
def test_products(benchmark, bins, components):
    templates = np.ascontiguousarray(invented(bins, components).templates)
    coefficients, slopes = np.ones(components), np.ones(bins)
    benchmark(lambda: (coefficients @ templates, templates @ slopes))


@pytest.mark.parametrize(("bins", "components"), SIZES)
def test_numpy_likelihood(benchmark, bins, components):
    likelihood = invented(bins, components)
    benchmark(likelihood.chi2_and_gradient, likelihood.point({"mu_eff": 1.0}))


def test_kernel_of_an_experiment(benchmark):
    compiled = log_posterior(real())
    function, point = compiled.function(), np.zeros(compiled.size)
    function(point)
    benchmark(function, point)


def test_pymc_model(benchmark):
    """PyMC's own compiled log-posterior and gradient of the same model."""
    with template_model(real()) as model:
        function = model.logp_dlogp_function(ravel_inputs=True)
    function.set_extra_values({})
    point = np.zeros(len(model.free_RVs))
    function(point)
    benchmark(function, point)


def test_plain_pymc_model(benchmark):
    """The model with the energy integral inside the graph."""
    from bayesnu import load
    from benchmarks.cases import EXPERIMENT
    from benchmarks.peers.plain_pymc import plain_model

    with plain_model(real(), load(EXPERIMENT)) as model:
        function = model.logp_dlogp_function(ravel_inputs=True)
    function.set_extra_values({})
    point = np.zeros(len(model.free_RVs))
    function(point)
    benchmark(function, point)
