"""What is wrong with a Dask cluster is one sentence, and nothing waits for ever."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small import Numbers

import bayesnu
from bayesnu.campaigns import dask_client
from bayesnu.campaigns.dask_client import Workers, client_at
from bayesnu.campaigns.runner import run_campaign
from bayesnu.errors import ComputationError, InputError, Interrupted

MOMENT = ["xenonnt-2022-er", "--signal", "magnetic-moment", "--parameter", "mu_eff"]


class Cluster:
    """Stands in for a client: only what `Workers` asks of it."""

    def __init__(self, **versions: str | None) -> None:
        self.versions = versions

    def ncores(self) -> dict[str, int]:
        return dict.fromkeys(self.versions, 2)

    def get_versions(self, packages: list[str]) -> dict[str, object]:
        assert packages == ["bayesnu"]
        return {
            "workers": {a: {"packages": {"bayesnu": v}} for a, v in self.versions.items()},
        }


def test_workers_with_another_bayesnu_or_none_get_no_work() -> None:
    here = bayesnu.__version__
    workers = Workers(cluster := Cluster(one=here, two=here))
    assert workers.wait(lambda: False) and workers.cores() == 4
    for version, words in (("0.0.1", "three has bayesnu 0.0.1, and this"), (None, "no bayesnu")):
        cluster.versions = {"one": here, "three": version}  # it joins later
        with pytest.raises(ComputationError, match=words):
            workers.cores()
        with pytest.raises(ComputationError, match=words):
            run_campaign(Numbers(), 4, client=Cluster(three=version))


def test_ctrl_c_is_heard_while_there_are_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(Interrupted):
        run_campaign(Numbers(), 4, client=Cluster())
    assert time.monotonic() - began < 10.0
    monkeypatch.setattr(dask_client, "WORKER_SECONDS", 0.1)
    with pytest.raises(ComputationError, match="no workers after"):
        run_campaign(Numbers(), 4, client=Cluster())


@pytest.mark.parametrize(
    "address", ["nonsense", "nonsense://", "tcp://", "host:port", "no-such.json", "inproc://1:2"]
)
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(InputError, match=r"--dask|no-such\.json"), client_at(address):
        pass


def test_a_command_with_a_wrong_address_ends(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    # In a process of its own: a client that has failed waits when it is taken apart, at the end.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        code = (
            "import sys; from bayesnu.campaigns import dask_client as d; "
            "d.CONNECT_SECONDS = d.CLOSE_SECONDS = 1; "
            "from bayesnu.cli import main; sys.exit(main(sys.argv[1:]))"
        )
        words = ["toys", *MOMENT, "--json", "--dask", f"tcp://127.0.0.1:{silent.getsockname()[1]}"]
        process = start("-c", code, *words, cwd=tmp_path)
        try:
            printed, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 1 and "Traceback" not in said
    assert "no scheduler answers" in said and not printed


@pytest.fixture
def scheduler(start: Callable[..., subprocess.Popen[str]]) -> Iterator[subprocess.Popen[str]]:
    """A scheduler and a worker in another process, which prints its address."""
    code = (
        "import time; from distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    c = LocalCluster(n_workers=1, threads_per_worker=1, processes=False, protocol='tcp',\n"
        "                     host='127.0.0.1', dashboard_address=None, silence_logs=50)\n"
        "    print(c.scheduler_address, flush=True)\n"
        "    time.sleep(120)\n"
    )
    process = start("-c", code)
    yield process
    process.kill()
    process.communicate()


def test_a_killed_scheduler_is_one_sentence_and_loses_no_fit(
    scheduler: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert scheduler.stdout is not None
    address = scheduler.stdout.readline().strip()

    def kill(fraction: float, _word: str) -> None:
        if fraction > 0.1:
            scheduler.kill()

    with (
        pytest.raises(ComputationError, match="connection to the Dask cluster was lost"),
        client_at(address) as client,
    ):
        run_campaign(Numbers(seconds=0.02), 400, client=client, out=tmp_path, progress=kill)
    found = run_campaign(Numbers(), 40, cores=1, out=tmp_path, resume=True)
    assert found.complete


def test_a_client_that_has_given_up_is_a_lost_connection(
    scheduler: subprocess.Popen[str],
) -> None:
    assert scheduler.stdout is not None
    address = scheduler.stdout.readline().strip()
    with (
        pytest.raises(ComputationError, match="connection to the Dask cluster was lost"),
        client_at(address) as client,
    ):
        client.close()
        Workers(client).cores()
    with pytest.raises(RuntimeError, match="of the fit itself"), client_at(address):
        raise RuntimeError("of the fit itself")
