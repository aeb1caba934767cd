"""Secrets that are files, one each, in a folder: as containers mount them, and systemd hands them over."""

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import SecretsSettingsSource
from typing_extensions import override


def folder_of_secrets(prefix: str) -> Path | None:
    """Return the folder that ``SECRETS_DIR`` of the environment names, where there is one."""
    folder = Path(os.environ.get(f"{prefix}SECRETS_DIR") or os.devnull)
    return folder if folder.is_dir() else None


def names_in(folder: Path | None) -> list[str]:
    """Return the names of the files in a folder of secrets."""
    return [] if folder is None else [file.name for file in folder.iterdir()]


class SecretFiles(SecretsSettingsSource):
    """What the files say; an empty one says nothing, as an empty variable does."""

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        value, key, is_complex = super().get_field_value(field, field_name)
        return value or None, key, is_complex
