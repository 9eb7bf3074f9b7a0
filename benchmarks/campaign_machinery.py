"""Long measurements of the machinery: time of refits, Dask, kills, random inputs."""

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
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from campaign_results import CHARGE, MOMENT, RADIUS, ROOT, built, record

from bayesnu.campaigns.engines import available_cores
from bayesnu.campaigns.refit import Refit, refit
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.simulation import simulate
from bayesnu.campaigns.store import read_rows, read_settings
from bayesnu.campaigns.toys import toy_task


def refits(args: argparse.Namespace) -> None:
    """Time refits in one process, and look at its memory."""
    for case in (MOMENT, CHARGE, RADIUS):
        if args.parameter not in (None, case[2]):
            continue
        likelihood = built(case)
        point = likelihood.point({case[2]: 0.3})
        rng = np.random.default_rng(1)
        refit(likelihood, Refit(), 1)
        number = args.number or 1000
        wall, cpu, memory = time.perf_counter(), time.process_time(), _memory()
        for index in range(number):
            refit(simulate(likelihood, point, rng), Refit(), index)
        record(
            args,
            "refits",
            case[2],
            number=number,
            processes=1,
            seconds_each=round((time.perf_counter() - wall) / number, 4),
            cpu_seconds_each=round((time.process_time() - cpu) / number, 4),
            megabytes_before=memory,
            megabytes_after=_memory(),
        )
    if args.parameter not in (None, "cores"):
        return
    task = toy_task(built(MOMENT), MOMENT[2], [0.3], method="posterior")
    number, cores = args.number or 1000, args.cores or available_cores()
    began = time.perf_counter()
    run_campaign(task, number, cores=cores)
    record(
        args,
        "refits",
        "mu_eff, all cores",
        number=number,
        processes=cores,
        seconds=round(time.perf_counter() - began, 1),
    )


def _memory() -> float:
    """Return this process's peak resident memory in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, 1)


def dask(args: argparse.Namespace) -> None:
    """Compare one Dask worker with two."""
    from distributed import Client, LocalCluster

    task = toy_task(built(MOMENT), "mu_eff", [0.0], method="both")
    number = args.number or 200
    rates: dict[int, list[float]] = {1: [], 2: []}
    for workers in (1, 2, 1, 2, 1, 2):
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",
                host="127.0.0.1",
            ) as cluster,
            Client(cluster) as client,
        ):
            client.wait_for_workers(workers)
            run_campaign(task, 8 * workers, seed=9, client=client)  # workers import and compile
            began = time.perf_counter()
            found = run_campaign(task, number, client=client)
            rates[workers].append(number / (time.perf_counter() - began))
    alone = run_campaign(task, min(20, number), cores=1)
    medians = {workers: float(np.median(values)) for workers, values in rates.items()}
    record(
        args,
        "dask",
        "one worker and two",
        fits=number,
        fits_per_second={key: round(value, 2) for key, value in medians.items()},
        ratio=round(medians[2] / medians[1], 3),
        same=bool(np.array_equal(alone.values, found.values[: len(alone.values)])),
    )


KILLED = """
import sys
from pathlib import Path
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.toys import toy_task
from bayesnu.analyses.question import likelihood_of
if __name__ == "__main__":
    likelihood = likelihood_of(["xenonnt-2022-er"], "magnetic-moment", ["mu_eff"])
    task = toy_task(likelihood, "mu_eff", [0.0, 0.5], method="both")
    run_campaign(task, int(sys.argv[2]), cores=2, out=Path(sys.argv[1]), resume=True)
"""


def kill(args: argparse.Namespace) -> None:
    """Kill -9 the process, or one of its workers, at 20 random moments."""
    number = args.number or 500
    task = toy_task(built(MOMENT), "mu_eff", [0.0, 0.5], method="both")
    reference = run_campaign(task, number, cores=args.cores)
    moments = random.Random(1)
    kills = {"process": 0, "worker": 0}
    with tempfile.TemporaryDirectory() as folder:
        script, out = Path(folder) / "campaign.py", Path(folder) / "fits"
        script.write_text(KILLED)
        command = [sys.executable, str(script), str(out), str(number)]

        def kept() -> dict[int, Any]:
            started = (out / "campaign.json").exists()
            return read_rows(out, read_settings(out)["columns"]) if started else {}

        seen: dict[int, Any] = {}
        process = subprocess.Popen(command)
        while sum(kills.values()) < 20 and len(seen) < number:
            # The moment is counted from the first new fit: start-up takes as long as it takes.
            while process.poll() is None and len(kept()) <= len(seen):
                time.sleep(0.05)
            time.sleep(moments.uniform(0.0, 1.5))
            workers = _children(process.pid)[1:]  # the first one looks after shared memory
            before = kept()
            if moments.random() < 0.5 and workers:
                os.kill(moments.choice(workers), signal.SIGKILL)
                kills["worker"] += 1
            else:
                process.kill()
                process.wait()
                kills["process"] += 1
            seen = kept()
            assert set(before) <= set(seen), "a finished fit was lost"
            if process.poll() is not None:
                process = subprocess.Popen(command)
        process.kill()
        process.wait()
        subprocess.run(command, check=True)
        rows = kept()
    same = [np.array_equal(rows[i][2:], reference.values[i]) for i in range(number)]
    record(args, "kill", "20 moments", kills=kills, fits=len(rows), wanted=number, same=all(same))


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(word) for word in path.read_text().split()]
    return sorted(found)


def fuzz(args: argparse.Namespace) -> None:
    """Give random input to the command line and to the readers of files, and Ctrl-C, full disks,
    closed streams and other processes to commands: over 10,000 in all.

    Each part is done in ten blocks, of all parts the first before of any the second; a block
    that is done stands in --out and is not done again.
    """
    sys.path.insert(0, str(ROOT / "tests" / "helpers"))
    import fuzzing_world as world  # type: ignore[import-not-found]
    from fuzzing import fuzz as command_lines  # type: ignore[import-not-found]
    from fuzzing_files import fuzz_files  # type: ignore[import-not-found]
    from fuzzing_interrupts import fuzz_interrupts  # type: ignore[import-not-found]
    from fuzzing_models import fuzz_models  # type: ignore[import-not-found]
    from fuzzing_processes import COMMANDS  # type: ignore[import-not-found]

    number = (args.number or 10_000) // FUZZ_BLOCKS
    parts: dict[str, tuple[Callable[..., dict[str, Any]], int]] = {
        f"Ctrl-C, {name}": (partial(fuzz_interrupts, name), number // 100) for name in COMMANDS
    }
    parts |= {
        "full disks": (world.fuzz_disks, number // 100),
        "closed and full streams": (world.fuzz_streams, number // 100),
        "two processes in one folder": (world.fuzz_two, number // 500),
        "links and special files": (world.fuzz_special, number // 20),
        "command lines": (command_lines, number // 2),
        "model files and tables": (fuzz_models, number * 9 // 20),
        "posteriors, limits, records": (fuzz_files, number // 20),
    }
    for seed in range(1, FUZZ_BLOCKS + 1):
        for name, (part, inputs) in parts.items():
            folder = args.out / "fuzz" / name
            path = folder / f"{seed}.json"
            if not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(part(inputs, seed=seed)), encoding="utf-8")
                blocks = [json.loads(found.read_text("utf-8")) for found in folder.iterdir()]
                record(args, "fuzz", name, **_together(blocks))


FUZZ_BLOCKS = 10


def _together(blocks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return sums of counts, the longest of times, and the first failures."""
    return {
        key: max(block[key] for block in blocks)
        if key.endswith("seconds")
        else sum((block[key] for block in blocks), [] if key == "first" else 0)
        for key in blocks[0]
    }
