"""The saved file is one of ArviZ's: its functions work on it as they stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import arviz as az
import numpy as np
import pytest
import xarray as xr
from monte_carlo import settings
from toy_likelihoods import nuisance, polynomial, signal

from bayesnu import read_posterior, sample
from bayesnu.likelihood.priors import Prior, flat

COUNTS = "counts_toy"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """A posterior that has been saved and opened again by xarray alone."""
    path: Path = tmp_path_factory.mktemp("arviz") / "posterior.nc"
    steps = np.arange(12.0)
    background = 30.0 + steps
    of = polynomial(
        [signal("s", flat(0.0, 20.0), True), nuisance("b", Prior(low=0.0, centre=1.0, sigma=0.1))],
        {("s",): (12.0 - steps).tolist(), ("b",): background.tolist()},
        (background + 12.0 - steps + 4.0 * (-1.0) ** steps).tolist(),
    )
    sample(of, settings(draws=500), store=path)
    return xr.open_datatree(path).load()


def finite(found: Any) -> bool:
    """Return whether every number of a table or dataset is one."""
    if isinstance(found, xr.DataTree):
        found = found.to_dataset()
    if isinstance(found, xr.Dataset):
        return all(bool(np.isfinite(values).all()) for values in found.data_vars.values())
    return bool(np.isfinite(np.asarray(found, dtype=float)).all())


TABLES: dict[str, Callable[[xr.DataTree], Any]] = {
    "summary": lambda tree: az.summary(tree, ci_prob=0.9, round_to="none").select_dtypes("number"),
    "rhat": lambda tree: az.rhat(tree),
    "ess": lambda tree: az.ess(tree),
    "mcse": lambda tree: az.mcse(tree),
    "hdi": lambda tree: az.hdi(tree, prob=0.9),
    "eti": lambda tree: az.eti(tree, prob=0.9),
    "psense": lambda tree: az.psense_summary(tree).select_dtypes("number"),
    "loo": lambda tree: az.loo(tree, var_name=COUNTS, pointwise=True).elpd_i,
    "loo_pit": lambda tree: az.loo_pit(tree, var_names=COUNTS),
    "extract": lambda tree: az.extract(tree, var_names="s"),
}


@pytest.mark.parametrize("name", TABLES)
def test_numbers_of_arviz(name: str, tree: xr.DataTree) -> None:
    assert finite(TABLES[name](tree))


PICTURES: dict[str, Callable[[xr.DataTree], Any]] = {
    "plot_trace": lambda tree: az.plot_trace(tree, var_names=["s"], backend="none"),
    "plot_forest": lambda tree: az.plot_forest(tree, backend="none"),
    "plot_dist": lambda tree: az.plot_dist(tree, var_names=["s"], backend="none"),
    "plot_ppc_rootogram": lambda tree: az.plot_ppc_rootogram(tree, backend="none"),
    "plot_prior_predictive": lambda tree: az.plot_ppc_rootogram(
        tree, group="prior_predictive", backend="none"
    ),
    "plot_prior_posterior": lambda tree: az.plot_prior_posterior(
        tree, var_names=["s"], backend="none"
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_of_arviz(name: str, tree: xr.DataTree) -> None:
    assert PICTURES[name](tree) is not None


def test_bins_left_out_one_by_one_are_bins_of_the_experiment(tree: xr.DataTree) -> None:
    found = az.loo(tree, var_name=COUNTS, pointwise=True)
    assert found.elpd_i.sizes == tree["observed_data"][COUNTS].sizes
    assert found.elpd == pytest.approx(float(found.elpd_i.sum()))


def test_the_package_reads_the_same_file(tree: xr.DataTree, tmp_path: Path) -> None:
    path = tmp_path / "posterior.nc"
    tree.to_netcdf(path)
    again = read_posterior(path)
    np.testing.assert_array_equal(again["posterior"]["s"], tree["posterior"]["s"])
