"""The only reader of YAML: text in, a tree of plain values out, with the place of every value kept beside it."""

from typing import Any, Literal

from bgspec.diagnostics import Diagnostic, Route, Span
from bgspec.document.comments import Silence, find_silences
from bgspec.document.places import Place, child, span_of_key, span_of_value
from bgspec.document.text import decode, read_spec
from bgspec.document.tree import build

__all__ = ["Document", "parse", "read_spec"]


class Document:
    """One file as it was read. Nobody changes it after `parse`."""

    __slots__ = ("_lines", "_text", "name", "place", "problems", "silences", "tree", "values")

    def __init__(  # noqa: PLR0913 -- `parse` is the only caller
        self,
        name: str,
        text: str,
        *,
        tree: Any = None,  # noqa: ANN401 -- what the file holds is not known yet
        place: Place | None = None,
        values: int = 0,
        problems: tuple[Diagnostic, ...] = (),
        silences: tuple[Silence, ...] = (),
    ) -> None:
        self.name = name
        """As given by the user; `-` is standard input."""
        self.tree = tree
        """dict[str, …], list, str, int, float, bool or None; None as well when the file cannot be read."""
        self.place = place
        """The places of `tree`, in the same shape."""
        self.values = values
        """How many values the tree holds with its aliases written out."""
        self.problems = problems
        """What reading found, `span` set."""
        self.silences = silences
        """The `# bgspec: ignore[…]` comments."""
        self._text = text
        self._lines: list[str] | None = None

    def locate(self, route: Route, at: Literal["value", "key"] = "value") -> Span:
        """Where `route` stands. Where it leads nowhere: the key of the nearest ancestor that exists. Never raises."""
        place, key = self.place, None
        for step in route:
            if place is None or (found := child(place, step)) is None:
                at = "key"
                break
            key, place = found
        if place is None:
            return Span(1, 1, 1, 1)
        return (span_of_key if at == "key" else span_of_value)(self._text, key, place)

    def line(self, number: int) -> str:
        """The source line with this number (from 1), without its line break; empty where there is none."""
        if self._lines is None:
            self._lines = self._text.split("\n")
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


def parse(data: bytes, name: str) -> Document:
    """Read a spec. Never raises, whatever the bytes: what is wrong with them is in `Document.problems`."""
    text, problems = decode(data)
    if problems:
        return Document(name, text, problems=problems)
    built = build(text)
    silences, doubtful = find_silences(text) if built.place is not None else ((), ())
    return Document(
        name,
        text,
        tree=built.tree,
        place=built.place,
        values=built.values,
        problems=(*built.problems, *doubtful),
        silences=silences,
    )
