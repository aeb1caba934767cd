"""A dialogue with a mistake is reported with its step; a pack without one offers no phone."""

import pytest

from booking.country.core.security import By
from booking.country.packs.dialogue import ACTS, LISTS
from booking.country.packs.loading import load_pack
from booking.country.packs.reading import PackError
from booking.desk.telephone import lists, steps

# text to replace, its replacement, what is said of it
MISTAKES = [
    ('main = "main"', 'main = "nowhere"', "there is no step nowhere"),
    ('to = "number"', 'to = "nobody"', "there is no step nobody"),
    ('name = "bye"', 'name = "ciao"', "there is no step bye"),
    ('key = "2"', 'key = "1"', "two entries have one key"),
    ('of = "offices"', 'of = "planets"', "planets is nothing to choose from"),
    ('reads = "day"', 'reads = "mind"', "mind cannot be typed"),
    ('do = "send-code"', 'do = "sing"', "sing is no act"),
    ('too-many = "too-many"', "", "the outcomes of send-code are sent, too-many"),
    ('kind = "language"\nto = "number"', 'kind = "language"', "a step of the kind language needs to"),
    ('kind = "end"\n', 'kind = "end"\nto = "main"\n', "a step of the kind end has no to"),
    ('say.ku = "Spas."', "", "there is no text in ku"),
    ('say.en = "Type your national number."', "", "say has no text in en"),
    ('say.en = "Thank you."', 'say.en = "Thank you, {name}."', "its languages have different blanks"),
    ('say.en = "{told}"', 'say.en = "{reference}"', "its languages have different blanks"),
    ('say.en = "Thank you."\nsay.ku = "Spas."', 'say.en = "{name}"\nsay.ku = "{name}"', "{name} is no blank here"),
    ('say.en = "Thank you."', 'say.en = "Thank {you."', "its braces are wrong"),
    ('press.ku = "{label}: {key} bitikîne."', "", "press: there is no text in ku"),
    ('from_day.en = "from {day}"', 'from_day.en = "later"', "from_day: its languages have different blanks"),
    ('name = "bye"\nkind = "end"', 'name = "main"\nkind = "end"', "two steps have this name"),
    ('key = "1"', 'key = "9"', "key"),
    ('first = "language"', 'first = "language"\nlast = "bye"', "unknown key last"),
    ('languages = ["ar", "en", "ku"]', 'languages = ["ar", "en", "ku", "ckb"]', "there is no text in ckb"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_a_mistake_in_a_dialogue_is_reported_with_its_line(edited, old, new, said):
    with pytest.raises(PackError) as caught:
        load_pack(edited("dialogue.toml", old, new))
    problems = [str(one) for one in caught.value.problems]
    assert any(said in one for one in problems), problems
    assert all(one.startswith("dialogue.toml:") for one in problems)


def test_a_step_that_nobody_reaches_is_reported(edited):
    lonely = (
        '[[steps]]\nname = "lonely"\nkind = "end"\nsay.ar = "أ"\nsay.en = "a"\nsay.ku = "a"\n\n[[steps]]\nname = "bye"'
    )
    with pytest.raises(PackError, match="lonely: no step leads here"):
        load_pack(edited("dialogue.toml", '[[steps]]\nname = "bye"', lonely))


def test_a_pack_without_a_dialogue_offers_none(edited):
    folder = edited("dialogue.toml", "first", "first")
    (folder / "dialogue.toml").unlink()
    assert load_pack(folder).dialogue is None


def test_the_program_knows_every_act_and_list_that_a_dialogue_may_name():
    assert set(steps.ACTS) == set(ACTS)
    assert set(lists.LISTS) == LISTS
    assert {one for one in By if one.is_telephone} == {By.USSD, By.VOICE, By.SMS}
