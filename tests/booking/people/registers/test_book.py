"""Invented people in a file: one process writes, the others see it."""

from datetime import date

from booking.people.registers.synthetic import BookFile, Enrolled, SyntheticRegister

AMAL = Enrolled("أمل الخيالية", date(1990, 5, 17), phone=False, guardians=("01000000002",))


def test_people_written_down_are_seen_by_whoever_reads_already(tmp_path):
    path = tmp_path / "register" / "people.jsonl"
    reader = BookFile(path)
    assert reader.person("01000000001") is None

    BookFile(path).add({"01000000001": AMAL, "01000000003": Enrolled("ريم", date(2000, 1, 1))})
    assert reader.person("01000000001") == AMAL
    BookFile(path).add({"01000000003": Enrolled("ريم", date(2000, 1, 1), dead=True)})

    assert reader.person("01000000003").dead
    assert path.stat().st_mode & 0o777 == 0o600


def test_half_a_line_waits_for_its_end(tmp_path):
    path = tmp_path / "people.jsonl"
    BookFile(path).add({"01000000001": AMAL})
    whole, reader = path.read_bytes(), BookFile(path)
    path.write_bytes(whole[:20])
    assert reader.person("01000000001") is None

    path.write_bytes(whole)
    assert reader.person("01000000001") == AMAL


def test_the_register_knows_whom_the_book_names_and_invents_the_others(tmp_path, clock):
    book = BookFile(tmp_path / "people.jsonl")
    book.add({"01000000001": AMAL})
    register = SyntheticRegister(clock, ["damascus"], book)

    assert register.person_of("01000000001") == AMAL
    assert register.person_of("01000000002") == SyntheticRegister(clock, ["damascus"]).person_of("01000000002")
