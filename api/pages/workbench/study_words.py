"""How the words in a study's result are shown: decisions, what is known, groups, shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.charts.findings import FEW
from api.i18n import N_, Words

DECISIONS: Final[Mapping[str, str]] = {
    "accept": N_("accept"),
    "challenge": N_("a check"),
    "review": N_("a review"),
}
KNOWN: Final[Mapping[str, str]] = {
    "confirmed_fraud": N_("Places were resold"),
    "refused_by_officer": N_("Refused by an officer"),
    "served": N_("Came and was served"),
    "appeal_upheld": N_("Right in an appeal"),
    "cleared": N_("Accepted by an officer"),
    "no_show": N_("Did not come"),
    "cancelled": N_("Cancelled"),
    "lapsed": N_("Ended without an appointment"),
    "open": N_("Nothing is known yet"),
}
TRAITS: Final[Mapping[str, str]] = {
    "office": N_("Office"),
    "service": N_("Service"),
    "age_band": N_("Age"),
    "age": N_("Age"),
    "residence": N_("Residence"),
    "region": N_("Region"),
    "helper": N_("Helper"),
}
_VALUES: Final[Mapping[str, str]] = {
    "home": N_("In the country"),
    "abroad": N_("Abroad"),
    "helper": N_("Registered helper"),
    "no helper": N_("No helper"),
    "under 18": N_("Under 18"),
    "60 and over": N_("60 and over"),
    "unknown": N_("Not known"),
    "*": N_("Groups of fewer than five people, together"),
}
METRICS: Final[Mapping[str, str]] = {
    "roc_auc": N_("Order of the scores (ROC-AUC)"),
    "pr_auc": N_("Order among the highest scores (PR-AUC)"),
    "recall_at_1_percent": N_("Hoarders found while 1 per cent of honest people are troubled"),
    "recall_at_5_percent": N_("Hoarders found while 5 per cent of honest people are troubled"),
    "brier": N_("Distance from the truth (Brier, 0 is best)"),
}
LEVELS: Final[Mapping[str, str]] = {
    "too few": N_("too few requests to say"),
    "stable": N_("as before"),
    "watch": N_("watch"),
    "alarm": N_("train again"),
}
OUTCOMES: Final[Mapping[str, str]] = {"challenged": N_("checked"), "reviewed": N_("reviewed")}


@dataclass(frozen=True, slots=True)
class Say:
    """A reader's language, with the names of offices, services and regions by code."""

    words: Words
    names: Mapping[str, str]

    def __call__(self, sentence: str, **values: object) -> str:
        """Return a sentence of the catalogue, with its blanks filled."""
        return self.words.say(sentence, values)

    def of(self, table: Mapping[str, str], key: str) -> str:
        """Return the words of a key, or the key itself where the table has none."""
        return self.words.gettext(table[key]) if key in table else key

    def value(self, value: str) -> str:
        """Return the name of a group: an office, a service, an age."""
        return self.names.get(value) or self.words.digits(self.of(_VALUES, value))

    def group(self, group: str) -> str:
        """Return the name of a group that is written as "residence: abroad"."""
        trait, _, value = group.partition(": ")
        return f"{self.of(TRAITS, trait)}: {self.value(value)}"

    def share(self, share: float | None) -> str:
        """Write a share as a percentage with one decimal; a dash where it is not known."""
        return "–" if share is None else self.words.digits(f"{100 * share:.1f}%")

    def part(self, count: int, of: int) -> str:
        """Write a part of some people: counted where they are few, else as a percentage; a dash of nobody."""
        return self(N_("%(n)s of %(of)s"), n=count, of=of) if 0 < of < FEW else self.share(count / of if of else None)

    def interval(self, low: float, high: float) -> str:
        """Write an interval of shares."""
        return self(N_("%(low)s to %(high)s"), low=self.share(low), high=self.share(high))

    def number(self, value: float) -> str:
        """Write a number with at most three digits after the point."""
        return self.words.number(round(value, 3))
