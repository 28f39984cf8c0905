"""cfn-lint has nothing to say about any template: no error, no warning, no information."""

from functools import cache

import pytest

with pytest.MonkeyPatch.context() as patch:
    patch.delenv("AWS_DEFAULT_REGION", raising=False)  # it would be linted too
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode.decode import decode_str
    from cfnlint.runner import Runner

from bgspec.render import Artifact
from tests.corpus import artifacts, compiled, specs
from tests.strategies import as_yaml, sample

# One for each partition with public documentation, Regions where services are missing, and the busiest.
REGIONS = "ap-northeast-1 ca-west-1 cn-north-1 eu-central-1 eusc-de-east-1 il-central-1 us-east-1 us-gov-west-1".split()


@cache
def linter(region: str) -> Runner:
    """All rules, also those that only inform, and with them that numbers and texts are not mistaken for each other."""
    return Runner(ConfigMixIn(regions=[region], include_checks=["I"], configure_rules={"E3012": {"strict": True}}))


def lint(text: str, region: str) -> list[str]:
    template, problems = decode_str(text)
    found = [*problems, *(linter(region).validate_template(template) if template else [])]
    return [f"{match.rule.id} line {match.linenumber}: {match.message}" for match in found]


def assert_clean(made: tuple[Artifact, ...], region: str) -> None:
    found = {
        artifact.path: lint(artifact.text, region) for artifact in made if artifact.path.endswith(".yaml") and "stacks/" in artifact.path
    }
    assert found
    assert not any(found.values()), found


def region_of(name: str) -> str:
    return next(line.split()[1] for line in specs()[name].read_text().splitlines() if line.startswith("region:"))


@pytest.mark.parametrize("name", specs())
def test_the_goldens_are_clean(name):
    assert_clean(artifacts(name), region_of(name))


@pytest.mark.parametrize("region", REGIONS)
def test_random_specs_are_clean(region):
    for tree in sample(2, region=region):
        assert_clean(compiled(as_yaml(tree)), region)


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_many_random_specs_are_clean(region):
    for tree in sample(30, region=region):
        assert_clean(compiled(as_yaml(tree)), region)


MISTAKES = {
    "E3002": ("      RetentionInDays: 30", "      RetentionDays: 30"),
    "E1010": ("!GetAtt FargateExecutionRole.Arn", "!GetAtt FargateExecutionRole.Name"),
    "E1020": ("!Ref LogGroup", "!Ref LogsGroup"),
    "E3030": ('CpuArchitecture: "X86_64"', "CpuArchitecture: X86"),
    "E3047": ('Memory: "512"', 'Memory: "700"'),
    "W2001": ("!Ref FargateImageUri", "nginx:1"),
}  # fmt: skip


@pytest.mark.parametrize("rule", MISTAKES)
def test_the_linter_would_see_a_mistake(rule):
    (text,) = [artifact.text for artifact in artifacts("article") if artifact.path == "stacks/service-fargate.yaml"]
    right, wrong = MISTAKES[rule]
    assert right in text
    assert lint(text, "ap-northeast-1") == []
    assert [found.split()[0] for found in lint(text.replace(right, wrong), "ap-northeast-1")] == [rule]
