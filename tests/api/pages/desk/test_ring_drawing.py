"""A ring's drawing: everything inside the square, nothing on top of anything else, letters of the reader's language."""

import itertools

import pytest

from api.i18n import Words, load_words
from api.pages.desk.funnel_drawing import SIZE, draw_ring
from booking.antifraud.linking.rings import MOST_IDENTIFIERS, MOST_NODES
from booking.platform.base.settings import Digits, Settings


@pytest.fixture
def words() -> dict[str, Words]:
    return load_words(Settings(_env_file=None, digits=Digits.ARABIC))


def ring(accounts: int, identifiers: int) -> dict:
    """Each account shares two identifiers with others."""
    links = {(account, (account + step) % identifiers) for account in range(accounts) for step in (0, 1)}
    return {
        "bookings": [1] * accounts,
        "identifiers": [
            {"kind": ("device", "phone")[n % 2], "hash": "0" * 8, "accounts": 2} for n in range(identifiers)
        ],
        "links": [[account, identifier, account + 1] for account, identifier in sorted(links)],
    }


@pytest.mark.parametrize(
    ("accounts", "identifiers"), [(8, 1), (9, 2), (20, 9), (MOST_NODES - MOST_IDENTIFIERS, MOST_IDENTIFIERS), (39, 1)]
)
def test_no_two_nodes_overlap(words, accounts, identifiers):
    drawing = draw_ring(ring(accounts, identifiers), words["en"])

    nodes = [*drawing.accounts, *drawing.identifiers]
    assert (len(drawing.accounts), len(drawing.identifiers)) == (accounts, identifiers)
    assert all(20 <= value <= SIZE - 20 for node in nodes for value in (node.x, node.y))
    for one, other in itertools.combinations(nodes, 2):
        assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > 24**2


def test_each_line_joins_an_account_with_an_identifier(words):
    shown = ring(9, 2)

    drawing = draw_ring(shown, words["en"])

    assert [(edge.start.label, edge.end.label) for edge in drawing.edges] == [
        (str(account + 1), "AB"[identifier]) for account, identifier, _ in shown["links"]
    ]
    widths = [edge.width for edge in drawing.edges]
    assert widths == sorted(widths)
    assert widths[-1] == 5


def test_labels_are_in_the_readers_language(words):
    drawing = draw_ring(ring(12, MOST_IDENTIFIERS), words["ar"])

    assert drawing.accounts[11].label == "١٢"
    assert [one.label for one in drawing.identifiers][:3] == ["أ", "ب", "ج"]
    assert len({one.label for one in drawing.identifiers}) == MOST_IDENTIFIERS


def test_accounts_are_drawn_by_their_role_and_without_one_where_none_is_known(words):
    shown = ring(9, 2)
    assert {node.role for node in draw_ring(shown, words["en"]).accounts} == {""}

    drawing = draw_ring(shown | {"roles": ["organiser", *["tool"] * 7, "client"]}, words["en"])

    assert [node.role for node in drawing.accounts] == ["organiser", *["tool"] * 7, "client"]
    assert {node.role for node in drawing.identifiers} == {""}
