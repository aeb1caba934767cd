"""What the migrations make, compared with the models, and what each of them must say."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import booking
from booking.operations.doctor.kept import GUARDS
from booking.platform.models import Base
from booking.platform.models.base import Word

BOOKING = Path(booking.__file__).parent
COLUMNS = """
    SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                     CASE WHEN a.attnotnull THEN 'NOT NULL' END, pg_get_expr(d.adbin, d.adrelid), a.attidentity::text,
                     col_description(c.oid, a.attnum), obj_description(c.oid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = CAST(:schema AS regnamespace)
"""
CONSTRAINTS = """
    SELECT concat_ws(' ', CAST(conrelid AS regclass), conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = CAST(:schema AS regnamespace) AND contype IN ('p', 'u', 'f', 'c', 'x')
"""
INDEXES = """
    SELECT replace(pg_get_indexdef(indexrelid), :schema || '.', '')
    FROM pg_index JOIN pg_class ON oid = indrelid WHERE relnamespace = CAST(:schema AS regnamespace)
"""
FUNCTIONS = """
    SELECT proname, prosrc FROM pg_proc p WHERE pronamespace = CAST('public' AS regnamespace)
    AND proname NOT LIKE 'procrastinate%' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
"""
TRIGGERS = """
    SELECT CAST(tgrelid AS regclass), pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal AND tgname NOT LIKE 'procrastinate%'
"""
NOT_OURS = re.compile(r"(CREATE (UNIQUE )?INDEX \w+ ON )?(procrastinate_|alembic_version)")
WORDS_CHECK = re.compile(r"(\w+) ck_(\w+)_word CHECK (.*)")
OTHER_WORDS = {
    "contact_channel.kind": {"sms"},  # the phone of the account is the way by SMS
    "outcome.kind": {"offered", "confirmed", "checked_in", "unserved"},  # not an end, or nobody's fault
    "quota_policy.state": {"shadow"},  # quotas cannot be tried beside others
    "review_case.decision": {"same_person", "ring", "approvals", "evidence", "linked"},  # the kinds that it depends on
}
UNCHECKED = {"appointment_places.pool", "incoming_message.command", "office.kind", "outcome_correction.kind"}


@pytest.fixture
def read(database_url):
    """Read the catalogue of the migrated database as sets of lines."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield lambda query: set(connection.execute(text(query), {"schema": "public"}).all())
    engine.dispose()


@pytest.fixture
def read_models(database_url):
    """Read the catalogue of the tables that the models themselves make, beside the migrated ones."""
    engine = create_engine(database_url, connect_args={"options": "-c search_path=models,public"})
    with engine.connect() as connection:
        connection.execute(text("CREATE SCHEMA models"))
        Base.metadata.create_all(connection, checkfirst=False)
        yield lambda query: set(connection.execute(text(query), {"schema": "models"}).all())
    engine.dispose()


def ours(lines):
    return {line for (line,) in lines if not NOT_OURS.match(line)}


def test_the_migrations_make_exactly_the_models(read, read_models):
    """Types, defaults and identities of columns, all kinds of constraints, indexes with their conditions, comments.

    CHECK constraints on words alone are not in the models: see the next test.
    """
    for query in (COLUMNS, CONSTRAINTS, INDEXES):
        made = {line for line in ours(read(query)) if not WORDS_CHECK.fullmatch(line)}
        modelled = {line for line in ours(read_models(query)) if not WORDS_CHECK.fullmatch(line)}
        assert (made - modelled, modelled - made) == (set(), set())


def test_every_enum_value_of_the_models_is_allowed_by_its_column(read):
    checks = {}
    for found in filter(None, map(WORDS_CHECK.fullmatch, ours(read(CONSTRAINTS)))):
        table, name, check = found.groups()
        checks[f"{table}.{name.removeprefix(f'{table}_')}"] = set(re.findall(r"'(\w+)'", check))
    words = {
        f"{table.name}.{column.name}": {word.value for word in column.type.enum}
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Word)
    }

    assert words.keys() - checks.keys() == UNCHECKED
    others = {column: words[column] ^ checks[column] for column in words.keys() & checks.keys()}
    assert {column: differing for column, differing in others.items() if differing} == OTHER_WORDS


def test_the_database_has_exactly_the_listed_guards(read):
    """A migration that adds or drops a trigger changes the list that `mawid doctor` knows as well."""
    made = [
        re.sub(r"CREATE (?:CONSTRAINT )?TRIGGER (.*) ON .*EXECUTE FUNCTION (.*)", rf"{table}: \1, \2", definition)
        for table, definition in read(TRIGGERS)
    ]

    assert sorted(made) == GUARDS.read_text(encoding="utf-8").splitlines()


def test_every_function_of_the_database_is_used(read):
    functions = dict(read(FUNCTIONS))
    code = "".join(file.read_text(encoding="utf-8") for file in BOOKING.rglob("*.py"))
    users = [*functions.values(), *(definition for _, definition in read(TRIGGERS)), code]

    assert [name for name in functions if not any(re.search(rf"\b{name}\b", user) for user in users)] == []


@pytest.mark.parametrize("file", sorted((BOOKING / "migrations" / "versions").glob("*.py")), ids=lambda file: file.stem)
def test_a_migration_has_its_files_name_and_says_if_old_code_can_run(file):
    body = ast.parse(file.read_text(encoding="utf-8")).body
    values = {}
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            reason = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            values[statement.targets[0].id] = (statement.value.value, reason)

    assert values["revision"][0] == file.stem
    assert len(file.stem) <= 32  # as much as the database keeps
    assert values["old_code_can_run"] in {(True, True), (False, True)}
