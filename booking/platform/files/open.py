"""Open the place for files that the settings name."""

from booking.platform.base.settings import SettingsError
from booking.platform.base.settings_files import FilesSettings
from booking.platform.files.beside import BesideFiles
from booking.platform.files.folder import FolderFiles
from booking.platform.files.place import Files
from booking.platform.files.watched import WatchedFiles


def open_files(settings: FilesSettings) -> WatchedFiles:
    """Return the place; nothing is asked of it yet.

    Raises
    ------
    SettingsError
        A bucket is named, and the client is not installed, or the file of who signs its certificate cannot be read.
    """
    folder = FolderFiles(settings.evidence_folder)
    if settings.s3_bucket is None:
        return WatchedFiles(folder)
    bucket = open_bucket(settings)
    return WatchedFiles(BesideFiles(bucket, folder) if settings.s3_beside_folder else bucket)


def open_bucket(settings: FilesSettings) -> Files:
    """Return the bucket of the settings; raises as `open_files`."""
    try:
        from booking.platform.files.bucket import BucketFiles  # noqa: PLC0415 - its client is an extra
    except ImportError:
        raise SettingsError("MAWID_S3_BUCKET needs the client of buckets: pip install 'mawid[s3]'") from None
    try:
        return BucketFiles(settings)
    except (OSError, ValueError) as error:
        raise SettingsError(f"MAWID_S3_CA_FILE cannot be read: {type(error).__name__}") from None
