"""All files of a draw that are for everyone, as one archive: the same bytes for all who fetch it."""

from booking.country.catalogue.views import list_draw_files
from booking.country.core.core import Core
from booking.country.core.published import PublishedFile
from booking.country.core.zipped import zipped
from booking.platform.base.errors import NotFoundError


def find_draw_zip(core: Core, reference: str) -> PublishedFile:
    """Return the archive of a published draw, known by the hashes of what it holds.

    Raises
    ------
    NotFoundError
        There is no such draw, or it is not published.
    """
    files = list_draw_files(core, reference)
    if not files:
        raise NotFoundError
    return zipped(f"mawid-draw-{reference}.zip", files, folder=f"{reference}/")
