"""What findings say in answer to other tools' words is sayable in the language."""

import re

import pytest

from bgspec.spec import shape, wording


@pytest.mark.parametrize(("word", "key"), wording.ELSEWHERE.items())
def test_a_translation_is_a_key(word, key):
    assert wording.translated(word) == key
    assert shape.homes(key)


@pytest.mark.parametrize(("word", "told"), wording.INSTEAD.items())
def test_what_there_is_instead_names_keys(word, told):
    assert wording.instead(word) == told
    assert wording.translated(word) == word
    for key, value in re.findall(r"`([a-z_]+): ([a-z-]+)`", told):
        assert any(value in str(kind.type) for place in shape.homes(key) for kind in shape.at((*filter(None, place.split(".")), key)))
    for section, key in re.findall(r"`([a-z_]+)\.([a-z_]+)`", told):
        assert section in shape.homes(key)
