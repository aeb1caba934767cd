"""A copy of the whole log shows what no proof can: a second statement, a draw given up, a receipt that is not there."""

import json
from dataclasses import replace

import pytest

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.archive import WrongError
from booking.scheduling.draws.format2.everyone import read_published
from booking.scheduling.draws.format2.log_copy import LogCopy
from booking.scheduling.draws.format2.observers import read_opened
from booking.scheduling.draws.format2.tables import STATEMENT
from booking.scheduling.draws.format2.trust import Trust
from booking.scheduling.draws.format2.whole_log import log_checks
from booking.scheduling.draws.verification import verify_files
from booking.transparency.log.checkpoints import BUNDLE, bundle_path, write_bundle
from tests.booking.scheduling.draws.format2.verdicts import failures, for_everyone
from tests.support.draw_files import invented_draw
from tests.support.own_log import OwnLog


@pytest.fixture
def kept(tmp_path):
    def keep(entries):
        for first in range(0, len(entries), BUNDLE):
            part = entries[first : first + BUNDLE]
            path = tmp_path / "mirror" / bundle_path(first // BUNDLE, len(part))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(write_bundle(part))
        return Trust(mirror=tmp_path)

    return keep


def test_a_copy_of_a_log_of_several_bundles_agrees(kept):
    drawn = invented_draw(260, days=1)
    report = verify_files(drawn.files, trust=kept(drawn.log.entries))

    assert report.ok, report.words()
    assert "one announcement, one statement and one result" in report.words()
    assert "the receipt of each of" in report.words()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"solver_seconds": 2}, "there is another statement of this draw"),
        (
            {"type": "abandoned", "reason": "no", "at": "2026-11-02T00:00:00+00:00"},
            "the draw was abandoned: no",
        ),
        ({"type": "nonsense"}, "unknown type"),
    ],
)
def test_another_entry_about_the_draw_is_found(drawn, kept, more, words):
    told = json.loads(drawn.files[STATEMENT])
    kept_keys = {"reference"} if "type" in more else told.keys()
    entry = canonical({name: told[name] for name in kept_keys} | more)

    (found,) = failures(for_everyone(drawn), trust=kept([*drawn.log.entries, entry]))

    assert words in found


def test_a_draw_that_was_given_up_after_its_closing_is_named(kept):
    earlier = invented_draw(6, days=1)
    told = json.loads(earlier.files[STATEMENT])
    given_up = {"at": told["closed_at"], "reason": "a power cut", "reference": told["reference"], "type": "abandoned"}
    earlier.log.add(canonical(given_up), earlier.log.at[-1])
    drawn = invented_draw(6, seed=2, days=1, before=earlier)

    report = verify_files(drawn.files, trust=kept(drawn.log.entries))

    assert report.ok, report.words()
    assert f"ask why: {told['reference']} (a power cut)" in report.words()


def test_a_copy_that_is_short_or_other_is_refused(drawn, kept):
    for entries, words in (
        (drawn.log.entries[:20], "has 20 entries"),
        ([b"{}", *drawn.log.entries[1:]], "two faces"),
        ([], "has 0 entries"),
    ):
        trust = kept(entries) if entries else Trust(mirror=kept(drawn.log.entries).mirror / "nothing")

        assert words in failures(for_everyone(drawn), trust=trust)[0]
        for path in trust.mirror.rglob("*.p/*"):
            path.unlink()


def test_a_checkpoint_from_outside_must_be_of_the_same_log(drawn, kept):
    known = kept(drawn.log.entries)
    other = OwnLog(0)
    other.entries = [b"{}"] * 9
    for log, words in (
        (drawn.log, []),
        (other, ["the copy of the log has another root"]),
    ):
        outside = str(log.note(9, drawn.log.at[0])).encode()
        found = failures(for_everyone(drawn), trust=replace(known, checkpoint=outside))

        assert [one[: len(words[0])] for one in found] == words


def test_a_receipt_that_was_replaced_is_told_and_never_drawn(drawn, later, kept):
    trust, log = kept(later.log.entries), later.log.entries
    told = [json.loads(entry) for entry in log if b'"type":"replaced"' in entry]
    asked = {row.asked().hex(): leaf for leaf, row in enumerate(drawn.closed.entrants)}
    old = next(one for one in told if one["receipt"] in asked)
    words = f"replaced on {old['at']} by {old['by']}"

    assert "2 receipts were replaced before the closing" in verify_files(later.files, trust=trust).words()
    for receipt in (bytes.fromhex(old["receipt"]), drawn.own_receipt(asked[old["receipt"]])):
        assert words in failures(later.files, trust=trust, receipt=receipt)[0]
        assert words in failures(for_everyone(later), trust=trust, receipt=receipt)[0]
    own = drawn.own_receipt(asked[old["receipt"]])
    assert f"{words}, after this draw was closed" in verify_files(drawn.files, trust=trust, receipt=own).words()


def test_a_replacement_that_cannot_be_is_found_though_the_log_says_so(later, kept):
    log = later.log.entries
    number, _ = sorted(n for n, entry in enumerate(log) if b'"type":"replaced"' in entry)[-2:]
    one, other = (json.loads(log[n]) for n in (number, number + 2))
    carried = next(row for row in later.closed.entrants if row.logged < number and row.link)

    def instead(**changed):
        entries = list(log)
        entries[number + 2] = canonical(other | changed)
        return LogCopy(kept(entries).mirror)

    for changed in ({"by": one["by"]}, {"receipt": one["receipt"]}):
        with pytest.raises(WrongError, match="two successors"):
            instead(**changed).replaced  # noqa: B018 - read for what it raises
    with pytest.raises(WrongError, match="does not stand before"):
        instead(receipt="00" * 32).replaced  # noqa: B018 - the same
    draw = read_published(later.files)
    *_, last = log_checks(draw.standing, read_opened(draw), instead(receipt=carried.asked().hex()), None)
    with pytest.raises(WrongError, match="its receipt was replaced before the closing"):
        last()
