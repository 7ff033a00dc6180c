"""A cluster that speaks TLS: its certificate is checked with the file of the settings, and who asks is named."""

import base64
import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from foxreviews.search.cluster.connection import Access, Cluster
from foxreviews.search.errors import IndexFailedError

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


class Answer(http.server.BaseHTTPRequestHandler):
    """Says who has asked."""

    def do_GET(self) -> None:
        body = f'{{"who": "{self.headers["authorization"]}"}}'.encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [str(OPENSSL), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


@pytest.fixture
def address(certificate: tuple[Path, Path]) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_certificate_is_checked_with_the_file_of_the_settings(
    address: str, certificate: tuple[Path, Path]
) -> None:
    access = Access((address,), user="ann", password="a:b", ca_file=str(certificate[0]))
    basic = base64.b64encode(b"ann:a:b").decode()
    assert Cluster(access).call("GET", "/") == {"who": f"Basic {basic}"}
    key = Access((address,), api_key="a2V5", ca_file=str(certificate[0]))
    assert Cluster(key).call("GET", "/") == {"who": "ApiKey a2V5"}


def test_one_that_nobody_vouches_for_is_refused(address: str) -> None:
    with pytest.raises(IndexFailedError, match="certificate"):
        Cluster(Access((address,))).call("GET", "/")
