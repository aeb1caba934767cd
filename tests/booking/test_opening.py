"""What keeps pages and workers from beginning on a database that is not theirs, or not whole."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from booking.country.core.schema import SchemaError
from booking.opening import require_own_country


def test_pages_and_workers_begin_on_a_database_of_their_country_or_an_empty_one(core, country):
    require_own_country(core)
    require_own_country(country)


def test_a_database_of_another_country_is_refused(country):
    with country.sessions.begin() as session:
        session.execute(text("UPDATE office SET code = 'x-' || code"))

    with pytest.raises(SchemaError, match="no office of the database is one of the country syria: set MAWID_COUNTRY"):
        require_own_country(country)


def test_a_folder_in_which_a_restore_broke_off_is_refused(core, tmp_path):
    (tmp_path / ".restoring").touch()
    half = replace(core, settings=core.settings.model_copy(update={"evidence_dir": tmp_path}))

    with pytest.raises(SchemaError, match="holds half of a backup: a restore broke off"):
        require_own_country(half)
