"""Parsers of what analysts, administrators and people type: rules, limits, languages, packs, messages, numbers."""

import shutil
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from benchmarks.hostile_inputs.target import Target, typed
from booking import platform
from booking.country.packs.answers import check_answers, read_answers
from booking.country.packs.loading import BUILT_IN, load_pack
from booking.country.packs.national_number import normalise
from booking.country.packs.phone import normalise_phone
from booking.country.packs.reading import PackError
from booking.desk.sms_commands.commands import read_command
from booking.people.reaching.recipients import read_new_address
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.message_states import Channel
from booking.platform.base.references import read_reference
from booking.platform.languages.language import FILE, LanguageError, read_language
from booking.platform.languages.speech import read_catalogue
from booking.scheduling.quotas.drafts import read_quota
from fraud.limiting.limits import PolicyError
from fraud.limiting.text import default_limits_source, parse_limits
from fraud.linkage.words import split_name
from fraud.rules.conditions import ConditionError, compile_condition
from fraud.rules.rule_set import RuleError, default_rules_source, find_faults, parse_rules

TODAY: Final = date(2026, 11, 1)
SYRIA: Final = BUILT_IN / "syria"
LOCALES: Final = Path(platform.__file__).parent / "locales"
RULE: Final = """[[rule]]
name = "many-on-one-phone"
when = "people_on_phone_30d > 6 and not (party_size == 2)"
then = "review"
say.ar = "كثيرون"
say.en = "many"
"""


def _rules(data: bytes) -> None:
    text = typed(data)
    find_faults(text)
    again = parse_rules(text)
    if parse_rules(again.text()).version != again.version:
        raise AssertionError("written again, it is another set")


@cache
def _scratch(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"mawid-hostile-{name}-"))
    source, target = (LOCALES / "ku", "ku") if name == "catalogue" else (SYRIA, "one")
    shutil.copytree(source, folder / target)
    return folder


@cache
def _pack_files() -> list[str]:
    return sorted(path.relative_to(SYRIA).as_posix() for path in SYRIA.rglob("*.toml"))


def _pack(data: bytes) -> None:
    """Put the rest of the input in the place of the file that its first byte names."""
    name = _pack_files()[data[0] % len(_pack_files())] if data else "pack.toml"
    file = _scratch("pack") / "one" / name
    try:
        file.write_bytes(data[1:])
        load_pack(file.parents[name.count("/")])
    finally:
        file.write_bytes((SYRIA / name).read_bytes())


def _language(data: bytes) -> None:
    folder = _scratch("language")
    (folder / "one" / FILE).write_bytes(data)
    read_language.__globals__["_read"].cache_clear()
    read_language("one", folder)


def _catalogue(data: bytes) -> None:
    folder = _scratch("catalogue")
    for file in (folder / "ku").glob("*.po"):
        file.unlink()
    (folder / "ku" / "citizen.po").write_bytes(data)
    read_catalogue(_kurdish(), folder)


@cache
def _kurdish() -> Any:
    return read_language("ku")


@cache
def _questions() -> Any:
    pack = load_pack("syria")
    return next(service.fields for service in pack.services if len(service.fields) > 2)


def _answers(data: bytes) -> None:
    parts = typed(data).split("\n")
    given = {one.code: parts[number % len(parts)] for number, one in enumerate(_questions())}
    answers = read_answers(_questions(), given)
    check_answers(_questions(), answers, today=TODAY)


def _about_people(data: bytes) -> None:
    """Read one text as every field about a person; each field's refusal leaves the others to be read."""
    text = typed(data)
    rule = load_pack("syria").country.national_number
    readers = [
        lambda: fields.username(text),
        lambda: fields.password(text, username=text[:10]),
        lambda: fields.known_username(text),
        lambda: fields.typed_password(text),
        lambda: fields.name(text),
        lambda: fields.birth_date(text, today=TODAY),
        lambda: fields.words("note", text),
        lambda: normalise(text, rule),
        lambda: normalise_phone(fields.number("phone", text), "SY"),
        lambda: read_reference(text),
        lambda: split_name(text),
        *(lambda channel=channel: read_new_address(channel, text, "SY") for channel in Channel),
    ]
    for reader in readers:
        try:
            reader()
        except (FieldError, InvalidInputError):
            continue


def _quota(data: bytes) -> None:
    unit, *values = typed(data).split("\n")
    read_quota(unit, dict(zip(("instant", "urgent", "accessible", "walk_in", "draw"), values, strict=False)))


def targets() -> tuple[Target, ...]:
    """Return the targets."""
    return (
        Target(
            "rules",
            _rules,
            (RuleError,),
            (default_rules_source().encode(), RULE.encode(), b'rule = [{name="a",when="b",then="review"}]'),
            (
                b"[[rule]]",
                b"when",
                b"then",
                b"say.ar",
                b"review",
                b"challenge",
                b'"""',
                b"0x",
                b"inf",
                b"nan",
                b"[",
                b"{",
            ),
        ),
        Target(
            "conditions",
            lambda data: compile_condition(typed(data)),
            (ConditionError,),
            (b"people_on_phone_30d > 6 and not party_size == 2", b"(party_size + 2) * 3 <= 9 or party_size != 1"),
            (b"and", b"or", b"not", b"party_size", b"people_on_phone_30d", b"<=", b"==", b"(", b")", b"**", b"lambda"),
            longest=1024,
        ),
        Target(
            "limits",
            lambda data: parse_limits(typed(data), older=True),
            (PolicyError,),
            (
                default_limits_source().encode(),
                b'[ask]\nperson = "3 per 2 hours"\n[ask.helper]\nperson = ["1 per day"]\n',
            ),
            (b"[ask]", b"person", b"per", b"days", b"[ask.helper]", b"network", b"[", b"{", b'"', b"="),
        ),
        Target(
            "packs",
            _pack,
            (PackError,),
            tuple(bytes([number]) + (SYRIA / name).read_bytes() for number, name in enumerate(_pack_files())),
            (b"[[", b"]]", b"=", b'"', b"code", b"name", b"{", b"[", b"true", b"1e9", b"2026-02-30"),
        ),
        Target(
            "languages",
            _language,
            (LanguageError,),
            tuple(file.read_bytes() for file in sorted(LOCALES.glob("*/language.toml"))),
            (b"locale", b"plurals", b"digits", b"months", b"=", b"[", b'"', b"fallback", b"tags"),
        ),
        Target(
            "catalogues",
            _catalogue,
            (LanguageError,),
            tuple(file.read_bytes()[:6000] for file in sorted((LOCALES / "ku").glob("*.po"))[:3]),
            (b"msgid", b"msgstr", b"msgid_plural", b"msgstr[0]", b"#, fuzzy", b"#~", b"msgctxt", b"%(", b"{n}", b"\\n"),
        ),
        Target(
            "answers",
            _answers,
            (FieldError, InvalidInputError),
            (b"yes\n2026-11-01\n12\n3.5\n", "نعم\n١٢\n١٫٥\n3/4/1950".encode()),
            ("٫".encode(), "٤".encode(), b"-", b"/", b"true", b"\n"),
            longest=4096,
        ),
        Target(
            "fields",
            _about_people,
            (),
            (
                b"amal",
                "أمل الخيالية".encode(),
                b"0933112233",
                b"17/5/1990",
                b"01020304050",
                b"7K2-M9D-4QX",
                b"a@b.example",
            ),
            ("٠٩".encode(), b"+963", b"00", "\u202e".encode(), "\u200f".encode(), b";ext=5", b"xn--", b"tel:", b"@"),
            longest=4096,
        ),
        Target(
            "sms",
            lambda data: read_command(typed(data)),
            (),
            (b"confirm 7K2-M9D-4QX", "الغاء ٧K2 M9D 4QX".encode(), b"123 456", b"stop", b"I do not confirm"),
            (b"confirm", b"cancel", "حالة".encode(), "لا".encode(), "\u0640".encode(), "ﷺ".encode()),
            longest=4096,
        ),
        Target(
            "quotas",
            _quota,
            (InvalidInputError,),
            (b"shares\n10\n5\n5\n10\n70", b"places\n1\n2\n3\n4"),
            (b"shares", b"places", "٫".encode(), b"%", b"-"),
            longest=1024,
        ),
    )
