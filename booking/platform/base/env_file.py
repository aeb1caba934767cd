"""Whether others on the machine can read or change the file with the settings, where it holds a secret."""

import sys
from pathlib import Path
from typing import Final, get_args

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic.fields import FieldInfo

OTHERS: Final = 0o027  # to read, change or run it; a group may read it, as services need


def is_open_to_others(file: Path, prefix: str, fields: dict[str, FieldInfo]) -> bool:
    """Return whether others can read or change a file that sets a secret among these fields."""
    if not file.is_file() or not file.stat().st_mode & OTHERS:
        return False
    secrets = {prefix + name.upper() for name, field in fields.items() if SecretStr in get_args(field.annotation)}
    return any(value and name.upper() in secrets for name, value in dotenv_values(file, interpolate=False).items())


def warn(words: str) -> None:
    """Warn the person who started the command."""
    sys.stderr.write(f"mawid: {words}\n")
