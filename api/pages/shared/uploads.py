"""Forms with a file: proven to come from our own page, as every form, and read without trusting the file's name."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, BinaryIO, Final

from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.deps import AccountDep, SignedIn, core_of
from api.errors import StaleFormError, UnreadableBodyError
from api.incoming.bodies import FILE_FORM, check_type, reads
from api.pages.shared.forms import TOKEN, Form
from api.pages.shared.own_origin import check_origin
from booking.people.evidence.accept import LARGEST_FILE
from booking.platform.base.errors import MawidError

FILE: Final = "file"
MOST_IN_FORM: Final = 30
"""Files that a form may bring, empty fields too; more are not from a page of ours."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with the content of its file, empty where none was chosen."""

    form: Form
    content: bytes


@dataclass(frozen=True, slots=True)
class Uploads:
    """A form with its files as they lie on disk, each with the name of its field; fields without one are left out."""

    form: Form
    files: Sequence[tuple[str, BinaryIO]]


@reads(FILE_FORM)
async def posted_file(request: Request, account: AccountDep) -> Upload:
    """Read a form with one file, from our own page in the visitor's own session.

    Raises
    ------
    UnsupportedMediaTypeError
        It is not such a form.
    UnreadableBodyError
        The form is broken.
    ForeignOriginError
        Another site sent it.
    StaleFormError
        Another session began meanwhile.
    NotSignedInError
        The session is over.
    """
    async with _own_form(request, account, most_files=1) as (form, sent):
        file = sent.get(FILE)
        return Upload(form, await file.read(LARGEST_FILE + 1) if isinstance(file, UploadFile) else b"")


@reads(FILE_FORM)
async def posted_files(request: Request, account: AccountDep) -> AsyncIterator[Uploads]:
    """Read a form with several files, as `posted_file` does with one; while they wait they take no memory.

    Raises
    ------
    MawidError
        What `posted_file` raises.
    """
    async with _own_form(request, account, most_files=MOST_IN_FORM) as (form, sent):
        files = [(name, one) for name, one in sent.multi_items() if isinstance(one, UploadFile)]
        yield Uploads(form, [(name, one.file) for name, one in files if one.size])


@asynccontextmanager
async def _own_form(request: Request, account: SignedIn, *, most_files: int) -> AsyncIterator[tuple[Form, FormData]]:
    """Read a form with files and prove that it is our own; the files are gone when the block ends."""
    check_type(request)
    check_origin(request, core_of(request).settings.base_url)
    try:
        sent = await request.form(
            max_files=most_files, max_fields=FILE_FORM.most_fields, max_part_size=FILE_FORM.largest_field
        )
    except HTTPException as error:
        if isinstance(error.__cause__, MawidError):
            raise error.__cause__ from error
        raise UnreadableBodyError from None
    except UnicodeError:  # of a charset that decodes nothing: browsers name none
        raise UnreadableBodyError from None
    try:
        form = Form({_plain(name): [_plain(value)] for name, value in sent.multi_items() if isinstance(value, str)})
        if not account.visit.by_cookie or form.text(TOKEN) != account.session.csrf:
            raise StaleFormError({})
        yield form, sent
    finally:
        await sent.close()


def _plain(text: str) -> str:
    """Return text as other forms bring it: without NUL, and without halves of pairs, which some charsets can write."""
    return text.encode(errors="replace").decode().replace("\0", "")


UploadDep = Annotated[Upload, Depends(posted_file)]
UploadsDep = Annotated[Uploads, Depends(posted_files)]
