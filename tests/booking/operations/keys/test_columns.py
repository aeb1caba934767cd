"""No column of bytes is forgotten when the secret is replaced."""

from sqlalchemy import LargeBinary

from booking.operations.keys.seal_anew import LASTING, ONCE, SEALED, WITHOUT_KEY
from booking.platform.models.base import Base


def test_every_column_of_bytes_says_what_a_new_secret_means_for_it():
    said = [(one.table, one.column.key) for one in SEALED]
    for listed in (LASTING, ONCE, WITHOUT_KEY):
        said += [(table, name) for table, names in listed.items() for name in names.split()]
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]

    assert sorted(said) == sorted(
        (column.table.name, column.name) for column in columns if isinstance(column.type, LargeBinary)
    )
