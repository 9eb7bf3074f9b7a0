"""A wall of the posterior that nuisances push far out is sampled as easily as one near by."""

import numpy as np
from brute_force import Curve
from monte_carlo import assert_within, settings, share_error, stochastic

from bayesnu.analyses.question import likelihood_of
from bayesnu.inference.credible import is_converged, worst_quality
from bayesnu.inference.log_posterior import log_posterior
from bayesnu.inference.maps import SOFT_ABOVE
from bayesnu.inference.marginal_likelihood import marginalise
from bayesnu.inference.posterior import draw_posterior


@stochastic
def test_a_coupling_whose_fourth_power_a_free_background_makes_room_for():
    likelihood = likelihood_of(
        ["pandax4t-2024-er"],
        "light-mediator",
        ["g_pseudoscalar"],
        fixed={"m_mediator": 50.0},
        prior="log",
    )
    compiled = log_posterior(likelihood)
    assert compiled.bounds[0] == SOFT_ABOVE and compiled.scale[0] < 2.0
    found = draw_posterior(likelihood, settings(cores=1))
    assert is_converged(worst_quality(found), found)
    # With small steps on the way through a thin wall there were fifty of them in each draw.
    assert found.statistics["n_steps"].mean() < 30.0
    x = np.geomspace(0.01, 90.0, 250)
    log = marginalise(likelihood, "g_pseudoscalar", x).log_likelihood
    below = Curve(np.log(x), np.exp(log - log.max()))
    draws = np.log(found.draws[..., 0])
    for place in np.log([0.1, 1.0, 10.0, 30.0, 40.0]):
        share = draws < place
        exact = float(below.below(np.array([place]))[0])
        assert_within(share.mean(), exact, share_error(share), 5e-3)
