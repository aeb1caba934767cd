"""From one step of a dialogue to the next: what a key means, what is said, what is done in between."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from booking.country.packs.dialogue import StepSpec
from booking.country.packs.national_number import normalise
from booking.desk.telephone import asking, following, proof
from booking.desk.telephone.lists import list_of
from booking.desk.telephone.media import medium_of
from booking.desk.telephone.memory import LONGEST_TYPED, Draft, Screen, keep_draft
from booking.desk.telephone.screens import MENU, MORE, Option, pages_of
from booking.desk.telephone.turn import Turn
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import latin_digits
from fraud.challenges.codes import DIGITS

ACTS: Final[Mapping[str, Callable[[Turn], str]]] = {
    "send-code": proof.send_code,
    "check-code": proof.check_code,
    "check-second": proof.check_second,
    "find-draft": asking.find_draft,
    "take-up": asking.take_up,
    "drop-draft": asking.drop_draft,
    "find-requests": following.find_requests,
    "tell": following.tell_status,
    "confirm": following.confirm,
    "give-up": following.give_up_one,
    "begin": asking.begin,
    "need-reason": asking.need_reason,
    "check-people": asking.check_people,
    "review": asking.review,
    "ask": asking.send,
    "answer": asking.answer,
}


MOST_TURNS: Final = 120
"""Keys in one call: a family asks with thirty."""
MOST_MISREAD: Final = 4
_MOST_ACTS: Final = 12
_DAY_DIGITS: Final = 4
_ALL, _DONE = "*all", "*done"


def advance(turn: Turn, typed: str) -> Screen:
    """Take what a caller typed, and return what is said next.

    Raises
    ------
    SessionsUnavailableError
        What was begun cannot be kept.
    """
    memory = turn.memory
    memory.turns += 1
    if memory.turns > MOST_TURNS:
        return close(turn, turn.said(turn.dialogue.phrases.over))
    step = turn.dialogue.step(memory.step)
    typed = latin_digits(typed.strip())[:LONGEST_TYPED]
    if typed == MENU:
        memory.misread = 0
        return go(turn, turn.dialogue.main if memory.account else turn.dialogue.first)
    if typed == MORE and step.kind != "typed":
        memory.misread, memory.page = 0, memory.page + 1
        return show(turn)
    following = _answered(turn, step, typed)
    if following is None:
        memory.misread += 1
        if memory.misread >= MOST_MISREAD:
            return close(turn, turn.said(turn.dialogue.phrases.nobody_there))
        return show(turn, before=turn.said(turn.dialogue.phrases.misread))
    memory.misread = 0
    return show(turn) if following == step.name and step.kind == "several" else go(turn, following)


def go(turn: Turn, name: str) -> Screen:
    """Go to a step; acts are done on the way, until a step says something."""
    memory = turn.memory
    for _ in range(_MOST_ACTS):
        turn.listed = None
        step = turn.dialogue.step(name)
        if step.do is not None:
            outcome = ACTS[step.do](turn)
            name, turn.jump = turn.jump or step.outcomes[outcome], None
            continue
        memory.step, memory.page = name, 0
        if step.kind == "several" and step.into is not None:
            turn.answers[step.into] = []
        alone = _only_choice(turn, step)
        if alone is None:
            break
        name = alone
    return show(turn)


def show(turn: Turn, *, before: str = "") -> Screen:
    """Say the step where the call is, with ``before`` in front of it, and note what its keys mean as they are said."""
    memory = turn.memory
    step = turn.dialogue.step(memory.step)
    text = f"{before} {turn.said(step.say)}".strip() if step.say is not None else before
    if step.kind == "end":
        return close(turn, text)
    if step.kept and memory.account is not None:
        keep_draft(turn.core, turn.account_id, Draft(step.name, dict(turn.answers), memory.began))
    digits = _digits(turn, step) if step.kind == "typed" else 1
    medium = medium_of(turn, takes_digits=digits > 1)
    pages = pages_of(text, _options(turn, step), write=medium.write, fits=medium.fits)
    page = pages[memory.page % len(pages)]
    memory.keys = {key: option.value for key, option in page.options}
    return Screen(medium.write(page), digits, memory.language)


def close(turn: Turn, text: str) -> Screen:
    """End the call with a text, cut to what fits."""
    medium = medium_of(turn, takes_digits=False)
    [page, *_] = pages_of(text, (), write=lambda one: one.text, fits=medium.fits)
    return Screen(page.text, 0, turn.memory.language)


def _digits(turn: Turn, step: StepSpec) -> int:
    of_kind = {"number": turn.core.pack.country.national_number.length, "code": DIGITS, "day": _DAY_DIGITS}
    return of_kind[str(step.reads)]


def _options(turn: Turn, step: StepSpec) -> list[Option]:
    if step.kind == "language":
        codes = turn.dialogue.languages
        return [Option(code, turn.core.languages.of(code).language.own_name) for code in codes]
    if step.kind == "menu":
        return [Option(key.key, turn.said(key.say)) for key in step.keys]
    if step.of is None:
        return []
    every = list_of(turn, step.of)
    if step.kind == "list":
        return every
    chosen = turn.answers.get(str(step.into), [])
    left = [one for one in every if one.value not in chosen]
    if chosen:
        return [Option(_DONE, turn.said(turn.dialogue.phrases.enough)), *left]
    all_of_them = step.any is not None and len(every) <= step.most
    return [Option(_ALL, turn.said(step.any)), *left] if all_of_them and step.any is not None else left


def _only_choice(turn: Turn, step: StepSpec) -> str | None:
    """Take what is there alone to choose, and return the step that follows; None where there is something to ask."""
    if step.of is None or step.into is None or step.to is None:
        return None
    every = list_of(turn, step.of)
    if len(every) != 1:
        return None if every else turn.dialogue.main
    turn.answers[step.into] = every[0].value if step.kind == "list" else [every[0].value]
    return step.to


def _answered(turn: Turn, step: StepSpec, typed: str) -> str | None:
    """Take an answer, and return the step that follows; None where it cannot be understood."""
    if step.kind == "typed":
        value = _read(turn, step, typed)
        if value is None or step.into is None:
            return None
        turn.answers[step.into] = value
        return step.to
    value = turn.memory.keys.get(typed)
    if value is None:
        return None
    if step.kind == "menu":
        key = next(one for one in step.keys if one.key == value)
        turn.answers.update(key.sets)
        return key.to
    if step.kind == "several":
        return _one_more(turn, step, value)
    if step.kind == "language":
        turn.memory.language = value
    else:
        turn.answers[str(step.into)] = value
    return step.to


def _one_more(turn: Turn, step: StepSpec, value: str) -> str | None:
    """Take one more of several; the step stays until it is enough."""
    every = [one.value for one in list_of(turn, str(step.of))]
    chosen: list[str] = turn.answers.setdefault(str(step.into), [])
    turn.memory.page = 0
    if value == _ALL:
        chosen[:] = every
    elif value != _DONE:
        chosen.append(value)
    enough = value in {_ALL, _DONE} or len(chosen) >= min(step.most, len(every))
    return step.to if enough else step.name


def _read(turn: Turn, step: StepSpec, typed: str) -> str | None:
    """Read what was typed as the step says; None where it is nothing of the kind."""
    if step.reads == "number":
        try:
            return normalise(typed, turn.core.pack.country.national_number)
        except FieldError:
            return None
    if not (typed.isascii() and typed.isdigit() and len(typed) == _digits(turn, step)):
        return None
    return typed if step.reads == "code" else _coming_day(turn.core.today(), typed)


def _coming_day(today: date, typed: str) -> str | None:
    """Return the next such day from today on, as year-month-day; None where there is none."""
    day, month = int(typed[:2]), int(typed[2:])
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found.isoformat()
    return None
