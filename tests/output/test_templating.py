"""Templates give the same bytes on Jinja2 and compiled, without Jinja2."""

import subprocess
import sys

import pytest

from bgspec import render
from bgspec.jinja import environment
from bgspec.templating import Templates
from bgspec.write_down import write_down
from tests.corpus import compiled, specs


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    directory = tmp_path_factory.mktemp("compiled")
    write_down(directory / "written_for_a_test")
    sys.path.insert(0, str(directory))
    yield directory
    sys.path.remove(str(directory))


@pytest.mark.parametrize("name", specs())
@pytest.mark.usefixtures("written")
def test_compiled_templates_give_the_bytes_of_jinja(monkeypatch, name):
    monkeypatch.setattr(render, "_engine", lambda finalize: environment(finalize=finalize, filters=render.FILTERS))
    source = specs()[name].read_bytes()
    by_jinja = compiled(source)
    monkeypatch.setattr(
        render, "_engine", lambda finalize: Templates("written_for_a_test.templates", finalize=finalize, filters=render.FILTERS)
    )
    assert compiled(source) == by_jinja


def test_compiled_templates_do_not_load_jinja(written):
    code = (
        "import sys; from bgspec import render; from bgspec.templating import Templates;"
        "t = Templates('written_for_a_test.templates', finalize=render.scalar, filters=render.FILTERS);"
        "t.get_template('macros.j2'); t.get_template('stacks/network.yaml.j2'); assert 'jinja2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": f"{written}:."})
