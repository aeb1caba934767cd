"""The paper: whole for archives, the same each time; its words copy out, and its QR code opens the check."""

import re
import zlib
from itertools import count

import pypdfium2
import pytest

from booking.eservices.online.check import Standing, check_address, check_result, make_certificate, own_certificate
from booking.platform.base.errors import NotFoundError
from booking.platform.base.references import shown
from tests.support.country import an_account, an_origin
from tests.support.online_cases import INSURANCE, result_of, with_agency

pytestmark = pytest.mark.neighbours


PLATES = map(str, count(200_000))  # a car is insured once


@pytest.fixture
def policy(country):
    return with_agency(country, INSURANCE, plate=next(PLATES))


def objects(pdf: bytes) -> bytes:
    """Everything that the file holds, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = []
    for one in streams:
        try:
            unpacked.append(zlib.decompress(one))
        except zlib.error:
            unpacked.append(one)
    return pdf + b"\n".join(unpacked)


def copied(pdf: bytes) -> str:
    """What somebody gets who selects the whole first page and copies it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_range().replace("\r\n", "\n")


def test_a_certificate_is_an_archivable_tagged_pdf_with_title_and_language(country, policy):
    number, pdf = own_certificate(country, account_id=policy.account, reference=policy.reference)
    whole = objects(pdf)
    assert pdf.startswith(b"%PDF-1.7")
    assert pdf[9:15].startswith(b"%"), "a second line of bytes says that the file is binary"
    for needed in (
        *(b"/OutputIntents", b"/S /GTS_PDFA1", b"/DestOutputProfile", b"/ID [", b"/Lang (ar)"),
        *(b"/StructTreeRoot", b"/Marked true", b"/S /H1", b"/S /Figure", b"/DisplayDocTitle true", b"/Lang (en)"),
    ):
        assert needed in whole, needed
    assert re.search(rb"pdfaid:part\W+2\W", whole)
    assert re.search(rb"pdfaid:conformance\W+U\W", whole)
    assert re.findall(rb"/Type /Font\b", whole)
    assert len(re.findall(rb"/FontFile2", whole)) == 2
    assert b"/ToUnicode" in whole
    for forbidden in (b"/Encrypt", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/Helvetica"):
        assert forbidden not in whole, forbidden
    assert shown(number) in copied(pdf)


def test_a_certificate_says_who_issued_it_and_what_it_states_in_words_that_copy_out(country, policy):
    _, pdf = own_certificate(country, account_id=policy.account, reference=policy.reference)
    lines = copied(pdf).split("\n")
    for said in (
        *("الجمهورية العربية السورية", "Syrian Arab Republic"),
        *("الاتحاد السوري لشركات التأمين", "Syrian Insurance Federation"),
        *("عقد تأمين إلزامي", "Compulsory insurance policy"),
        "المركبة المذكورة مؤمن عليها تأمينًا إلزاميًا خلال مدة الصلاحية.",
        "The vehicle below has compulsory insurance while this policy is valid.",
        "localhost:8000/check",
        *("موعد – خدمة رسمية – وزارة الداخلية", "Mawid – Official service – Ministry of Interior"),
    ):
        assert said in lines, (said, lines)
    assert any(line.startswith("Valid until 20") for line in lines), lines
    assert not re.search("[?؟]", "".join(lines)), "a document asks nothing"


def test_the_same_result_gives_the_same_certificate(country, policy):
    first = own_certificate(country, account_id=policy.account, reference=policy.reference)
    assert own_certificate(country, account_id=policy.account, reference=policy.reference) == first


def test_the_code_on_a_certificate_leads_to_a_valid_check(country, policy):
    address = check_address(country, result_of(country, policy.reference))
    assert address.startswith("http://localhost:8000/check#")
    assert check_result(country, address, origin=an_origin()).standing is Standing.VALID


def test_only_the_owner_gets_the_certificate(country, policy):
    with pytest.raises(NotFoundError):
        own_certificate(country, account_id=an_account(country), reference=policy.reference)


def test_a_long_answer_pushes_nothing_off_the_certificate(country):
    asked = with_agency(country, INSURANCE, plate=next(PLATES), make="كيا " * 14 + "ريو")
    result = result_of(country, asked.reference)
    pdf = make_certificate(country, result, country.pack.service(INSURANCE))
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) in {1, 2}
