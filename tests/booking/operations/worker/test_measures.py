import asyncio

from booking.country.core.jobqueue import enqueue
from booking.jobs import make_app
from booking.operations.worker.measures import JobsEnded
from booking.operations.worker.stalled import RecordingWorker, Remains


def test_jobs_are_counted_by_how_they_ended(core):
    with core.sessions.begin() as session:
        enqueue(session, "copy_account", account="no id")  # fails, and is tried again
    measured = JobsEnded()

    async def work():
        app = make_app(core)
        async with app.open_async():
            await RecordingWorker(app, Remains(), measured, wait=False, listen_notify=False).run()

    asyncio.run(work())

    jobs, took, _ = measured.collect()
    counted = {tuple(one.labels.values()): one.value for one in jobs.samples}
    assert counted["copy_account", "tried_again"] == 1
    assert next(one.value for one in took.samples if one.labels == {"job": "copy_account"}) > 0
