"""Templates give the same bytes on Jinja2 and compiled, without Jinja2."""

import gc
import subprocess
import sys
from functools import cache

import pytest

from bgspec import render
from bgspec.jinja import environment
from bgspec.templating import Templates
from bgspec.write_down import write_down
from tests.corpus import compiled, specs
from tests.strategies import as_yaml, sample


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    directory = tmp_path_factory.mktemp("compiled")
    write_down(directory / "written_for_a_test")
    sys.path.insert(0, str(directory))
    yield directory
    sys.path.remove(str(directory))


@cache
def written_down(finalize):
    return Templates("written_for_a_test.templates", finalize=finalize, filters=render.FILTERS)


@pytest.fixture
def both_ways(monkeypatch, written):
    """What a spec compiles to on Jinja2, and with its templates written down."""
    del written

    @cache
    def on_jinja(finalize):
        return environment(finalize=finalize, filters=render.FILTERS)

    def made(source, engine):
        monkeypatch.setattr(render, "_engine", engine)
        return compiled(source)

    return lambda source: (made(source, on_jinja), made(source, written_down))


@pytest.mark.parametrize("name", specs())
def test_compiled_templates_give_the_bytes_of_jinja(both_ways, name):
    on_jinja, written_down = both_ways(specs()[name].read_bytes())
    assert written_down == on_jinja


@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 50))])
def test_they_do_for_random_specs(both_ways, number):
    """Two thousand of them in the long run."""
    for tree in sample(40, environment=f"e{number}"):
        on_jinja, written_down = both_ways(as_yaml(tree))
        assert written_down == on_jinja


@pytest.mark.parametrize("name", specs())
def test_a_compilation_leaves_no_cycles(monkeypatch, written, name):
    """The garbage collector is told to look seldom (see `bgspec.__main__`)."""
    del written
    monkeypatch.setattr(render, "_engine", written_down)
    data = specs()[name].read_bytes()
    compiled(data)
    gc.disable()
    gc.freeze()  # what is loaded now stays, and need not be looked at
    try:
        compiled(data)
        assert gc.collect() == 0
    finally:
        gc.unfreeze()
        gc.enable()


def test_compiled_templates_do_not_load_jinja(written):
    code = (
        "import sys; from bgspec import render; from bgspec.templating import Templates;"
        "t = Templates('written_for_a_test.templates', finalize=render.scalar, filters=render.FILTERS);"
        "t.get_template('macros.j2'); t.get_template('stacks/network.yaml.j2'); assert 'jinja2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": f"{written}:."})
