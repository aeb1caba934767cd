"""No verifier passes what another refuses: random forgeries, and those of the vectors, before all of them."""

import json

import pytest

from booking.scheduling.draws.archive import in_arabic
from booking.scheduling.draws.format2.tables import AUDIT, FOR_EVERYONE
from tests.standalone.differences import NODE, by_mawid, by_program, compared, page, published
from tests.standalone.make_vectors import FOLDER, patched
from tests.standalone.program import quick_pairings
from tests.support.effort import examples

FORGERIES = examples(100, nightly=300)
"""`benchmarks/verifiers.py` compares many more on purpose."""


@pytest.fixture(scope="module", autouse=True)
def _quick():
    with quick_pairings():
        yield


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    if NODE is None:
        yield None
        return
    with page(tmp_path_factory.mktemp("page")) as found:
        yield found


def test_no_verifier_passes_what_another_refuses(pages):
    publishers = published()

    found = [compared(publishers[number % 2], number, pages) for number in range(FORGERIES)]

    assert [line for lines, _ in found for line in lines] == []
    assert any(passed for _, passed in found)


def test_every_verifier_refuses_each_forgery_of_the_vectors_with_a_reason():
    honest = {path.name: path.read_bytes() for path in (FOLDER / "next").iterdir()}
    assert by_mawid(honest) is by_program(honest) is None
    for case in json.loads((FOLDER / "corruptions.json").read_bytes()):
        files = honest | {name: patched(honest[name], changes) for name, changes in case["patches"].items()}
        public = {name: files[name] for name in FOR_EVERYONE}
        assert by_program(files) == case["reason"], case["name"]
        assert by_program(public) == case["everyone"], case["name"]
        assert "«" not in in_arabic(by_mawid(files) or "it passes"), case["name"]
        assert (by_mawid(public) is None) is (case["everyone"] is None), case["name"]


def test_every_verifier_makes_the_same_of_each_value_for_an_audit(pages):
    for case in json.loads((FOLDER / "audits.json").read_bytes()):
        files = {name: (FOLDER / case["draw"] / name).read_bytes() for name in FOR_EVERYONE}
        files |= {AUDIT: case["audit"].encode()}
        assert by_program(files) == case["reason"], case["name"]
        reason = by_mawid(files)
        assert (reason is None) is (case["reason"] is None), case["name"]
        assert reason is None or "«" not in in_arabic(reason), case["name"]
        assert pages is None or (pages.reason(files) is None) is (reason is None), case["name"]
