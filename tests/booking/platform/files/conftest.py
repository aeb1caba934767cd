"""The same tests over a folder, a bucket, and a bucket to which a folder is being moved."""

import pytest

from booking.platform.files.watched import open_files
from tests.support.country import cheap_settings
from tests.support.file_places import a_bucket


@pytest.fixture
def bucket(tmp_path):
    """A server of S3 with an empty bucket."""
    with a_bucket(tmp_path / "server") as running:
        yield running


@pytest.fixture(params=["folder", "bucket", "beside"])
def files(request, tmp_path):
    """A place for files, as settings open it."""
    folder = tmp_path / "evidence"
    if request.param == "folder":
        return open_files(cheap_settings(evidence_dir=folder))
    running = request.getfixturevalue("bucket")
    changes = {"s3_beside_folder": True} if request.param == "beside" else {}
    return open_files(running.settings(evidence_dir=folder, **changes))
