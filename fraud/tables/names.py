"""What the name of a column says about what it holds: a hint, weighed beside the cells."""

import difflib
import re
from typing import Final

import pandas as pd

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_.\-/]+")
_ID_WORDS: Final = frozenset(
    ["id", "ids", "uuid", "guid", "key", "identifier", "identifiant", "ssn", "iban", "imei", "معرف", "رقم", "هوية"]
)
_PEOPLE: Final = (
    "user customer client patient person member account card phone device ip sender receiver applicant driver student "
    "citizen email mail mobile holder kunde cliente paciente usager "
    "مستخدم زبون عميل مريض شخص حساب هاتف جوال جهاز مواطن"
)
_PEOPLE_WORDS: Final = frozenset(_PEOPLE.split())
_ORGANISATIONS: Final = frozenset(
    ["agent", "company", "employer", "merchant", "terminal", "vendor", "seller", "doctor", "branch"]
)
_CODES: Final = (
    "code codes type kind class category zip zipcode postal postcode plz zone region sector route channel status "
    "product sku icd diagnosis naics mcc template campaign rid cp código codigo art typ "
    "رمز كود نوع فئة صنف منطقة بريدي"
)
_CODE_WORDS: Final = frozenset(_CODES.split())
_ISSUED: Final = (
    "number no num nr nummer numero número n° ref reference ticket invoice receipt voucher serial barcode plate "
    "dossier folio policy passport matricule aktenzeichen فاتورة إيصال جواز مرجع تسلسلي"
)
_ISSUED_WORDS: Final = frozenset(_ISSUED.split())
_MEASURED: Final = (
    "as of per by for since with at in number num no n nr count counts total sum amount income salary price cost value "
    "age year years month months week weeks day days hour hours minute minutes tenure length size avg average mean "
    "median max min rate ratio share percent score level rank distance balance limit visits orders calls times old "
    "points turnover revenue fee weight height width km kg duration lead quantity qty montant betrag importe edad "
    "عدد مجموع عمر مدة دخل رصيد مبلغ متوسط معدل نسبة سنة سنوات شهر أشهر يوم أيام لكل منذ سعر كمية مسافة وزن نقاط"
)
_MEASURES: Final = frozenset(_MEASURED.split())
_TIME_WORDS: Final = frozenset(
    ["time", "date", "timestamp", "ts", "at", "datetime", "unix", "epoch", "day", "تاريخ", "وقت"]
)
_BARE_NAMES: Final = frozenset({"nameorig", "namedest", "cc_num", "card1"})
_FIRST: Final = frozenset({"id", "uuid", "معرف", "رقم"})
_GLUED: Final = re.compile(r"(?:user|cust|customer|client|patient|acc|account|card|device)id")
_GLUED_NUMBER: Final = re.compile(r".{3,}(?:nummer|nr)")


def name_words(name: str) -> list[str]:
    """Return the words of a column's name in small letters: PatientId gives patient, id."""
    return [word.casefold() for word in _CAMEL.split(name) if word]


def bare_words(name: str) -> list[str]:
    """Return the words of a name without the Arabic article."""
    return [word.removeprefix("ال") for word in name_words(name)]


def names_an_id(name: str) -> bool:
    """Return whether a name says in so many words that the column identifies something: customer_id, رقم الهاتف."""
    words = bare_words(name)
    return bool(words) and (
        words[-1] in _ID_WORDS
        or words[0] in _FIRST
        or name.casefold() in _BARE_NAMES
        or _GLUED.fullmatch(name.casefold()) is not None
    )


def names_people(name: str) -> bool:
    """Return whether a name ends in a word for a person or a thing of theirs: referring_patient."""
    words = bare_words(name)
    return bool(words) and words[-1] in _PEOPLE_WORDS


def names_only_people(name: str) -> bool:
    """Return whether a name says nothing else: customer, sender_account."""
    words = bare_words(name)
    return bool(words) and _PEOPLE_WORDS.issuperset(words)


def is_key_name(name: str) -> bool:
    """Return whether a name says that the column identifies parties or things."""
    return names_an_id(name) or names_people(name)


def names_issued(name: str) -> bool:
    """Return whether a name ends in a word for what is given out: policy_number, but not number_of_visits."""
    words = bare_words(name)
    return bool(words) and (words[-1] in _ISSUED_WORDS or _GLUED_NUMBER.fullmatch(words[-1]) is not None)


def names_codes(name: str) -> bool:
    """Return whether a name says that values stand for things of a list: zip, product_code, رمز المنطقة."""
    words = bare_words(name)
    return bool(words) and (words[-1] in _CODE_WORDS or words[0] in _CODE_WORDS)


def names_organisations(name: str) -> bool:
    """Return whether a name ends in a word for an organisation, of which there are not so many: agent."""
    words = bare_words(name)
    return bool(words) and words[-1] in _ORGANISATIONS


def measures(name: str) -> bool:
    """Return whether a name says how much or how long, of anything: months_as_customer, عدد زيارات المريض.

    The last word of ``policy_number`` measures nothing; that of ``number_of_visits`` stands before what is counted.
    """
    words = bare_words(name)
    return not _MEASURES.isdisjoint(words[:-1] if words and words[-1] in _ISSUED_WORDS else words)


def hints_at_time(name: str) -> bool:
    """Return whether a name says that the column holds moments."""
    return not _TIME_WORDS.isdisjoint(bare_words(name))


def find_column(frame: pd.DataFrame, asked: str) -> str | None:
    """Return the name of the column that was asked for; case, blanks, dashes and underscores do not matter."""
    if asked in frame.columns:
        return asked
    alike = [name for name in frame.columns if _bare(name) == _bare(asked)]
    return alike[0] if len(alike) == 1 else None


def closest(frame: pd.DataFrame, asked: str) -> str:
    """Return a sentence about the columns that could have been meant."""
    names = [str(name) for name in frame.columns]
    alike = [name for name in names if len(asked) > 2 and _bare(asked) in _bare(name)]  # noqa: PLR2004
    alike = alike or difflib.get_close_matches(asked, names, n=3)
    if alike:
        return "did you mean " + " or ".join(f"“{name}”" for name in alike[:5]) + "?"
    return "there are " + ", ".join(f"“{name}”" for name in names[:20]) + (", ..." if len(names) > 20 else "")  # noqa: PLR2004


def _bare(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name.casefold())
