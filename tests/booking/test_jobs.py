import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from booking.country.core.jobqueue import enqueue
from booking.jobs import PERIODIC, make_app, take
from booking.operations.worker.stalled import MOST_KILLS, remove_old_jobs, settle_stalled
from booking.people.reaching.notice_text import read_message
from booking.platform.base.clock import SystemClock
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import Message
from tests.support.country import an_account


def run_waiting_jobs(core):
    make_app(core).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def waiting_jobs(core):
    with core.sessions() as session:
        return session.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'deliver'")
        )


def job_states(core, names=tuple(PERIODIC)):
    """Return what became of each periodic job, oldest first."""
    with core.sessions() as session:
        rows = session.execute(text("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")).all()
    return {name: [status for task, status in rows if task == name] for name in names}


def die_in_all_jobs(core):
    """Take every waiting job as a worker that is killed in them, an hour ago."""

    async def die():
        async with make_app(core).open_async() as app:
            worker = await app.job_manager.register_worker()
            while await app.job_manager.fetch_job(queues=None, worker_id=worker):
                pass

    asyncio.run(die())
    with core.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))


def settle(core):
    async def run():
        async with make_app(core).open_async() as app:
            await settle_stalled(app)

    asyncio.run(run())


def test_a_code_is_sent_by_a_job_that_exists_once_registration_is_committed(core):
    account = an_account(core, confirmed=False)
    assert waiting_jobs(core) == 1

    run_waiting_jobs(core)

    assert waiting_jobs(core) == 0
    with core.sessions() as session:
        message = session.scalars(select(Message).where(Message.account_id == account)).one()
        assert message.sent_at is not None
        assert message.values.keys() == {"minutes"}
        code = read_message(session, core, message, "en").split(": ")[1].split(".")[0]
        assert code.isdigit()
        assert code not in str(message.values)


def test_a_failed_transaction_leaves_no_job(core):
    def fail_after_enqueueing():
        with core.sessions.begin() as session:
            enqueue(session, "deliver", message_id="00000000-0000-0000-0000-000000000000")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_enqueueing()

    assert waiting_jobs(core) == 0


def test_every_periodic_job_runs_on_an_empty_installation(core):
    with make_app(core).open() as app:
        for name in PERIODIC:
            app.tasks[name].defer(timestamp=0)
    run_waiting_jobs(core)

    assert {name: states[0] for name, states in job_states(core).items()} == dict.fromkeys(PERIODIC, "succeeded")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_machine_whose_clock_is_an_hour_off_lets_nothing_lapse(core, hours):
    class Wrong(SystemClock):
        def now(self):
            return super().now() + timedelta(hours=hours)

    for clock, state in ((Wrong(), "failed"), (SystemClock(), "succeeded")):
        object.__setattr__(core, "clock", clock)
        with make_app(core).open() as app:
            app.tasks["expire"].defer(timestamp=0)
        run_waiting_jobs(core)
        states = job_states(core)["expire"]  # where a minute ends meanwhile, one more waits
        assert state in states
        assert state == "succeeded" or "succeeded" not in states


def test_a_failed_step_does_not_stop_later_steps(core):
    taken = []

    def fail(_):
        raise RuntimeError("no")

    with pytest.raises(ExceptionGroup, match="steps failed"):
        take(core, (taken.append, fail, taken.append))

    assert taken == [core, core]


def test_a_missing_policy_is_reported_when_others_exist(country):
    def miss(_):
        raise PolicyMissingError

    with pytest.raises(ExceptionGroup):
        take(country, (miss,))


def test_a_job_that_kills_its_worker_each_time_is_ended_and_starves_no_other(core):
    with core.sessions.begin() as session:
        enqueue(session, "plan_closure", closure_id=str(uuid4()))
    for kills in range(1, MOST_KILLS + 1):
        die_in_all_jobs(core)
        with core.sessions.begin() as session:
            enqueue(session, "deliver", message_id=str(uuid4()))
        settle(core)
        states = job_states(core, ("plan_closure", "deliver"))
        assert states["plan_closure"] == ["failed" if kills == MOST_KILLS else "todo"]
    run_waiting_jobs(core)

    states = job_states(core, ("plan_closure", "deliver"))
    assert states == {"plan_closure": ["failed"], "deliver": ["succeeded"] * MOST_KILLS}


def test_a_killed_retry_of_stalled_jobs_is_replaced_by_the_next_one(core):
    with make_app(core).open() as app:
        app.tasks["retry_stalled"].defer(timestamp=0)
        die_in_all_jobs(core)
        app.tasks["retry_stalled"].defer(timestamp=60)
    run_waiting_jobs(core)

    states = job_states(core, ("retry_stalled",))["retry_stalled"]
    assert "succeeded" in states[:2]
    assert "doing" not in states


def test_finished_jobs_are_removed_after_a_time(core):
    with core.sessions.begin() as session:
        for _ in range(3):
            enqueue(session, "deliver", message_id=str(uuid4()))
    run_waiting_jobs(core)
    with core.sessions.begin() as session:
        first, second, third = session.scalars(
            text("SELECT id FROM procrastinate_jobs WHERE task_name = 'deliver' ORDER BY id")
        )
        session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id"), {"id": second})
        session.execute(
            text("UPDATE procrastinate_events SET at = now() - interval '8 days' WHERE job_id = ANY(:ids)"),
            {"ids": [first, second]},
        )

    assert remove_old_jobs(core) == 1

    with core.sessions() as session:
        kept = session.scalars(text("SELECT id FROM procrastinate_jobs WHERE task_name = 'deliver' ORDER BY id")).all()
    assert kept == [second, third]
