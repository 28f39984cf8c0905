"""What the deploy step says while it works: one line for each thing that happens, on standard error."""

import sys
import threading
import time
from typing import TextIO


class Show:
    """Lines with the seconds since the beginning in front. Threads may speak at the same time."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._start = time.monotonic()
        self._lock = threading.Lock()

    def say(self, who: str, text: str) -> None:
        seconds = int(time.monotonic() - self._start)
        with self._lock:
            self._stream.write(f"{seconds // 60:4}:{seconds % 60:02}  {who:<16} {text}\n")
            self._stream.flush()

    def line(self, text: str = "") -> None:
        with self._lock:
            self._stream.write(f"{text}\n")
            self._stream.flush()
