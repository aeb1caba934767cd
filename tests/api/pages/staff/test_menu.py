"""The side navigation leads nobody to a page that the table of routes closes to them, and stands beside every page."""

import re

from api.pages.desk import online, urgent
from api.pages.shared.staff_menu import GROUPS, STAFF_DEEDS
from tests.api.test_authorisation import declared
from tests.api.visitors import ACCOUNT
from tests.support.root import ROOT

WITHOUT = {"offline.html", "helped.html", "helped_done.html", "helped_next.html", "helped_request.html"}
"""What the counter keeps for an hour without the network, and what a person who was helped sees."""


def test_every_way_asks_for_the_permission_of_its_page():
    of_routes = declared() | {("GET", "/sign-out"): ACCOUNT}
    for _, ways in GROUPS:
        for way in ways:
            if not re.search("[?#]", way.path):  # a part of a page may be for fewer
                assert of_routes["GET", way.path] == (way.permission or ACCOUNT), way


def test_each_thing_that_officers_do_with_a_case_is_said_afterwards():
    done = {f"hands-{one}" for one in (*urgent.ACTIONS, *online.ACTIONS, "claim", "release")}
    assert done == {one for one in STAFF_DEEDS if one.startswith("hands-")}


def test_every_page_of_staff_stands_in_the_staff_frame():
    for audience in ("admin", "counter", "desk", "helpers", "staff"):
        for file in (ROOT / "api/templates" / audience).glob("*.html"):
            frame = re.search(r'{% extends "(.+?)" %}', file.read_text(encoding="utf-8"))
            assert frame is None or frame[1].startswith("shared/staff") or file.name in WITHOUT, file
