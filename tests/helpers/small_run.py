"""Run files that take seconds."""

from __future__ import annotations

from pathlib import Path

from monte_carlo import seed

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "docs/examples/my-experiment"

# With 800 draws of two chains R-hat is below 1.01 and there are 400 effective draws: the limit
# counts as converged.
FULL = f"""
title = "My detector and XENONnT"
description = "Every kind of step."
experiments = ["mine/my-experiment.toml", "xenonnt-2022-er"]
signal = "magnetic-moment"

[sampling]
draws = 800
tune = 400
chains = 2
cores = 2
seed = {seed(3)}

[output]
figures = ["png"]
exports = ["csv", "latex", "hepdata", "json"]
goodness_toys = 20

[[limit]]
parameter = "mu_eff"

[[limit]]
name = "khan"
parameter = "mu_eff"
experiments = ["xenonnt-2022-er@khan-2022"]
method = "profile"

[[profile]]
parameter = "mu_eff"
each = true

[[contour]]
parameters = ["mu_e", "mu_mu"]
levels = [0.683, 0.9]
points = 9

[[sample]]
name = "charge"
signal = "millicharge"
experiments = ["xenonnt-2022-er"]
parameters = ["q_ee"]

[[exclusion]]
experiments = ["xenonnt-2022-er"]
signal = "sterile-dipole"
coupling = "mu_e"
mass = "m4"
lowest = 0.01
highest = 0.1
points = 3
credible = false

[[sensitivity]]
experiments = ["darwin-30ty"]
parameter = "mu_eff"
method = "profile"
exposures_t_yr = [30, 300]
"""

SHORT = """
title = "Short"
experiments = ["xenonnt-2022-er"]
signal = "magnetic-moment"

[sampling]
draws = 60
tune = 60
chains = 2
cores = 2

[output]
figures = []
report = false

[[limit]]
name = "sampled"
parameter = "mu_eff"

[[limit]]
parameter = "mu_e"
method = "profile"

[[profile]]
parameter = "mu_mu"
"""
