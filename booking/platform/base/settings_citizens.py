"""Settings of how citizens come in: the state's sign-in provider, and how long changes of an account wait."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode


class CitizenProviderSettings(BaseSettings):
    """A part of `booking.platform.base.settings.Settings`."""

    citizen_oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="Of the state's provider, by which citizens may sign in.",
    )
    citizen_oidc_client_id: str | None = None
    citizen_oidc_client_secret: SecretStr | None = None
    citizen_oidc_number_claim: str = Field(
        default="national_number", min_length=1, description="Which claim of its token holds the national number."
    )
    citizen_oidc_scope: str = Field(
        default="openid profile",
        pattern=r"^openid( [!#-\[\]-~]+)*$",
        description="What is asked of it; some give the national number for a scope of their own.",
    )
    citizen_oidc_agree: Annotated[tuple[Literal["name", "birth_date"], ...], NoDecode] = Field(
        default=("name", "birth_date"),
        description="What it must tell, and what must be as it was typed here, where it proves a person.",
    )
    phone_change_wait: timedelta = Field(
        default=timedelta(days=7),
        gt=timedelta(0),
        description="Until a phone changes without the old one; its owner can stop it.",
    )
    lost_factor_wait: timedelta = Field(
        default=timedelta(days=3), gt=timedelta(0), description="Until a citizen's lost second factor is forgotten."
    )
    lost_factor_counter_wait: timedelta = Field(
        default=timedelta(days=1),
        gt=timedelta(0),
        description="The same, once an officer compared its owner with a document; the phone can stop it.",
    )

    @field_validator("citizen_oidc_agree", mode="before")
    @classmethod
    def _as_details(cls, words: object) -> object:
        return [one.strip() for one in words.split(",") if one.strip()] if isinstance(words, str) else words

    @model_validator(mode="after")
    def _names_a_whole_provider_of_citizens(self) -> Self:
        named = [self.citizen_oidc_issuer, self.citizen_oidc_client_id, self.citizen_oidc_client_secret]
        if any(named) and not all(named):
            raise ValueError(
                "MAWID_CITIZEN_OIDC_ISSUER, MAWID_CITIZEN_OIDC_CLIENT_ID, MAWID_CITIZEN_OIDC_CLIENT_SECRET go together"
            )
        return self
