"""Many files in one call: the same answers, in order, whatever cores take part."""

import pytest

from bgspec.commands import outcomes_of
from tests.corpus import ROOT

ARTICLE = (ROOT / "examples/article/bgspec.yaml").read_bytes()


def _files(number):
    for index in range(number):
        name = b"environment: e%d" % index if index % 7 else b"environment: E%d" % index
        yield f"{index}.yaml", ARTICLE.replace(b"environment: stg", name)


@pytest.mark.parametrize("artifacts", [False, True])
def test_several_processes_give_the_answers_of_one(artifacts):
    files = list(_files(70))
    together = outcomes_of(files, artifacts=artifacts, processes=3)
    assert together == [outcomes_of([file], artifacts=artifacts)[0] for file in files]
    assert [outcome.failed for outcome in together] == [index % 7 == 0 for index in range(70)]
