"""What the gate says to people: one kind, plain text in Arabic and English for every reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

Language = Literal["ar", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ar", "en")


class UnknownReasonError(Exception):
    """No text is known for this reason code."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate decided as it did: a stable code and what a person reads.

    ``shown_as`` is the code of the reason of `REASONS` that applicants are shown instead; officers see this one.
    """

    code: str
    ar: str
    en: str
    shown_as: str = ""

    def text(self, language: Language) -> str:
        """Return the words in one language."""
        return self.ar if language == "ar" else self.en

    def as_dict(self) -> dict[str, str]:
        """Return the reason as plain data, to be stored with the verdict."""
        shown_as = {"shown_as": self.shown_as} if self.shown_as else {}
        return {"code": self.code, "ar": self.ar, "en": self.en, **shown_as}


def _texts(*reasons: tuple[str, str, str]) -> Mapping[str, Reason]:
    return MappingProxyType({code: Reason(code, ar, en) for code, ar, en in reasons})


MEASURED: Final = "fact."
"""How the codes of reasons begin that say what was counted."""

_SCORE_ASKS: Final = "score.challenge"

REASONS: Final[Mapping[str, Reason]] = _texts(
    (
        "hard.live_request",
        "لديك طلب أو موعد قائم لهذه الخدمة. يمكنك متابعته أو سحبه ثم التقديم من جديد.",
        (
            "You already have a live request or appointment for this service. "
            "You can follow it, or withdraw it and ask again."
        ),
    ),
    (
        "hard.unknown_person",
        "لم نجد هذا الرقم الوطني في السجل المدني. تأكّد من الأرقام، أو راجع أقرب فرع أو قنصلية ومعك وثيقتك.",
        (
            "We did not find this national number in the civil register. "
            "Please check the digits, or bring your document to the nearest office."
        ),
    ),
    (
        "hard.passport_still_valid",
        "جوازك ما زال صالحًا لمدة طويلة. إن كان ضائعًا أو تالفًا أو تغيّرت بياناتك فاذكر السبب وقدّم الطلب من جديد.",
        (
            "Your passport is still valid for a long time. "
            "If it is lost or damaged, or your details changed, give the reason and ask again."
        ),
    ),
    (
        "hard.application_pending",
        "لديك معاملة جواز قيد الإنجاز. انتظر نتيجتها قبل طلب موعد جديد.",
        "A passport application of yours is already being processed. Please wait for its result before asking again.",
    ),
    (
        "hard.age_not_eligible",
        "هذه الخدمة لا تناسب عمر صاحب الطلب. راجع صفحة الخدمة لمعرفة الخدمة المناسبة.",
        "This service does not fit the person's age. The service page shows which one does.",
    ),
    (
        "limit.network",
        "وصلت طلبات كثيرة من الشبكة التي تستعملها. لا ذنب لك في ذلك؛ خطوة تأكيد قصيرة ثم تتابع.",
        (
            "Many requests came from the network you are on. "
            "This may have nothing to do with you: one short check, then you continue."
        ),
    ),
    (
        "limit.device",
        "أُرسلت طلبات كثيرة من هذا الجهاز. خطوة تأكيد قصيرة ثم تتابع.",
        "Many requests were sent from this device. One short check, then you continue.",
    ),
    (
        "limit.account",
        "أُرسلت طلبات كثيرة من هذا الحساب. خطوة تأكيد قصيرة ثم تتابع.",
        "Many requests were sent from this account. One short check, then you continue.",
    ),
    (
        "limit.visitor",
        "أُرسلت من هنا محاولات كثيرة لهذا الحساب. خطوة تأكيد قصيرة ثم تتابع.",
        "Many attempts on this account came from here. One short check, then you continue.",
    ),
    (
        "limit.person",
        "أُرسلت طلبات كثيرة لهذا الشخص. خطوة تأكيد قصيرة ثم تتابع.",
        "Many requests were sent for this person. One short check, then you continue.",
    ),
    (
        "limit.phone",
        "استُعمل رقم الهاتف هذا في طلبات كثيرة. خطوة تأكيد قصيرة ثم تتابع.",
        "This phone number was used in many requests. One short check, then you continue.",
    ),
    (
        "limit.office",
        "يصل إلى هذا الفرع عدد كبير من الطلبات الآن. خطوة تأكيد قصيرة ثم تتابع.",
        "This office is receiving very many requests now. One short check, then you continue.",
    ),
    (
        "limit.prefix",
        "تصل طلبات كثيرة من أرقام هاتف قريبة من رقمك. لا ذنب لك في ذلك؛ خطوة تأكيد قصيرة ثم تتابع.",
        (
            "Many requests come from phone numbers close to yours. "
            "This may have nothing to do with you: one short check, then you continue."
        ),
    ),
    (
        "limit.country",
        "تصل طلبات كثيرة من أرقام هواتف بلد إقامتك. خطوة تأكيد قصيرة ثم تتابع.",
        "Many requests come from phone numbers of the country you live in. One short check, then you continue.",
    ),
    (
        "limit.everyone",
        "تصلنا طلبات كثيرة جدًا الآن. خطوة تأكيد قصيرة ثم تتابع.",
        "We are receiving very many requests now. One short check, then you continue.",
    ),
    (
        "limit.degraded",
        "جزء من نظامنا لا يعمل الآن، لذلك نطلب من الجميع خطوة تأكيد قصيرة. نعتذر عن ذلك.",
        "Part of our system is not working now, so we ask everyone for one short check. We are sorry for that.",
    ),
    (
        "score.challenge",
        "نطلب خطوة تأكيد قصيرة لأن هذا الطلب يختلف قليلًا عن المعتاد. هذا ليس اتهامًا، وطلبك محفوظ.",
        "We ask for one short check because this request is a little unusual. It is no accusation; nothing is lost.",
    ),
    (
        "score.review",
        "سيطّلع موظف على طلبك قبل القرعة لأنه يختلف عن المعتاد. طلبك محفوظ ولا تخسر دورك.",
        (
            "An officer will look at your request before the draw because it is unusual. "
            "It is kept and you do not lose your turn."
        ),
    ),
)


def for_the_person(reasons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the stored reasons that the applicant is shown.

    What was measured, and which rule it was, is for officers, and helps attackers: a rule says what it says in its
    words. One on facts that may be of other accounts is shown as the score, whatever its words are, and once. That the
    score asks for a check is shown only where nothing else is: beside a rule's words it says the same once more.
    """
    told: list[dict[str, Any]] = []
    for reason in reasons:
        shown = as_shown(reason)
        if not reason["code"].startswith(MEASURED) and shown not in told:
            told.append(shown)
    return [reason for reason in told if reason["code"] != _SCORE_ASKS] or told


def as_shown(reason: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored reason as applicants are shown it: by what it is shown as, else by a code that names no rule."""
    if instead := reason.get("shown_as"):
        return dict(REASONS[instead].as_dict())
    kind, dot, _ = reason["code"].partition(".")
    return {**reason, "code": kind} if dot and kind == "rule" else dict(reason)


def explain(code: str, language: Language) -> str:
    """Return the words for a built-in reason code.

    Raises
    ------
    UnknownReasonError
        The code has no text. The reasons of analysts' rules carry their own words.
    """
    try:
        return REASONS[code].text(language)
    except KeyError:
        raise UnknownReasonError(code) from None
