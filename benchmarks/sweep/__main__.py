"""Run the sweep: every limit of the package beside an independent referee.

    python -m benchmarks.sweep              # all, some hours on two cores
    python -m benchmarks.sweep --quick      # some analyses of every kind, three minutes
    python -m benchmarks.sweep --only millicharge 'lz-2022-er *'

Finished analyses are kept in --out and skipped the next time, as long as the package's code and
model files are the same. The exit code is 1 if there is a disagreement without a reason.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from benchmarks.sweep.cases import Case, chosen, in_order
from benchmarks.sweep.judge import as_error, judge
from benchmarks.sweep.page import summary, unexplained, write
from benchmarks.sweep.store import Store

DOCS = Path(__file__).resolve().parents[2] / "docs"

LONGEST = 240.0
"""Seconds of a core after which a case is given up: what hangs is a result too."""

Judged = tuple[str, float, list[dict[str, Any]]]


def judged(case: Case) -> Judged:
    """Judge one case (seconds of a core); what breaks is a result too."""
    began = time.process_time()
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        comparisons = judge(case)
    except Exception as error:
        comparisons = [as_error(case, error)]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    return case.name, time.process_time() - began, comparisons


def _give_up(*_: object) -> None:
    raise TimeoutError(f"given up after {LONGEST:g} s of a core")


def results(cases: list[Case], cores: int) -> Iterator[Judged]:
    """Yield the judgements as they come."""
    if cores == 1:
        yield from map(judged, cases)
        return
    with ProcessPoolExecutor(cores) as pool:
        for future in as_completed([pool.submit(judged, case) for case in cases]):
            yield future.result()


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="some analyses of every kind")
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE", help="parts of names")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("results/sweep"))
    parser.add_argument("--docs", type=Path, help="where the page goes (docs, if all was run)")
    parser.add_argument("--list", action="store_true", help="only list the analyses")
    args = parser.parse_args()
    cases = chosen(args.quick, args.only)
    if args.list:
        print("\n".join(case.name for case in cases))
        return
    store = Store(args.out / "cells.jsonl")
    done = store.read()
    todo = in_order(case for case in cases if case.name not in done)
    print(f"{len(cases)} analyses, {len(cases) - len(todo)} of them done before", flush=True)
    for number, (name, seconds, comparisons) in enumerate(results(todo, args.cores), 1):
        store.add(name, seconds, comparisons)
        bad = [entry for entry in comparisons if entry["verdict"] == "disagree"]
        print(f"[{number}/{len(todo)}] {name}: {seconds:.1f} s, {len(comparisons)}", flush=True)
        for entry in bad:
            print(
                f"    {entry['kind']} {entry['level']:g} {entry['prior']}: {entry['package']} "
                f"for {entry['referee']} {entry['note']}",
                flush=True,
            )
    finished = store.read()
    found = summary({case.name: finished[case.name] for case in cases if case.name in finished})
    whole = not (args.quick or args.only)
    folder = args.docs or (DOCS if whole else args.out)
    print("Written:", *write(found, folder))
    wrong = unexplained(found)
    if wrong:
        raise SystemExit(f"{len(wrong)} disagreements without a reason.")


if __name__ == "__main__":
    main()
