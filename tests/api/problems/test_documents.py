import importlib
import pkgutil

from fastapi.testclient import TestClient

import allocation
import api
import booking
import fraud
from api.i18n import load_words
from api.problems.documents import KINDS
from booking.platform.base.errors import MawidError
from booking.platform.base.settings import Settings

NEVER_ON_THE_WEB = ("booking.eservices.credentials.", "booking.entrypoints.demo", "booking.transparency.witness")
"""Programs of their own."""


def every_error() -> list[type[MawidError]]:
    for package in (api, booking, allocation, fraud):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found, waiting = [], [MawidError]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return [error for error in found if not error.__module__.startswith(NEVER_ON_THE_WEB)]


def test_every_error_has_a_status_and_text_in_both_languages():
    words = load_words(Settings(_env_file=None))
    for error in every_error():
        kind = KINDS[error]
        assert 400 <= kind.status < 600
        for sentence in (kind.title, kind.detail):
            assert words["ar"].gettext(sentence) != sentence, sentence


def test_no_two_errors_share_a_code():
    codes = [error.code for error in every_error()]
    assert sorted(codes) == sorted(set(codes))


def test_an_unknown_address_shows_people_a_page_and_programs_a_problem(client: TestClient):
    page, problem = client.get("/nowhere"), client.get("/api/v1/nowhere", headers={"accept-language": "en"})
    assert (page.status_code, problem.status_code) == (404, 404)
    assert 'lang="ar" dir="rtl"' in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "not_found"
    assert problem.json()["title"] == "We did not find this page"
