"""What the spec names and does not make: is it there, and can it be used?"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bgspec import account as words
from bgspec.checks import Environment
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.preflight.look import Look, missing, there
from bgspec.diagnostics import Diagnostic, Route, suggest
from bgspec.spec import IssuedCertificate, LoadBalancer

Ask = Callable[[Aws, Route, str], Iterator[Diagnostic]]

_OPEN = frozenset("command depends_on entrypoint environment message mounts options overrides permissions tags volumes".split())
"""Keys below which the user's own words stand: nothing there is a name of AWS's, and an ARN need not be that of a thing that exists."""


def looks(env: Environment, account: str) -> Iterator[Look]:
    """Everything that the spec names, whatever section it stands in."""
    for route, text in env.texts:
        known = _kind(route, text)
        if known is None:
            continue
        kind, ask = known
        region, owner = text.split(":")[3:5] if text.startswith("arn:") else ("", "")
        if region in {"", env.plan.region.name} and owner in {"", "aws", account}:
            yield Look(route, f"the {kind}", partial(_ask, ask, route, text))
        else:
            yield Look(route, f"the {kind}", partial(_elsewhere, route, kind, f"{owner} in {region}" if region else owner))


def arns(env: Environment, account: str) -> Iterator[str]:
    """The same as the sandbox's seeds have it: everything by its ARN."""
    partition = env.plan.region.partition
    zones = _zones(env.spec.load_balancer)
    for route, text in env.texts:
        kind, _ = _kind(route, text) or ("", None)
        if text.startswith("arn:"):
            if kind in _PLANTED:
                yield text
        elif kind == "bucket":
            yield f"arn:{partition}:s3:::{text}"
        elif kind == "hosted zone":
            yield f"arn:{partition}:route53:::hostedzone/{text}/{zones[text]}"
        elif kind in _NAMED or route[-2:] == ("logs", "group"):
            yield f"arn:{partition}:{_NAMED.get(kind, _LOG_GROUP).format(f'{env.plan.region.name}:{account}', text.lstrip('/'), text)}"


def _zones(wanted: LoadBalancer) -> dict[str, str]:
    """The domain of each hosted zone: the end of the names that shall be written there, so short that later names fit too."""
    names = [(record.zone, record.name) for record in wanted.dns]
    certificates = (wanted.production.certificate, wanted.test.certificate)
    names += [(found.zone, found.domain) for found in certificates if isinstance(found, IssuedCertificate)]
    return {zone: ".".join(name.split(".")[-2:]) for zone, name in names}


_PLANTED = frozenset({"certificate", "connection", "function", "parameter", "policy", "role", "secret"})
"""What is named by its ARN."""
_NAMED = {
    "alarm": "cloudwatch:{}:alarm:{}",
    "cluster": "ecs:{}:cluster/{}",
    "CodeCommit repository": "codecommit:{}:{}",
    "ECR repository": "ecr:{}:repository/{}",
    "parameter": "ssm:{}:parameter/{}",
}
"""The rest of the ARN of what is named otherwise: where it is, its name without a slash in front, and as it is written."""
_LOG_GROUP = "logs:{0}:log-group:{2}"


def _ask(ask: Ask, route: Route, text: str, aws: Aws) -> Iterator[Diagnostic]:
    return ask(aws, route, text)


def _elsewhere(route: Route, kind: str, where: str, _: Aws) -> Iterator[Diagnostic]:
    yield words.not_looked_at(route, f"the {kind}", f"it belongs to {where}", "Look there yourself if you are not sure.")


def _kind(route: Route, text: str) -> tuple[str, Ask] | None:
    """What a text of the spec names: a kind and how it is asked for; None where it names nothing."""
    if _OPEN.intersection(map(str, route)):
        return None
    if text.startswith("arn:"):
        parts = text.split(":", 5)
        return _BY_ARN.get(f"{parts[2]}:{parts[5].partition('/')[0].partition(':')[0]}") if len(parts) == 6 else None
    last = next((step for step in reversed(route) if isinstance(step, str)), "")
    if len(route) > 1 and route[-2] in {"secrets", "secret_options"}:
        return "parameter", _parameter
    if last == "repository":
        return ("ECR repository", _ecr) if "image" in route else None if "/" in text else ("CodeCommit repository", _codecommit)
    return _BY_KEY.get(last) if last != "cluster" or route == ("cluster",) else None


def _certificate(aws: Aws, route: Route, arn: str) -> Iterator[Diagnostic]:
    try:
        found = aws.call("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    except RefusedError as error:
        if error.code != "ResourceNotFoundException":
            raise
        yield missing(route, "certificate", "aws acm list-certificates")
        return
    if found["Status"] != "ISSUED":
        yield words.certificate_not_issued(route, found["Status"], found.get("FailureReason", ""))


def _server_certificate(aws: Aws, route: Route, arn: str) -> Iterator[Diagnostic]:
    name = arn.rpartition("/")[2]
    if not there(lambda: aws.call("iam", "get_server_certificate", ServerCertificateName=name), "NoSuchEntity"):
        yield missing(route, "certificate", "aws iam list-server-certificates")


def _connection(aws: Aws, route: Route, arn: str) -> Iterator[Diagnostic]:
    """Both names of the service answer for their own ARNs."""
    try:
        if ":codestar-connections:" in arn:
            found = aws.call("codestar-connections", "get_connection", ConnectionArn=arn)["Connection"]
        else:
            found = aws.call("codeconnections", "get_connection", ConnectionArn=arn)["Connection"]
    except RefusedError as error:
        if error.code != "ResourceNotFoundException":
            raise
        yield missing(route, "connection", "aws codeconnections list-connections")
        return
    if found["ConnectionStatus"] != "AVAILABLE":
        yield words.connection_not_ready(route, found["ConnectionStatus"])


def _secret(aws: Aws, route: Route, reference: str) -> Iterator[Diagnostic]:
    """`ARN`, or `ARN:KEY:STAGE:VERSION`. Of the value only its keys are looked at."""
    parts = reference.split(":")
    arn, (key, stage, version) = ":".join(parts[:7]), (*parts[7:10], "", "", "")[:3]
    try:
        found = aws.call("secretsmanager", "describe_secret", SecretId=arn)
    except RefusedError as error:
        if error.code != "ResourceNotFoundException":
            raise
        found = {"DeletedDate": "never was"}
    if found.get("DeletedDate"):
        yield missing(route, "secret", "aws secretsmanager list-secrets")
    elif key:
        select = {"VersionStage": stage} if stage else {"VersionId": version} if version else {}
        yield from _key(aws, route, arn, key, select)


def _key(aws: Aws, route: Route, arn: str, key: str, select: dict[str, str]) -> Iterator[Diagnostic]:
    try:
        value = aws.call("secretsmanager", "get_secret_value", SecretId=arn, **select).get("SecretString", "")
    except RefusedError as error:
        if error.code != "ResourceNotFoundException":
            raise
        value = ""  # it has no value yet
    try:
        keys = json.loads(value)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or key not in keys:
        yield words.secret_without_key(route, key, suggest(key, keys) if isinstance(keys, dict) else None)


def _parameter(aws: Aws, route: Route, reference: str) -> Iterator[Diagnostic]:
    """Looked for by name, so that no value comes along. The ARN of `/a/b` has one slash, as that of `a` has."""
    name = reference.partition(":parameter")[2] if reference.startswith("arn:") else reference
    if reference.startswith("arn:") and name.count("/") == 1:
        name = name[1:]
    filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    if not any(True for _ in aws.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=filters)):
        yield missing(route, "parameter", "aws ssm describe-parameters")


def _function(aws: Aws, route: Route, arn: str) -> Iterator[Diagnostic]:
    if not there(lambda: aws.call("lambda", "get_function_configuration", FunctionName=arn), "ResourceNotFoundException"):
        yield missing(route, "function", "aws lambda list-functions")


_TASKS = "ecs-tasks.amazonaws.com"


def _role(aws: Aws, route: Route, arn: str) -> Iterator[Diagnostic]:
    try:
        found = aws.call("iam", "get_role", RoleName=arn.rpartition("/")[2])["Role"]
    except RefusedError as error:
        if error.code != "NoSuchEntity":
            raise
        yield missing(route, "role", "aws iam list-roles")
        return
    if route[-1] in {"task_role", "execution_role"} and not _trusts(found.get("AssumeRolePolicyDocument"), _TASKS):
        yield words.role_for_somebody_else(route, _TASKS)


def _trusts(policy: Any, service: str) -> bool:  # noqa: ANN401  JSON, as boto3 has read it
    """Whether a statement allows the service; conditions are not weighed."""
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        named = principal.get("Service", []) if isinstance(principal, dict) else principal
        if statement.get("Effect") == "Allow" and (service in ([named] if isinstance(named, str) else named) or named == "*"):
            return True
    return False


def _policy(aws: Aws, route: Route, arn: str) -> Iterator[Diagnostic]:
    if not there(lambda: aws.call("iam", "get_policy", PolicyArn=arn), "NoSuchEntity"):
        yield missing(route, "policy", "aws iam list-policies")


def _balancer(aws: Aws, route: Route, arn: str) -> Iterator[Diagnostic]:
    if not there(lambda: aws.call("elbv2", "describe_load_balancers", LoadBalancerArns=[arn]), "LoadBalancerNotFound"):
        yield missing(route, "load balancer", "aws elbv2 describe-load-balancers")


def _ecr(aws: Aws, route: Route, name: str) -> Iterator[Diagnostic]:
    if not there(lambda: aws.call("ecr", "describe_repositories", repositoryNames=[name]), "RepositoryNotFoundException"):
        yield missing(route, "ECR repository", "aws ecr describe-repositories")


def _codecommit(aws: Aws, route: Route, name: str) -> Iterator[Diagnostic]:
    if not there(lambda: aws.call("codecommit", "get_repository", repositoryName=name), "RepositoryDoesNotExistException"):
        yield missing(route, "CodeCommit repository", "aws codecommit list-repositories")


def _bucket(aws: Aws, route: Route, name: str) -> Iterator[Diagnostic]:
    """S3 tells of a bucket anywhere in which Region it is (bc:s3.HeadBucketOutput.BucketRegion)."""
    try:
        region = aws.call("s3", "head_bucket", Bucket=name).get("BucketRegion", aws.region)
    except RefusedError as error:
        if error.code not in {"404", "NoSuchBucket"}:
            raise
        yield missing(route, "bucket", "aws s3 ls")
        return
    if region != aws.region:
        yield words.bucket_elsewhere(route, region, aws.region)


def _zone(aws: Aws, route: Route, name: str) -> Iterator[Diagnostic]:
    if not there(lambda: aws.call("route53", "get_hosted_zone", Id=name), "NoSuchHostedZone"):
        yield missing(route, "hosted zone", "aws route53 list-hosted-zones")


def _alarm(aws: Aws, route: Route, name: str) -> Iterator[Diagnostic]:
    found = aws.call("cloudwatch", "describe_alarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    if not (found.get("MetricAlarms") or found.get("CompositeAlarms")):
        yield missing(route, "alarm", "aws cloudwatch describe-alarms")


def _cluster(aws: Aws, route: Route, name: str) -> Iterator[Diagnostic]:
    found = aws.call("ecs", "describe_clusters", clusters=[name])["clusters"]
    if not any(one["status"] == "ACTIVE" for one in found):
        yield missing(route, "cluster", "aws ecs list-clusters")


_BY_ARN: dict[str, tuple[str, Ask]] = {
    "acm:certificate": ("certificate", _certificate),
    "codeconnections:connection": ("connection", _connection),
    "codestar-connections:connection": ("connection", _connection),
    "elasticloadbalancing:loadbalancer": ("load balancer", _balancer),
    "iam:policy": ("policy", _policy),
    "iam:role": ("role", _role),
    "iam:server-certificate": ("certificate", _server_certificate),
    "lambda:function": ("function", _function),
    "secretsmanager:secret": ("secret", _secret),
    "ssm:parameter": ("parameter", _parameter),
}
"""By service and kind, as the ARN has them."""

_BY_KEY: dict[str, tuple[str, Ask]] = {
    "alarms": ("alarm", _alarm),
    "bucket": ("bucket", _bucket),
    "cluster": ("cluster", _cluster),
    "zone": ("hosted zone", _zone),
}
"""By the key under which a name stands that is no ARN."""
