"""parliament finds nothing in any policy but what is listed with its reason."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # it leaves its own files open
    from parliament import analyze_policy_string

from tests.corpus import ROOT, artifacts, compiled, specs
from tests.output import docs
from tests.output.environment import Environment, environments, parse
from tests.output.judgements import POLICIES
from tests.strategies import as_yaml, sample


def policies(env: Environment) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy that says what may be done, but for `permissions:`; parliament knows nothing of those that say who may assume a role."""
    for resource in env.region.resources:
        for policy in resource.properties.get("Policies", []):
            ours = [each for each in policy["PolicyDocument"]["Statement"] if not each.get("Sid", "").startswith(("Application", "Own"))]
            if ours:  # the rest are the user's own words
                yield resource.id, {**policy["PolicyDocument"], "Statement": ours}
        for key in ("PolicyDocument", "KeyPolicy"):
            if key in resource.properties:
                yield resource.id, resource.properties[key]


def findings(env: Environment) -> Iterator[tuple[str, str]]:
    """(issue, what it is about), a sentence for each action."""
    for name, policy in policies(env):
        # The European partition is newer than parliament.
        text = json.dumps(policy).replace("arn:aws-eusc:", "arn:aws:").replace(":eusc-de-east-1:", ":eu-central-1:")
        for finding in analyze_policy_string(text).findings:
            for detail in finding.detail if isinstance(finding.detail, list) else [finding.detail]:
                yield finding.issue, f"{name}: {detail}"


def is_listed(issue: str, detail: str) -> bool:
    return any(issue == known.finding and known.about in detail for known in POLICIES)


def unlisted(env: Environment) -> list[tuple[str, str]]:
    return [found for found in findings(env) if not is_listed(*found)]


@pytest.mark.parametrize("name", specs())
def test_nothing_is_found_but_what_is_listed(name):
    for env in environments(artifacts(name), parse(specs()[name].read_text())):
        assert unlisted(env) == []


def test_everything_that_is_listed_is_found():
    found = {finding for name in specs() for env in environments(artifacts(name), {}) for finding in findings(env)}
    assert [known for known in POLICIES if not any(issue == known.finding and known.about in detail for issue, detail in found)] == []


def test_nothing_is_found_in_random_specs():
    for tree in sample(10):
        for env in environments(compiled(as_yaml(tree)), tree):
            assert unlisted(env) == [], tree


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": ["s3:GetObjekt"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::bucket"]},
        {"Effect": "Allow", "Action": ["codebuild:StartBuild"], "Resource": ["*"]},
    ],
)
def test_a_wrong_statement_would_be_seen(statement):
    assert analyze_policy_string(json.dumps({"Version": "2012-10-17", "Statement": [statement]})).findings


@pytest.mark.parametrize("make", [docs.policies, docs.checkov], ids=["policies", "checkov"])
def test_the_committed_lists_are_current(make):
    assert (ROOT / f"docs/{make.__name__}.md").read_text(encoding="utf-8") == make(), "run `make docs`"
