"""What the samples of proxies let through is what the routes take, and what is for operators is not public."""

import json
import re
import shutil
import subprocess

import pytest
from fastapi.routing import iter_route_contexts

from api.incoming.bodies import body_of
from api.main import create_app
from tests.deploy.tools import need
from tests.support.root import ROOT

NGINX = ROOT / "deploy/proxy/nginx.conf"
CADDY = ROOT / "deploy/proxy/Caddyfile"
UNITS = {"k": 1024, "m": 1024 * 1024}
OPERATORS = ("/metrics", "/livez", "/readyz", "/readyz/worker")


@pytest.fixture
def routes(core):
    """The path of each route with a word in place of each parameter, and the largest body that any method takes."""
    largest = {}
    for one in iter_route_contexts(create_app(core).routes):
        if one.path and one.methods != {"GET"}:
            path = re.sub(r"\{[^}]*\}", "some-1", one.path)
            largest[path] = max(largest.get(path, 0), body_of(one.route).largest)
    return largest


def nginx_limit(path):
    """What nginx takes at a path: a location by a pattern wins over one by a prefix; the longest of these wins."""
    text = NGINX.read_text(encoding="utf-8")
    secure = text[text.index("listen 443") :]
    whole = re.search(r"^    client_max_body_size (\d+)([km]);", secure, re.MULTILINE)
    found = re.findall(r"^    location (~ )?(\S+) \{\n        client_max_body_size (\d+)([km]);", secure, re.MULTILINE)
    by_pattern = [size for is_pattern, where, *size in found if is_pattern and re.search(where, path)]
    by_prefix = [size for is_pattern, where, *size in found if not is_pattern and path.startswith(where)]
    number, unit = (by_pattern or by_prefix or [whole.groups()])[0]
    return int(number) * UNITS[unit]


@pytest.fixture(scope="module")
def caddy():
    caddy = need("caddy")
    done = subprocess.run(
        [caddy, "adapt", "--adapter", "caddyfile", "--config", CADDY], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def caddy_routes(caddy):
    (secure,) = [one for one in caddy["apps"]["http"]["servers"].values() if one["listen"] == [":443"]]
    (site,) = secure["routes"]
    return site["handle"][0]["routes"]


def caddy_matches(match, path):
    for name, what in match.items():
        if name == "path":
            found = any(path == one or (one.endswith("*") and path.startswith(one[:-1])) for one in what)
        elif name == "path_regexp":
            found = re.search(what["pattern"], path) is not None
        else:
            assert name == "not"
            found = not any(caddy_matches(one, path) for one in what)
        if not found:
            return False
    return True


def caddy_limit(caddy, path):
    limits = [
        handler["max_size"]
        for route in caddy_routes(caddy)
        if any(caddy_matches(match, path) for match in route.get("match", [{}]))
        for handler in route["handle"]
        if handler["handler"] == "request_body"
    ]
    assert len(limits) == 1, path
    return limits[0]


def test_nginx_lets_every_route_have_its_largest_body(routes):
    assert len(routes) > 100
    assert {path: largest for path, largest in routes.items() if nginx_limit(path) < largest} == {}


def test_nginx_keeps_large_bodies_from_every_other_route(routes):
    assert {path for path, largest in routes.items() if nginx_limit(path) > max(largest, 64 * 1024)} == set()


def test_caddy_has_the_same_limit_as_nginx_for_every_route(routes, caddy):
    assert {path for path in routes if caddy_limit(caddy, path) != nginx_limit(path)} == set()


@pytest.mark.parametrize("path", OPERATORS)
def test_what_operators_read_is_not_public(path, caddy):
    refusing = [
        where
        for where in re.findall(r"location ~ (\S+) \{ return 404; \}", NGINX.read_text(encoding="utf-8"))
        if re.search(where, path)
    ]
    answers = [
        handler["status_code"]
        for route in caddy_routes(caddy)
        if any(caddy_matches(match, path) for match in route.get("match", [{}]))
        for handler in route["handle"]
        if handler["handler"] == "static_response"
    ]
    assert (len(refusing), answers) == (1, [404])


def test_nginx_keeps_no_address_of_a_calendar(routes):
    text = NGINX.read_text(encoding="utf-8")
    (inside,) = re.findall(r"location \^~ /calendar/ \{(.*?)\}", text, re.DOTALL)
    assert {"access_log off;", "error_log /dev/null crit;"} <= {line.strip() for line in inside.splitlines()}


def test_nginx_accepts_its_sample(tmp_path):
    nginx = need("nginx")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=mawid.example", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    sample = NGINX.read_text(encoding="utf-8").replace("/etc/mawid/tls", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{sample}\n}}\n")

    done = subprocess.run(
        [nginx, "-t", "-e", "stderr", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_caddy_accepts_its_sample(caddy):
    done = subprocess.run(
        [shutil.which("caddy"), "validate", "--adapter", "caddyfile", "--config", CADDY],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    secure = caddy["apps"]["http"]["servers"]
    assert all(one["read_header_timeout"] and one["read_timeout"] and one["idle_timeout"] for one in secure.values())
