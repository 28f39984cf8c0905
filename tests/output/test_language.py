"""Every field and every word of the language, each in a spec of its own, before every judge."""

import pytest

from tests.corpus import compiled
from tests.output import test_botocore, test_cfn_lint, test_cross_artifacts, test_grammars, test_policies
from tests.output.environment import environments
from tests.strategies import as_yaml, granted, sample, wishes


@pytest.mark.slow
@pytest.mark.parametrize("wish", wishes(), ids=str)
def test_every_word_passes_every_judge(wish):
    (tree,) = sample(1, wish)
    assert wish in granted(tree)
    made = compiled(as_yaml(tree))
    test_cfn_lint.assert_clean(made, tree["region"])
    assert test_cross_artifacts.disagreements(made, tree) == [], tree
    test_grammars.check(made)
    for env in environments(made, tree):
        assert test_botocore.disagreements(env) == [], tree
        assert test_policies.unlisted(env) == [], tree
