"""A request that is changed between two draws: each draw stands by its own wish, and the turn is kept."""

from booking.platform.models.states import RequestState
from booking.scheduling.draws.format2.own_receipt import read_own_receipt
from booking.scheduling.draws.own_receipt import own_receipt
from booking.transparency.log.proofs import read_proof
from tests.booking.scheduling.draws.changing import go_to


def own_file(world, reference):
    account = world.request(reference).account_id
    return read_own_receipt(own_receipt(world.core, account_id=account, reference=reference).content)


def test_a_lost_request_wins_elsewhere_by_its_turn_and_both_draws_stand(world, office):
    office(1)
    office(1, code="b")
    first, second = world.ask("a"), world.ask("a")
    world.published("first")
    lost = next(one for one in (first, second) if world.request(one).state is RequestState.CARRIED_OVER)
    asked = world.request(lost).receipt
    with world.core.sessions.begin() as session:
        edited = go_to(world, session, session.merge(world.request(lost), load=True), "b")

    before = own_file(world, lost)
    line = world.published("second")
    after, request = own_file(world, lost), world.request(lost)

    assert (before.draw, before.asked) == ("first", asked)
    assert read_proof(before.log_proof.encode()).index == before.logged, "of the wish that was drawn, not of the newest"
    assert (after.draw, after.asked.hex(), after.link.draw) == ("second", edited.receipt, "first")
    assert (request.state, request.lost_draws) == (RequestState.DRAWN, 1)
    assert line["line.csv"]
