"""Rows of quotas, and what differs between two tables of them, in the reader's words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from api.i18n import N_, Words
from booking.country.policy.quota_table import ORDER, Level, Quota, Scope, Unit
from booking.platform.models import Office
from booking.platform.models.states import Pool
from booking.scheduling.quotas.drafts import RowChange, as_typed

POOLS: Final[Mapping[Pool, str]] = {
    Pool.DRAW: N_("Draw"),
    Pool.URGENT: N_("Urgent"),
    Pool.INSTANT: N_("Instant"),
    Pool.WALK_IN: N_("Walk-in"),
    Pool.ACCESSIBLE: N_("Accessible"),
}
KINDS: Final[Mapping[str, str]] = {"branch": N_("Branches"), "consulate": N_("Consulates")}

_NEW: Final = N_("%(where)s: a row of its own, %(after)s.")
_GONE: Final = N_("%(where)s: inherits again; its row was %(before)s.")
_CHANGED: Final = N_("%(where)s: %(changes)s.")
_INSTEAD: Final = N_("%(pool)s %(after)s instead of %(before)s")
_OTHER: Final = N_("%(where)s: %(after)s instead of %(before)s.")


class Places:
    """Names of kinds, regions and offices in the reader's language."""

    def __init__(self, offices: Iterable[Office], words: Words) -> None:
        self.words = words
        self._names: dict[tuple[Level, str], str] = {
            (Level.KIND, code): words.gettext(name) for code, name in KINDS.items()
        }
        for office in offices:
            self._names[Level.REGION, office.region_code] = words.pick(office.region_ar, office.region_en)
            self._names[Level.OFFICE, office.code] = words.name(office)

    def name(self, scope: Scope) -> str:
        """Return whose row it is; an office that is closed for good keeps its code."""
        return self._names.get((scope.level, scope.code), scope.code)

    def when(self, scope: Scope) -> str:
        """Return the days on which it holds."""
        return self.words.gettext("every day") if scope.weekday is None else self.words.weekday(scope.weekday)

    def full(self, scope: Scope) -> str:
        """Return its name with its days."""
        return self.words.listed([self.name(scope), self.when(scope)])


def pool_name(pool: Pool, words: Words) -> str:
    """Return the name of a pool."""
    return words.gettext(POOLS[pool])


def value_words(quota: Quota, pool: Pool, words: Words) -> str:
    """Return words for one value of a row: 70%, 12 places, or the rest of the day."""
    typed = words.digits(as_typed(quota)[pool.value])
    if quota.unit is Unit.SHARES:
        return f"{typed}%"
    return words.gettext("the rest") if pool is Pool.DRAW else typed


def quota_words(quota: Quota, words: Words) -> str:
    """Return words for a whole row."""
    told = [f"{pool_name(pool, words)} {value_words(quota, pool, words)}" for pool in ORDER]
    if quota.unit is Unit.PLACES:
        told = [words.gettext("places a day"), *told]
    return words.listed(told)


def change_sentences(changes: Sequence[RowChange], places: Places) -> list[str]:
    """Return what differs, a sentence a row."""
    return [_sentence(change, places) for change in changes]


def _sentence(change: RowChange, places: Places) -> str:
    words, before, after = places.words, change.before, change.after
    values = {"where": places.full(change.scope)}
    if before is None or after is None:
        quota = after or before
        assert quota is not None  # noqa: S101 - a change has at least one side
        told = quota_words(quota, words)
        return words.say(_GONE if after is None else _NEW, values | {"before": told, "after": told})
    if before.unit is not after.unit:
        return words.say(_OTHER, values | {"before": quota_words(before, words), "after": quota_words(after, words)})
    moved = [
        words.say(
            _INSTEAD,
            {
                "pool": pool_name(pool, words),
                "before": value_words(before, pool, words),
                "after": value_words(after, pool, words),
            },
        )
        for pool in ORDER
        if before.of(pool) != after.of(pool)
    ]
    return words.say(_CHANGED, values | {"changes": words.listed(moved)})
