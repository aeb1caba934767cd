"""A silent worker is seen: by monitors, in the metrics, and by administrators in words."""

import os
import re
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from api.pages.admin.job_words import JOBS
from booking.country.core.security import By
from booking.desk.telephone.connected import note_call
from booking.jobs import PERIODIC, make_app
from booking.operations.worker.periods import PERIODS
from booking.platform.files.place import Cause
from booking.platform.models import SwapNight, SwapState
from booking.platform.models.states import Role
from booking.scheduling.swaps.damaged import Damage
from booking.scheduling.swaps.nights import announce
from tests.api.pages.conftest import Browser
from tests.support.country import METRICS
from tests.support.open_draws import open_a_draw

A_BEAT = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => :age))"
A_JOB = "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', :name, :status)"
AN_AGE = "UPDATE procrastinate_events SET at = at - make_interval(secs => :age)"
A_RUN = """
    INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp)
    VALUES (:name, CAST(extract(epoch FROM now()) AS bigint) - :age)
"""
A_FAILURE = """
    INSERT INTO procrastinate_events (job_id, type) SELECT max(id), 'failed' FROM procrastinate_jobs
"""


@pytest.fixture
def queue(core):
    """Write what workers would have left in the queue's tables."""

    def write(statement, **values):
        with core.sessions.begin() as session:
            session.execute(text(statement), values)

    return write


def measures(client):
    return client.get("/metrics", headers=METRICS).text


def since_the_last_beat(client):
    return float(re.search(r"^mawid_worker_heartbeat_age_seconds (\S+)", measures(client), re.MULTILINE)[1])


def test_a_silent_worker_degrades_readiness_but_pages_still_work(client, queue):
    assert client.get("/readyz").json()["worker"] == "silent"  # and no seconds: those are for /metrics

    queue(A_BEAT, age=90)
    answer, monitor = client.get("/readyz"), client.get("/readyz/worker")
    assert (answer.status_code, answer.json()["ready"], answer.json()["status"]) == (200, True, "degraded")
    assert (monitor.status_code, monitor.json()) == (503, {"worker": "silent"})
    assert 90 <= since_the_last_beat(client) < 120

    queue(A_BEAT, age=1)
    assert client.get("/readyz").json()["status"] == "ok"
    assert client.get("/readyz/worker").status_code == 200


def test_a_worker_that_leaves_due_jobs_waiting_is_reported_as_behind(client, queue):
    queue(A_BEAT, age=1)
    queue(A_JOB, name="expire", status="todo")
    assert client.get("/readyz/worker").status_code == 200

    queue(AN_AGE, age=700)
    monitor = client.get("/readyz/worker")
    assert (monitor.status_code, monitor.json()) == (503, {"worker": "behind"})
    assert re.search(r"^mawid_jobs_due_age_seconds 7[0-5]\d", measures(client), re.MULTILINE)


def test_metrics_show_the_last_heartbeat_and_failed_jobs(client, queue):
    assert "mawid_worker_heartbeat_age_seconds +Inf" in client.get("/metrics", headers=METRICS).text

    queue(A_BEAT, age=90)
    queue(A_JOB, name="replay", status="failed")
    queue(A_FAILURE)
    figures = client.get("/metrics", headers=METRICS).text
    assert re.search(r"^mawid_worker_heartbeat_age_seconds 9\d\.", figures, re.MULTILINE)
    assert "mawid_jobs_due_age_seconds 0.0" in figures
    assert 'mawid_jobs_failed{job="replay"} 1.0' in figures


def test_administrators_see_what_is_stopped_and_what_failed(queue, staff: Browser):
    for name in ("replay", "expire"):
        queue(A_JOB, name=name, status="failed")
        queue(A_FAILURE)
    queue(A_JOB, name="expire", status="succeeded")
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin")

    for part in ("Database", "Session store", "Secret key"):
        assert re.search(rf"<dt>{part}</dt><dd><strong [^>]+>Working<", boss.text), part
    assert "gives no sign of life" in boss.text
    assert "Draws, reminders and notices stand still until it runs again." in boss.text
    _, _, failed = boss.text.partition('<h3 id="failed">')
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>(<td.*?)</tr>", failed, re.DOTALL)]
    assert [row.split()[-1] for row in rows if "replay" in row] == ["succeed"]  # did not
    assert [row.split()[-1] for row in rows if "expire" in row] == ["succeeded"]
    assert "Repeat the verdicts of the day before" in boss.text

    queue(A_BEAT, age=1)
    assert "gives no sign of life" not in boss.go("/admin").text
    assert "لا أثر له" not in boss.go("/language/ar?back=/admin").text
    assert "المهام التي فشلت في الأيام السبعة الأخيرة" in boss.text


def test_administrators_see_what_is_overdue_held_up_and_not_known(core, clock, queue, staff):
    open_a_draw(core, "2026-11-02", days=14)
    for name in ("expire", "replay"):  # every minute; every night
        queue(A_RUN, name=name, age=3000)
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin")

    def stands(what):
        return re.search(r'class="tag ?(\w*)">([^<]+)<', boss.text.partition(what)[2]).groups()

    assert stands("Close, run and publish draws") == ("", "never ran yet")
    assert stands("End offers, holds, visits") == ("bad", "overdue")
    assert stands("Repeat the verdicts") == ("good", "ran")
    assert stands("Last backup") == ("", "Not known")
    assert stands("Next draw") == ("going", "Announced")
    assert stands("Calls by USSD") == ("", "Not connected")
    note_call(core, By.USSD)
    assert "mawid_draws_held 0.0" in measures(boss.client)
    night = announce(core, reference="x-1", closes_at=clock.now() + timedelta(hours=30))
    assert "mawid_draws_held 1.0" in measures(boss.client)  # so far ahead nobody announces one
    with core.sessions.begin() as session:
        damaged = {"state": SwapState.CLOSED, "closed_at": clock.now(), "waits_for": Damage.ROWS}
        session.execute(update(SwapNight).where(SwapNight.id == night.id).values(damaged))
    assert "mawid_draws_held 1.0" in measures(boss.client)
    clock.advance(timedelta(days=2))
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin")
    assert stands("<dt>Draw <") == stands("<dt>Exchange of appointments <") == ("bad", "Held up")
    assert "places or appointments were changed since it closed" in boss.text
    assert stands("Next draw") == ("bad", "None is announced")
    assert [stands("Calls by USSD"), stands("Calls by voice")] == [("good", "Connected"), ("", "Not connected")]
    assert "mawid_draws_held 2.0" in measures(boss.client)
    assert 'mawid_job_runs{ran="overdue"} 1.0' in measures(boss.client)


def test_the_last_backup_is_shown_with_its_age_and_what_to_do(core, clock, staff, tmp_path):
    object.__setattr__(core, "settings", core.settings.model_copy(update={"backups_dir": tmp_path}))
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin")

    def shown():
        row = boss.go("/admin").text.partition("Last backup")[2].partition("</div>")[0]
        return " ".join(re.sub(r"<[^>]+>", " ", row).split())

    assert "None is there" in shown()
    (tmp_path / "one").mkdir()
    for name in ("manifest.json", "verified.json"):
        (tmp_path / "one" / name).touch()
        os.utime(tmp_path / "one" / name, (clock.now().timestamp() - 3600,) * 2)
        assert ("this command tries it." in shown() and "mawid verify" in shown()) is (name == "manifest.json")
    assert "Made and tried" in shown()
    assert " ago" in shown()
    assert "mawid_backup_tried 1.0" in measures(boss.client)
    clock.advance(timedelta(days=2))
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin")
    assert "mawid backup Too old" in shown()
    assert "why the job of the night failed" in shown()


def test_a_place_for_files_that_is_away_is_shown_with_the_command_that_says_why(core, staff):
    boss = staff(Role.ADMINISTRATOR, None).go("/language/en?back=/admin")

    def shown():
        row = boss.go("/admin").text.partition("Place for files")[2].partition("</div>")[0]
        return " ".join(re.sub(r"<[^>]+>", " ", row).split())

    core.files.look()
    assert shown().startswith("Available now")
    core.files.calls.failed(Cause.FULL)
    assert "Not available" in shown()
    assert "this command says why." in shown()
    assert "mawid files try" in shown()


def test_every_job_has_a_description_and_a_time(core):
    ours = {name for name in make_app(core).tasks if not name.startswith(("builtin", "procrastinate"))}
    assert ours == JOBS.keys()
    assert set(PERIODS) == {*PERIODIC, "retry_stalled"}
