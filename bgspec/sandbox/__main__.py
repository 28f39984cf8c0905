"""`python -m bgspec.sandbox --port 4566`: the emulator in the foreground."""

import argparse
import sys

from bgspec.sandbox.server import Server
from bgspec.sandbox.world import DEFAULT_SPEED, World


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bgspec.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--speed", type=float, default=DEFAULT_SPEED, help="emulated seconds in one real second")
    chosen = parser.parse_args()
    with Server(chosen.port, World(chosen.speed)) as server:
        sys.stdout.write(server.url + "\n")  # once this can be read, the port answers
        sys.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
