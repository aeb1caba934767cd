"""What the counter's pages alone may do in a browser."""

from typing import Final

CAMERA: Final = {"Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()"}
"""They may ask for the camera, to read passes."""
