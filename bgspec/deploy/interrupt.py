"""Ctrl-C: the first one ends things in order, the second one at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bgspec.deploy.formation import StoppedError
from bgspec.deploy.show import Show
from bgspec.errors import AwsError

_INTERRUPTED = 130
_TOLD = "Stopping: nothing new begins; what CloudFormation has begun goes on there. Ctrl-C again leaves at once."


@contextmanager
def interruptible(stop: Callable[[], None], show: Show) -> Iterator[None]:
    """Call `stop` at the first Ctrl-C (or SIGTERM, with which CI systems cancel). The second one is like `kill -9`: the next run goes on.

    Raises KeyboardInterrupt in the end when there was one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = threading.Event()

    def told(*_: object) -> None:
        if interrupted.is_set():
            show.leave()
            os._exit(_INTERRUPTED)  # threads that wait for an answer or an image would hold everything else up
        interrupted.set()
        stop()
        # Whoever was interrupted may be in the middle of a line of its own.
        threading.Thread(target=show.line, args=(_TOLD,)).start()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except StoppedError as stopped:
        if not interrupted.is_set():
            raise AwsError("Stopped, because the lock was lost. Run the same command again: it goes on where it stopped.") from stopped
    finally:
        show.close()
        if not interrupted.is_set():  # else the process is about to end, and a second Ctrl-C still ends it at once
            for number, handler in before.items():
                signal.signal(number, handler)
    if interrupted.is_set():
        raise KeyboardInterrupt
