"""The life of a draw on real rows."""



from booking.drawing.verification import verify_files
from booking.states import Pool, RequestState


def test_a_published_draw_verifies(world):
    world.office("a")
    world.slots("a", world.first_day, {Pool.DRAW: [1, 1, 1, 1]})
    asked = [world.ask("a") for _ in range(3)] + [world.ask("a", party=2)]

    report = verify_files(world.published())

    assert report.ok, report.words()
    states = [world.request(reference).state for reference in asked]
    assert states.count(RequestState.DRAWN) >= 3
