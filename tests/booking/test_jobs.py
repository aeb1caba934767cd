import pytest
from sqlalchemy import select, text

from booking.jobqueue import enqueue
from booking.jobs import make_app
from booking.models import Message
from booking.reaching.reading import read_message
from tests.country import an_account


def run_waiting_jobs(core):
    make_app(core).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def waiting_jobs(core):
    with core.sessions() as session:
        return session.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'deliver'")
        )


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


def test_a_job_of_a_transaction_that_fails_does_not_exist(core):
    def fail_after_enqueueing():
        with core.sessions.begin() as session:
            enqueue(session, "deliver", message_id="00000000-0000-0000-0000-000000000000")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_enqueueing()

    assert waiting_jobs(core) == 0
