"""Long measurements of statistics: calibration, coverage, and a comparison with simuk."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from campaign_results import CHARGE, MOMENT, RADIUS, built, draw, record

from bayesnu.campaigns.calibration import calibrate, sensible_priors
from bayesnu.campaigns.coverage import share, toys
from bayesnu.campaigns.refit import Refit
from bayesnu.campaigns.toys import Method
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.priors import Prior
from bayesnu.results.coverage import Coverage, Share

CALIBRATION_SEED = 1001
"""Of the toys that a cut is calibrated with: others than those that it is tested with."""


def sbc(args: argparse.Namespace) -> None:
    """Calibrate three posteriors, and two wrong ones."""
    for case in (MOMENT, CHARGE, RADIUS):
        if args.parameter in (None, case[2]):
            _calibrate(args, case[2], sensible_priors(built(case)), None)
    right = sensible_priors(built(MOMENT), {"mu_eff": (0.0, 1.0)})
    squared = right.with_prior("mu_eff", Prior(low=0.0, high=1.0, power=1.0))
    louder = replace(right, templates=1.1 * right.templates)
    for name, wrong in (("wrong prior", squared), ("wrong likelihood", louder)):
        if args.parameter in (None, name):
            _calibrate(args, name, right, wrong)


def _calibrate(
    args: argparse.Namespace, name: str, likelihood: Likelihood, fitted: Likelihood | None
) -> None:
    found = calibrate(
        likelihood,
        args.number or 500,
        fitted=fitted,
        out=args.out / f"sbc-{name.replace(' ', '-')}",
        resume=True,
        cores=args.cores,
    )
    fits = found.fits
    record(
        args,
        "sbc",
        name,
        experiments=list(found.experiments),
        signal=found.signal,
        simulations=len(fits.index),
        failed=fits.failed,
        priors=found.priors,
        p_values={key: round(value.p_value, 4) for key, value in found.results.items()},
        smallest_corrected=round(found.smallest, 4),
        calibrated=found.calibrated,
        worst_r_hat=round(float(fits.column("r_hat").max()), 3),
        two_modes=round(float((fits.column("modes") > 1).mean()), 3),
        divergent_draws=int(fits.column("divergences").sum()),
        seconds_per_fit=round(float(np.median(fits.seconds)), 3),
    )
    if fitted is None:
        from bayesnu.output.plots import campaigns as campaign_plots

        draw(args, f"sbc-{name}", campaign_plots.calibration_plot(found))


Plan = tuple[Sequence[str], list[float], Method, int, int]
PLANS: tuple[Plan, ...] = (
    (MOMENT, [0.0, 0.3, 0.6, 0.9, 1.2], "both", 2000, 5000),
    (CHARGE, [-6.0, -3.0, 0.0, 3.0, 6.0], "test", 2000, 5000),
    (RADIUS, [-120.0, -60.0, 0.0, 20.0, 40.0], "test", 2000, 5000),
)
"""Analysis, true values, method, toys at each, toys at each for the calibrated cut."""


def coverage(args: argparse.Namespace) -> None:
    """Coverage of the cut, the calibrated cut and the credible limit at five true values."""
    from bayesnu.output.plots import campaigns as campaign_plots

    for case, truths, method, number, more in PLANS:
        if args.parameter not in (None, case[2]):
            continue
        name, likelihood = case[2], built(case)
        number, more = args.number or number, args.number or more
        common: dict[str, Any] = {"resume": True, "cores": args.cores}
        found = toys(
            likelihood,
            name,
            truths,
            number,
            method=method,
            settings=Refit(chains=2),  # its noise averages out over thousands of toys
            out=args.out / f"coverage-{name}",
            **common,
        )
        # More toys to test the calibrated cut with, where a fit of its own is cheap.
        tested = (
            toys(
                likelihood,
                name,
                truths,
                more,
                method="test",
                seed=CALIBRATION_SEED + 1,
                out=args.out / f"tested-{name}",
                **common,
            )
            if more > number
            else found
        )
        calibrated = _calibrated(args, likelihood, tested, more, common)
        found = replace(
            found,
            points=tuple(
                replace(point, calibrated=covered)
                for point, covered in zip(found.points, calibrated, strict=True)
            ),
        )
        points = [
            {key: value for key, value in entry.items() if key not in ("experiments", "signal")}
            for entry in found.to_dicts()
        ]
        record(
            args,
            "coverage",
            name,
            experiments=list(found.experiments),
            signal=found.signal,
            toys_of_calibrated=more,
            points=points,
        )
        draw(args, f"coverage-{name}", campaign_plots.coverage_plot(found))
        if method == "both":
            draw(args, f"limits-{name}", campaign_plots.limit_bands(found))


def credible(args: argparse.Namespace) -> None:
    """Coverage of the credible limit where `coverage` measures that of cuts alone."""
    results = json.loads(args.results.read_text(encoding="utf-8"))["coverage"]
    for case, truths, method, _, _ in PLANS:
        name = case[2]
        if method == "both" or args.parameter not in (None, name):
            continue
        found = toys(
            built(case),
            name,
            truths,
            args.number or 2000,
            method="posterior",
            settings=Refit(chains=2),
            out=args.out / f"credible-{name}",
            resume=True,
            cores=args.cores,
        )
        entry = results[name]
        for old, new in zip(entry["points"], found.to_dicts(), strict=True):
            old["credible"], old["toys_of_credible"] = new["credible"], new["toys"]
        record(args, "coverage", name, **entry)


def _calibrated(
    args: argparse.Namespace,
    likelihood: Likelihood,
    tested: Coverage,
    number: int,
    common: dict[str, Any],
) -> list[Share]:
    """Return the coverage of a cut between nine values, as `limit --calibrated` makes it.

    The cut comes from other toys than those that test it, and its values are not the true ones
    (but for the ends); the error holds that of the cut.
    """
    truths = [point.truth for point in tested.points]
    values = np.linspace(min(truths), max(truths), 9)
    cuts = toys(
        likelihood,
        tested.parameter,
        values.tolist(),
        number,
        method="test",
        seed=CALIBRATION_SEED,
        out=args.out / f"cuts-{tested.parameter}",
        **common,
    )
    delta, at = tested.fits.column("delta_chi2"), tested.fits.column("truth")
    found = []
    for truth in truths:
        cut = np.interp(truth, values, [point.calibrated_cut for point in cuts.points])
        covered = share(delta[at == truth] <= cut)
        found.append(replace(covered, error=covered.error * float(np.sqrt(2.0))))
    return found


def simuk(args: argparse.Namespace) -> None:
    """Compare with the simuk package: the same model, its own simulation, sampling and ranks.

    Ranks of both are compared with uniform ones, and with each other.
    """
    from scipy.stats import ks_2samp
    from simuk import SBC

    from bayesnu.campaigns.uniformity import uniformity
    from bayesnu.likelihood.pymc_model import template_model

    number, draws, chains = args.number or 50, 250, 2
    likelihood = sensible_priors(built(MOMENT))
    with template_model(likelihood) as model:
        test = SBC(
            model,
            num_simulations=number,
            seed=1,
            sample_kwargs={
                "draws": draws,
                "tune": 300,
                "chains": chains,
                "cores": 1,
                "progressbar": False,
                "nuts_sampler": "nutpie",
            },
        )
        test.run_simulations()
    theirs = np.random.default_rng(1)
    found = test.simulations["prior_sbc"].to_dataset()
    ranks = {
        # Counts of draws below the truth; between two draws any position is as good.
        str(name): (np.ravel(found[name]) + theirs.uniform(size=number)) / (chains * draws + 1.0)
        for name in found
        if name in likelihood.names
    }
    ours = calibrate(likelihood, 4 * number, cores=args.cores)
    record(
        args,
        "simuk",
        MOMENT[2],
        simuk=version("simuk"),
        simulations=number,
        ours=len(ours.fits.index),
        p_values={name: round(uniformity(values).p_value, 4) for name, values in ranks.items()},
        p_values_ours={name: round(ours.results[name].p_value, 4) for name in ranks},
        p_values_same={
            name: round(float(ks_2samp(values, ours.fits.column(name)).pvalue), 4)
            for name, values in ranks.items()
        },
    )
