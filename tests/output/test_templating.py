"""Templates give the same bytes on Jinja2 and compiled, without Jinja2."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings

from bgspec import render
from bgspec.jinja import environment
from bgspec.templating import Templates
from bgspec.write_down import write_down
from tests.corpus import compiled, specs
from tests.strategies import as_yaml
from tests.strategies import specs as random_specs


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    directory = tmp_path_factory.mktemp("compiled")
    write_down(directory / "written_for_a_test")
    sys.path.insert(0, str(directory))
    yield directory
    sys.path.remove(str(directory))


@pytest.mark.parametrize("name", specs())
@pytest.mark.slow
@pytest.mark.usefixtures("written")
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_specs())
def test_compiled_templates_give_the_bytes_of_jinja_for_any_spec(tree):
    """The same for random specs of the whole language."""
    engines = (
        environment(finalize=render.scalar, filters=render.FILTERS),
        Templates("written_for_a_test.templates", finalize=render.scalar, filters=render.FILTERS),
    )
    seen = []
    for engine in engines:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(render, "_engine", lambda engine=engine: engine)
            seen.append(compiled(as_yaml(tree)))
    assert seen[0] == seen[1]


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
