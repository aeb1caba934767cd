"""Is this the same person? Names in Arabic and Latin letters, candidates by shared keys, odds learned from the data.

`link` finds the pairs in a frame of people, `link_one` compares one person with candidates, `people` draws a synthetic
population; `PEOPLE` says what is compared. See docs/linkage.md.
"""

from fraud.linkage.link import REVIEWED_FROM, link, link_one
from fraud.linkage.samples import people
from fraud.linkage.schema import PEOPLE, Field, Kind, Schema
from fraud.linkage.words import normal_name, split_name

__all__ = [
    "PEOPLE",
    "REVIEWED_FROM",
    "Field",
    "Kind",
    "Schema",
    "link",
    "link_one",
    "normal_name",
    "people",
    "split_name",
]
