"""What is put into templates when they are compiled: pages say what they said before."""

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined

from api.i18n import load_words
from api.pages.shared.layout import Translated
from booking.platform.base.settings import Settings

HOSTILE = '<b>"100 %(n)s"</b>'
WORDS = load_words(Settings(_env_file=None, secret_key="the secret of a test, which keeps nothing"))["ar"]
OPTIONS = {"undefined": StrictUndefined, "extensions": ["jinja2.ext.i18n"]}


def filled(environment: Environment, text: str, **values: object) -> str:
    environment.loader = DictLoader({"one": text})
    environment.install_gettext_callables(WORDS.gettext, WORDS.ngettext, newstyle=True)
    return environment.get_template("one").render(values)


@pytest.mark.parametrize(
    "text",
    [
        '{{ _("Sign in") }}',
        '<a title="{{ _("Sign in") }}">',
        '{{ _("Request %(reference)s", reference=hostile) }}',
        '{{ _("unknown: 100 %% of <i>%(n)s</i>", n=hostile) }}',
        '{{ _("unknown & \\"quoted\\", 100 %%") }}',
        '{% macro said(title) %}<p>{{ title }}</p>{% endmacro %}{{ said(_("Sign in")) }}',
        '{{ _(sentence) }} {{ _("Sign in") ~ hostile }}',
        '{% set n = 3 %}{{ ngettext("%(n)s person", "%(n)s people", n, n=n) }}',
    ],
)
def test_a_page_says_the_same_as_with_sentences_looked_up_each_time(text):
    values = {"hostile": HOSTILE, "sentence": "Sign in"}
    before = filled(Environment(autoescape=True, **OPTIONS), text, **values)
    assert filled(Translated(WORDS, autoescape=True, **OPTIONS), text, **values) == before
    assert "<b>" not in before


def test_a_sentence_is_looked_up_once_however_often_its_page_is_filled(monkeypatch):
    template = Translated(WORDS, autoescape=True, **OPTIONS).from_string('{{ _("Sign in") }}')
    monkeypatch.setattr(type(WORDS), "gettext", lambda *_: pytest.fail("looked up again"))
    assert template.render() == template.render() != "Sign in"


def test_a_module_is_made_once_only_where_it_needs_nothing_of_the_page():
    templates = {
        "alone": "{% macro one(n) %}{{ n }}{{ language }}{% endmacro %}",
        "needy": "{% macro one(n) %}{{ n }}{{ token }}{% endmacro %}",
        "page": '{% from "alone" import one with context %}{% from "needy" import one as other with context %}'
        "{{ one(1) }} {{ other(2) }}",
    }
    environment = Translated(WORDS, autoescape=True, loader=DictLoader(templates), **OPTIONS)
    environment.globals["language"] = "ar"

    assert [environment.stands_alone(name) for name in ("alone", "needy")] == [True, False]
    assert [environment.get_template("page").render(token=one) for one in "ab"] == ["1ar 2a", "1ar 2b"]
