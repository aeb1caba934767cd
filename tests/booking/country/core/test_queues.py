"""Each job waits in a queue that some worker takes."""

from sqlalchemy import text

from booking.country.core.jobqueue import Queue, enqueue, named_jobs, queue_of
from booking.jobs import ONE_OFF, PERIODIC, make_app
from booking.operations.worker.views import due_by_queue


def test_every_job_with_a_queue_of_its_own_is_one_that_runs():
    assert named_jobs() <= PERIODIC.keys() | ONE_OFF.keys()
    assert queue_of("expire") is Queue.REST


def test_a_worker_of_one_queue_takes_its_jobs_and_no_others(core):
    with core.sessions.begin() as session:
        enqueue(session, "copy_account", account_id="00000000-0000-0000-0000-000000000000")
        enqueue(session, "tell_of_charge", reference="none")
    app = make_app(core)
    assert {name: task.queue for name, task in app.tasks.items() if name in {"advance_draws", "deliver"}} == {
        "advance_draws": "draws",
        "deliver": "notices",
    }
    waits = due_by_queue(core)
    assert waits.keys() == {queue.value for queue in Queue}

    app.run_worker(queues=["draws"], wait=False, install_signal_handlers=False, listen_notify=False)
    assert states(core) == {"copy_account": "todo", "tell_of_charge": "todo"}

    app.run_worker(queues=["long"], wait=False, install_signal_handlers=False, listen_notify=False)
    assert states(core)["tell_of_charge"] == "todo"
    assert states(core)["copy_account"] != "todo"


def states(core):
    with core.sessions() as session:
        found = session.execute(text("SELECT task_name, status::text FROM procrastinate_jobs"))
        return {name: status for name, status in found if name in {"copy_account", "tell_of_charge"}}
