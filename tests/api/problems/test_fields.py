"""Every service's form takes its example, and refuses what is wrong with a sentence in both languages."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from api.i18n import load_words
from api.problems.documents import field_problems
from booking.country.packs.answers import check_answers, read_answers
from booking.country.packs.loading import load_pack
from booking.country.packs.service import ServiceSpec
from booking.country.packs.service_form import FieldSpec
from booking.platform.base.errors import InvalidInputError
from booking.platform.base.settings import Settings

TODAY = date(2026, 11, 26)
ONLINE = [service for service in load_pack("syria").services if service.online]


@pytest.fixture(scope="module")
def languages():
    return load_words(Settings(_env_file=None, secret_key=None)).values()


def typed(service: ServiceSpec) -> dict[str, str]:
    """The file's example, as people type it: a yes, other digits, and a day that is near enough."""
    answers = {code: "yes" if said is True else str(said) for code, said in service.example.items()}
    for field in service.fields:
        if field.answer.format and field.code in answers:
            day = max(date.fromisoformat(answers[field.code]), TODAY + timedelta(field.earliest_days or 0))
            if field.latest_days is not None:
                day = min(day, TODAY + timedelta(field.latest_days))
            answers[field.code] = f"{day.day}/{day.month}/{day.year}"
        elif field.answer.type == "integer":
            answers[field.code] = answers[field.code].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    return answers


def wrong_answers(field: FieldSpec) -> list[tuple[str, str]]:
    """What a form must refuse, with the reason."""
    nothing = [("", "missing")] if field.required else []
    return [*nothing, *wrong_texts(field), *wrong_numbers(field), *wrong_days(field)]


def wrong_texts(field: FieldSpec) -> Iterator[tuple[str, str]]:
    answer = field.answer
    if field.choices:
        yield "none-of-these", "unknown"
    if answer.pattern is not None:
        yield "abc", "unreadable"
    elif answer.max_length is not None:
        yield "ا" * (answer.max_length + 1), "too_long"
    if (answer.min_length or 0) > 1:
        yield "ا", "too_short"
    if answer.const:
        yield "no", "must_agree"


def wrong_numbers(field: FieldSpec) -> Iterator[tuple[str, str]]:
    least, most = field.answer.minimum, field.answer.maximum
    if least is not None and most is not None:
        yield str(int(most) + 1), "above"
        yield str(int(least) - 1), "below"
        yield "many", "unreadable"


def wrong_days(field: FieldSpec) -> Iterator[tuple[str, str]]:
    if field.answer.format:
        yield "31/02/2026", "unreadable"
        yield from (("31/12/1899", "other_years"), ("9999-12-31", "other_years"))
    if field.latest_days is not None:
        yield (TODAY + timedelta(field.latest_days + 1)).isoformat(), "too_late_a_day"
    if field.earliest_days is not None:
        yield (TODAY + timedelta(field.earliest_days - 1)).isoformat(), "too_early_a_day"


def errors_of(service, answers):
    return check_answers(service.fields, read_answers(service.fields, answers), today=TODAY)


@pytest.mark.parametrize("service", ONLINE, ids=lambda service: service.code)
def test_a_form_accepts_its_example_and_explains_each_wrong_answer(service, languages):
    right = typed(service)
    assert errors_of(service, right) == []
    for field in service.fields:
        refused = wrong_answers(field)
        assert refused, field.code
        for answer, reason in refused:
            errors = errors_of(service, {**right, field.code: answer})
            assert [(error.field, error.reason) for error in errors] == [(field.code, reason)], (field.code, answer)
            said = {field_problems(InvalidInputError(errors), words)[0]["detail"] for words in languages}
            assert len(said) == 2, "a sentence in each language"
            assert all(len(sentence) > 5 for sentence in said)


@pytest.mark.parametrize("service", ONLINE, ids=lambda service: service.code)
def test_a_form_refuses_answers_it_never_asked_for(service):
    errors = errors_of(service, typed(service) | {"is-approved": "yes"})

    assert [(error.field, error.reason) for error in errors] == [("is-approved", "unknown_field")]
