"""What must be right on any page: tags that close, headings in order, ids that are there once, labels."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Outline(HTMLParser):
    """A page's tags, headings, ids, links inside it, labels and inputs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [found["id"]] if "id" in found else []
        self.anchors += [found["href"][1:]] if found.get("href", "").startswith("#") else []
        self.labelled |= {found["for"]} if "for" in found else set()
        self.inputs += [found["id"]] if tag == "input" and found.get("type") != "hidden" else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check_outline(page: str) -> None:
    outline = Outline(page)
    assert outline.open == []
    assert outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert outline.headings[0] == 1
    assert all(following <= level + 1 for level, following in steps)
    assert len(set(outline.ids)) == len(outline.ids)
    assert set(outline.anchors) <= set(outline.ids)
    assert set(outline.inputs) <= outline.labelled
