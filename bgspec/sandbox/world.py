"""The emulated world: what exists in each account and Region, what is under way, and how fast its time runs."""

import hashlib
import heapq
import itertools
import math
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name

from bgspec.regions import DNS_SUFFIX, REGIONS, Partition
from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.models import check, operation

Record = dict[str, Any]  # a thing as its own service describes it, plus what other operations show of it
Table = dict[str, Record]
Work = Generator[float, None, None]  # yields how many emulated seconds pass before its next step

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_SPEED = 60.0  # emulated seconds in one real second: a stack of 15 s takes 0.25 s


class World:
    """All state, one lock, and one thread that takes the next step of whatever is due.

    Handlers and steps run under `lock`, so each of them sees and leaves a consistent world.
    """

    def __init__(self, speed: float = DEFAULT_SPEED) -> None:
        self.lock = threading.RLock()
        self._speed = speed
        self._anchor = (time.monotonic(), 0.0)  # a moment, and the emulated seconds until then
        self.slow: dict[str, float] = {}  # a stack's name -> emulated seconds that each of its steps takes longer
        self.broken_images: dict[str, str] = {}  # a part of an image's URI -> what its tasks die of
        self.quotas: dict[str, float] = {}  # a quota's code -> the value applied to this account
        self.functions: dict[str, str] = {}  # a part of a function's name -> what it answers to a hook: Succeeded, Failed, wait
        self.fresh = False  # an account that was never used: it has no service-linked roles yet
        self.url = ""  # where the emulator is reached, for the addresses it gives out
        self.failures: list[str] = []  # tracebacks of steps: defects of the emulator, shown by its health page
        self.requests: Counter[str] = Counter()
        self._regions: defaultdict[tuple[str, str], defaultdict[str, Table]] = defaultdict(lambda: defaultdict(dict))
        self._numbers: Counter[str] = Counter()
        self._due: list[tuple[float, int, Work]] = []  # by emulated seconds
        self._order = itertools.count()
        self._woken = threading.Condition(self.lock)
        self._ended = False
        threading.Thread(target=self._run, daemon=True, name="steps").start()

    def context(self, account: str = DEFAULT_ACCOUNT, region: str = "us-east-1") -> "Context":
        return Context(self, account, region)

    def region(self, account: str, region: str) -> defaultdict[str, Table]:
        return self._regions[account, region]

    def number(self, series: str) -> int:
        self._numbers[series] += 1
        return self._numbers[series]

    @property
    def speed(self) -> float:
        """How many emulated seconds pass in a real one."""
        return self._speed

    @speed.setter
    def speed(self, wanted: float) -> None:
        with self.lock:
            self._anchor = (time.monotonic(), self.elapsed())
            self._speed = wanted
            self._woken.notify()

    def elapsed(self) -> float:
        """Emulated seconds since the beginning. Time stands still while something is due: on a busy machine nothing is late."""
        moment, seconds = self._anchor
        now = seconds + max(time.monotonic() - moment, 0.0) * self._speed
        return min(now, self._due[0][0]) if self._due else now

    def start(self, work: Work) -> None:
        """Take the first step of `work` now, the later ones when they are due."""
        with self.lock:
            self._step(work)

    def state(self) -> Record:
        """Everything that exists, by account, Region and table."""
        with self.lock:
            return {f"{a}/{r}": {n: dict(t) for n, t in tables.items() if t} for (a, r), tables in self._regions.items()}

    def end(self) -> None:
        """Take no further step; everything that exists may be forgotten."""
        with self.lock:
            self._ended = True
            self._woken.notify()

    def _run(self) -> None:
        with self.lock:
            while not self._ended:
                now = self.elapsed()
                if self._due and self._due[0][0] <= now:
                    self._anchor = (math.inf, now)  # whatever the step costs in real time
                    self._step(heapq.heappop(self._due)[2])
                    self._anchor = (time.monotonic(), now)
                else:
                    self._woken.wait((self._due[0][0] - now) / self._speed if self._due else None)

    def _step(self, work: Work) -> None:
        try:
            seconds = next(work)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 -- one broken step must not end all others; it is shown, not hidden
            self.failures.append(traceback.format_exc())
            sys.stderr.write(self.failures[-1])
            return
        heapq.heappush(self._due, (self.elapsed() + seconds, next(self._order), work))
        self._woken.notify()


class Context:
    """One account in one Region: what every operation gets."""

    def __init__(self, world: World, account: str, region: str) -> None:
        self.world = world
        self.account = account
        self.region = region

    @property
    def partition(self) -> Partition:
        return REGIONS.get(self.region, "aws")

    @property
    def suffix(self) -> str:
        return DNS_SUFFIX[self.partition]

    def table(self, name: str) -> Table:
        return self.world.region(self.account, self.region)[name]

    def shared(self, name: str) -> Table:
        """A table of the account, the same in every Region (IAM, Route 53)."""
        return self.world.region(self.account, "global")[name]

    def everywhere(self, name: str) -> Table:
        """A table of all accounts (the names of buckets)."""
        return self.world.region("all", "global")[name]

    def arn(self, service: str, resource: str) -> str:
        region = "" if service in {"iam", "s3", "route53"} else self.region
        account = "" if service in {"s3", "route53"} else self.account
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    def unique(self, series: str, length: int = 17) -> str:
        """Hexadecimal digits that no earlier call returned; the same ones in every run."""
        number = self.world.number(f"{self.account}/{self.region}/{series}")
        return hashlib.sha256(f"{self.account}/{self.region}/{series}/{number}".encode()).hexdigest()[:length]

    def uuid(self, series: str) -> str:
        digits = self.unique(series, 32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def now(self) -> datetime:
        return datetime.now(UTC)

    def call(self, service: str, action: str, /, **params: Any) -> Record:
        """An operation as a client would call it, checked against its model."""
        from bgspec.sandbox.services.catalog import REGISTRY  # noqa: PLC0415 -- the services import this module

        asked = operation(service, action)
        if asked.input_shape is not None:
            unknown = params.keys() - asked.input_shape.members.keys()
            if unknown:
                raise AwsError("ValidationException", f"Unknown parameter {min(unknown)} of {asked.name}.")
            check(asked.input_shape, params)
        handler = REGISTRY[service].operations.get(xform_name(asked.name))
        if handler is None:
            raise NotEmulated(f"{service}:{asked.name}")
        return handler(self, params) or {}
