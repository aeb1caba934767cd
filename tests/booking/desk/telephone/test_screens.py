"""Whatever a step says fits its screen, nothing of it is lost, and every option has a key."""

from hypothesis import given
from hypothesis import strategies as st

from booking.desk.telephone.screens import MOST_OPTIONS, Option, in_speech, on_screen, pages_of

words = st.text(alphabet="abc éأبتث{€", min_size=0, max_size=300)
labels = st.lists(st.text(alphabet="abcأبت ", min_size=1, max_size=120), max_size=30)


def write(page):
    nav = ["9 المزيد 0 القائمة"] * page.more
    lines = [page.text, *(f"{key} {option.label}" for key, option in page.options), *nav]
    return "\n".join(line for line in lines if line)


@given(words, labels)
def test_every_page_fits_and_every_option_is_on_one(heading, said):
    fits = on_screen(160)
    options = [Option(str(place), label) for place, label in enumerate(said)]

    pages = pages_of(heading, options, write=write, fits=fits)

    assert all(fits(write(page)) for page in pages)
    assert [option.value for page in pages for _, option in page.options] == [one.value for one in options]
    for page in pages:
        assert [key for key, _ in page.options] == [str(n + 1) for n in range(len(page.options))]
    assert "".join(page.text for page in pages).replace(" ", "") == heading.replace(" ", "")


def test_a_screen_has_182_latin_or_80_arabic_letters():
    fits = on_screen(160)
    assert [fits("a" * 182), fits("a" * 183), fits("أ" * 80), fits("أ" * 81)] == [True, False, True, False]
    assert [fits("€" * 91), fits("€" * 92), fits("a" * 80 + "ê"), fits("a" * 79 + "ê")] == [True, False, False, True]


def test_speech_has_seven_keys_at_most_on_one_page():
    options = [Option(str(place), "a") for place in range(16)]
    pages = pages_of("which?", options, write=write, fits=in_speech)
    assert [len(page.options) for page in pages] == [MOST_OPTIONS, MOST_OPTIONS, 2]
    assert [page.text for page in pages] == ["which?", "", ""]
    assert all(page.more for page in pages)


def test_one_page_has_no_key_for_more():
    [page] = pages_of("which?", [Option("a", "a")], write=write, fits=on_screen(160))
    assert not page.more
    [page] = pages_of("", (), write=write, fits=on_screen(160))
    assert (page.text, page.options) == ("", ())
