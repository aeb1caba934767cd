"""What leaves for analysts is about nobody: every column is walked, and no name or number is in any byte."""

import io
import re
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import LargeBinary, String, Uuid, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from booking.country.core.register import open_national_number, open_phone
from booking.country.export.frames import frames
from booking.country.export.reidentify import reidentify
from booking.country.export.tables import TABLES, TOKENS, How, Pseudonyms
from booking.country.figures.measures import MEASURES
from booking.country.figures.read_only import TooMuchAskedError
from booking.country.figures.wanted import Wanted
from booking.entrypoints.commands.export import write_all
from booking.platform.base.errors import FieldError, ForbiddenError, InvalidInputError, NotFoundError
from booking.platform.models import Account, AuditEntry, Base, HouseholdMember, Person, Request
from booking.platform.models.base import Word
from booking.platform.models.states import Role
from tests.booking.country.figures.conftest import ASKED
from tests.support.country import START, a_colleague

PERIOD = Wanted(START.date(), START.date() + timedelta(days=2))
PLAIN_TEXT = {
    "office": {"code", "name_ar", "name_en", "region_code", "time_zone"},
    "service": {"code", "exclusive_group", "name_ar", "name_en", "audience"},
    "holiday": {"name_en"},
    "request": {"bands", "reason_code"},
    "request_errand": {"reason_code"},
    "verdict": {"decision"},
    "label": {"source"},
    "draw": {"reference"},
    "urgent_request": {"reason_code", "level"},
    "urgent_decision": {"reason_code"},
    "slot": {"band"},
    "rule_set_version": {"source"},
    "gate_measure": {"name", "subject"},
}
"""Texts that leave as they are: of the catalogue, of policies, or one of few words. Think before adding one."""
AS_JSON = {"verdict": {"versions"}, "draw": {"figures"}, "quota_policy": {"shares", "limits"}}


def test_every_exported_column_is_listed_as_impersonal():
    for table in TABLES:
        stored = Base.metadata.tables[table.source].columns
        for name, how in table.columns:
            kind = stored[name].type
            where = (table.source, name)
            if isinstance(kind, Uuid | LargeBinary):
                assert how in TOKENS | {How.CASE, How.GIVEN}, where
            elif isinstance(kind, JSONB):
                assert how in {How.FACTS, How.CODES} or name in AS_JSON.get(table.source, set()), where
            elif isinstance(kind, ARRAY) or name == "birth_date":
                assert how is How.AGE, where
            elif isinstance(kind, String) and not isinstance(kind, Word):
                assert name in PLAIN_TEXT.get(table.source, set()), where
            elif not isinstance(kind, Word):
                assert how in {How.PLAIN, How.MINUTE}, where


@pytest.fixture(scope="module")
def analyst(world):
    account = a_colleague(world, Role.ANALYST)
    with world.sessions() as session:
        return account, session.get_one(Account, account).username


def secrets_of(core):
    """Every name, number, phone, user name and reference in the database."""
    with core.sessions() as session:
        found = set(session.scalars(select(HouseholdMember.name))) | set(session.scalars(select(Request.reference)))
        for account in session.scalars(select(Account)):
            found |= {account.username, open_phone(core.vault, account), open_phone(core.vault, account)[4:]}
            found |= {str(account.id), account.phone_hash.hex()}
        for person in session.scalars(select(Person)):
            found |= {open_national_number(core.vault, person), person.birth_date.isoformat(), str(person.id)}
        found |= {str(one) for one in session.scalars(select(Request.id))}
    return found


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_no_export_contains_personal_data(world, analyst, tmp_path, ending):
    _, name = analyst
    count = write_all(world, tmp_path, wanted=PERIOD, by=name, ending=ending, seconds=20, most=100_000)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert count == len(files) == len(TABLES) + len(MEASURES)
    planted = secrets_of(world)
    assert len(planted) > ASKED * 5
    for path in files:
        content = path.read_bytes()
        text = content.decode() if ending == "csv" else pd.read_parquet(io.BytesIO(content)).to_csv()
        assert [one for one in planted if one in text] == [], path.name
    with world.sessions() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (last.action, last.actor, last.details["format"]) == ("data.exported", name, ending)


def test_tables_fit_together_by_their_pseudonyms(world):
    found = frames(world, PERIOD, names=["requests", "choices", "parties", "people", "draw_entries", "verdicts"])
    requests = found["requests"].set_index("case")
    assert len(requests) == requests.index.nunique() == ASKED
    assert requests["account_id"].nunique() == ASKED
    for name in ("choices", "parties", "draw_entries", "verdicts"):
        assert set(found[name]["case"]) == set(requests.index), name
    assert set(found["parties"]["person_id"]) <= set(found["people"]["id"])
    assert set(found["people"]["age_band"]) == {"30-44"}
    assert set(found["verdicts"]["party_size"]) == {1}
    assert (requests["created_at"].dt.second == 0).all()
    assert frames(world, Wanted(PERIOD.last, PERIOD.last), names=["requests", "choices"])["choices"].empty


def test_an_export_has_limits_and_is_for_analysts(world, analyst, tmp_path):
    with world.sessions() as session:
        before = session.scalar(select(func.count()).select_from(AuditEntry))
    with pytest.raises(TooMuchAskedError):
        write_all(world, tmp_path / "no", by=analyst[1], wanted=PERIOD, ending="csv", seconds=20, most=ASKED - 1)
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == before
    clerk = a_colleague(world, Role.OFFICER, office="damascus")
    with world.sessions() as session:
        name = session.get_one(Account, clerk).username
    options = {"wanted": PERIOD, "ending": "csv", "seconds": 20, "most": 1000}
    for who, error in ((name, ForbiddenError), ("nobody-at-all", NotFoundError)):
        with pytest.raises(error):
            write_all(world, tmp_path / "no", by=who, **options)
    assert not (tmp_path / "no").exists()


def test_an_administrator_resolves_a_case_code_with_a_logged_reason(world, analyst):
    case = frames(world, PERIOD, names=["requests"])["requests"]["case"].iloc[0]
    assert re.fullmatch("[A-Z2-7]{26}", case)
    administrator = a_colleague(world, Role.ADMINISTRATOR)
    found = reidentify(world, by=administrator, case=f" {case.lower()} ", reason="their place was sold on")
    with world.sessions() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        request = session.scalars(select(Request).where(Request.reference == found.reference)).one()
    assert Pseudonyms(world.vault).codes([request.id]) == [case]
    assert found.people == ("أمل الخيالية",)
    assert (entry.action, entry.subject) == ("case.reidentified", found.reference)
    assert entry.details["reason"] == "their place was sold on"
    with pytest.raises(ForbiddenError):
        reidentify(world, by=analyst[0], case=case, reason="I would like to know")
    for wrong in ({"case": "A" * 26}, {"case": "abc"}, {"case": "!" * 26}, {"reason": ""}, {"reason": "because"}):
        with pytest.raises(InvalidInputError):
            reidentify(world, by=administrator, **{"case": case, "reason": "a good long reason"} | wrong)
    with pytest.raises(FieldError):
        Pseudonyms(world.vault).request_of("é" * 26)
    with world.sessions() as session:
        assert session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence.desc()).limit(1)).one() == (
            entry.sequence
        ), "what is refused shows nothing, so there is nothing to record"
