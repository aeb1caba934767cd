"""The paper: whole for archives, the same each time, and its square opens the check."""

import re
import zlib

import pypdfium2
import pytest

from booking.base.errors import NotFoundError
from booking.base.references import shown
from booking.online.certificate import check_address, make_certificate, own_certificate
from booking.online.check import Standing, check_result
from tests.country import an_account, an_origin
from tests.online_cases import INSURANCE, result_of, with_agency


@pytest.fixture
def policy(country):
    return with_agency(country, INSURANCE)


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


def test_a_certificate_is_an_archivable_pdf(country, policy):
    number, pdf = own_certificate(country, account_id=policy.account, reference=policy.reference)
    whole = objects(pdf)
    assert pdf.startswith(b"%PDF-1.7")
    assert pdf[9:15].startswith(b"%"), "a second line of bytes says that the file is binary"
    for needed in (b"/OutputIntents", b"/S /GTS_PDFA1", b"/DestOutputProfile", b"/ID [", b"/Lang (ar)"):
        assert needed in whole, needed
    assert re.search(rb"pdfaid:part\W+2\W", whole)
    assert re.search(rb"pdfaid:conformance\W+U\W", whole)
    fonts = re.findall(rb"/Type /Font\b", whole)
    assert len(re.findall(rb"/FontFile2", whole)) == 2
    assert fonts
    assert b"/ToUnicode" in whole
    for forbidden in (b"/Encrypt", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/Helvetica"):
        assert forbidden not in whole, forbidden
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert shown(number) in text
    assert "Compulsory insurance policy" in text


def test_the_same_result_gives_the_same_certificate(country, policy):
    first = own_certificate(country, account_id=policy.account, reference=policy.reference)
    assert own_certificate(country, account_id=policy.account, reference=policy.reference) == first


def test_the_square_on_a_certificate_leads_to_a_valid_check(country, policy):
    address = check_address(country, result_of(country, policy.reference))
    assert address.startswith("http://localhost:8000/check#")
    assert check_result(country, address, origin=an_origin()).standing is Standing.VALID


def test_only_the_owner_gets_the_certificate(country, policy):
    with pytest.raises(NotFoundError):
        own_certificate(country, account_id=an_account(country), reference=policy.reference)


def test_a_long_answer_pushes_nothing_off_the_certificate(country):
    asked = with_agency(country, INSURANCE, make="كيا " * 14 + "ريو")
    result = result_of(country, asked.reference)
    pdf = make_certificate(country, result, country.pack.service(INSURANCE))
    assert len(pypdfium2.PdfDocument(pdf)) in {1, 2}
