"""Scheduler and worker as their commands start them, by TLS: who may join, and what becomes of work when one falls."""

import os
import socket
import subprocess
import sys
from functools import partial

import pytest
from typer.testing import CliRunner

from booking.cli import app
from booking.platform.base.settings_servers import ComputingSettings
from booking.platform.computing.errors import ClusterLostError
from booking.platform.computing.spread import Computing, try_out
from deploy.checks.free_ports import free_port
from tests.booking.platform.computing.pieces import doubled, kills_scheduler
from tests.support.certificates import an_authority
from tests.support.root import ROOT

pytest.importorskip("distributed", reason="the extra mawid[cluster] is not installed")


def settings(address, folder):
    files = {f"dask_{name}": folder / f"{name}.pem" for name in ("ca", "certificate", "key")}
    return ComputingSettings(dask_address=address, **files)


def without_certificates(port):
    return ComputingSettings(dask_address=f"tcp://127.0.0.1:{port}", dask_open_on_this_machine=True)


def environment(of):
    """As little as a machine that only computes has."""
    named = {f"MAWID_{name.upper()}": str(value) for name, value in of.model_dump().items() if value is not None}
    return named | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


@pytest.fixture
def running(tmp_path):
    """Start a command and wait for its first line."""
    started = []

    def start(of, *words):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "booking", "computing", *words],
            cwd=tmp_path,
            env=environment(of),
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, process.stdout.readline()

    yield start
    for process in reversed(started):
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.fixture
def port():
    return free_port()


@pytest.mark.slow
def test_work_goes_to_who_has_a_certificate_and_comes_home_when_the_scheduler_falls(running, port, tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        an_authority(folder)
    address = f"tls://127.0.0.1:{port}"
    scheduler, said = running(settings(None, ours), "scheduler", "--port", str(port))
    assert said == f"handing out work at {address}\n"
    worker, said = running(settings(address, ours), "worker", "--processes", "1", "--memory", "2GiB")
    assert said == f"1 at work for {address}\n"

    assert try_out(settings(address, ours)) == 1
    for stranger in (settings(address, theirs), without_certificates(port)):
        with pytest.raises(ClusterLostError):
            try_out(stranger)
    with Computing(settings(address, ours), alone_for=0).opened() as spread:
        work = partial(kills_scheduler, scheduler.pid)
        assert list(spread(work, range(5), here=doubled)) == [0, 2, 4, 6, 8]
    assert scheduler.wait(30) == -9
    worker.wait(60)  # whoever keeps it running starts it again


@pytest.mark.slow
def test_without_certificates_a_worker_listens_to_this_machine_alone(running, port):
    from distributed import Client  # noqa: PLC0415 - an extra

    of = without_certificates(port)
    running(of, "scheduler", "--port", str(port))
    running(of, "worker", "--processes", "1", "--memory", "2GiB")
    with Client(of.dask_address, set_as_default=False) as client:
        (worker,) = client.scheduler_info()["workers"]

    with pytest.raises(ConnectionRefusedError):  # at another address of this machine, as from outside
        socket.create_connection(("127.0.0.2", int(worker.rpartition(":")[2])), 5)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("scheduler", "--host", "192.0.2.1"), "needs MAWID_DASK_CA"),
        (("scheduler",), "every user of this machine could run any code"),
        (("worker",), "MAWID_DASK_ADDRESS names the scheduler"),
        (("try",), "MAWID_DASK_ADDRESS names no scheduler"),
    ],
)
def test_what_lacks_its_settings_does_not_start(words, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, ["computing", *words])

    assert done.exit_code == 1
    assert message in str(done.exception)


def test_a_worker_without_certificates_refuses_a_scheduler_that_anybody_may_be(monkeypatch, tmp_path, port):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAWID_DASK_ADDRESS", f"tcp://127.0.0.1:{port}")

    done = CliRunner().invoke(app, ["computing", "worker"])

    assert done.exit_code == 1
    assert "every user of this machine could run any code" in str(done.exception)


def test_a_cluster_that_is_away_is_said_by_the_trial(monkeypatch, port):
    monkeypatch.setenv("MAWID_DASK_ADDRESS", f"tcp://127.0.0.1:{port}")
    monkeypatch.setenv("MAWID_DASK_OPEN_ON_THIS_MACHINE", "true")

    done = CliRunner().invoke(app, ["computing", "try"])

    assert (done.exit_code, done.output) == (1, "no scheduler answers: ConnectionRefusedError\n")
