"""Decays per tonne and year, from half-lives, abundances and activities."""

from __future__ import annotations

from math import log

from bayesnu.experiments.format.activity import Activity
from bayesnu.physics.constants import SECONDS_PER_YEAR
from bayesnu.physics.targets.material import Material

KG_PER_TONNE = 1e3


def decays_per_t_yr(activity: Activity, target: Material) -> float:
    """Return the decays of a background in a tonne of the target and a year.

    Parameters
    ----------
    activity : Activity
        As the experiment file states it.

    Returns
    -------
    float
        ln 2 / T_half times the atoms per tonne, N_A / M of the target times impurity, abundance and
        enrichment; or the activity per mass. Times the branching. Every life is long against
        an exposure: the isotope does not run out.
    """
    if activity.uBq_per_kg is not None:
        total = activity.uBq_per_kg * 1e-6 * KG_PER_TONNE * SECONDS_PER_YEAR
    else:
        assert activity.half_life_yr is not None and activity.isotopic_abundance is not None
        impurity = activity.impurity_mol_per_mol
        element = target.units_per_tonne * (1.0 if impurity is None else impurity)
        atoms = element * activity.isotopic_abundance * activity.enrichment
        total = atoms * log(2.0) / activity.half_life_yr
    return total * activity.branching


def activity_text(activity: Activity, target: Material) -> str:
    """Return the product in words, with its factors."""
    if activity.uBq_per_kg is not None:
        words = [f"{activity.uBq_per_kg:g} uBq per kg"]
    else:
        element = str(target)
        if activity.impurity_mol_per_mol is not None:
            element = f"an impurity of {activity.impurity_mol_per_mol:g} mol/mol"
        words = [
            f"half-life {activity.half_life_yr:g} yr",
            f"{activity.isotopic_abundance:.4g} of {element}",
        ]
        if activity.enrichment != 1.0:
            words.append(f"times {activity.enrichment:g}")
    if activity.branching != 1.0:
        words.append(f"branching {activity.branching:g}")
    return f"{', '.join(words)}: {decays_per_t_yr(activity, target):.4g} decays per t yr"
