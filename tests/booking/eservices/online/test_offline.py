"""Checking without the network, by the program that the documentation gives."""

import re
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature

from booking.eservices.online.check import code_of, public_key_pem
from tests.support.online_cases import INSURANCE, result_of, with_agency
from tests.support.root import ROOT

GUIDE = ROOT / "docs/online.md"


def documented():
    """The function of the guide, as it stands there."""
    source = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL).group(1)
    names: dict[str, object] = {}
    exec(compile(source, str(GUIDE), "exec"), names)  # noqa: S102 - our own documentation
    return names["check"]


def test_the_documented_program_checks_a_policy_without_the_network(country):
    asked = with_agency(country, INSURANCE, months=1)
    result = result_of(country, asked.reference)
    code, key, check = code_of(country, result), public_key_pem(country).encode(), documented()
    today = country.today()
    assert check(f"https://example.org/check#{code}", key, set(), today) == "valid"
    assert check(code, key, {result.number}, today) == "revoked"
    assert check(code, key, set(), today - timedelta(days=1)) == "not valid today"
    assert check(code, key, set(), today + timedelta(days=40)) == "not valid today"
    with pytest.raises(InvalidSignature):
        check(code[:30] + ("A" if code[30] != "A" else "B") + code[31:], key, set(), today)
