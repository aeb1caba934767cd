"""The preview of a catalogue: whole pages for every service, that lead to each other and need no server."""

import re

import pytest

from api.catalogue_preview import main, write_preview
from booking.country.packs.loading import load_pack
from tests.api.pages.outline import check_outline

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def preview(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preview")
    write_preview(load_pack("syria"), folder)
    return folder


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_service_has_its_page_and_its_form_with_the_example(preview, language):
    services = load_pack("syria").services
    assert len(list((preview / language).iterdir())) == len(services) + 1
    for service in services:
        page = (preview / language / f"{service.code}.html").read_text("utf-8")
        check_outline(page)
        for field in service.fields:
            assert f'id="{field.code}' in page, (service.code, field.code)
            for choice in field.choices:
                box = re.search(rf'<input type="radio" id="{field.code}-{choice.code}"[^>]*>', page)
                assert box, (service.code, choice.code)
                assert ("checked" in box[0]) == (service.example.get(field.code) == choice.code)


def test_every_link_of_the_preview_stays_within_it(preview):
    for path in preview.glob("*/*.html"):
        for link in re.findall(r'href="([^"#]+)"', path.read_text("utf-8")):
            assert (path.parent / link).resolve().is_file(), (path.name, link)


def test_a_pack_in_a_language_without_pages_has_no_preview(tmp_path, monkeypatch, capsys):
    pack = load_pack("syria")
    french = pack.model_copy(update={"country": pack.country.model_copy(update={"languages": ("ar", "fr")})})
    monkeypatch.setattr("api.catalogue_preview.read_pack", lambda _: type("Read", (), {"pack": french}))

    assert main("french", tmp_path / "out") == 1
    assert "there is no language fr" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_preview_that_cannot_be_written_is_reported(tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")

    assert main("syria", tmp_path / "taken") == 1
    assert "The preview cannot be written" in capsys.readouterr().err
