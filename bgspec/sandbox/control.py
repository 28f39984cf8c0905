"""The emulator's own pages, below `/_sandbox`: health, everything that exists, settings, seeds, layers, and an end."""

import json
import os
import re
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.seeds import plant
from bgspec.sandbox.wire.message import Answer, Request
from bgspec.sandbox.world import World

PREFIX = "/_sandbox"  # no AWS service answers below it: names of buckets hold no underscore


def page(world: World, request: Request) -> Answer:
    """Every page but `stop`, which is the server's."""
    name = request.path[len(PREFIX) :].strip("/")
    if name == "settings" and request.method == "POST":
        _set(world, json.loads(request.body or b"{}"))
    elif name == "seed" and request.method == "POST":
        wanted = json.loads(request.body)
        with world.lock:
            try:
                return _json(200, {"planted": plant(world.context(wanted["account"], wanted["region"]), wanted["arns"])})
            except AwsError as error:
                return _json(400, {"message": error.message})
    elif name == "state":
        return _json(200, world.state())
    elif match := re.fullmatch(r"layers/(\d{12})/([a-z0-9-]+)/(.+)/(sha256:[0-9a-f]{64})", name):
        return _layer(world, *match.groups())
    elif name not in {"", "health", "settings"}:
        return _json(404, {"message": f"no page {name}: health, state, settings, seed, stop"})
    return _json(200, _health(world))


def _set(world: World, wanted: dict[str, Any]) -> None:
    with world.lock:
        world.speed = float(wanted.get("speed", world.speed))
        for name in ("slow", "broken_images", "functions", "quotas", "fresh"):
            if name in wanted:
                setattr(world, name, wanted[name])


def _health(world: World) -> dict[str, Any]:
    with world.lock:
        settings = {name: getattr(world, name) for name in ("speed", "slow", "broken_images", "functions", "quotas", "fresh")}
        return {
            "emulation": "bgspec sandbox",
            "pid": os.getpid(),
            "failures": list(world.failures),
            "requests": dict(world.requests),
            **settings,
        }


def _layer(world: World, account: str, region: str, name: str, digest: str) -> Answer:
    repository = world.context(account, region).table("ecr.repositories").get(name, {})
    layer: bytes | None = repository.get("_layers", {}).get(digest)
    if layer is None:
        return _json(404, {"message": "no such layer"})
    return Answer(200, {"Content-Type": "application/octet-stream"}, layer)


def _json(status: int, value: object) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value, default=_plain).encode())


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
