"""A proxy between boto3 and the emulator that spoils calls, below botocore's own retries."""

import http.client
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.wire.message import Request
from bgspec.sandbox.wire.protocol import decode, encode_error


class Fault(NamedTuple):
    """What happens to `times` calls of an operation."""

    times: int
    error: AwsError | None = None
    """The answer instead of AWS's own; the call never arrives."""
    reset: str = ""
    """The connection ends `before` the call arrives, or `after` it took effect."""
    kill: bool = False
    """The process that calls is killed when the connection ends."""
    slow: float = 0.0
    """From this call on the emulator takes its time, for so many seconds: whatever is in progress stays so for many looks."""


SLOW_DOWN = AwsError("SlowDown", "Please reduce your request rate.", 503)
"""How S3 throttles (Amazon S3 API reference, error responses)."""
FOREVER = 1_000_000
FAULTS = {
    "throttled": Fault(3, AwsError("Throttling", "Rate exceeded")),
    "throttled for ever": Fault(FOREVER, AwsError("ThrottlingException", "Rate exceeded")),
    "500": Fault(2, AwsError("InternalFailure", "It is us", 500)),
    "reset before": Fault(1, reset="before"),
    "reset after": Fault(1, reset="after"),
    "slow states": Fault(1, slow=0.7),
    "expired token": Fault(FOREVER, AwsError("ExpiredTokenException", "The security token is expired", 403)),
    "access denied": Fault(FOREVER, AwsError("AccessDeniedException", "User is not authorized to do this", 403)),
    "killed before": Fault(1, reset="before", kill=True),
    "killed after": Fault(1, reset="after", kill=True),
}
UNNOTICED = frozenset({"throttled", "500", "reset before", "reset after", "slow states"})
"""What retries and patience mend: nobody hears of it."""


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = urlsplit(target)
        self.slow_down: Callable[[float], None] = lambda _: None
        self.calls: Counter[str] = Counter()
        self.spoil()
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spoil(self, operation: str = "", fault: Fault | None = None, *, skip: int = 0, kill: Callable[[], None] = lambda: None) -> None:
        """Spoil calls of `operation` from now on, but for the first `skip`; `kill` ends the process that calls."""
        self.operation, self.fault, self.skip, self.kill, self.spoiled = operation, fault, skip, kill, 0

    def applies(self, name: str) -> Fault | None:
        with self._lock:
            self.calls[name] += 1
            if self.fault is None or name != self.operation:
                return None
            if self.skip or self.spoiled >= self.fault.times:
                self.skip = max(0, self.skip - 1)
                return None
            self.spoiled += 1
            return self.fault

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/_sandbox"):
            self._answer(*self._forward(body))
            return
        where = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = decode(Request(self.command, where.path, dict(parse_qsl(where.query, keep_blank_values=True)), headers, body))
        fault = self.server.applies(f"{call.service}:{call.operation.name}")
        if fault and fault.error:
            error = SLOW_DOWN if call.service == "s3" and fault.error.code.startswith("Throttl") else fault.error
            refusal = encode_error(call.protocol, call.service, error, "00000000-0000-4000-8000-000000000000")
            self._answer(refusal.status, refusal.headers, refusal.body)
        elif fault and fault.reset:
            if fault.reset == "after":
                self._forward(body)
            if fault.kill:
                self.server.kill()
            self._reset()
        else:
            if fault:
                self.server.slow_down(fault.slow)
            self._answer(*self._forward(body))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_one  # noqa: N815  the base class names them

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        target = self.server.target
        connection = http.client.HTTPConnection(target.hostname or "", target.port)
        try:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        """An end by RST instead of FIN: the way a connection is lost."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Quiet."""
