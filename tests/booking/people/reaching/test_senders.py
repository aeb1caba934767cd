"""Long runs send by processes: in order, within the gateway's calls, nothing lost and little twice where one dies."""

import signal
import socket
import subprocess
from collections import Counter
from multiprocessing import Pipe
from pathlib import Path

import pytest
from sqlalchemy import func, select

from booking.country.core.messages import tell
from booking.people.reaching import deliver, senders
from booking.people.reaching.carrier import Letter
from booking.people.reaching.carriers import OUTBOX
from booking.people.reaching.deliver import deliver_waiting
from booking.people.reaching.senders import IN_A_ROW, LEASE, Parcel, Senders, dealt
from booking.platform.base.message_states import Channel, MessageState, TryOutcome
from booking.platform.models import Message
from tests.booking.people.reaching.conftest import with_settings
from tests.support.country import an_account
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

CALLS = 5
FIRST_HAS = 3
"""Of these calls; the other process has two."""


class Loaded(Senders):
    """Senders whose processes are waited for, so that they send from the first batch on."""

    def _is_ready(self, one):
        one.pipe.poll(None if not one.is_ready else 0)
        return super()._is_ready(one)


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch):
    monkeypatch.setattr(senders, "processors", lambda: 2)
    monkeypatch.setattr(senders, "LONG_RUN", 0)


def parcels(count, *, channel=Channel.SMS):
    return [Parcel(channel, f"+9639000{one % 7}", Letter("", f"notice {one}"), str(one)) for one in range(count)]


def test_processes_send_in_order_rest_together_and_end_with_their_worker(gateway, monkeypatch):
    monkeypatch.setenv("mawid_secret_key", "a secret which no process that sends is told")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    sent = parcels(60)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        never = f"json://127.0.0.1:{silent.getsockname()[1]}/?-to={{to}}"
        addresses = {Channel.SMS: gateway.url(), Channel.EMAIL: never}
        with Loaded({}, addresses, calls=CALLS) as both:  # it has no carrier of its own
            assert {one.outcome for one in both.begin(sent)()} == {TryOutcome.SENT}
            running = [one.running for one in both._processes]
            told = [Path(f"/proc/{one.pid}/environ").read_bytes() for one in running]
            for one in running:
                one.terminate()  # as systemd tells all of a worker, which finishes its jobs first
            gateway.answers = [503] * 1_000
            missed = both.begin(sent * 2)()
            assert both.resting.all_rest()
            both.begin(parcels(10, channel=Channel.EMAIL))
            silent.accept()[0].close()

    assert [one.returncode for one in running] == [0, 0], "in the middle of a batch"
    for phone in {one.address for one in sent}:
        assert gateway.texts(phone) == [one.letter.text for one in sent if one.address == phone]
    assert [b"mawid_" in one.lower() or b"NO_PROXY" not in one for one in told] == [False, False]
    assert IN_A_ROW <= sum(one.outcome is not None for one in missed) < IN_A_ROW + CALLS


def test_on_one_processor_no_process_is_started(gateway, monkeypatch):
    monkeypatch.setattr(senders, "processors", lambda: 1)

    with Loaded({}, {Channel.SMS: gateway.url()}, calls=CALLS) as one:
        assert {each.outcome for each in one.begin(parcels(2))()} == {TryOutcome.UNAVAILABLE}, "it has no carrier"


def test_a_run_that_ends_before_its_processes_have_loaded_waits_for_none(gateway):
    with Senders({Channel.SMS: OUTBOX}, {Channel.SMS: gateway.url()}, calls=CALLS) as both:
        both.begin(parcels(2))()
        running = [one.running for one in both._processes]
    assert [one.returncode for one in running] == [-signal.SIGKILL] * 2


def test_each_process_has_as_much_of_a_batch_as_it_makes_calls():
    """A process with fewer calls than others was waited for by all of them, where a gateway is slow."""
    assert [len(one) for one in dealt(parcels(7), [2, 2, 2, 1])] == [2, 2, 2, 1]
    assert [len(one) for one in dealt(parcels(3), [64, 64])] == [2, 1]


def test_a_process_that_hangs_is_killed_and_what_it_had_keeps_its_lease(monkeypatch):
    monkeypatch.setattr(senders, "_ANSWERS_WITHIN", 0)
    ours, theirs = Pipe()
    with theirs, Senders({Channel.SMS: OUTBOX}, {}, calls=CALLS) as both:
        hanging = senders._Process(subprocess.Popen(["sleep", "inf"]), ours, CALLS, is_ready=True)
        both._processes.append(hanging)

        assert both.begin(parcels(2))() == [None, None]
        assert {one.outcome for one in both.begin(parcels(2))()} == {TryOutcome.SENT}
    assert hanging.running.returncode == -signal.SIGKILL


def test_what_a_killed_process_had_is_sent_after_its_lease_none_lost(reached, gateway, monkeypatch):
    """Both send when one is killed: twice comes what the gateway took of it without having answered, nothing else."""
    batch, sending = 20, []
    with_settings(reached, gateway_calls=CALLS)
    people = [an_account(reached, language="en") for _ in range(8)]
    deliver_waiting(reached)
    with reached.sessions.begin() as session:
        for number in range(4 * batch):
            tell(session, reached, people[number % len(people)], "request_withdrawn", reference=f"{number:09}")
    gateway.taken.clear()

    class OneIsKilled(Loaded):
        def begin(self, given):
            if len(sending) == 1:
                gateway.answering.clear()
            end = super().begin(given)
            sending.append(len(self._processes))
            if len(sending) == 2:
                eventually(lambda: len(gateway.taken) == batch + CALLS)
                self._processes[0].running.kill()
                self._processes[0].running.wait()
                gateway.answering.set()
            return end

    with monkeypatch.context() as patched:
        patched.setattr(deliver, "Senders", OneIsKilled)
        for module in (deliver, deliver):
            patched.setattr(module, "BATCH", batch)
        sent = deliver_waiting(reached)
    with reached.sessions() as session:
        left = session.scalar(select(func.count()).where(Message.state == MessageState.WAITING))
    reached.clock.advance(LEASE)

    assert sending == [2, 2, 1, 1]
    assert FIRST_HAS <= left == 4 * batch - sent < batch
    assert deliver_waiting(reached) == left
    times = Counter(one.text for one in gateway.taken)
    assert len(times) == 4 * batch
    assert sorted(times.values())[-FIRST_HAS - 1 :] == [1] + [2] * FIRST_HAS
