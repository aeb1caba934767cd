"""A third language is a folder and a word in the pack: pages, refusals and notices speak it, and no code names it."""

import pytest

from booking.country.core.core import Core
from booking.opening import open_core
from booking.people.reaching.views import outbox
from booking.platform.languages.speech import load_languages
from booking.platform.models.states import Role
from tests.support.a_language import HEAD, write_language
from tests.support.country import an_account, cheap_settings
from tests.support.roles import as_app

SENTENCES = {
    "Sign in": "Xx-sign-in",
    "Ask for an appointment": "Xx-ask",
    "Passport renewal": "Xx-renew",
    "We did not find this page": "Xx-nowhere",
    "Your Mawid code to confirm this phone: {secret}. Valid for {minutes}. Give it to nobody.": "Xx-{secret}-{minutes}",
}
MORE = 'fallback = "ar"\nneeds_native_reader = true\naudiences = ["account", "citizen", "public"]\ntags = ["yy"]\n'


@pytest.fixture
def core(country_url, redis_url, clock, tmp_path):
    """A country whose pack names one more language, in a folder of the installation."""
    own = write_language(tmp_path, "xx", HEAD + MORE, SENTENCES)
    settings = cheap_settings(show_outbox=True, languages_dir=own)
    with open_core(settings, database_url=as_app(country_url), redis_url=redis_url, clock=clock) as core:
        head = core.pack.country.model_copy(update={"languages": ("ar", "en", "xx")})
        object.__setattr__(core, "pack", core.pack.model_copy(update={"country": head}))
        object.__setattr__(core, "languages", load_languages(settings, head.languages))
        yield core


def test_pages_speak_it_and_what_it_lacks_falls_back(browser):
    page = browser.go("/language/xx?back=/")
    assert page.response.headers["content-language"] == "xx"
    assert '<html lang="xx" dir="ltr">' in page.text
    assert "Xx-ask" in page.text
    assert "الخدمات" in page.text, "the language behind it says what it has no words for"
    assert "no native speaker" in browser.client.app.state.words["en"].gettext(
        "This translation is new, and no native speaker has read all of it yet."
    )
    assert "لم يقرأها كلها بعد" in page.text
    assert "لم يقرأها كلها بعد" not in browser.go("/language/ar?back=/").text
    assert all(f"/language/{code}?" in browser.text for code in ("en", "xx"))
    assert "Xx-renew" in browser.go("/language/xx?back=/services").text
    assert "Xx-nowhere" in browser.go("/nowhere").text
    assert browser.client.get("/manifest-xx.webmanifest").json()["lang"] == "xx"


def test_pages_of_staff_are_shown_whole_in_the_language_behind_it(staff):
    officer = staff(Role.OFFICER).go("/language/xx?back=/desk")
    assert '<html lang="ar" dir="rtl">' in officer.text
    assert "Xx-" not in officer.text
    assert '<html lang="xx" dir="ltr">' in officer.go("/me/security").text


def test_notices_and_answers_to_programs_speak_it(core: Core, browser):
    assert an_account(core, language="xx", confirmed=False)
    assert any(one.text.startswith("Xx-") and one.text.endswith("-10 minutes") for one in outbox(core))
    told = browser.client.get("/api/v1/nowhere", headers={"accept-language": "yy-SY,en;q=0.5"})
    assert (told.json()["title"], told.headers["content-language"]) == ("Xx-nowhere", "xx")


def test_a_language_that_the_pack_does_not_name_is_refused_everywhere(browser):
    assert browser.go("/language/ku").status == 404
    assert browser.client.get("/manifest-ku.webmanifest").status_code == 404
    asked = {"username": "amal.b", "password": "a turn for everyone", "phone": "0944123456", "language": "ku"}
    told = browser.client.post("/api/v1/accounts", json=asked, headers={"idempotency-key": "k"})
    assert (told.status_code, told.json()["errors"][0]["field"]) == (422, "language")
    assert browser.client.get("/api/v1/services/compulsory-car-insurance/form?language=ku").status_code == 422


def test_an_account_whose_language_is_gone_reads_its_notices_in_the_default(core: Core):
    an_account(core, language="xx", confirmed=False)
    object.__setattr__(core, "languages", load_languages(core.settings, ["ar", "en"]))
    assert outbox(core)[0].text.startswith("رمز تأكيد هاتفك")
