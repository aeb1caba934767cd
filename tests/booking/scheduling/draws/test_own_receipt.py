"""A person's file about a draw: it opens their own row and place, and nobody else gets it."""

import json
from uuid import uuid4

import pytest

from allocation import lottery
from booking.platform.base.errors import NotFoundError
from booking.scheduling.draws.format2.line import read_line
from booking.scheduling.draws.format2.own_receipt import read_own_receipt
from booking.scheduling.draws.own_receipt import own_receipt
from booking.transparency.log.log import log_keys
from booking.transparency.log.proofs import read_proof


def receipt_of(world, reference, account_id=None):
    account = account_id or world.request(reference).account_id
    return own_receipt(world.core, account_id=account, reference=reference)


def test_each_owner_finds_their_row_and_their_place_in_the_published_draw(world, office):
    office(1, 1, 1)
    references = [world.ask("a") for _ in range(4)] + [world.ask("a", party=2)]

    files = world.published()

    line, root = read_line(files, most=5), bytes.fromhex(json.loads(files["result.json"])["places_root"])
    for reference in references:
        file = receipt_of(world, reference)
        own, request = read_own_receipt(file.content), world.request(reference)
        assert (line[own.leaf].receipt, own.asked) == (own.receipt, request.receipt)
        siblings = own.place.siblings
        assert lottery.is_included(own.place_record(), own.leaf, len(line), siblings, root)
        assert line[own.leaf].served is (own.place.bin is not None)
        proof = read_proof(own.log_proof.encode())
        entry = b'{"receipt":"%s","type":"receipt"}' % request.receipt.hex().encode()
        assert proof.check(entry, log_keys(world.core))
        assert proof.index == own.logged
        assert file.name == f"mawid-receipt-{reference}.json"


def test_before_the_result_it_has_no_place_and_before_the_closing_there_is_none(world, office):
    office(1)
    reference = world.ask("a")
    with pytest.raises(NotFoundError):
        receipt_of(world, reference)
    world.closed()

    assert read_own_receipt(receipt_of(world, reference).content).place is None


def test_nobody_but_its_owner_gets_it(world, office):
    office(1)
    reference = world.ask("a")
    world.published()

    with pytest.raises(NotFoundError):
        receipt_of(world, reference, uuid4())
