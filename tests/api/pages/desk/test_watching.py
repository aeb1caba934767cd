"""Supervisors watch approvals, officers see their own: in both languages, with a file of the same figures."""

import csv
import io
import re

from sqlalchemy import select, update

from api.pages.desk.funnel_drawing import HEIGHT, draw_funnel
from booking.antifraud.watching.alerts import open_questions
from booking.antifraud.watching.limits import Line, Totals
from booking.platform.models import Account
from booking.platform.models.states import Role
from tests.booking.antifraud.watching.papers import a_letter
from tests.support.country import METRICS, a_colleague
from tests.support.decisions import a_requester, decided, sent


def test_a_supervisor_reads_a_funnel_and_downloads_its_table(core, sign_in, staff):
    who = a_requester(core)
    generous, supervisor = (a_colleague(core, role, office="damascus") for role in (Role.OFFICER, Role.SUPERVISOR))
    decided(core, generous, who, approved=20)
    for _ in range(6):
        decided(core, a_colleague(core, Role.OFFICER, office="aleppo"), who, approved=3, denied=12)
    browser = sign_in(supervisor).go("/desk/watch")
    assert browser.text.count('class="far"') == 1
    assert browser.text.count('class="peer"') == 6
    assert "أكثر بكثير مما تفسّره المصادفة" in browser.text
    assert "aleppo" not in browser.text

    answer = browser.client.get("/desk/watch/figures.csv?by=officer")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][:5] == ["officer", "decided", "approved", "share", "standing"]
    assert [row[1:5] for row in rows[1:]] == [["20", "20", "1.0000", "far_above"]]
    assert answer.headers["cache-control"] == "no-store"

    browser.go("/language/en").go("/desk/watch?by=reason&first=2026-10-01&last=2026-11-01")
    assert "Reasons differ by their nature" in browser.text
    assert "2026-10-01" in browser.text
    browser.go("/desk/watch?first=2026-11-02&last=2026-11-01")
    assert (browser.status, "The first day is after the last one." in browser.text) == (422, True)
    assert browser.client.get("/desk/watch/figures.csv?first=99").status_code == 422

    own = sign_in(generous).go("/language/en").go("/desk/watch/me")
    assert "Other officers approve between 20% and 20%" in own.text
    assert own.text.count('class="far"') == 1
    assert own.go("/desk/watch").status == 403
    assert "You decided nothing" in staff(Role.OFFICER).go("/language/en").go("/desk/watch/me").text
    everything = staff(Role.ADMINISTRATOR, None).go("/language/en").go("/desk/watch?by=office")
    assert "All offices" in everything.text
    assert everything.text.count('scope="row"') == 2


def test_a_funnel_grows_to_the_right_with_counts_and_up_with_shares():
    funnel = draw_funnel([Line("a", "a", 40, 40, 0, 0), Line("b", "b", 4, 0, 0, 0)], [], Totals(44, 40))
    all_of_many, none_of_few = funnel.dots
    assert (all_of_many.x, all_of_many.y) == (funnel.right, funnel.top)
    assert none_of_few.x < all_of_many.x
    assert none_of_few.y == funnel.bottom < HEIGHT
    assert len(funnel.curves) == 4
    assert [tick.value for tick in funnel.x_ticks] == [0, 10, 20, 30, 40]


def test_questions_about_papers_and_relatives_can_be_read_in_both_languages(core, sign_in):
    supervisor, officer = (a_colleague(core, role, office="damascus") for role in (Role.SUPERVISOR, Role.OFFICER))
    one, other = a_requester(core), a_requester(core)
    for who in (one, other):
        sent(core, who, a_letter(1))
    decided(core, officer, one, approved=2)
    with core.sessions.begin() as session:  # it turns out later whose phone it is
        phone = session.scalar(select(Account.phone_hash).where(Account.id == officer))
        session.execute(update(Account).where(Account.id == one[0]).values(phone_hash=phone))
    assert open_questions(core) == 2
    browser = sign_in(supervisor)
    for language, words in (
        ("ar", ("لماذا يرسل غرباء الوثيقة نفسها؟", "أقارب الموظف")),
        ("en", ("Why do strangers send the same paper?", "relatives of the officer")),
    ):
        browser.go(f"/language/{language}").go("/desk/watch")
        assert browser.status == 200
        pages = []
        for reference in re.findall(r"/desk/watch/cases/(\w+)", browser.text):
            pages.append(browser.go(f"/desk/watch/cases/{reference}").text)
            assert browser.status == 200
        assert [sum(word in page for page in pages) for word in words] == [1, 1]


def test_a_question_is_read_and_answered_with_a_note(core, sign_in, staff):
    who = a_requester(core)
    generous, supervisor = (a_colleague(core, role, office="damascus") for role in (Role.SUPERVISOR, Role.SUPERVISOR))
    for _ in range(6):
        decided(core, a_colleague(core, Role.OFFICER, office="aleppo"), who, approved=3, denied=12)
    decided(core, generous, who, approved=19, denied=6)
    decided(core, a_colleague(core, Role.OFFICER, office="damascus"), who, denied=15)
    assert open_questions(core) == 1
    browser = sign_in(supervisor).go("/desk")
    figures = browser.client.get("/metrics", headers=METRICS).text
    assert 'mawid_questions{kind="approvals"} 1.0' in figures
    assert 'mawid_appeals{due="overdue"} 0.0' in figures
    reference = re.search(r"/desk/watch/cases/(\w+)", browser.text).group(1)
    browser.go(f"/desk/watch/cases/{reference}")
    assert "لماذا يقبل هذا الموظف أكثر بكثير؟" in browser.text
    browser.send(decision="explained", note="")
    assert (browser.status, "اكتب ملاحظة" in browser.text) == (422, True)
    for other in (sign_in(generous), staff(Role.SUPERVISOR, "aleppo")):
        assert reference not in other.go("/desk").text
        assert other.go(f"/desk/watch/cases/{reference}").status == 403
    assert staff(Role.OFFICER).go(f"/desk/cases/{reference}").status == 404

    browser.go("/language/en")
    assert "Too few people have waited so far" in browser.go("/waiting-times").text
    browser.go(f"/desk/watch/cases/{reference}").send(decision="explained", note="the clear cases")

    assert browser.path == "/desk/watch"
    assert reference not in browser.text
    assert "the clear cases" in browser.go(f"/desk/watch/cases/{reference}").text
    assert "Answered: there is an explanation" in browser.text
    assert browser.forms() == []
