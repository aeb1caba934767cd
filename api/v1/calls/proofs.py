"""How a program shows once more that it acts for the owner of the account."""

import json
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field

from api.v1.calls.guards import Caller
from api.v1.calls.refusals import INPUT, SIGNED_IN, Errors
from api.v1.calls.values import In, Typed
from booking.people.accounts.errors import PasskeyCopiedError, WrongPasskeyError, WrongSecondFactorError
from booking.people.accounts.prove_owner import Proof
from booking.platform.base.errors import BusyError, NotFoundError, WrongCredentialsError

SECOND_FACTOR: Final[Errors] = (
    *(*SIGNED_IN, *INPUT, NotFoundError),
    *(WrongSecondFactorError, WrongPasskeyError, PasskeyCopiedError),
)
"""What a proof by the second factor may be refused with."""
PROVEN: Final[Errors] = (*SECOND_FACTOR, WrongCredentialsError, BusyError)
"""What a proof may be refused with."""

Options: TypeAlias = dict[str, Any]
"""What a browser is asked, as ``PublicKeyCredential.parseCreationOptionsFromJSON`` and its sister read it."""
Credential: TypeAlias = Annotated[
    dict[str, Any], Field(description="What the browser answered: PublicKeyCredential.toJSON().")
]


class ProofIn(In):
    """That it is the owner: a code or a passkey of the second factor, or the password of an account without one."""

    password: Typed = ""
    code: Annotated[Typed, Field(examples=["123456"])] = ""
    credential: Credential | None = None

    def proof(self, caller: Caller) -> Proof:
        """Return what was sent, for the session of the call."""
        credential = "" if self.credential is None else written(self.credential)
        return Proof(caller.visit.token, credential=credential, code=self.code, password=self.password)


def written(credential: Credential) -> str:
    """Return a browser's answer as the text that the core reads."""
    return json.dumps(credential)
