from decimal import Decimal

import pytest

from booking.country.packs.loading import BUILT_IN, built_in_packs, load_pack
from booking.country.packs.reading import PackError
from booking.platform.models.states import Pool


def _problems(folder) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return [str(problem) for problem in caught.value.problems]


def _line(folder, file: str, text: str, nth: int = 0) -> int:
    rows = (folder / file).read_text("utf-8").split("\n")
    return [number for number, row in enumerate(rows, 1) if text in row][nth]


def test_a_pack_loads_alike_by_name_and_by_folder():
    assert load_pack("syria") == load_pack(BUILT_IN / "syria") == load_pack(str(BUILT_IN / "syria"))
    assert built_in_packs() == ["syria"]


def test_an_unknown_pack_is_reported_with_the_known_ones():
    assert _problems("atlantis") == ["atlantis:1: no such pack or folder; known: syria"]


def test_shares_are_read_exactly(syria):
    assert syria.quotas.shares("branch")[Pool.DRAW] == Decimal("0.70")
    assert all(sum(syria.quotas.shares(kind).values()) == 1 for kind in ("branch", "consulate"))


def test_a_loaded_pack_cannot_be_changed(syria):
    with pytest.raises(ValueError, match="frozen"):
        syria.offices[0].counters = 99


def test_entries_are_found_by_code_and_an_unknown_code_is_an_error(syria):
    assert syria.office("berlin").time_zone == "Europe/Berlin"
    assert syria.region(syria.office("berlin").region).country == "DE"
    assert syria.service("passport-renewal").appointment.units == 1
    assert syria.reason("lost").name["en"] == "The passport was lost"
    with pytest.raises(KeyError):
        syria.office("atlantis")


# file, text to replace, its replacement, what the reported line must show (None: any line), the message
MISTAKES = [
    ("pack.toml", 'code = "SY"', 'code = "XX"', 'code = "XX"', "unknown country code XX"),
    ("pack.toml", '"Asia/Damascus"', '"Asia/Nowhere"', "Asia/Nowhere", "unknown time zone Asia/Nowhere"),
    ("pack.toml", "slot_minutes = 30", "slot_minutes = 40", None, "slot_minutes 40 is not a multiple"),
    (
        "pack.toml",
        'ends = "10:00"',
        'ends = "10:30"',
        'starts = "10:00"',
        "midday does not start where the one before",
    ),
    ("pack.toml", "length = 11", 'length = "11"', "length", "national_number.length: Input should be a valid integer"),
    ("regions.toml", 'country = "DE"', 'country = "DD"', 'country = "DD"', "unknown country code DD"),
    ("offices/branches.toml", 'code = "aleppo"', 'code = "damascus"', None, "code damascus is already used at"),
    ("offices/branches.toml", 'region = "homs"', 'region = "hims"', "hims", "unknown region hims"),
    ("offices/branches.toml", 'city.en = "Homs"', 'city.en = "Hama"', None, "Hama is the city of homs already"),
    (
        "offices/branches.toml",
        'name.ar = "فرع الهجرة والجوازات في حمص"',
        'name.ar = "فرع الهجرة والجوازات في دمشق"',
        None,
        "فرع الهجرة والجوازات في دمشق is the name of damascus already",
    ),
    ("offices/branches.toml", 'region = "homs"', 'region = "france"', None, "a branch cannot be in region france"),
    ("offices/branches.toml", "latitude = 33.511", "latitude = 133.5", "133.5", "less than or equal to 90"),
    ("offices/branches.toml", "longitude = 36.289", "longitude = 360.0", "360.0", "less than or equal to 180"),
    ("offices/branches.toml", "counters = 20", "counters = 0", "counters = 0", "greater than or equal to 1"),
    ("offices/branches.toml", "counters = 20", "counter = 20", "counter = 20", "unknown key offices.counter"),
    (
        "offices/branches.toml",
        "accessible = true",
        'accessible = "yes"',
        '"yes"',
        "offices.accessible: Input should be",
    ),
    (
        "offices/branches.toml",
        'name.ar = "فرع الهجرة والجوازات في دمشق"\n',
        "",
        'name.en = "Dam',
        "name has no text in ar",
    ),
    ("offices/branches.toml", 'city.en = "Aleppo"', 'city.fr = "Alep"', 'city.ar = "حلب"', "city has no text in en"),
    ("offices/branches.toml", 'city.en = "Aleppo"', 'city.en = " "', 'city.en = " "', "offices.city.en: String should"),
    ("offices/branches.toml", 'closes = "14:00"', 'closes = "14:10"', "[[offices.opening]]", "multiple of 30 minutes"),
    ("offices/branches.toml", 'closes = "14:00"', 'closes = "24:00"', "24:00", "offices.opening.closes: "),
    ("offices/branches.toml", 'closes = "14:00"', 'closes = "08:00"', "[[offices.opening]]", "is not before it closes"),
    ("offices/branches.toml", 'closes = "14:00"', 'closes = "17:00"', "[[offices.opening]]", "outside the bands"),
    ("offices/branches.toml", 'opens = "08:00"', 'opens = "08:15"', "[[offices.opening]]", "would lie across 10:00"),
    (
        "offices/branches.toml",
        '["sun", "mon"',
        '["fri", "mon"',
        "[[offices.opening]]",
        "fri is in this office's weekend",
    ),
    ("offices/branches.toml", '["sun", "mon"', '["sunday", "mon"', "sunday", "offices.opening.weekdays: "),
    ("offices/consulates.toml", "Europe/Berlin", "Europe/Bonn", "Europe/Bonn", "unknown time zone Europe/Bonn"),
    ("offices/consulates.toml", '["DE", "DK"]', '["DE", "QQ"]', '"QQ"', "unknown country code QQ"),
    ("offices/consulates.toml", '["DE", "DK"]', '["DK"]', '["DK"]', "the district leaves out DE"),
    ("offices/consulates.toml", '["DE", "DK"]', "[]", "[[offices]]", "a consulate needs a district"),
    (
        "services/passports/new-passport.toml",
        "units = 1",
        "units = 3",
        "units = 3",
        "3 units do not fit into a slot of 2",
    ),
    ("services/passports/new-passport.toml", "max_party = 6", "max_party = 7", "max_party", "above the limit of 6"),
    (
        "services/passports/passport-renewal.toml",
        "position = 1",
        "position = 2",
        "position = 2",
        "position 2 is already used at",
    ),
    (
        "services/passports/new-passport.toml",
        'audience = "both"',
        'audience = "resident"',
        "[[fees]]",
        "about a expatriate",
    ),
    ("services/passports/new-passport.toml", 'code = "photos"', 'code = "identity"', None, "identity is listed twice"),
    (
        "services/passports/child-passport.toml",
        "max_age = 17",
        "max_age = 17\nmin_age = 18",
        "[eligibility]",
        "min_age 18 is above",
    ),
    ("services/passports/data-change.toml", '"civil-change"', '"whim"', '"whim"', "unknown reason whim"),
    (
        "services/passports/passport-renewal.toml",
        "passport_max_days_left = 365\n",
        "",
        "[eligibility]",
        "belongs to reason",
    ),
    (
        "services/passports/passport-renewal.toml",
        'reason = "long-valid"',
        'reason = "never"',
        "[eligibility]",
        "belongs to reason",
    ),
    ("holidays.toml", "2027-01-01, ", "2027-01-02, ", "starts = [2026-01-01", "2027-01-02 is not where its calendar"),
    ("holidays.toml", "2027-01-01, ", "", "starts = [2026-01-01", "new-year has no date near 2027-01-01"),
    ("holidays.toml", "2027-01-01, ", "2027-01-01, 2027-01-01, ", "starts = [2026-01-01", "is listed twice"),
    ("holidays.toml", "2027-01-01, ", "2027-01-01, 2031-01-01, ", "starts = [2026-01-01", "outside the years"),
    ("holidays.toml", "2027-01-01, ", "2027-02-30, ", "starts = [2026-01-01", "Invalid date"),
    ("holidays.toml", 'fixed = "01-01"', 'fixed = "02-30"', 'fixed = "02-30"', "not a day of each year"),
    (
        "holidays.toml",
        'fixed = "01-01"',
        'fixed = "01-01"\nhijri = "01-01"',
        None,
        "only one of fixed, hijri and easter",
    ),
    (
        "holidays.toml",
        "2027-03-09",
        "2027-03-11",
        "2027-03-11",
        "2027-03-11 is not where its calendar puts eid-al-fitr",
    ),
    ("holidays.toml", '["DE"]', '["D3"]', '["D3"]', "String should match pattern"),
    ("holidays.toml", "years = [2026", 'years = ["2026"', "years = ", "years must list the years"),
    ("quotas.toml", "draw = 0.70", "draw = 0.71", "[[pools]]", "the shares add to 1.01, not to 1"),
    ("quotas.toml", "urgent = 0.08", "urgent = -0.08", "urgent = -0.08", "greater than or equal to 0"),
    ("quotas.toml", "urgent = 0.08", "urgnt = 0.08", "urgnt", "pools.shares.urgnt"),
    ("quotas.toml", 'office_kind = "consulate"', 'office_kind = "branch"', "[[pools]]", "0 splits for consulate"),
    ("quotas.toml", "[gate]", "[gate]\nchallenge_from = 0.5\nreview_from = 0.4", "[gate]", "challenge_from is above"),
    ("quotas.toml", "[gate]", "[gate]\nreview_from = 0.4", "[gate]", "both challenge_from and review_from, or neither"),
]


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake[0]}: {mistake[4]}")
def test_each_mistake_is_reported_with_its_file_and_line(edited, mistake):
    file, old, new, row, message = mistake
    folder = edited(file, old, new)

    problems = [problem for problem in _problems(folder) if message in problem]

    assert problems, _problems(folder)
    assert problems[0].startswith(f"{file}:")
    if row is not None:
        line = int(problems[0].split(":")[1])
        assert row in (folder / file).read_text("utf-8").split("\n")[line - 1]


def test_all_mistakes_of_all_files_are_reported_at_once(edited):
    edited("offices/branches.toml", "counters = 20", "counters = -1")
    edited("offices/branches.toml", 'region = "homs"', 'region = "hims"')
    edited("services/passports/data-change.toml", '"civil-change"', '"whim"')
    edited("holidays.toml", "2027-03-09", "2027-03-11")
    folder = edited("reasons.toml", "[[reasons]]", "[[reasons")

    problems = _problems(folder)

    files = [problem.split(":")[0] for problem in problems]
    assert files == sorted(files)
    assert set(files) >= {
        "offices/branches.toml",
        "services/passports/data-change.toml",
        "holidays.toml",
        "reasons.toml",
    }
    assert sum("offices/branches.toml" in problem for problem in problems) == 2


def test_a_mistake_in_the_head_does_not_hide_those_in_other_files(edited):
    edited("pack.toml", 'languages = ["ar", "en", "ku", "ckb"]', "languages = 2")
    folder = edited("quotas.toml", "draw = 0.70", "draw = 0.71")

    assert {problem.split(":")[0] for problem in _problems(folder)} >= {"pack.toml", "quotas.toml"}


def test_a_syntax_error_has_its_line(edited):
    folder = edited("quotas.toml", "[limits]", "[limits")

    line = _line(folder, "quotas.toml", "[limits")
    assert [problem for problem in _problems(folder) if problem.startswith(f"quotas.toml:{line}: Expected")]


@pytest.mark.parametrize("value", ["[" * 5_000, "1" * 5_000], ids=["deep", "long"])
def test_a_value_that_no_parser_reads_is_reported(edited, value):
    folder = edited("quotas.toml", "[limits]", f"x = {value}\n[limits]")

    assert "quotas.toml:1: values stand within too many others, or a number is too long" in _problems(folder)


def test_a_missing_file_and_an_empty_folder_are_reported(edited):
    folder = edited("quotas.toml", "[limits]", "[limits]")
    (folder / "quotas.toml").unlink()
    for service in (folder / "services").rglob("*.toml"):
        service.unlink()

    assert {"quotas.toml:1: the file is missing", "services:1: the folder is missing or has no .toml file"} <= set(
        _problems(folder)
    )


def test_a_file_that_is_not_part_of_a_pack_is_reported(edited):
    folder = edited("quotas.toml", "[limits]", "[limits]")
    (folder / "service").mkdir()
    (folder / "service" / "visa.toml").write_text("code = 'visa'")

    assert _problems(folder) == ["service/visa.toml:1: this file is not part of a pack"]


def test_a_file_in_another_encoding_is_reported_with_the_line(edited):
    folder = edited("quotas.toml", "[limits]", "[limits]")
    path = folder / "quotas.toml"
    path.write_bytes(b"# one\n# caf\xe9\n" + path.read_bytes())

    assert "quotas.toml:2: the file is not UTF-8 text" in _problems(folder)


def test_a_file_saved_by_a_windows_editor_loads(edited, syria):
    folder = edited("quotas.toml", "[limits]", "[limits]")
    path = folder / "quotas.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert load_pack(folder) == syria
