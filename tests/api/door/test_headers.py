from fastapi.testclient import TestClient


def test_every_answer_carries_the_headers_that_keep_it_to_itself(client: TestClient):
    for path in ("/livez", "/nowhere", "/static/mawid.css", "/api/v1/nowhere"):
        headers = client.get(path).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-request-id"]
