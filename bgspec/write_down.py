"""What `validate` and `render` would work out anew at every start, written down as modules when the package is built."""

from pathlib import Path

from bgspec.jinja import compile_templates, environment
from bgspec.render import FILTERS, scalar
from bgspec.spec import compiled


def write_down(directory: Path) -> None:
    """Write the package `bgspec.written` into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "__init__.py").write_text('"""Written when the package was built; see bgspec/write_down.py."""\n', encoding="utf-8")
    compile_templates(environment(finalize=scalar, filters=FILTERS), directory / "templates")
    compiled.write(directory / "language.py")
