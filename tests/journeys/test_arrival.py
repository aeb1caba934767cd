"""Where people arrive, on screens on which no other journey shows these pages."""

import pytest

from booking.platform.models.states import Role
from tests.journeys import steps
from tests.support.country import a_colleague, an_account

SCREENS = {
    ("/sign-in", "ar"): [(1280, "light"), (1280, "dark"), (360, "dark"), (600, "light")],
    ("/sign-in", "en"): [(1024, "dark"), (320, "light")],
    ("/desk", "ar"): [(1024, "light"), (320, "dark"), (360, "dark")],
    ("/me", "ar"): [(1280, "dark")],
    ("/me", "en"): [(1280, "light")],
    ("/analyst/rules", "ar"): [(320, "dark")],
}


@pytest.fixture
def owners(site):
    """Who may open which page."""
    return {
        "/desk": a_colleague(site.core, Role.OFFICER, office="damascus"),
        "/me": an_account(site.core),
        "/analyst/rules": a_colleague(site.core, Role.ANALYST),
    }


def test_pages_where_people_arrive_have_no_barriers_on_other_screens(visit, owners):
    for language in ("ar", "en"):
        visitor = visit(language=language, width=320)
        for path, screens in ((path, screens) for (path, spoken), screens in SCREENS.items() if spoken == language):
            if path in owners:
                steps.come_signed_in(visitor, owners[path], path)
            else:
                visitor.open(path)
            for width, light in screens:
                visitor.page.set_viewport_size({"width": width, "height": 720})
                visitor.page.emulate_media(color_scheme=light)
                visitor.look()
