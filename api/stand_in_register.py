"""The stand-in register as a command: ``python -m api.stand_in_register --socket 3``; ``--openapi``: its contract.

It serves invented people by the contract that a real register has to keep. Nobody is enrolled over HTTP: who shall be
known is written to the state folder (`booking.people.registers.synthetic`).
"""

import argparse
import hmac
import json
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from booking.country.core.register import Identity, Register
from booking.country.packs.loading import load_pack
from booking.people.registers import contract
from booking.people.registers.choose import invented
from booking.people.registers.contract import (
    AttestationQuestion,
    Call,
    CodeQuestion,
    FactsAnswer,
    FactsQuestion,
    GrantAnswer,
    GuardianQuestion,
    IdentityQuestion,
    KnownFacts,
    ManyFactsAnswer,
    ManyFactsQuestion,
    MatchAnswer,
    ProofQuestion,
    SentAnswer,
)
from booking.platform.base import logs
from booking.platform.base.clock import SystemClock
from booking.platform.base.settings import SettingsError, load_settings
from booking.platform.models.identity import ProofKind

DESCRIPTION: Final = """What a register answers to Mawid, version 1. docs/identity.md says more.

A register tells nothing for a number alone: `match` says whether what somebody typed fits, and facts need a grant,
which the register gives for a proof and can take back. It counts tries by itself, too. An answer comes within a second
or so, is JSON of 64 KiB at most (1 MiB about many) with status 200, and repeats the number of the question. 400 is for
a question that is not of this form, 401 for a caller whom the register does not know, 503 for a register that cannot
answer now."""
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "not a question of this form"},
    401: {"description": "the caller is not known"},
    503: {"description": "cannot answer now"},
}


_MOST: Final = {contract.FACTS_OF_MANY.path: contract.FACTS_OF_MANY.most_question}
"""Bytes of longer questions, by path."""


class Guard:
    """Lets in only who shows the token and says how long the question is, before any of it is read."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app, self._shown = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._shown):
            await _refuse(401)(scope, receive, send)
        elif not length.isdigit() or int(length) > _MOST.get(scope["path"], contract.MOST_QUESTION):
            await _refuse(400)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def create_register(register: Register, *, token: str) -> FastAPI:
    """Make the application that serves a register by the contract."""
    app = FastAPI(title="Register", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    router = APIRouter(dependencies=[Depends(HTTPBearer(auto_error=False))], responses=_REFUSALS)
    _add_matching(router, register)
    _add_proofs(router, register)
    app.include_router(router)
    app.add_exception_handler(RequestValidationError, _not_of_this_form)
    app.add_middleware(Guard, token=token)
    return app


def openapi(app: FastAPI) -> str:
    """Return the contract as text, without FastAPI's own form of a refusal."""
    document = app.openapi()
    for path in document["paths"].values():
        path["post"]["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _add_matching(router: APIRouter, register: Register) -> None:
    @_route(router, contract.MATCH)
    async def match(asked: IdentityQuestion) -> MatchAnswer:
        """Say whether number, name and birth date are one living person: names in any usual spelling."""
        said = register.match(_identity(asked))
        return MatchAnswer(number=asked.number, person=said.person, name=said.name, birth_date=said.birth_date)

    @_route(router, contract.FACTS)
    async def facts(asked: FactsQuestion) -> FactsAnswer:
        """Tell what is known of a number, for a grant that is one for this number."""
        known = register.facts(asked.number, asked.grant)
        return FactsAnswer(number=asked.number, facts=None if known is None else KnownFacts.of(known))

    @_route(router, contract.FACTS_OF_MANY)
    async def facts_of_many(asked: ManyFactsQuestion) -> ManyFactsAnswer:
        """Tell what is known of several people, in the order of the question; each as if asked alone."""
        return ManyFactsAnswer(people=[await facts(one) for one in asked.people])


def _add_proofs(router: APIRouter, register: Register) -> None:
    @_route(router, contract.PROVE)
    async def prove(asked: ProofQuestion) -> GrantAnswer:
        """Give a grant where the identity matches and the serial is of that person's valid document."""
        grant = register.prove(
            _identity(asked), ProofKind.CARD if asked.kind == "card" else ProofKind.PASSPORT, asked.serial
        )
        return GrantAnswer(number=asked.number, grant=grant)

    @_route(router, contract.PROVE_GUARDIAN)
    async def prove_guardian(asked: GuardianQuestion) -> GrantAnswer:
        """Give a grant where the identity matches a minor whose guardian has this number and grant."""
        grant = register.prove_guardian(_identity(asked), guardian=asked.guardian, grant=asked.grant)
        return GrantAnswer(number=asked.number, grant=grant)

    @_route(router, contract.SEND_CODE)
    async def send_code(asked: IdentityQuestion) -> SentAnswer:
        """Send a code to the phone that the register has of this person; never to one that the question names."""
        return SentAnswer(number=asked.number, handle=register.send_code(_identity(asked)))

    @_route(router, contract.CHECK_CODE)
    async def check_code(asked: CodeQuestion) -> GrantAnswer:
        """Give a grant for the code that came, once, within a few minutes and a few tries."""
        grant = register.check_code(_identity(asked), handle=asked.handle, code=asked.code)
        return GrantAnswer(number=asked.number, grant=grant)

    @_route(router, contract.ATTEST)
    async def attest(asked: AttestationQuestion) -> GrantAnswer:
        """Give a grant for a proof that Mawid saw, where such a person lives; `by` stays on record."""
        grant = register.attest(
            _identity(asked), ProofKind.PROVIDER if asked.kind == "provider" else ProofKind.OFFICER, by=asked.by
        )
        return GrantAnswer(number=asked.number, grant=grant)


def _route(router: APIRouter, call: Call[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return router.post(call.path, response_model=call.answer, operation_id=call.name)


def _identity(asked: IdentityQuestion) -> Identity:
    return Identity(asked.number, asked.name, asked.birth_date)


async def _not_of_this_form(_request: Request, _error: Exception) -> JSONResponse:
    return _refuse(400)


def _refuse(status: int) -> JSONResponse:
    return JSONResponse({"error": _REFUSALS[status]["description"]}, status)


def main() -> None:
    """Serve invented people on a socket that the starter opened, or print the contract."""
    parser = argparse.ArgumentParser(prog="python -m api.stand_in_register", description=__doc__)
    does = parser.add_mutually_exclusive_group(required=True)
    does.add_argument("--socket", type=int, help="the descriptor of a socket that listens")
    does.add_argument("--openapi", action="store_true", help="print the contract")
    given = parser.parse_args()
    logs.configure()
    try:
        settings = load_settings()
        register = invented(settings, load_pack(settings.country), SystemClock())
    except SettingsError as error:
        sys.exit(f"SettingsError: {error}")
    if given.openapi:
        sys.stdout.write(openapi(create_register(register, token="")))
        return
    if settings.register_token is None:
        sys.exit("SettingsError: MAWID_REGISTER_TOKEN is needed: what callers must show")
    app = create_register(register, token=settings.register_token.get_secret_value())
    server = uvicorn.Server(
        uvicorn.Config(app, proxy_headers=False, ws="none", log_config=None, access_log=False, server_header=False)
    )
    server.run(sockets=[socket.socket(fileno=given.socket)])


if __name__ == "__main__":
    main()
