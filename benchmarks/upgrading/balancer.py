"""nginx as ``deploy/proxy/nginx.conf`` has it, without TLS, in front of web processes that come and go."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "deploy/proxy/nginx.conf"
_SERVER = "    server 127.0.0.1:8000 max_fails=2 fail_timeout=3s;\n"
_FRAME = """
daemon off;
worker_processes 1;
user root;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{sample}
}}
"""


class Balancer:
    """The balancer: whom it asks changes by a reload, as an administrator changes it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, ports: Sequence[int]) -> None:
        """Ask the web processes at these ports from now on; calls under way are finished by whoever has them."""
        servers = "".join(_SERVER.replace("8000", str(port)) for port in ports)
        sample = SAMPLE.read_text(encoding="utf-8")
        assert _SERVER in sample, "the sample's upstream is another one"
        plain = sample.replace(_SERVER, servers)
        begin = plain.index("server {\n    listen 80;")
        plain = plain[:begin] + plain[plain.index("server {\n    listen 443") :]
        plain = plain.replace("listen 443 ssl;", f"listen 127.0.0.1:{self.port};").replace("    http2 on;\n", "")
        plain = re.sub(r"    ssl_\w+ [^;]*;[^\n]*\n", "", plain)
        (self.folder / "nginx.conf").write_text(_FRAME.format(folder=self.folder, sample=plain))
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)
            time.sleep(1)  # its processes of before take no new call any more

    @contextmanager
    def started(self, ports: Sequence[int]) -> Iterator[None]:
        """Run it."""
        self.ask(ports)
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") or "nginx"
        self._process = subprocess.Popen([program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")])
        try:
            yield
        finally:
            self._process.terminate()
            self._process.wait()

    def said(self) -> list[str]:
        """Return what it wrote of calls that went wrong."""
        log = self.folder / "nginx.log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []
