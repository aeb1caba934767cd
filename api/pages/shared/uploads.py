"""Forms with a file: proven to come from our own page, as every form, and read without trusting the file's name."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.deps import AccountDep, core_of
from api.errors import StaleFormError, UnreadableBodyError
from api.incoming.bodies import FILE_FORM, check_type, reads
from api.pages.shared.forms import TOKEN, Form
from api.pages.shared.own_origin import check_origin
from booking.base.errors import MawidError
from booking.evidence.accept import LARGEST_FILE

FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with the content of its file, empty where none was chosen."""

    form: Form
    content: bytes


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
    check_type(request)
    check_origin(request, core_of(request).settings.base_url)
    try:
        async with request.form(
            max_files=1, max_fields=FILE_FORM.most_fields, max_part_size=FILE_FORM.largest_field
        ) as sent:
            fields = {name: [value] for name, value in sent.multi_items() if isinstance(value, str)}
            file = sent.get(FILE)
            content = await file.read(LARGEST_FILE + 1) if isinstance(file, UploadFile) else b""
    except HTTPException as error:
        if isinstance(error.__cause__, MawidError):
            raise error.__cause__ from error
        raise UnreadableBodyError from None
    form = Form(fields)
    if not account.visit.by_cookie or form.text(TOKEN) != account.session.csrf:
        raise StaleFormError({})
    return Upload(form, content)


UploadDep = Annotated[Upload, Depends(posted_file)]
