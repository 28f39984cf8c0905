"""What `validate` and `render` would work out anew at every start, written down as modules when the package is built."""

from pathlib import Path

from typer.main import get_command

from bgspec.cli import app
from bgspec.jinja import compile_templates, environment
from bgspec.quick import WIDE
from bgspec.render import FILTERS, scalar
from bgspec.spec import compiled


def write_down(directory: Path) -> None:
    """Write the package `bgspec.written` into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "__init__.py").write_text('"""Written when the package was built; see bgspec/write_down.py."""\n', encoding="utf-8")
    compile_templates(environment(finalize=scalar, filters=FILTERS), directory / "templates")
    compiled.write(directory / "language.py")
    (directory / "usage.py").write_text(f'"""What `bgspec --help` says."""\n\nTEXT = {usage()!r}\n', encoding="utf-8")


def usage() -> str:
    """What `bgspec --help` says on a terminal that is wide enough: wider, typer makes no line longer. Two columns are its margin."""
    command = get_command(app)
    return f"{command.get_help(command.context_class(command, info_name='bgspec', terminal_width=WIDE - 2))}\n"
