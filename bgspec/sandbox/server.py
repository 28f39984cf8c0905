"""The emulator's door: HTTP on loopback."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bgspec.sandbox import control
from bgspec.sandbox.dispatch import answer
from bgspec.sandbox.wire.message import Answer, Request
from bgspec.sandbox.world import World


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port: int, world: World) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.world = world
        world.url = self.url

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed or hung up is none of the emulator's errors."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        self.world.end()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for head and body
    server: Server

    def handle_one(self) -> None:
        target = urlsplit(self.path)
        request = Request(
            self.command,
            target.path,
            dict(parse_qsl(target.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self._body(),
        )
        if request.path == f"{control.PREFIX}/stop" and self.command == "POST":
            self._send(Answer(200, {"Content-Type": "application/json"}, b"{}"))
            threading.Thread(target=self.server.shutdown, daemon=True).start()
        elif request.path.startswith(control.PREFIX):
            self._send(control.page(self.server.world, request))
        else:
            self._send(answer(self.server.world, request))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_one  # noqa: N815 -- the base class names them

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b"".join(self._chunks())
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return _unwrap(body) if "aws-chunked" in self.headers.get("Content-Encoding", "") else body

    def _chunks(self) -> Any:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _send(self, found: Answer) -> None:
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in found.headers and found.status != 204:
            self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Quiet: the emulator's log holds its defects only."""


def _unwrap(body: bytes) -> bytes:
    """The payload of S3's own aws-chunked encoding: `size[;signature] CRLF data CRLF …`, trailers after the last chunk."""
    found, at = [], 0
    while at < len(body):
        end = body.index(b"\r\n", at)
        size = int(body[at:end].split(b";")[0], 16)
        if size == 0:
            break
        found.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(found)
