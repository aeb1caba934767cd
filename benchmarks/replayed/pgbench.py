"""pgbench replays what the database saw while the code did something once, with fresh values each time.

No benchmark by itself: others load it. ``recorded`` notes statements, ``script`` writes them for pgbench, ``prepare``
stores the values of the repetitions, ``run`` repeats the script over so many connections.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import event

from booking.country.core.core import Core
from booking.platform.embedded.postgres import installed_programs

_ELEMENT = r'"(?:[^"\\]|\\.)*"|[^,]+'
Statements = list[tuple[str, Any]]


@contextmanager
def recorded(core: Core) -> Iterator[Statements]:
    """Note what goes to the database, with BEGIN, COMMIT and ROLLBACK."""
    statements: Statements = []
    engine = core.sessions.kw["bind"]

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        statements.extend((sql, one) for one in (parameters if many else [parameters]))

    listeners = {"before_cursor_execute": note} | {
        name: lambda _connection, name=name: statements.append((name, {})) for name in ("begin", "commit", "rollback")
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    yield statements
    for name, listener in listeners.items():
        event.remove(engine, name, listener)


def script(statements: Statements, known: Mapping[Any, str]) -> str:
    """Write statements as a script in which each known value is the variable that ``known`` names."""

    def written(value: Any) -> str:
        if isinstance(value, list) and value:
            return f"ARRAY[{', '.join(map(written, value))}]"
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):  # an array that was written out
            return f"ARRAY[{', '.join(element(one) for one in re.findall(_ELEMENT, value[1:-1]))}]::text"
        if isinstance(getattr(value, "obj", None), bytes):
            value = value.obj  # bytes come wrapped
        if isinstance(value, UUID | str | bytes | int) and value in known:
            return f":{known[value]}"
        return literal(value)

    texts = {f"\\x{one.hex()}" if isinstance(one, bytes) else str(one): name for one, name in known.items()}

    def element(text: str) -> str:
        bare = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
        return f":{texts[bare]}" if bare in texts else "NULL" if text == "NULL" else literal(bare)

    turn = "WITH turn AS MATERIALIZED (SELECT nextval('bench_turn') AS n)"
    lines = [f"{turn} SELECT {', '.join(known.values())} FROM turn JOIN bench_ask USING (n) \\gset"]  # noqa: S608
    for sql, parameters in statements:
        filled = re.sub(r"%\((\w+)\)s", lambda match, p=parameters: written(p[match[1]]), sql)
        lines.append(" ".join(filled.replace("%%", "%").split()) + ";")
    return "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    """Write a value as SQL in which pgbench sees no variable: a colon before a letter is written by its code."""
    text = psycopg.sql.Literal(value).as_string(None)
    quoted = re.fullmatch(r" ?(E?)'(.*)'((?:::\w+)?)", text, re.DOTALL)
    if quoted is None or not re.search(r":[A-Za-z_]", quoted[2]):
        return text
    body = quoted[2] if quoted[1] else quoted[2].replace("\\", "\\\\")
    return "U&'" + re.sub(r":(?=[A-Za-z_])", r"\\003A", body) + "'" + quoted[3]


def prepare(dsn: str, columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> None:
    """Store the values of the repetitions to come; ``columns`` names them with their types."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute("CREATE SEQUENCE bench_turn")
        connection.execute(f"CREATE TABLE bench_ask (n bigint PRIMARY KEY, {typed})")
        with connection.cursor().copy("COPY bench_ask FROM STDIN") as copy:
            for number, row in enumerate(rows, 1):
                copy.write_row((number, *row))
        connection.execute("ANALYZE")


def run(dsn: str, text: str, folder: Path, *, count: int, clients: int) -> tuple[float, list[float]]:
    """Run the script ``count`` times over ``clients`` connections; return transactions a second and latencies (s)."""
    program = next(path / "pgbench" for path in installed_programs() if (path / "pgbench").exists())
    (folder / "ask.sql").write_text(text)
    for old in folder.glob("log.*"):
        old.unlink()
    command = [str(program), "-n", "-M", "prepared", "-f", "ask.sql", "-c", str(clients), "-j", "2"]
    command += ["-t", str(count // clients), "-l", "--log-prefix", "log", dsn]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rate = float(re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)[1])
    logs = [line.split() for log in folder.glob("log.*") for line in log.read_text().splitlines()]
    return rate, [int(words[2]) / 1e6 for words in logs]
