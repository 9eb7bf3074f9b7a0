"""The same campaign gives the same numbers wherever it runs, whatever dies on the way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small import Numbers, counting

from bayesnu.campaigns import engines
from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.toys import toy_task
from bayesnu.errors import ComputationError, InputError
from bayesnu.results.fits import Fits


def assert_same(one: Fits, other: Fits) -> None:
    """Equal to the last bit: times apart."""
    assert one.columns == other.columns and one.failed == other.failed
    assert np.array_equal(one.index, other.index)
    assert np.array_equal(one.values, other.values)


def test_the_number_of_processes_does_not_matter() -> None:
    task = toy_task(counting(), "size", [0.0, 1.0], method="both")
    alone = run_campaign(task, 8, cores=1)
    assert alone.complete and len(alone.index) == 8
    assert_same(alone, run_campaign(task, 8, cores=2))


def test_other_seeds_and_other_indices_give_other_numbers() -> None:
    one, other = run_campaign(Numbers(), 50, cores=1), run_campaign(Numbers(), 50, seed=2, cores=1)
    assert len(np.unique(np.concatenate([one.values, other.values]).ravel())) == 200


def test_more_fits_keep_those_that_are_there() -> None:
    assert np.array_equal(
        run_campaign(Numbers(), 5, cores=1).values, run_campaign(Numbers(), 9, cores=1).values[:5]
    )


def test_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    task = Numbers(fatal=str(tmp_path / "killed"))
    found = run_campaign(task, 12, cores=2, out=tmp_path / "fits")
    assert (tmp_path / "killed").exists()
    assert_same(found, run_campaign(Numbers(), 12, cores=1))


def test_workers_that_always_die_end_the_campaign_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "MOST_DEATHS", 1)
    with pytest.raises(ComputationError, match="died without finishing a fit"):
        run_campaign(Numbers(fatal="always"), 12, cores=2)


def test_wrong_numbers_are_refused() -> None:
    for wrong in ({"number": 0}, {"number": 10, "seed": -1}, {"number": 10, "cores": 0}):
        with pytest.raises(InputError):
            run_campaign(Numbers(), **wrong)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes on the loopback address."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        silence_logs=50,
    ) as running:
        yield running


def test_dask_gives_the_same_numbers(cluster: Any) -> None:
    from distributed import Client

    task = toy_task(counting(), "size", [0.0, 1.0], method="both")
    with Client(cluster, set_as_default=False) as client:
        assert_same(run_campaign(task, 8, client=client), run_campaign(task, 8, cores=1))


def test_a_dask_worker_killed_in_mid_campaign_costs_nothing(cluster: Any, tmp_path: Path) -> None:
    from distributed import Client

    killed: list[float] = []
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        victim = next(iter(client.run(os.getpid).values()))

        def kill_once(fraction: float, _word: str) -> None:
            if not killed and fraction > 0.2:
                # A worker's nanny starts another in its place: both facts are part of the test.
                os.kill(victim, signal.SIGKILL)
                killed.append(fraction)

        task = Numbers(seconds=0.02)
        found = run_campaign(task, 120, client=client, out=tmp_path, progress=kill_once)
    assert killed and killed[0] < 0.5
    assert_same(found, run_campaign(Numbers(), 120, cores=1))


def test_a_cluster_that_grows_gets_work_for_its_new_workers(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    monkeypatch.setattr(engines, "DASK_FEWEST", 1)
    monkeypatch.setattr(engines, "COUNT_SECONDS", 0.1)
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        real, began = client.ncores, time.monotonic()

        def counted() -> dict[str, int]:
            found = dict(real())
            # As if one worker had come late.
            return found if time.monotonic() - began > 0.5 else dict(list(found.items())[:1])

        handed: list[int] = []
        monkeypatch.setattr(client, "ncores", counted)
        submit = client.submit
        flying: list[Any] = []

        def counting(*args: Any, **kwargs: Any) -> Any:
            flying.append(submit(*args, **kwargs))
            handed.append(sum(future.status == "pending" for future in flying))
            return flying[-1]

        monkeypatch.setattr(client, "submit", counting)
        found = run_campaign(Numbers(seconds=0.02), 100, client=client)
    assert found.complete
    assert max(handed[:6]) <= engines.AHEAD and max(handed) > engines.AHEAD


def test_an_address_without_a_scheduler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from bayesnu.campaigns import dask_client

    monkeypatch.setattr(dask_client, "CONNECT_SECONDS", 1)
    with (
        pytest.raises(ComputationError, match="no scheduler answers"),
        dask_client.client_at("tcp://127.0.0.1:9"),
    ):
        pass
