import numpy as np
import pytest

from api.charts.told import tell
from api.i18n import N_, load_words
from booking.platform.base.settings import Digits, Settings

RATE = N_("- To **%(rate)s** of appointments nobody comes: %(low)s in the best office, %(high)s in the worst.")
FROM = N_("From %(source)s:")


@pytest.fixture(params=Digits)
def languages(request):
    return load_words(Settings(_env_file=None, digits=request.param))


def test_sentences_stand_below_each_other_in_their_language(languages):
    values = {"source": "this database", "rate": "9.5%", "low": "-1%", "high": "+12%"}

    assert tell(languages["en"], values, FROM, RATE)._repr_markdown_() == (
        "From this database:\n\n- To **9.5%** of appointments nobody comes: -1% in the best office, +12% in the worst."
    )
    arabic = tell(languages["ar"], values, FROM, RATE)._repr_markdown_()
    assert arabic.startswith('<div dir="rtl">\n\nمن قاعدة البيانات هذه:\n\n- لا يحضر أحد إلى **')
    assert arabic.endswith(".\n\n</div>")


def test_numbers_have_the_languages_digits_and_keep_their_signs_in_place(languages):
    words = languages["ar"]
    values = {"rate": "9.5%", "low": "-1%", "high": np.int64(1234)}
    told = tell(words, values, RATE).markdown
    assert f"\u2066{words.digits('9.5%')}\u2069" in told
    assert f"\u2066{words.digits('-1%')}\u2069" in told
    assert words.number(1234) in told


def test_a_name_is_no_number_and_an_empty_text_is_not_the_catalogues_head(languages):
    told = [tell(languages["ar"], {"source": name}, FROM).markdown for name in ("2026-W03-1", "", "aleppo")]
    assert told == ["من 2026-W03-1:", "من :", "من aleppo:"]
