"""A square is read with the camera into the form of its page: a document that anyone checks, a pass at the counter."""

import pytest

from booking.platform.models.states import Role
from tests.journeys import steps
from tests.support.country import a_colleague

# A camera that shows a white square, and a browser that reads in it what a square here would say.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 8, 8);
  return canvas.captureStream(10);
};
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: "7K2M9D4QX" }]; }
};
"""


@pytest.fixture
def seated(visit, site):
    """Sit down where a camera is: anyone, or a clerk."""

    def sit_down(path):
        visitor = visit(language="en", width=1280)
        visitor.page.add_init_script(CAMERA)
        if path == "/desk/today":
            steps.come_signed_in(visitor, a_colleague(site.core, Role.OFFICER, office="damascus"), path)
        else:
            visitor.open(path)
        return visitor

    return sit_down


@pytest.mark.parametrize("path", ["/check", "/desk/today"])
def test_a_square_is_read_with_the_camera_and_sent(seated, path):
    page = seated(path).page
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator("#camera").click()
    assert "7K2M9D4QX" in sent.value.post_data
