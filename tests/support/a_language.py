"""A language that nobody speaks, in a folder of one's own."""

from collections.abc import Mapping
from pathlib import Path

HEAD = """own_name = "Nawatî"
direction = "ltr"
locale = "en"
plurals = "nplurals=2; plural=(n != 1);"
"""
_PO_HEAD = r"""msgid ""
msgstr ""
"Language: {code}\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


def write_language(folder: Path, code: str, head: str, sentences: Mapping[str, str] | None = None) -> Path:
    """Write a language's folder into a folder of languages, and return that one."""
    (folder / code).mkdir()
    (folder / code / "language.toml").write_text(head, encoding="utf-8")
    entries = "".join(f'\nmsgid "{english}"\nmsgstr "{said}"\n' for english, said in (sentences or {}).items())
    (folder / code / "some.po").write_text(_PO_HEAD.format(code=code) + entries, encoding="utf-8")
    return folder
