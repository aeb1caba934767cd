"""A witness watches the log through the site's own pages, and somebody with a shell rebuilds the tables."""

from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import text

from api.main import create_app
from booking.transparency.log.log import append_in, log_keys, sequence
from booking.transparency.witness.folder import Folder, Log
from booking.transparency.witness.line import Answer
from booking.transparency.witness.watch import Watch
from tests.support.roles import past_the_roles


class PagesLine:
    """A witness's line to the pages themselves."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Answer:
        answer = self.client.get(f"/log/{path}")
        return Answer(answer.status_code, answer.content)

    def post(self, path: str, body: bytes) -> Answer:
        return Answer(self.client.post(f"/log/{path}", content=body).status_code, b"")


def test_tables_rebuilt_without_one_receipt_are_found_through_the_pages(core, tmp_path: Path):
    folder = Folder.new(tmp_path / "w", "gazette.example")
    (tmp_path / "keys").write_text(f"{folder.vkey.text}\n")
    watched = replace(core, settings=core.settings.model_copy(update={"witnesses": tmp_path / "keys"}))
    folder.pin(Log("https://mawid.example/log", log_keys(watched)[0]))

    def grow(first: int, last: int) -> None:
        with watched.sessions.begin() as session:
            for number in range(first, last):
                append_in(session, "receipt", {"receipt": f"{number:064x}"}, f"{number:064x}")
        sequence(watched)

    with TestClient(create_app(watched), base_url=watched.settings.base_url) as client:
        witness = Watch(folder, PagesLine(client), watched.clock)
        grow(0, 5)
        assert witness.look() == []
        assert f"— {folder.name} " in client.get("/log/checkpoint").text
        with past_the_roles(core) as session:
            session.execute(text("SET session_replication_role = replica"))
            session.execute(text("TRUNCATE log_cosignature, log_checkpoint, log_tile, log_entry"))
        grow(1, 9)
        assert "changed_entry" in {one.kind for one in witness.look()}
