"""The language written down reads specs as the models themselves do."""

import importlib.util
import random

import pydantic_core
import pytest
import yaml
from pydantic import ValidationError as FromPydantic

from bgspec.spec import compiled
from bgspec.spec.models import Spec
from tests.corpus import specs

SPECS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in specs().values()]
JUNK = [None, True, 0, -1, 70000, 1.5, "", "x", "10%", "5m", "1h", "A B", [], ["x"], {}, {"x": 1}, "10.0.0.0/16", "all-at-once"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("language") / "language.py"
    compiled.write(path)
    spec = importlib.util.spec_from_file_location("language_for_a_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_for_this_version_of_pydantic_core(written):
    assert pydantic_core.__version__ == written.VERSION


def test_it_is_the_same_text_every_time(tmp_path):
    for name in ("one", "two"):
        compiled.write(tmp_path / name)
    assert (tmp_path / "one").read_text() == (tmp_path / "two").read_text()


@pytest.mark.parametrize("number", [600, pytest.param(4000, marks=pytest.mark.slow)])
def test_it_gives_the_same_answers(written, number):
    """Three ways to read: the models, their lightened schema, and that schema written down."""
    validators = [pydantic_core.SchemaValidator(written.SCHEMA).validate_python, compiled.language().validator.validate_python]
    chance = random.Random(number)
    accepted = 0
    for index in range(number):
        tree = _copy(SPECS[index % len(SPECS)])
        for _ in range(index % 4):
            _mutate(tree, chance)
        expected = _outcome(Spec.model_validate, tree)
        accepted += isinstance(expected, dict)
        for validator in validators:
            assert _outcome(validator, tree) == expected
    assert number / 20 < accepted < number * 19 / 20


def _outcome(read, tree):
    try:
        return _plain(read(tree))
    except (FromPydantic, pydantic_core.ValidationError) as error:
        return [(details["type"], details["loc"], details["msg"]) for details in error.errors(include_url=False)]


def _plain(value):
    if hasattr(value, "__dict__"):
        return {name: _plain(item) for name, item in vars(value).items()}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _copy(tree):
    return yaml.safe_load(yaml.safe_dump(tree))


def _mutate(tree, chance):
    """Put junk somewhere, or take something away."""
    while True:
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(tree[key], dict | list) and tree[key] and chance.random() < 0.7:
            tree = tree[key]
            continue
        if chance.random() < 0.3:
            del tree[key]
        else:
            tree[key] = chance.choice(JUNK)
        return
