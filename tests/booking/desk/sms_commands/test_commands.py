"""People write as they speak; what is read from it is never more than they meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.desk.sms_commands.commands import read_command
from booking.platform.base.message_states import Command
from booking.platform.base.references import _check, shown

REFERENCE = "7K2M9D4Q1"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        *((text, Command.STATUS) for text in ("حالة", "حاله", "الحالَة؟", "STATUS", "status?", "موعدي متى", "sttatus")),
        *((text, Command.CONFIRM) for text in ("تأكيد", "تاكيد", "أؤكّد", "نعم", "Confirm", "confrim", "ok")),
        *((text, Command.CANCEL) for text in ("إلغاء", "الغاء", "أريد إلغاء موعدي", "CANCEL", "cancle", "إلغـاء")),
        *((text, Command.STOP) for text in ("STOP", "stop.", "إيقاف", "ايقاف", "أوقف", "قف")),
        *((text, Command.START) for text in ("START", "تشغيل", "ابدأ")),
        *((text, Command.HELP) for text in ("HELP", "مساعدة", "ساعدني")),
        *((text, Command.UNKNOWN) for text in ("", "🙂", "شكرا", "hello there", "لا أؤكد", "I do not confirm")),
    ],
)
def test_commands_are_understood_in_both_languages_and_many_spellings(text, command):
    assert read_command(text).command is command


@pytest.mark.parametrize(
    "written",
    [REFERENCE, "7K2-M9D-4Q1", "7k2 m9d 4q1", "٧K٢-M٩D-٤Q١", "7K2-M9D-4QI", "\u200f7K2-M9D-4Q1\u200f"],
)
def test_a_reference_is_read_as_people_copy_it(written):
    assert read_command(f"تأكيد {written} من فضلك").reference == REFERENCE
    assert read_command(f"CONFIRM {written}").command is Command.CONFIRM
    assert read_command(f"تأكيد{REFERENCE}").command is Command.CONFIRM
    alone = read_command(written)
    assert (alone.command, alone.reference) == (Command.STATUS, REFERENCE)


@pytest.mark.parametrize("word", ["status", "STATUS", "cancel", "حالة"])
def test_a_reference_of_digits_after_a_command_is_not_taken_for_a_code(word):
    body = next(str(number) for number in range(61393900, 61393999) if _check(str(number)).isdigit())
    reference = body + _check(body)
    for written in (shown(reference), reference, shown(reference).replace("-", " ")):
        assert read_command(f"{word} {written}").reference == reference
    wrong = body + str((int(_check(body)) + 1) % 10)
    asked = read_command(f"{word} {shown(wrong)}")
    assert (asked.reference, asked.code, asked.misread) == (None, None, True)


@pytest.mark.parametrize("written", ["7K2-M9D-4Q2", "7K2-M9D", "7K2-M9D-4Q1X", "12345678"])
def test_a_mistyped_reference_is_noticed_and_not_guessed(written):
    asked = read_command(f"إلغاء {written}")
    assert (asked.command, asked.reference, asked.misread) == (Command.CANCEL, None, True)


@pytest.mark.parametrize("text", ["123456", "١٢٣٤٥٦", "123 456", "إلغاء 123456", "cancel 123-456", " 123456."])
def test_six_digits_are_a_code(text):
    asked = read_command(text)
    assert (asked.command, asked.code) == (Command.CODE, "123456")


@settings(max_examples=120)
@given(st.text(max_size=200))
def test_no_text_breaks_reading_and_only_words_confirm_or_cancel(text):
    asked = read_command(text)
    if not any(character.isalpha() for character in text):
        assert asked.command not in {Command.CONFIRM, Command.CANCEL, Command.STOP}
    if asked.code is not None:
        assert asked.code.isdecimal()
        assert asked.code.isascii()
