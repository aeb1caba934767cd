import pytest
from pydantic import ValidationError

from booking.country.packs.fields import LONGEST_EMBLEM, IdentitySpec, emblem_problems
from booking.country.packs.loading import load_pack, read_pack
from booking.country.packs.reading import PackError
from booking.platform.models.identity import IdentityLevel

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">'


def test_the_emblem_of_syria_is_shapes():
    assert list(emblem_problems(read_pack("syria").pack.emblem)) == []


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<path d="M0 0" onload="alert(1)"/>',
        '<path d="M0 0" style="fill:red"/>',
        '<image href="https://tracker.test/a.png"/>',
        '<path fill="url(https://tracker.test/a)"/>',
        "<foreignObject/>",
        "<!-- a comment that ends elsewhere -->",
        " " * LONGEST_EMBLEM,
        '<path d=">" onload="alert(1)"/>',
        '<path d="&#x3e;" fill="u&#x72;l(https://tracker.test/a)"/>',
    ],
    ids=["script", "handler", "style", "image", "address", "foreign", "comment", "length", "quoted", "escaped"],
)
def test_an_emblem_that_does_more_than_draw_is_refused(inside):
    assert list(emblem_problems(f"{HEAD}{inside}</svg>"))


def test_a_pack_without_its_emblem_says_which_file_is_missing(edited):
    folder = edited("pack.toml", 'code = "SY"', 'code = "SY"')
    (folder / "emblem.svg").unlink()
    with pytest.raises(PackError, match=r"emblem\.svg is missing"):
        load_pack(folder)


def test_a_place_at_an_office_needs_a_proof_and_a_form_online_only_to_be_claimed():
    silent = IdentitySpec()

    assert silent.to_ask(at_an_office=True) is IdentityLevel.PROVEN
    assert silent.to_ask(at_an_office=False) is IdentityLevel.CLAIMED
    assert (silent.issue, silent.facts) == (IdentityLevel.PROVEN, IdentityLevel.PROVEN)


@pytest.mark.parametrize("at_an_office", [True, False])
def test_what_the_file_says_holds(at_an_office):
    assert IdentitySpec(ask="seen").to_ask(at_an_office=at_an_office) is IdentityLevel.SEEN


@pytest.mark.parametrize("words", [{"facts": "matched"}, {"ask": "sure"}, {"asking": "proven"}])
def test_no_file_lets_registers_be_read_without_a_proof_or_invents_a_level(words):
    with pytest.raises(ValidationError):
        IdentitySpec(**words)
