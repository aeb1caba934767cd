"""The data dictionary: every data set and column in Arabic and English, the version of the columns, the licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SCHEMA_VERSION: Final = "1.0"
"""Rises when a column changes: the first number when a reader has to change too."""

LICENCE: Final = "CC-BY-4.0"
LICENCE_TITLE: Final = "Creative Commons Attribution 4.0"
LICENCE_ADDRESS: Final = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type as in Table Schema, and what it says."""

    name: str
    kind: str
    ar: str
    en: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """A table: what it is called, what a row is, its columns."""

    name: str
    title_ar: str
    title_en: str
    row_ar: str
    row_en: str
    columns: tuple[Column, ...]

    def table_schema(self) -> Mapping[str, Any]:
        """Return the columns as a Table Schema, with the Arabic beside the English."""
        return {
            "fields": [
                {"name": one.name, "type": one.kind, "description": one.en, "description_ar": one.ar}
                for one in self.columns
            ],
            "missingValues": [""],
        }


_DAY: Final = Column("day", "date", "اليوم، بتوقيت عاصمة البلد", "The day, at the country's capital")
_ALL: Final = Column("all", "integer", "المجموع", "The sum")
_VERDICTS: Final = (
    Column("accept", "integer", "طلبات قُبلت فورًا", "Requests accepted at once"),
    Column("challenge", "integer", "طلبات طُلب لها تأكيد قصير", "Requests that needed a short check"),
    Column("review", "integer", "طلبات أُحيلت إلى موظف", "Requests that an officer looked at"),
    Column("refuse", "integer", "طلبات لم تُقبل، والسبب حقيقة ثابتة", "Requests not accepted, for a hard fact"),
    _ALL,
)
_SERVICE: Final = Column("service", "string", "رمز الخدمة، أو all للمجموع", "The service's code, or all for the sum")
_OFFICE: Final = Column("office", "string", "رمز الفرع، أو all للمجموع", "The office's code, or all for the sum")

DATA_SETS: Final = (
    DataSet(
        "requests-by-service",
        "الطلبات حسب الخدمة",
        "Requests by service",
        "صفّ لكل خدمة طُلبت في اليوم",
        "A row for each service that was asked for on the day",
        (_DAY, _SERVICE, *_VERDICTS),
    ),
    DataSet(
        "requests-by-office",
        "الطلبات حسب الفرع",
        "Requests by office",
        "صفّ لكل فرع كان الخيار الأول في طلب ذلك اليوم",
        "A row for each office that was somebody's first choice on the day",
        (_DAY, _OFFICE, *_VERDICTS),
    ),
    DataSet(
        "visits-by-office",
        "المواعيد حسب الفرع",
        "Appointments by office",
        "صفّ لكل فرع كانت فيه مواعيد في اليوم",
        "A row for each office that had appointments on the day",
        (
            Column("day", "date", "اليوم، بتوقيت الفرع", "The day, at the office"),
            _OFFICE,
            Column("served", "integer", "خُدموا", "Served"),
            Column("expected", "integer", "لم يُسجَّل بعد كيف انتهت", "How they ended was not recorded yet"),
            Column("no_show", "integer", "لم يحضر أحد", "Nobody came"),
            Column("cancelled", "integer", "أُلغيت", "Cancelled"),
            Column("lapsed", "integer", "لم تُؤكَّد في الوقت", "Not confirmed in time"),
            _ALL,
        ),
    ),
)
DRAWS: Final = DataSet(
    "draws",
    "القرعات",
    "Draws",
    "صفّ لكل قرعة منشورة؛ ملفاتها في صفحتها",
    "A row for each published draw; its files are on its page",
    (
        Column("reference", "string", "رمز القرعة", "The draw's reference"),
        Column("closed_at", "datetime", "متى أُغلقت", "When it closed"),
        Column("published_at", "datetime", "متى نُشرت", "When it was published"),
        Column("first_day", "date", "أول يوم للمواعيد", "The first day of its places"),
        Column("last_day", "date", "آخر يوم للمواعيد", "The last day of its places"),
        Column("mechanism", "string", "كيف تُعطى الأماكن", "How places are given: exchange or in-line-order"),
        Column("asked_requests", "integer", "الطلبات", "Requests that took part"),
        Column("served_requests", "integer", "الطلبات التي حصلت على مكان", "Requests that got a place"),
        Column("asked_people", "integer", "الأشخاص في الطلبات", "People in the requests"),
        Column("served_people", "integer", "الأشخاص الذين حصلوا على مكان", "People who got a place"),
        Column("places", "integer", "أرباع ساعات معروضة", "Quarter hours offered"),
        Column("used", "integer", "أرباع ساعات مستخدمة", "Quarter hours used"),
        Column("gap", "number", "البعد عن أفضل خطة، نسبةً", "Distance to the best plan, as a share, at most"),
        Column("page", "string", "عنوان صفحتها مع ملفاتها", "Address of its page, with its files"),
    ),
)


def dictionary() -> Mapping[str, Any]:
    """Return the whole dictionary as JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "licence": LICENCE,
        "licence_address": LICENCE_ADDRESS,
        "hidden": {
            "en": "An empty cell is hidden: fewer than five people, or from which so few could be worked out.",
            "ar": "الخلية الفارغة محجوبة: أقل من خمسة أشخاص، أو ما يمكن أن يُستنتج منه عدد كهذا.",
        },
        "data_sets": [
            {
                "name": one.name,
                "title": {"ar": one.title_ar, "en": one.title_en},
                "row": {"ar": one.row_ar, "en": one.row_en},
                "schema": one.table_schema(),
            }
            for one in (*DATA_SETS, DRAWS)
        ],
    }
