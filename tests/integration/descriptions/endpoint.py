"""A fake endpoint on loopback, which answers as it is told, and what it was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: "Endpoint"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        with suppress(OSError):  # the client has gone
            self.server.answer(self, json.loads(body))

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers), {}))
        self.send(200, b"{}")

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


class Endpoint(ThreadingHTTPServer):
    """To be told by `answer` what to say."""

    daemon_threads = True
    answer: Answer

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def asked(self) -> list[dict[str, Any]]:
        """The facts of each request."""
        return [json.loads(body["messages"][1]["content"])["faits"] for _, _, body in self.requests]


def saying(text: Callable[[dict[str, Any]], Any]) -> Answer:
    """Answers with what `text` makes of the facts and the sentences by rule."""

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        content = text(json.loads(body["messages"][1]["content"]))
        handler.send(200, json.dumps({"choices": [{"message": {"content": content}}]}).encode())

    return answer


def refusing(status: int) -> Answer:
    return lambda handler, _body: handler.send(status, b'{"error": "no"}')


def sending(body: bytes) -> Answer:
    return lambda handler, _body: handler.send(200, body)


def stalling(handler: Handler, _body: dict[str, Any]) -> None:
    """Never answers."""
    handler.server.ended.wait()


def dripping(handler: Handler, _body: dict[str, Any]) -> None:
    """A byte now and then: no single wait is long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not handler.server.ended.wait(0.02):
        handler.wfile.write(b"x")


def dripping_text(handler: Handler, _body: dict[str, Any]) -> None:
    """The same behind the headers, with no length."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    while not handler.server.ended.wait(0.02):
        handler.wfile.write(b" ")


def hanging_up(handler: Handler, _body: dict[str, Any]) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def redirecting(handler: Handler, _body: dict[str, Any]) -> None:
    handler.send(307, b"", Location=f"{handler.server.url}/elsewhere")


@contextmanager
def running() -> Iterator[Endpoint]:
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
