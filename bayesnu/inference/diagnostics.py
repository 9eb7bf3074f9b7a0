"""Can a posterior be trusted, and which nuisances matter: numbers from the draws alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.inference.convergence import r_hat_and_ess
from bayesnu.likelihood.priors import Prior
from bayesnu.results.diagnostics import Diagnostics, ParameterDiagnostics
from bayesnu.results.limit import ESS_LIMIT, R_HAT_LIMIT
from bayesnu.types import Array

if TYPE_CHECKING:
    import xarray as xr


E_BFMI_LIMIT = 0.3


def diagnose(tree: xr.DataTree, parameter: str | None = None) -> Diagnostics:
    """Return the diagnostics of a saved or fresh posterior; the model is not needed.

    Parameters
    ----------
    tree : DataTree
        As `bayesnu.sample` returns, or read from a file.
    parameter : str, optional
        Of interest; default: the first signal parameter.
    """
    posterior = tree["posterior"].to_dataset()
    names = [str(name) for name in posterior]
    roles = {name: str(posterior[name].attrs.get("role", "")) for name in names}
    if parameter is None:
        parameter = next((name for name in names if roles[name] == "signal"), names[0])
    if parameter not in names:
        raise InputError("--parameter", "name", found=parameter, expected=", ".join(names))
    draws = np.stack([np.asarray(posterior[name]) for name in names], axis=-1)
    quality = r_hat_and_ess(draws)
    flat = draws.reshape(-1, draws.shape[-1])
    interest = flat[:, names.index(parameter)]
    rows = []
    for index, name in enumerate(names):
        mean, sd = float(flat[:, index].mean()), float(flat[:, index].std())
        moves = sd > 0 and bool(np.ptp(interest) > 0)
        correlation = float(np.corrcoef(interest, flat[:, index])[0, 1]) if moves else 0.0
        prior, _ = saved_prior(tree, name)
        centre, sigma = prior.moments if prior is not None and prior.is_gaussian else (None, None)
        rows.append(
            ParameterDiagnostics(
                name=name,
                role=roles[name],
                mean=mean,
                sd=sd,
                r_hat=float(quality[index, 0]),
                ess_bulk=float(quality[index, 1]),
                ess_tail=float(quality[index, 2]),
                pull=None if sigma is None or centre is None else (mean - centre) / sigma,
                constraint=None if sigma is None else sd / sigma,
                impact=correlation * float(interest.std()),
                correlation=correlation,
            )
        )
    statistics = tree["sample_stats"].to_dataset()
    divergences = int(np.asarray(statistics["diverging"]).sum())
    e_bfmi = _energy(np.asarray(statistics["energy"])) if "energy" in statistics else ()
    modes: tuple[dict[str, float], ...] = ()
    if "modes" in tree.children:
        found = tree["modes"].to_dataset()
        modes = tuple(
            {str(name): float(np.asarray(found[name])[number]) for name in found}
            for number in range(len(found["mode"]))
        )
        e_bfmi = ()  # the energies of different modes do not form one chain
    return Diagnostics(
        parameter=parameter,
        parameters=tuple(rows),
        divergences=divergences,
        draws=int(flat.shape[0]),
        e_bfmi=e_bfmi,
        predictive_p=predictive_p_values(tree),
        modes=modes,
        power_scaling=_power_scaling(tree, parameter),
        problems=_problems(rows, divergences, e_bfmi, modes, tree),
    )


def saved_prior(tree: xr.DataTree, name: str) -> tuple[Prior | None, bool]:
    """Return the prior of a saved parameter, and whether its limit is an upper one.

    There is no prior where there are no ends: of an angle, and of files of the first edition,
    which hold its words only. There a parameter whose prior has no negative draws is a size.
    """
    attributes = tree["posterior"].to_dataset()[name].attrs
    prior = Prior.from_attributes(attributes)
    if prior is not None:
        return (None if attributes["periodic"] else prior), bool(attributes["one_sided"])
    drawn = tree["prior"].to_dataset()[name] if "prior" in tree.children else None
    return None, drawn is not None and bool(drawn.min() >= 0.0)


def _energy(energy: Array) -> tuple[float, ...]:
    """Return E-BFMI of every chain: mean squared jump of the energy over its variance."""
    jumps = np.mean(np.diff(energy, axis=1) ** 2, axis=1)
    return tuple(float(value) for value in jumps / energy.var(axis=1))


def predictive_p_values(tree: xr.DataTree) -> dict[str, float]:
    """Return, for each experiment, how often replicated data fit worse than the observed.

    The deviance of replicated and of observed counts is taken at the mean of the predictive
    counts of all draws.
    """
    from scipy.special import xlogy

    observed = tree["observed_data"].to_dataset()
    replicated = tree["posterior_predictive"].to_dataset()
    constants = tree["constant_data"].to_dataset()
    result = {}
    for name in map(str, observed):
        data = np.asarray(observed[name])
        copies = np.asarray(replicated[name]).reshape(-1, len(data))
        sigma = np.asarray(constants[f"sigma_{name.removeprefix('counts_')}"])
        expected = np.maximum(copies.mean(axis=0), 1e-9)

        def deviance(n: Array, e: Array = expected, s: Array = sigma) -> Array:
            safe = np.where(s > 0, s, 1.0)
            poisson = 2.0 * (e - n + xlogy(n, np.maximum(n, 0.0) / e))
            return np.asarray(np.where(s > 0, ((n - e) / safe) ** 2, poisson).sum(axis=-1))

        result[name.removeprefix("counts_")] = float(np.mean(deviance(copies) >= deviance(data)))
    return result


def _power_scaling(tree: xr.DataTree, parameter: str) -> tuple[dict[str, Any], ...]:
    """Return ArviZ's power-scaling sensitivity of the parameter of interest."""
    import logging
    import warnings

    import arviz_stats

    # Its warnings and its log say in passing what the returned diagnosis says.
    log = logging.getLogger("arviz_stats.psense")
    log.addFilter(_nothing)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = arviz_stats.psense_summary(tree, var_names=[parameter])
    finally:
        log.removeFilter(_nothing)
    row = table.iloc[0]
    return (
        {
            "parameter": parameter,
            "prior": float(row["prior"]),
            "likelihood": float(row["likelihood"]),
            # ArviZ's check mark is a letter that many encodings lack.
            "diagnosis": str(row["diagnosis"]).replace("\N{CHECK MARK}", "no conflict"),
        },
    )


def _nothing(record: object) -> bool:
    """Let no record of a log pass."""
    return False


def _problems(
    rows: list[ParameterDiagnostics],
    divergences: int,
    e_bfmi: tuple[float, ...],
    modes: tuple[dict[str, float], ...],
    tree: xr.DataTree,
) -> tuple[str, ...]:
    problems = []
    if not tree.attrs.get("complete", 1):
        problems.append("Sampling was interrupted.")
    if modes:
        for number, mode in enumerate(modes):
            ess = min(mode["ess_bulk"], mode.get("ess_tail", np.inf))
            if mode["r_hat"] > R_HAT_LIMIT or ess < ESS_LIMIT:
                problems.append(f"Mode {number + 1} has not converged.")
            if mode["weight_error"] > 0.02:
                problems.append(f"The weight of mode {number + 1} is uncertain by more than 2%.")
    else:
        for row in rows:
            if not row.r_hat < R_HAT_LIMIT:
                problems.append(f"R-hat of {row.name} is {row.r_hat:.3f}, above {R_HAT_LIMIT}.")
            for kind, ess in (("Bulk", row.ess_bulk), ("Tail", row.ess_tail)):
                if ess < ESS_LIMIT:
                    problems.append(f"{kind} ESS of {row.name} is {ess:.0f}, below {ESS_LIMIT}.")
    if divergences:
        problems.append(f"{divergences} divergent transitions.")
    if any(value < E_BFMI_LIMIT for value in e_bfmi):
        problems.append(f"E-BFMI below {E_BFMI_LIMIT}: the energy is explored badly.")
    return tuple(problems)
