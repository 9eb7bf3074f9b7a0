"""R-hat and effective sample sizes are ArviZ's."""

from __future__ import annotations

import numpy as np
import pytest
from monte_carlo import generator

from bayesnu.inference.convergence import quality_of, r_hat_and_ess


def arviz_table(draws):
    from arviz_stats.base import array_stats

    axes = {"chain_axis": 0, "draw_axis": 1}
    return np.array(
        [
            (
                array_stats.rhat(values, **axes),
                array_stats.ess(values, method="bulk", **axes),
                array_stats.ess(values, method="tail", prob=(0.05, 0.95), **axes),
            )
            for values in np.moveaxis(draws, -1, 0)
        ],
        dtype=float,
    )


def chains(number, length, memory, seed=1):
    """Autoregressive chains: as they are, rounded (ties), with heavy tails."""
    rng = generator(seed)
    noise = rng.normal(size=(number, length, 3))
    draws = noise.copy()
    for t in range(1, length):
        draws[:, t] = memory * draws[:, t - 1] + noise[:, t]
    draws[..., 1] = np.round(draws[..., 1], 1)
    draws[..., 2] = draws[..., 2] ** 3
    return draws


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.95, -0.6, 0.999])
@pytest.mark.parametrize(("number", "length"), [(4, 1000), (4, 501), (2, 37), (4, 5)])
def test_all_three_are_arvizs(number: int, length: int, memory: float) -> None:
    draws = chains(number, length, memory)
    # The same sums in another order.
    assert r_hat_and_ess(draws) == pytest.approx(arviz_table(draws), rel=1e-10)


def test_chains_that_disagree_are_arvizs_too() -> None:
    draws = chains(4, 300, 0.3)
    draws[0] += 2.0
    table = r_hat_and_ess(draws)
    assert table == pytest.approx(arviz_table(draws), rel=1e-10)
    assert quality_of(draws) == (table[:, 0].max(), table[:, 1].min(), table[:, 2].min())


def test_a_parameter_that_never_moved_has_no_effective_draws() -> None:
    draws = chains(4, 100, 0.0)
    draws[..., 1] = 3.0
    table = r_hat_and_ess(draws)
    assert np.isnan(table[1, 0])
    assert table[1, 1] == table[1, 2] == 0.0
    assert (table[[0, 2], 1] > 100).all()
