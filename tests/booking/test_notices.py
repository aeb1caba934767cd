import re
from pathlib import Path

import pytest

from booking import notices
from booking.states import RequestState

CODE = Path(notices.__file__).parent
VALUES = {"reference": "7K2M9D4QX", "minutes": 10}


def kinds_in_code():
    found = set()
    for file in CODE.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:\btell|tell_secret|messages\.row)\([^"()]*?"([a-z_]+)"', source))
    return found


def test_every_kind_that_the_code_tells_has_its_words():
    found = kinds_in_code()
    assert {"appointment_confirmed", "offer_lapsed", "request_withdrawn"} <= found
    assert found <= notices.KINDS


@pytest.mark.parametrize("kind", sorted(notices.KINDS))
def test_every_notice_can_be_written_in_both_languages(kind):
    arabic, english = (notices.render(kind, language, VALUES, "123456") for language in ("ar", "en"))
    assert re.search("[\u0600-\u06ff]", arabic)
    assert not re.search("[\u0600-\u06ff]", english)
    assert "{" not in arabic + english


@pytest.mark.parametrize("state", [RequestState.ACCEPTED, RequestState.UNDER_REVIEW, RequestState.REFUSED])
def test_every_first_verdict_has_a_notice(state):
    assert f"request_{state.value}" in notices.KINDS
