"""Witnesses bring parts over HTTP; strangers can bring nothing else."""

from booking.transparency.beacons import choose
from tests.booking.transparency.beacons.test_values import STATEMENT
from tests.booking.transparency.beacons.test_witnesses import part, watched

__all__ = ["watched"]


def test_a_part_is_kept_once_and_a_strangers_is_not(watched, client):
    def bring(body, kind=None):
        headers = {"content-type": kind} if kind else {}  # none, as `mawid witness watch` brings it
        return client.post("/log/parts", content=body, headers=headers).status_code

    assert bring(part(1).content) == 404
    choose.fetch(watched, choose.terms(watched, watched.clock.now()), STATEMENT, reference="D")

    lie = part(1).content.replace(b'"index":1', b'"index":2')
    assert [bring(part(1).content), bring(part(1).content, "application/json"), bring(lie)] == [204, 204, 422]
    assert [bring(one) for one in (b"", b"{}\n", b"[" * 900, b'{"a":NaN}\n')] == [422] * 4
    assert (bring(b" " * 2000), bring(part(1).content, "text/plain")) == (413, 415)
