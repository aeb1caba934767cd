"""A group is made by files alone; whoever lies, in whichever of them, is named, and no group comes of it."""

import json
from itertools import combinations

import pytest

from booking.platform.base.exact_json import canonical, one_line
from booking.transparency.beacons import bls, dealing, group, terms
from booking.transparency.beacons.ceremony import Ceremony
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.identity import WitnessKeys, read_identity, write_identity
from booking.transparency.beacons.parts import check_part, combine
from booking.transparency.beacons.values import statement_message
from tests.booking.transparency.beacons.witnesses import begun, made

STATEMENT = bytes(range(32))
MESSAGE = statement_message(STATEMENT)


def signed(keys, mark, said):
    said.pop("signature", None)
    return one_line(said | {"signature": keys.signing.sign(mark + canonical(said)).hex()})


def changed(ours, dealer, change):
    """All deals, one of them changed by its dealer, who signs it again."""
    said = json.loads(ours.deals[dealer - 1])
    change(said)
    deal = signed(ours.keys[dealer - 1], dealing._MARK, said)
    return [deal if index == dealer else one for index, one in enumerate(ours.deals, 1)]


def test_any_three_of_four_make_the_same_value_and_two_make_none():
    ours = made()
    values = {combine(ours.group, MESSAGE, ours.parts(MESSAGE, *three)) for three in combinations((1, 2, 3, 4), 3)}
    assert values == {combine(ours.group, MESSAGE, ours.parts(MESSAGE, 1, 2, 3, 4))}
    announced = terms.write_terms(ours.group.terms)
    assert (announced["of"], announced["need"]) == (sorted(announced["of"]), 3)
    terms.check(announced, STATEMENT, values.pop())
    with pytest.raises(BeaconError, match="2 parts are here, and 3 are needed"):
        combine(ours.group, MESSAGE, ours.parts(MESSAGE, 1, 2))


def test_everyone_comes_to_the_same_group_and_to_another_share():
    ours = made()
    assert {one.group for one in ours.accepted} == {ours.accepted[0].group}
    assert [bls.public_key(one.share) for one in ours.accepted] == list(ours.group.keys)
    assert len(set(ours.group.keys) | {ours.group.key}) == 5


def test_a_wrong_swapped_or_strange_part_is_refused_by_its_name():
    ours = made()
    parts = ours.parts(MESSAGE, 1, 2, 3)
    for wrong in (parts[1], ours.parts(statement_message(bytes(32)), 2)[2], b"", b"\xc0" + bytes(47)):
        with pytest.raises(BeaconError, match=f"not the part of {ours.group.names[1]}"):
            combine(ours.group, MESSAGE, parts | {2: wrong})
    for index in (0, 5, -1):
        with pytest.raises(BeaconError, match="no witness"):
            check_part(ours.group, index, MESSAGE, parts[1])


@pytest.mark.parametrize("what", ["for_another", "of_another_ceremony", "shares_swapped", "damaged"])
def test_a_dealer_who_lies_to_one_witness_is_named(what):
    ours = made()

    def lie(said):
        if what == "for_another":
            said["shares"][0] = said["shares"][1]
        elif what == "shares_swapped":
            said["shares"].reverse()
        elif what == "damaged":
            said["shares"][0] = "00" * 60
        else:
            said["shares"][0] = json.loads(dealing.write_deal(ours.keys[1], ours.ceremony))["shares"][0]

    with pytest.raises(BeaconError, match=f"{ours.group.names[1]} lied: the share for {ours.group.names[0]}"):
        group.accept(ours.keys[0], ours.ceremony, changed(ours, 2, lie))


def test_a_share_that_was_not_committed_to_is_found_by_its_owner():
    ours = made()
    other = json.loads(dealing.write_deal(ours.keys[1], ours.ceremony))

    def lie(said):  # shares that open, of another polynomial than the commitments
        said["shares"], said["ephemeral"] = other["shares"], other["ephemeral"]

    with pytest.raises(BeaconError, match=r"lied: .* is not the one committed to"):
        group.accept(ours.keys[0], ours.ceremony, changed(ours, 2, lie))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: said.update(commitments=said["commitments"][::-1]), "not the one of this key"),
        (lambda said: said["commitments"].pop(), "list of 3"),
        (lambda said: said.update(commitments=["c0" + "00" * 95, *said["commitments"][1:]]), "infinity"),
        (lambda said: said["shares"].pop(), "list of 4"),
        (lambda said: said.update(ephemeral="00" * 31), "32 bytes"),
        (lambda said: said.update(dealer=3), "not signed by"),
        (lambda said: said.update(dealer=True), "not an integer"),
        (lambda said: said.update(ceremony="00" * 32), "other witnesses"),
        (lambda said: said.update(more=1), "exactly the keys"),
    ],
)
def test_a_deal_that_cannot_be_is_refused_by_everyone(change, words):
    ours = made()
    with pytest.raises(BeaconError, match=words):
        dealing.read_deal(changed(ours, 2, change)[1], ours.ceremony)


def test_who_shifts_the_key_without_knowing_a_secret_has_no_proof():
    """The last dealer commits to a point that cancels what the others dealt: only a known secret can be proven."""
    ours = made()
    others = [bls.read_key(bytes.fromhex(json.loads(one)["commitments"][0])) for one in ours.deals[:3]]
    rogue = (-group.sum_of(others)).to_compressed_bytes().hex()
    deals = changed(ours, 4, lambda said: said["commitments"].__setitem__(0, rogue))
    with pytest.raises(BeaconError, match=f"deal of {ours.group.names[3]} is wrong: the signature is not the one"):
        dealing.read_deals(deals, ours.ceremony)


def test_who_deals_twice_or_not_at_all_is_named():
    ours = made()
    again = dealing.write_deal(ours.keys[2], ours.ceremony)
    with pytest.raises(BeaconError, match=f"{ours.group.names[2]} dealt twice"):
        dealing.read_deals([*ours.deals, again], ours.ceremony)
    with pytest.raises(BeaconError, match=f"deal of {ours.group.names[0]} is missing"):
        dealing.read_deals(ours.deals[1:], ours.ceremony)
    assert dealing.read_deals([*ours.deals, ours.deals[0]], ours.ceremony) == dealing.read_deals(
        ours.deals, ours.ceremony
    )


def test_who_deals_differently_to_each_is_found_before_there_is_a_group():
    ours = made()
    other = [*ours.deals[:3], dealing.write_deal(ours.keys[3], ours.ceremony)]
    deceived = group.accept(ours.keys[0], ours.ceremony, other)
    acceptances = [deceived.acceptance, *(one.acceptance for one in ours.accepted[1:])]
    with pytest.raises(BeaconError, match=f"{ours.group.names[0]} accepted another group"):
        group.assemble(ours.accepted[1], ours.ceremony, acceptances)
    with pytest.raises(BeaconError, match=f"acceptance of {ours.group.names[0]} is missing"):
        group.assemble(ours.accepted[1], ours.ceremony, acceptances[1:])
    forged = json.loads(ours.accepted[1].acceptance) | {"index": 1}
    with pytest.raises(BeaconError, match=f"not signed by {ours.group.names[0]}"):
        group.assemble(ours.accepted[1], ours.ceremony, [one_line(forged), *acceptances[1:]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: said.update(need=4), "not signed by"),
        (lambda said: said.update(need=2), "must be needed, not 2"),
        (lambda said: said["witnesses"].reverse(), "order of their names"),
        (lambda said: said["witnesses"][0].update(url="ftp://a"), "address"),
        (lambda said: said["witnesses"][0].update(key="c0" + "00" * 95), "infinity"),
        (lambda said: said["signatures"].pop(), "list of 4"),
        (lambda said: said["signatures"].reverse(), "not signed by"),
        (lambda said: said["witnesses"].pop(), "list of 3|not a list"),
        (lambda said: said.update(key="00"), "not signed by"),
    ],
)
def test_a_group_that_was_changed_is_refused(change, words):
    said = json.loads(made().file)
    change(said)
    with pytest.raises(BeaconError, match=words):
        group.read_group(one_line(said))


def test_a_group_that_all_signed_still_has_to_be_one():
    """All four lie together: their keys would give another value for other parts."""
    ours = made()
    for place, spoil in ((0, "key"), (3, "witness")):
        said = json.loads(ours.file)
        del said["signatures"]
        stray = bls.public_key(7).hex()
        said.update(key=stray) if spoil == "key" else said["witnesses"][place].update(key=stray)
        digest = group.sha256(canonical(said)).digest()
        said["signatures"] = [one.signing.sign(group._MARK + digest).hex() for one in ours.keys]
        with pytest.raises(BeaconError, match="do not make the group's key"):
            group.read_group(one_line(said))


def test_an_identity_is_whose_key_signed_it():
    keys = WitnessKeys.of(WitnessKeys.new().content)
    file = write_identity(keys, name="Al-Ayyam", url="https://witness.example")
    assert read_identity(file).url == "https://witness.example"
    for spoilt in (
        file.replace(b"https", b"http"),
        file[:-1],
        file.replace(b'"url"', b'"uri"'),
        b"[" * 70_000,
        b"{}\n",
    ):
        with pytest.raises(BeaconError):
            read_identity(spoilt)
    for wrong in ({"name": "two words"}, {"name": "a+b"}, {"name": ""}, {"name": "a", "url": "https://a/"}):
        with pytest.raises(BeaconError):
            write_identity(keys, **wrong)


def test_half_of_the_witnesses_are_too_few():
    ceremony, _ = begun(4, 3)
    with pytest.raises(BeaconError, match="of 4 witnesses 3 to 4 must be needed, not 2"):
        Ceremony.among(ceremony.witnesses, 2)
    with pytest.raises(BeaconError, match="the same name"):
        Ceremony.among([*ceremony.witnesses, ceremony.witnesses[0]], 4)
