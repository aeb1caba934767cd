"""The receipt of a request on paper: the service, the reason and every limit that the person set, without names."""

from datetime import date
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.fields import Words
from booking.country.packs.schema import Pack
from booking.country.paper.drawing import (
    Both,
    Document,
    Line,
    Square,
    draw_document,
    foot_of,
    in_both,
    page_address,
    same,
)
from booking.platform.base.errors import NotFoundError
from booking.platform.base.references import shown
from booking.platform.models import Office, Request, RequestOffice
from booking.scheduling.requests.views import edited_at

_TITLE: Final = Both("إيصال طلب موعد", "Receipt of a request for an appointment")
_STATEMENT: Final = Both(
    "وصل الطلب المبيّن أدناه إلى «موعد». يثبت الإيصال مضمون الطلب، ولا يعد بموعد.",
    "Mawid has received the request below. This receipt proves what was asked for. It does not promise an appointment.",
)
_FOLLOW: Final = Both(
    "لمتابعة الطلب: امسح رمز QR بكاميرا الهاتف، أو اكتب رقم الطلب في صفحة المتابعة.",
    "To follow the request, point a phone at the QR code, or enter the reference on the page below.",
)
_NO_END: Final = Both("بلا نهاية", "no end")


def own_receipt_paper(core: Core, *, account_id: UUID, reference: str) -> bytes:
    """Return the receipt of one's own request as a PDF; raises NotFoundError."""
    country, base = core.pack.country, core.settings.base_url
    with core.sessions() as session:
        request = session.scalar(
            select(Request).where(Request.reference == reference, Request.account_id == account_id)
        )
        if request is None:
            raise NotFoundError
        return draw_document(
            Document(
                emblem=core.pack.emblem,
                issuers=(in_both(country.name), in_both(country.state.ministry)),
                title=_TITLE,
                statement=_STATEMENT,
                lines=tuple(_lines(session, request, core.pack)),
                square=Square(f"{base}/requests/{reference}", _FOLLOW, page_address(base, "/status"), shown(reference)),
                foot=foot_of(country),
                made_at=request.created_at,
            )
        )


def _lines(session: Session, request: Request, pack: Pack) -> list[Line]:
    """Return what was asked, a line for each answer that the person gave."""
    sent = request.created_at.astimezone(ZoneInfo(pack.country.time_zone))
    reason = next((one.name for one in pack.reasons if one.code == request.reason_code), None)
    bands = [one.name for one in pack.country.bands if one.code in request.bands.split(",")]
    last = min((one for one in (request.needed_by, request.last_day) if one is not None), default=None)
    lines = [
        Line(Both("الخدمة", "Service"), _services(request)),
        Line(Both("عدد الأشخاص", "Number of people"), same(str(request.party_size))),
    ]
    if reason is not None:
        lines.append(Line(Both("السبب", "Reason"), in_both(reason)))
    lines.append(Line(Both("الفروع والقنصليات", "Offices"), _offices(session, request)))
    lines.append(Line(Both("الأيام", "Days"), _weekdays(request.weekdays)))
    if bands:
        lines.append(Line(Both("الأوقات", "Times of day"), _listed(bands)))
    if request.first_day > sent.date():
        lines.append(Line(Both("أول يوم ممكن", "First possible day"), _day(request.first_day)))
    lines.append(Line(Both("آخر يوم ينفع", "Last useful day"), _NO_END if last is None else _day(last)))
    if request.accessible:
        lines.append(Line(Both("سهولة الوصول", "Access"), Both("مطلوبة", "Step-free way and accessible counter")))
    lines.append(Line(Both("تاريخ الإرسال", "Sent on"), same(f"{sent:%Y-%m-%d %H:%M}")))
    edited = edited_at(session, request)
    if edited is not None:
        changed = edited.astimezone(ZoneInfo(pack.country.time_zone))
        lines.append(Line(Both("تاريخ التعديل", "Changed on"), same(f"{changed:%Y-%m-%d %H:%M}")))
    if request.lost_draws:
        lines.append(Line(Both("قرعات خاسرة محسوبة", "Lost draws that count"), same(str(request.lost_draws))))
    lines.append(Line(Both("الإيصال", "Receipt"), same(request.receipt.hex())))
    return lines


def _services(request: Request) -> Both:
    services = request.services
    return Both("، ".join(one.name_ar for one in services), ", ".join(one.name_en for one in services))


def _offices(session: Session, request: Request) -> Both:
    """Return the names of the offices, first choice first."""
    found = session.scalars(
        select(Office)
        .join(RequestOffice, RequestOffice.office_id == Office.id)
        .where(RequestOffice.request_id == request.id)
        .order_by(RequestOffice.rank)
    ).all()
    return Both("، ".join(one.name_ar for one in found), ", ".join(one.name_en for one in found))


def _weekdays(mask: int) -> Both:
    """Return the days of a mask (bit 0 Monday), Sunday first."""
    names = {language: get_day_names("wide", locale=language) for language in ("ar", "en")}
    days = [day for day in (6, 0, 1, 2, 3, 4, 5) if mask >> day & 1]
    return Both("، ".join(names["ar"][day] for day in days), ", ".join(names["en"][day] for day in days))


def _listed(words: list[Words]) -> Both:
    return Both("، ".join(one["ar"] for one in words), ", ".join(one["en"] for one in words))


def _day(day: date) -> Both:
    return same(day.isoformat())
