"""A number is shown to be one's own by what only its owner has; every refusal is the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from cryptography.exceptions import InvalidTag

from booking.country.core.register import RegisterAwayError, read_grant
from booking.people.identity.attest import attest
from booking.people.identity.levels import ProofRefusedError
from booking.people.identity.prove import prove_by_code, prove_by_guardian, prove_by_serial, send_register_code
from booking.people.registers.synthetic import CODE, grant_of, serial_of
from booking.platform.base.errors import NotFoundError, TooManyAttemptsError
from booking.platform.models.identity import IdentityLevel, ProofKind
from tests.booking.people.identity.conftest import enrolled
from tests.support.country import an_account, an_origin

pytestmark = pytest.mark.neighbours

CHILD_BORN = date(2018, 3, 1)


def by_card(core, ids, number, **changes):
    prove_by_serial(core, **ids | {"kind": ProofKind.CARD, "serial": serial_of(number, ProofKind.CARD)} | changes)


def test_the_serial_of_the_card_proves_and_the_grant_is_kept_sealed(core, ids, salma, member, told):
    by_card(core, ids, salma)

    proven = member(ids["member_id"])
    assert (proven.level, proven.proved_by, proven.proved_at) == (
        IdentityLevel.PROVEN,
        ProofKind.CARD,
        core.clock.now(),
    )
    assert read_grant(core.vault, proven) == grant_of(salma)
    assert grant_of(salma).encode() not in proven.grant_ciphertext
    assert told(ids["account_id"]) == ["identity_proven"]


def test_a_grant_is_bound_to_its_member(core, ids, salma, member):
    by_card(core, ids, salma)
    proven = member(ids["member_id"])
    proven.id += 1

    with pytest.raises(InvalidTag):
        read_grant(core.vault, proven)


def test_a_proof_that_comes_twice_tells_once(core, ids, salma, told):
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: by_card(core, ids, salma), range(2)))

    assert told(ids["account_id"]) == ["identity_proven"]


@pytest.mark.parametrize("serial", ["", "I00000000", "P12345678", "ا" * 300])
def test_another_serial_proves_nothing(core, ids, salma, member, told, serial):
    with pytest.raises(ProofRefusedError):
        by_card(core, ids, salma, serial=serial)

    assert member(ids["member_id"]).level is IdentityLevel.MATCHED
    assert told(ids["account_id"]) == []


def test_the_right_serial_with_a_wrong_name_is_refused_as_any_other(core, claim, salma):
    account_id, member_id = claim(salma, name="اسم آخر")

    with pytest.raises(ProofRefusedError):
        by_card(core, {"account_id": account_id, "member_id": member_id, "origin": an_origin()}, salma)


def test_the_code_of_the_register_proves_once(core, ids, member):
    send_register_code(core, **ids)
    with pytest.raises(ProofRefusedError):
        prove_by_code(core, **ids, code="000000")
    prove_by_code(core, **ids, code=f" {CODE} ")
    prove_by_code(core, **ids, code=CODE)  # the button pressed twice

    assert member(ids["member_id"]).proved_by is ProofKind.PHONE


def test_a_code_that_nobody_sent_proves_nothing(core, ids, claim, salma):
    account_id, other = claim(salma)
    send_register_code(core, **ids)

    with pytest.raises(ProofRefusedError):
        prove_by_code(core, account_id=account_id, member_id=other, origin=an_origin(), code=CODE)


def test_whether_a_code_was_sent_is_not_said(core, claim):
    account_id, member_id = claim(enrolled(core, phone=False))
    ids = {"account_id": account_id, "member_id": member_id, "origin": an_origin()}

    assert send_register_code(core, **ids) is None
    with pytest.raises(ProofRefusedError):
        prove_by_code(core, **ids, code=CODE)


def test_a_proven_parent_proves_a_child(core, ids, salma, claim, member):
    child = enrolled(core, born=CHILD_BORN, guardians=(salma,))
    _, member_id = claim(child, account_id=ids["account_id"], born=CHILD_BORN, relation="child")
    with pytest.raises(ProofRefusedError):
        prove_by_guardian(core, **ids | {"member_id": member_id})

    by_card(core, ids, salma)
    prove_by_guardian(core, **ids | {"member_id": member_id})

    assert member(member_id).proved_by is ProofKind.GUARDIAN


def test_a_guardian_in_another_account_proves_nobody(core, ids, salma, claim):
    child = enrolled(core, born=CHILD_BORN, guardians=(salma,))
    account_id, member_id = claim(child, born=CHILD_BORN, relation="child")
    by_card(core, ids, salma)

    with pytest.raises(ProofRefusedError):
        prove_by_guardian(core, account_id=account_id, member_id=member_id, origin=an_origin())


def test_an_officer_who_compared_makes_seen_and_a_later_proof_leaves_it(core, ids, salma, member, told):
    attest(core, account_id=ids["account_id"], member_id=ids["member_id"], kind=ProofKind.OFFICER, by="case 7")
    by_card(core, ids, salma)

    seen = member(ids["member_id"])
    assert (seen.level, seen.proved_by) == (IdentityLevel.SEEN, ProofKind.OFFICER)
    assert told(ids["account_id"]) == ["identity_proven"]


def test_no_officer_attests_somebody_whom_the_register_does_not_know(core, claim, salma):
    account_id, member_id = claim(salma, name="اسم آخر")

    with pytest.raises(ProofRefusedError):
        attest(core, account_id=account_id, member_id=member_id, kind=ProofKind.OFFICER, by="case 7")


@pytest.mark.parametrize("prove", [send_register_code, prove_by_guardian])
def test_only_ones_own_members_are_proven(core, ids, prove):
    with pytest.raises(NotFoundError):
        prove(core, **ids | {"account_id": an_account(core)})
    with pytest.raises(NotFoundError):
        prove(core, **ids | {"member_id": 0})


def test_while_the_register_is_away_nothing_is_lost(core, away, ids, salma, member):
    send_register_code(core, **ids)
    with pytest.raises(RegisterAwayError):
        prove_by_code(away, **ids, code=CODE)
    with pytest.raises(RegisterAwayError):
        by_card(away, ids, salma)
    assert member(ids["member_id"]).level is IdentityLevel.MATCHED

    prove_by_code(core, **ids, code=CODE)

    assert member(ids["member_id"]).level is IdentityLevel.PROVEN


def test_guesses_at_a_serial_are_limited_for_the_guesser_alone(core, ids, claim, salma):
    account_id, member_id = claim(salma)
    guesser = {"account_id": account_id, "member_id": member_id, "origin": an_origin()}
    for n in range(6):
        with pytest.raises(ProofRefusedError):
            by_card(core, guesser, salma, serial=f"C{n:08d}")
    with pytest.raises(TooManyAttemptsError):
        by_card(core, guesser, salma)

    by_card(core, ids, salma)
