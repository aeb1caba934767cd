"""A chance in words: never more exact than it is known, and the best time only where one stands out."""

from sqlalchemy import select

from api.i18n import load_words
from api.pages.shared.office_chances import office_chances
from booking.country.catalogue import views as catalogue
from booking.platform.base.settings import Settings
from booking.platform.models import Office, OfficeChance
from booking.platform.models.states import Door

SAID = [
    ([10, 25, 40], "10 to 40 of 100 get one"),
    ([65, 95, 100], "65 of 100 or more get one"),
    ([0, 5, 15], "15 of 100 or fewer get one"),
    ([95, 100, 100], "nearly everyone gets one"),
    ([0, 0, 5], "hardly anyone gets one"),
]


def test_a_chance_is_said_with_its_range(core):
    times = {"day:0": [50, 60, 70], "day:1": [5, 45, 60], "band:morning": [5, 10, 20]}
    with core.sessions.begin() as session:
        ids = session.scalars(select(Office.id).where(Office.kind == "branch").order_by(Office.id)).all()
        for office, (chance, _) in zip(ids, SAID, strict=False):
            session.add(OfficeChance(office_id=office, draws=2, chances={"any": chance} | times))
    english = load_words(Settings(_env_file=None))["en"]

    shown = office_chances(core, english, catalogue.list_offices(core, Door.HOME))

    assert [one.any.words for one in shown.values()] == [words for _, words in SAID]
    assert {one.best for one in shown.values()} == {("Monday",)}
