"""Officers read what was noticed, never a sentence that speaks to the applicant."""

import pytest

from api.i18n import load_words
from api.pages.desk.reason_words import reason_for_officers
from booking.platform.base.settings import Settings
from fraud.reasons import REASONS

WORDS = load_words(Settings(_env_file=None))


def test_every_reason_of_the_gate_has_words_for_officers():
    for reason in REASONS.values():
        for words in WORDS.values():
            said = reason_for_officers(reason.as_dict(), {}, words)
            assert said not in {reason.ar, reason.en}
            assert "your" not in said.lower().split()


@pytest.mark.parametrize(
    ("name", "value", "en", "ar"),
    [
        ("form_seconds", 8.2, "Sent within 8 seconds", "أُرسل خلال 8 ثوانٍ"),
        ("hour_of_day", 1, "Sent in the hour from 1:00, local time", "أُرسل في الساعة 1:00 بالتوقيت المحلي"),
        ("party_size", 4, "People in the request: 4", "عدد الأشخاص في الطلب: 4"),
    ],
)
def test_what_was_measured_is_said_as_a_sentence(name, value, en, ar):
    stored = {"code": f"fact.{name}", "ar": "مما أُخذ في الحسبان", "en": "What counted"}
    said = [reason_for_officers(stored, {name: value}, WORDS[one]) for one in ("en", "ar")]
    assert said == [en, ar]
