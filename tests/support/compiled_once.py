"""What most tests would do again is done once a process: statements, the server that is met, the gate's policy.

Templates are compiled, and PostgreSQL's data are made, once for all processes of a run.
"""

import shutil
import tomllib
from collections import OrderedDict
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.util import LRUCache

from api.i18n import Words
from api.pages.shared import rendering
from booking.country.core import policies
from booking.country.packs import reading
from booking.country.packs.reading import KeyPath
from booking.platform.base import db
from booking.platform.embedded import EmbeddedPostgres
from fraud.scoring.artifact import Artifact

STATEMENTS = 5_000
POLICIES = 8
FILES, ENTRIES = 200, 2_000
make_data_anew = EmbeddedPostgres._make_data
_engines: list[Engine] = []
"""The engine whose dialect all share; SQLAlchemy finds a compiled statement by the dialect that compiled it."""


def share_compiled_statements() -> None:
    """Let every engine that `booking.platform.base.db` makes find what others compiled."""
    db.create_engine = _sharing


def share_parsed_policies() -> None:
    """Let every core find the rules and models that others have read: they never change."""
    policies.parse_rules = lru_cache(POLICIES)(policies.parse_rules)
    policies.Artifact = _ReadOnce


def share_parsed_files() -> None:
    """Let every reader of a country pack find the values of files that others parsed, and what is valid among them.

    Nobody changes either. What is wrong is looked at each time.
    """
    reading.tomllib = SimpleNamespace(loads=lru_cache(FILES)(tomllib.loads), TOMLDecodeError=tomllib.TOMLDecodeError)
    check, valid = reading.Reader.entry, OrderedDict[object, Any]()

    def entry(
        reader: reading.Reader, source: reading.Source, model: Any, path: KeyPath = (), *, defaults: Any = None
    ) -> reading.Placed[Any] | None:
        key = model, source.text, path, repr(defaults)
        if key in valid:
            return reading.Placed(valid[key], source, path)
        placed = check(reader, source, model, path, defaults=defaults)
        if placed is not None:
            valid[key] = placed.spec
            if len(valid) > ENTRIES:
                valid.popitem(last=False)
        return placed

    reading.Reader.entry = entry


def share_among_workers(folder: Path) -> None:
    """Let the workers of a run share, in a folder of theirs alone, what any of them made."""
    share_compiled_templates(folder / "templates")
    share_made_data(folder / "data")


def share_compiled_templates(folder: Path) -> None:
    """Let every process that renders pages find in a folder what others compiled: of the same text and sentences."""
    folder.mkdir(exist_ok=True)
    make = rendering._environment

    @cache
    def with_folder(words: Words, languages: tuple[tuple[str, str], ...]) -> Environment:
        environment = make(words, languages)
        sentences = sha256(repr([vars(one).get("_catalog") for one in words.catalogues]).encode()).hexdigest()
        environment.bytecode_cache = FileSystemBytecodeCache(str(folder), f"{words.language.code}-{sentences}-%s")
        return environment

    rendering._environment = with_folder


def share_made_data(folder: Path) -> None:
    """Let every server of its own that a test starts begin with a copy of the data that the first one made.

    Making them takes PostgreSQL more than a second. Whoever tests that itself has `make_data_anew`.
    """
    folder.mkdir(exist_ok=True)

    def copied(server: EmbeddedPostgres) -> None:
        kept = folder / sha256(str(server._programs()).encode()).hexdigest()
        if kept.exists():
            shutil.copytree(kept, server.data)
            return
        make_data_anew(server)
        own = Path(mkdtemp(dir=folder)) / "data"
        shutil.copytree(server.data, own)
        with suppress(OSError):  # another process was first
            own.rename(kept)

    EmbeddedPostgres._make_data = copied


class _ReadOnce:
    """Artifacts as cores read them; whoever tests artifacts themselves has the real ones."""

    from_bytes = staticmethod(lru_cache(POLICIES)(Artifact.from_bytes))


def _sharing(*args: Any, **options: Any) -> Engine:
    engine = create_engine(*args, **options)
    if _engines and _engines[0].dialect.server_version_info:  # it has met the server
        engine.dialect.initialize = _know_already
        engine.dialect = _engines[0].dialect
        engine._compiled_cache = _engines[0]._compiled_cache
    else:
        engine._compiled_cache = LRUCache(STATEMENTS)
        _engines[:] = [engine]
    return engine


def _know_already(_: Connection) -> None:
    """Ask the server nothing at an engine's first connection: the dialect that all share has asked."""
