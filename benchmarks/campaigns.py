"""Long measurements of campaigns: what docs/calibration.md reports.

Each part prints JSON and keeps its fits in a folder, so that it can be stopped and resumed:

    python benchmarks/campaigns.py sbc --out runs
    python benchmarks/campaigns.py coverage --out runs
    python benchmarks/campaigns.py refits | dask | kill | fuzz | simuk
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu.campaigns.calibration import calibrate, sensible_priors
from bayesnu.campaigns.coverage import toys
from bayesnu.campaigns.refit import Refit, refit
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.store import read_rows, read_settings
from bayesnu.campaigns.toys import simulate, toy_task
from bayesnu.likelihood import Likelihood
from bayesnu.scans import likelihood_of

MOMENT = ("xenonnt-2022-er", "magnetic-moment", "mu_eff")
CHARGE = ("lz-2022-er", "millicharge", "q_ee")
RADIUS = ("xenonnt-2022-er", "charge-radius", "r2_ee")


def built(case: Sequence[str]) -> Likelihood:
    """Return the likelihood of (experiment, signal, parameter)."""
    experiment, signal_name, parameter = case
    return likelihood_of([experiment], signal_name, [parameter])


def say(**numbers: Any) -> None:
    """Print one result."""
    print(json.dumps(numbers), flush=True)


def sbc(args: argparse.Namespace) -> None:
    """Calibrate three posteriors, and two wrong ones."""
    for case in (MOMENT, CHARGE, RADIUS):
        _calibrate(args, "-".join(case), sensible_priors(built(case)), None)
    right = sensible_priors(built(MOMENT), {"mu_eff": (0.0, 1.0)})
    prior = right.parameters[right.index("mu_eff")].prior
    squared = right.with_prior("mu_eff", type(prior)(low=0.0, high=prior.high, power=1.0))
    _calibrate(args, "wrong-prior", right, squared)
    from dataclasses import replace

    _calibrate(args, "wrong-likelihood", right, replace(right, templates=1.1 * right.templates))


def _calibrate(
    args: argparse.Namespace, name: str, likelihood: Likelihood, fitted: Likelihood | None
) -> None:
    began = time.perf_counter()
    found = calibrate(
        likelihood,
        args.number or 500,
        fitted=fitted,
        out=args.out / f"sbc-{name}",
        resume=True,
        cores=args.cores,
    )
    say(
        what=f"sbc {name}",
        simulations=len(found.fits.index),
        failed=found.fits.failed,
        p_values={key: round(value.p_value, 4) for key, value in found.results.items()},
        calibrated=found.calibrated,
        worst_r_hat=round(float(found.fits.column("r_hat").max()), 4),
        modes=round(float(found.fits.column("modes").mean()), 3),
        divergences=int(found.fits.column("divergences").sum()),
        seconds_per_fit=round(float(found.fits.seconds.mean()), 3),
        seconds=round(time.perf_counter() - began, 1),
    )
    if name.startswith("xenonnt") or name.startswith("lz"):
        from bayesnu.output import campaign_plots, style

        style.save(campaign_plots.calibration_plot(found), args.out / f"sbc-{name}.png")


def coverage(args: argparse.Namespace) -> None:
    """Coverage of the cut, the calibrated cut and the credible limit at five true values."""
    plans: tuple[tuple[Sequence[str], list[float], Any, int], ...] = (
        (MOMENT, [0.0, 0.3, 0.6, 0.9, 1.2], "both", 2000),
        (CHARGE, [-6.0, -3.0, 0.0, 3.0, 6.0], "test", 2000),
    )
    for case, truths, method, number in plans:
        found = toys(
            built(case),
            case[2],
            truths,
            args.number or number,
            method=method,
            out=args.out / f"coverage-{case[2]}",
            resume=True,
            cores=args.cores,
        )
        for entry in found.to_dicts():
            say(what=f"coverage {case[2]}", **entry)
        from bayesnu.output import campaign_plots, style

        style.save(campaign_plots.coverage_plot(found), args.out / f"coverage-{case[2]}.png")
        if method == "both":
            style.save(campaign_plots.limit_bands(found), args.out / f"limits-{case[2]}.png")


def refits(args: argparse.Namespace) -> None:
    """Time refits in one process, and look at its memory."""
    for case in (MOMENT, CHARGE, RADIUS):
        likelihood = built(case)
        point = likelihood.point({case[2]: 0.3})
        rng = np.random.default_rng(1)
        refit(likelihood, Refit(), 1)
        wall, cpu, memory = time.perf_counter(), time.process_time(), _memory()
        number = args.number or 1000
        for index in range(number):
            refit(simulate(likelihood, point, rng), Refit(), index)
        say(
            what=f"refits {case[2]}",
            number=number,
            seconds_each=round((time.perf_counter() - wall) / number, 4),
            cpu_seconds_each=round((time.process_time() - cpu) / number, 4),
            megabytes_before=memory,
            megabytes_after=_memory(),
        )


def _memory() -> float:
    """Return this process's peak resident memory in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, 1)


def dask(args: argparse.Namespace) -> None:
    """Compare one Dask worker with two."""
    from distributed import Client, LocalCluster

    task = toy_task(built(MOMENT), "mu_eff", [0.0], method="both")
    rates = {}
    for workers in (1, 2):
        with (
            LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            ) as cluster,
            Client(cluster) as client,
        ):
            run_campaign(task, 2 * workers, seed=9, client=client)  # workers start and compile
            began = time.perf_counter()
            found = run_campaign(task, args.number or 200, client=client)
            rates[workers] = (args.number or 200) / (time.perf_counter() - began)
    alone = run_campaign(task, 20, cores=1)
    say(
        what="dask",
        fits_per_second=rates,
        ratio=round(rates[2] / rates[1], 3),
        same=bool(np.array_equal(alone.values, found.values[:20])),
    )


KILLED = """
import sys
from pathlib import Path
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.toys import toy_task
from bayesnu.scans import likelihood_of
if __name__ == "__main__":
    likelihood = likelihood_of(["xenonnt-2022-er"], "magnetic-moment", ["mu_eff"])
    task = toy_task(likelihood, "mu_eff", [0.0, 0.5], method="both")
    run_campaign(task, int(sys.argv[2]), cores=2, out=Path(sys.argv[1]), resume=True)
"""


def kill(args: argparse.Namespace) -> None:
    """Kill -9 the process, or one of its workers, at 20 random moments."""
    number = args.number or 200
    moments = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        script, out = Path(folder) / "campaign.py", Path(folder) / "fits"
        script.write_text(KILLED)
        command = [sys.executable, str(script), str(out), str(number)]
        likelihood = built(MOMENT)
        task = toy_task(likelihood, "mu_eff", [0.0, 0.5], method="both")
        reference = run_campaign(task, number, cores=2)
        kills = {"process": 0, "worker": 0}
        seen: dict[int, Any] = {}
        process = subprocess.Popen(command)
        while sum(kills.values()) < 20:
            time.sleep(moments.uniform(0.5, 6.0))
            if process.poll() is not None:
                break
            what = moments.choice(["process", "worker"])
            workers = _children(process.pid)
            if what == "worker" and len(workers) > 1:
                os.kill(moments.choice(workers[1:]), signal.SIGKILL)
            else:
                what = "process"
                process.kill()
                process.wait()
            kills[what] += 1
            if out.exists() and (out / "campaign.json").exists():
                now = read_rows(out, read_settings(out)["columns"])
                assert set(seen) <= set(now), "a finished fit was lost"
                seen = now
            if what == "process":
                process = subprocess.Popen(command)
        process.wait()
        while subprocess.run(command, check=False).returncode:
            pass
        rows = read_rows(out, task.columns)
        same = all(np.array_equal(rows[i][2:], v) for i, v in enumerate(reference.values))
        say(what="kill", kills=kills, fits=len(rows), wanted=number, same=bool(same))


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(word) for word in path.read_text().split()]
    return sorted(found)


def fuzz(args: argparse.Namespace) -> None:
    """Give the command line 10,000 random inputs."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "campaigns"))
    import fuzzing  # type: ignore[import-not-found]

    say(what="fuzz", **fuzzing.fuzz(args.number or 10_000, seed=1))


def simuk(args: argparse.Namespace) -> None:
    """Compare with the simuk package: the same model, PyMC's own sampler."""
    import pymc as pm
    from scipy.stats import kstest
    from simuk import SBC

    from bayesnu.model import build_model

    likelihood = sensible_priors(built(MOMENT))
    with build_model(likelihood) as model:
        test = SBC(
            model,
            num_simulations=args.number or 20,
            seed=1,
            sample_kwargs={
                "draws": 250,
                "tune": 300,
                "chains": 2,
                "cores": 1,
                "progressbar": False,
                "nuts_sampler": "nutpie",
            },
        )
        test.run_simulations()
    ranks = {
        name: np.asarray(values).ravel()
        for name, values in dict(test.simulations["prior_sbc"]).items()
    }
    say(
        what="simuk",
        pymc=pm.__version__,
        p_values={
            name: round(float(kstest(values, "uniform").pvalue), 4)
            for name, values in ranks.items()
        },
    )


def main() -> None:
    """Run one part."""
    parts: dict[str, Callable[[argparse.Namespace], None]] = {
        part.__name__: part for part in (sbc, coverage, refits, dask, kill, fuzz, simuk)
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--out", type=Path, default=Path("runs"))
    parser.add_argument("--number", type=int)
    parser.add_argument("--cores", type=int)
    args = parser.parse_args()
    parts[args.part](args)


if __name__ == "__main__":
    main()
