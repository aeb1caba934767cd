from datetime import UTC, datetime, timedelta

import pytest

from fraud.challenges.codes import ATTEMPTS, CodeResult, check_code, new_code

KEY = b"a key for tests only, 32 bytes.."
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PURPOSE = "confirm-phone:account 7:0999000111"


def made(**changes):
    return new_code(**({"key": KEY, "purpose": PURPOSE, "now": NOW} | changes))


def check(kept, typed, **changes):
    return check_code(kept, typed, **({"key": KEY, "purpose": PURPOSE, "now": NOW} | changes))


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


def test_the_right_code_is_right_once():
    code, kept = made()

    result, spent = check(kept, code)

    assert result is CodeResult.RIGHT
    assert check(spent, code)[0] is CodeResult.EXHAUSTED


def test_a_code_has_six_digits_by_default():
    for _ in range(50):
        code, _ = made()
        assert len(code) == 6
        assert code.isdigit()


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
def test_a_code_may_be_typed_in_the_digits_of_any_keyboard_with_gaps(digits):
    code, kept = made()
    typed = " - ".join(digits[int(digit)] for digit in code)

    assert check(kept, typed)[0] is CodeResult.RIGHT


def test_wrong_codes_use_up_the_attempts_even_for_the_right_one():
    code, kept = made()

    for left in reversed(range(ATTEMPTS)):
        result, kept = check(kept, wrong(code))
        assert (result, kept.attempts_left) == (CodeResult.WRONG, left)

    assert check(kept, code)[0] is CodeResult.EXHAUSTED


def test_a_code_ends_at_its_time():
    code, kept = made(lifetime=timedelta(minutes=10))

    assert check(kept, code, now=NOW + timedelta(minutes=10))[0] is CodeResult.EXPIRED
    assert check(kept, code, now=NOW + timedelta(minutes=9, seconds=59))[0] is CodeResult.RIGHT


def test_a_code_fits_neither_another_purpose_nor_another_key():
    code, kept = made()

    assert check(kept, code, purpose="reset-password:account 7")[0] is CodeResult.WRONG
    assert check(kept, code, key=b"another key")[0] is CodeResult.WRONG


@pytest.mark.parametrize("typed", ["", "abc", "1" * 100_000, "\ud800", "\0", "１２３"])
def test_nonsense_is_only_wrong(typed):
    assert check(made()[1], typed)[0] is CodeResult.WRONG


def test_what_is_kept_does_not_hold_the_code():
    code, kept = made()

    assert code.encode() not in kept.digest


@pytest.mark.parametrize("changes", [{"digits": 3}, {"digits": 13}, {"attempts": 0}])
def test_a_code_too_short_or_without_attempts_is_refused(changes):
    with pytest.raises(ValueError, match=r"digits|attempt"):
        made(**changes)
