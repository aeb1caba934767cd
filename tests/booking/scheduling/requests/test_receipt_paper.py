"""The receipt on paper: what was asked with every limit, nobody's name, and only for its owner."""

from datetime import date

import pypdfium2
import pytest
from sqlalchemy import update

from booking.platform.base.errors import NotFoundError
from booking.platform.base.references import shown
from booking.platform.models import Request
from booking.scheduling.requests.receipt_paper import own_receipt_paper
from tests.support.country import a_request, an_account


def test_a_receipt_names_service_reason_and_limits_and_nobody(country):
    account, asked = a_request(country, needed_by=date(2026, 12, 24), bands=frozenset({"morning"}), accessible=True)
    with country.sessions.begin() as session:
        session.execute(
            update(Request).where(Request.reference == asked.reference).values(reason_code="lost", lost_draws=3)
        )
    with pypdfium2.PdfDocument(own_receipt_paper(country, account_id=account, reference=asked.reference)) as document:
        assert len(document) == 1
        lines = document[0].get_textpage().get_text_range().split("\r\n")

    reason = next(one.name for one in country.pack.reasons if one.code == "lost")
    for said in (
        *("وزارة الداخلية", "Ministry of Interior", "إيصال طلب موعد", "localhost:8000/status"),
        *("الخدمة تجديد جواز السفر", f"السبب {reason['ar']}", f"Reason {reason['en']}"),
        "الفروع والقنصليات فرع الهجرة والجوازات في دمشق",
        *("قرعات خاسرة محسوبة 3", "Last useful day 2026-12-24", "عدد الأشخاص 1", "Times of day Morning (8 to 10)"),
        shown(asked.reference),
    ):
        assert said in lines, (said, lines)
    assert "أمل" not in "".join(lines)


def test_only_the_owner_gets_the_receipt(country):
    _, asked = a_request(country)
    with pytest.raises(NotFoundError):
        own_receipt_paper(country, account_id=an_account(country), reference=asked.reference)
