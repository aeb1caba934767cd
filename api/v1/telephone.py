"""Calls of phones with keys, as gateways pass them on: USSD screens and voice menus over signed HTTP callbacks.

The forms have the fields of the most common gateways; each is signed as text messages are. A gateway that cannot sign
gets a relay in front of it (docs/telephone.md).
"""

import xml.etree.ElementTree as ET
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.deps import CoreDep, core_of
from api.errors import UnreadableBodyError
from api.incoming.bodies import SIGNED_FORM, reads
from api.v1.calls.gateways import signed_body
from booking.country.core.security import By
from booking.desk.telephone.memory import Call, Screen
from booking.desk.telephone.talk import take_all, take_next
from booking.platform.base.webhooks import ID

router = APIRouter(prefix="/telephone", include_in_schema=False)

MOST_INPUTS = 120
_PRINTABLE = r"^[\x21-\x7e]+$"
_KEYS = r"^[0-9*#]*$"


class UssdIn(BaseModel):
    """A USSD session: its id at the gateway, who dials, and all that was typed so far with stars between."""

    session: str = Field(alias="sessionId", min_length=1, max_length=120, pattern=_PRINTABLE)
    phone: str = Field(alias="phoneNumber", max_length=60)
    text: str = Field(default="", max_length=1000)

    def inputs(self) -> list[str]:
        """Return what was typed, input by input."""
        return self.text.split("*") if self.text else []


class VoiceIn(BaseModel):
    """A message of a call: its id at the gateway, who calls, whether it goes on, and the keys that were pressed."""

    session: str = Field(alias="sessionId", min_length=1, max_length=120, pattern=_PRINTABLE)
    phone: str = Field(alias="callerNumber", max_length=60)
    active: str = Field(default="1", alias="isActive", pattern="^[01]$")
    keys: str | None = Field(default=None, alias="dtmfDigits", max_length=60, pattern=_KEYS)


@reads(SIGNED_FORM)
async def signed(request: Request) -> dict[str, str]:
    """Read a form that the gateway signed.

    Raises
    ------
    NotFoundError
        The settings name no secret: no call is taken here.
    UnsignedWebhookError
        It is not signed.
    WrongSignatureError
        It is not the gateway's, or too old.
    UnreadableBodyError
        It is signed, but no form.
    """
    body = await signed_body(request, core_of(request).settings.telephone_secrets())
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=40)
    except ValueError:
        raise UnreadableBodyError from None
    return {name: values[0] for name, values in fields.items()}


SignedForm = Annotated[dict[str, str], Depends(signed)]


@router.post("/ussd", response_class=PlainTextResponse)
def ussd(form: SignedForm, core: CoreDep) -> str:
    """Answer a USSD session with its next screen: "CON " and a text, or "END " and the last one."""
    try:
        message = UssdIn.model_validate(form)
    except ValidationError:
        raise UnreadableBodyError from None
    inputs = message.inputs()
    if len(inputs) > MOST_INPUTS:
        raise UnreadableBodyError
    screen = take_all(core, Call(By.USSD, message.session, message.phone), inputs)
    return f"{'END' if screen.ends else 'CON'} {screen.text}"


@router.post("/voice")
def voice(request: Request, form: SignedForm, core: CoreDep) -> Response:
    """Answer a call with what is said next, and how many digits are then awaited; one that hung up with nothing."""
    try:
        message = VoiceIn.model_validate(form)
    except ValidationError:
        raise UnreadableBodyError from None
    if message.active == "0":
        return _xml(ET.Element("Response"))
    call = Call(By.VOICE, message.session, message.phone)
    keys = None if message.keys is None else message.keys.strip("#")
    return _xml(_spoken(take_next(core, call, keys, message=request.headers[ID])))


def _spoken(screen: Screen) -> ET.Element:
    """Write a screen in the words of voice gateways: what is said while keys are awaited, or at the end."""
    response = ET.Element("Response")
    awaited = {"numDigits": str(screen.digits), "finishOnKey": "#", "timeout": "15"}
    around = response if screen.ends else ET.SubElement(response, "GetDigits", awaited)
    said = ET.SubElement(around, "Say", {"xml:lang": screen.language})
    said.text = screen.text
    return response


def _xml(document: ET.Element) -> Response:
    return Response(ET.tostring(document, encoding="utf-8", xml_declaration=True), media_type="text/xml")
