"""Find a case, locked for a change, with someone who may change it; and read what it holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, bindparam, exists, select
from sqlalchemy.orm import Session, lazyload, selectinload

from booking.country.core.core import Core
from booking.country.core.known_rows import row_version
from booking.country.core.security import Origin
from booking.country.core.together import answer_of
from booking.country.packs.answers import Answer
from booking.country.packs.service import DocumentSpec, ServiceSpec
from booking.people.evidence.accept import Page, Place, accept
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.arrays import any_named
from booking.platform.base.errors import NotFoundError
from booking.platform.base.vault import Vault
from booking.platform.models import EndedClaim, HouseholdMember, IssuedResult, OnlineCase, OnlinePaper, Service
from booking.platform.models.online.case import IN_OWN_HANDS, OnlineState

_NO_SUBJECT: Final = b""


def locked_case(session: Session, reference: str) -> OnlineCase:
    """Return a case, locked; raises NotFoundError."""
    case = session.scalar(select(OnlineCase).where(OnlineCase.reference == reference).with_for_update(of=OnlineCase))
    if case is None:
        raise NotFoundError
    return case


def own_case(session: Session, account_id: UUID, reference: str, *, lock: bool = True) -> OnlineCase:
    """Return a case of one's own, locked where it will be changed; raises NotFoundError."""
    case: OnlineCase | None = session.scalar(
        _OWN_LOCKED if lock else _OWN, {"account_id": account_id, "reference": reference}
    )
    if case is None:
        raise NotFoundError
    return case


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case of one's own with the file that decides it.

    ``person`` is called as the account named them, "" where they left the household since. The case's ``service`` is
    not read: its file is here.
    """

    case: OnlineCase
    person: str
    spec: ServiceSpec


def own_case_and_file(session: Session, core: Core, account_id: UUID, reference: str) -> OwnCase:
    """Return a case of one's own, locked, by one statement.

    Raises
    ------
    NotFoundError
        The account has no such case.
    """
    found = session.execute(_OWN_AND_FILE, {"account_id": account_id, "reference": reference}).one_or_none()
    return _with_file(session, core, found)


class OneCase(NamedTuple):
    """A case that somebody looks for who may be its owner."""

    core: Core
    account_id: UUID
    reference: str


def own_cases_and_files(
    session: Session, wanted: Sequence[OneCase], *, papers: bool = False
) -> list[OwnCase | Exception]:
    """Return for each of several people of one core what `own_case_and_file` does, read together and not locked.

    ``papers`` is whether their papers are read, too.
    """
    rows = session.execute(_OF_MANY[papers], {"references": list({one.reference for one in wanted})})
    found = {(row[0].account_id, row[0].reference): row for row in rows}
    return [
        answer_of(partial(_with_file, session, one.core, found.get((one.account_id, one.reference)))) for one in wanted
    ]


def _with_file(session: Session, core: Core, found: Sequence[Any] | None) -> OwnCase:
    if found is None:
        raise NotFoundError
    case, person, version = found
    if case.spec:
        return OwnCase(case, person or "", ServiceSpec.from_stored(case.spec))
    return OwnCase(case, person or "", core.known_services.files.of(session, case.service_id, version))


_NAME: Final = (
    select(HouseholdMember.name)
    .where(HouseholdMember.account_id == OnlineCase.account_id, HouseholdMember.person_id == OnlineCase.person_id)
    .scalar_subquery()
)
_WITH_FILE: Final = select(OnlineCase, _NAME, row_version(Service)).join(Service, Service.id == OnlineCase.service_id)


_MINE: Final = OnlineCase.reference == bindparam("reference"), OnlineCase.account_id == bindparam("account_id")
_OWN: Final = select(OnlineCase).where(*_MINE).options(lazyload(OnlineCase.service))
_OWN_LOCKED: Final = _OWN.with_for_update(of=OnlineCase)
_OWN_AND_FILE: Final = _WITH_FILE.where(*_MINE).options(lazyload(OnlineCase.service)).with_for_update(of=OnlineCase)
"""Built once, as that takes longer than to run them."""
_MANY: Final = _WITH_FILE.where(OnlineCase.reference == any_named("references", String)).options(
    lazyload(OnlineCase.service)
)
_OF_MANY: Final = {False: _MANY, True: _MANY.options(selectinload(OnlineCase.papers))}


def acts_no_more() -> ColumnElement[bool]:
    """Return the condition that the account of a case stopped acting for its person because somebody proved better.

    Who took the person out of their own household is none of these, and neither is who proved it anew since.
    """
    of_both = OnlineCase.account_id, OnlineCase.person_id
    ended = exists().where(EndedClaim.account_id == of_both[0], EndedClaim.person_id == of_both[1])
    acts = exists().where(HouseholdMember.account_id == of_both[0], HouseholdMember.person_id == of_both[1])
    return and_(ended.correlate(OnlineCase), ~acts.correlate(OnlineCase))


def result_for_owner(session: Session, case: OnlineCase) -> IssuedResult | None:
    """Return the result of a case as its account may have it: none once it acts for the person no more."""
    if case.state is OnlineState.DRAFT:
        return None  # it was never sent
    return session.scalar(
        select(IssuedResult)
        .join(OnlineCase, OnlineCase.id == IssuedResult.case_id)
        .where(IssuedResult.case_id == case.id, ~acts_no_more())
    )


def case_spec(case: OnlineCase) -> ServiceSpec:
    """Return the file that decides a case: the one it was sent under, or today's while it is a draft."""
    return ServiceSpec.from_stored(case.spec or case.service.spec)


def read_answers_of(vault: Vault, case: OnlineCase) -> dict[str, Answer]:
    """Read the answers of a case."""
    answers: dict[str, Answer] = json.loads(vault.decrypt(case.answers, about_answers(case.id)))
    return answers


def seal_answers(vault: Vault, case_id: UUID, answers: Mapping[str, Answer]) -> bytes:
    """Encrypt the answers of a case, bound to it."""
    return vault.encrypt(json.dumps(dict(answers), ensure_ascii=False), about_answers(case_id))


def subject_of(vault: Vault, spec: ServiceSpec, answers: Mapping[str, Answer]) -> bytes:
    """Return the keyed hash of the thing that the result is for, b"" where it is for the person alone.

    Letters of either case, and digits of every script, name the same thing.
    """
    if not spec.result.once_for:
        return _NO_SUBJECT
    words = [str(answers[code]).casefold() for code in spec.result.once_for]
    return vault.lookup_hash(json.dumps([spec.code, *words], ensure_ascii=False), "thing")


def member_of(session: Session, case: OnlineCase) -> HouseholdMember | None:
    """Return the person as the account named them; None where they left the household since."""
    return session.scalar(
        select(HouseholdMember).where(
            HouseholdMember.account_id == case.account_id, HouseholdMember.person_id == case.person_id
        )
    )


def digest(content: bytes) -> bytes:
    """Hash a file."""
    return sha256(content).digest()


def about_answers(case_id: UUID) -> str:
    """Return what the answers of a case are bound to."""
    return f"answers {case_id}"


MOST_FILES: Final = 20
MOST_TRIES: Final = 60
"""Files that were ever added to a case, removed ones too: each costs some seconds of a processor."""
FOLDER: Final = "online"


def paper_store(core: Core) -> EvidenceStore:
    """Return where papers of online cases are kept."""
    return EvidenceStore(core.files, core.vault, FOLDER)


def wanted_papers(case: OnlineCase, spec: ServiceSpec, answers: Mapping[str, Answer]) -> list[DocumentSpec]:
    """List the papers of someone who lives there and gave these answers."""
    return spec.documents_for("resident" if case.residence == "resident" else "expatriate", answers)


def add_paper(core: Core, *, account_id: UUID, reference: str, document: str, content: bytes, origin: Origin) -> UUID:
    """Take a file in as one of the papers of a case; the same file again is the one that is there.

    Raises
    ------
    NotFoundError
        No such case, or no such paper is asked for, or the case takes none now.
    MawidError
        What `booking.people.evidence.accept.accept` refuses; nothing is kept.
    """

    def paper(_: Session, case: OnlineCase, fingerprints: list[str]) -> OnlinePaper:
        case.changed_at = core.clock.now()
        return OnlinePaper(case_id=case.id, document_code=document, fingerprints=fingerprints, uploaded_by=account_id)

    place = Place(
        store=paper_store(core),
        table=OnlinePaper,
        owner=lambda session: _open_case(session, core, account_id, reference, document),
        files_of=lambda case: OnlinePaper.case_id == case.id,
        same=lambda _: OnlinePaper.document_code == document,
        row=paper,
        most_files=MOST_FILES,
        most_tries=MOST_TRIES,
    )
    return accept(core, place, content, by=account_id, origin=origin)


def remove_paper(core: Core, *, account_id: UUID, reference: str, paper_id: UUID) -> None:
    """Take a paper back while the case is in its owner's hands; raises NotFoundError."""
    with core.sessions.begin() as session:
        case = own_case(session, account_id, reference)
        found = next((one for one in case.papers if one.id == paper_id and one.removed_at is None), None)
        if case.state not in IN_OWN_HANDS or found is None:
            raise NotFoundError
        found.removed_at = case.changed_at = core.clock.now()
        pages = found.pages
    paper_store(core).remove(paper_id, pages)


def read_own_page(core: Core, *, account_id: UUID, reference: str, paper_id: UUID, page: int) -> Page:
    """Return one page to the person who sent it; raises NotFoundError, EvidenceUnavailableError."""
    with core.sessions() as session:
        case = own_case(session, account_id, reference, lock=False)
        found = session.get(OnlinePaper, paper_id)
        if found is None or found.case_id != case.id or found.removed_at or not 0 <= page < found.pages:
            raise NotFoundError
    return Page(paper_store(core).get(paper_id, page))


def _open_case(session: Session, core: Core, account_id: UUID, reference: str, document: str) -> OnlineCase:
    own = own_case_and_file(session, core, account_id, reference)
    wanted = wanted_papers(own.case, own.spec, read_answers_of(core.vault, own.case))
    if own.case.state not in IN_OWN_HANDS or document not in {one.code for one in wanted}:
        raise NotFoundError
    return own.case
