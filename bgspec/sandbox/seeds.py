"""Things a spec only names, made to exist as they would on the account it was written for."""

import json
import re
from collections.abc import Callable

from bgspec.sandbox import seeds_network as network
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import acm, connections, ecr, route53, secretsmanager
from bgspec.sandbox.world import Context


def plant(ctx: Context, arns: list[str]) -> list[str]:
    """Make what these ARNs name, unless it is there; the ones that were made. An unknown kind is an AwsError."""
    return [arn for arn in arns if _plant(ctx, arn)]


def _plant(ctx: Context, arn: str) -> bool:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        raise AwsError("ValidationError", f"{arn} is no ARN")
    kind = f"{parts[2]}:{re.split('[:/]', parts[5])[0]}"
    there = ctx.world.context(parts[4] or ctx.account, parts[3] or ctx.region)
    maker = _MAKERS.get(kind) or _MAKERS.get(parts[2])
    if maker is None:
        raise AwsError("ValidationError", f"The sandbox cannot make {arn} exist")
    return maker(there, arn, parts[5])


def _function(ctx: Context, _arn: str, rest: str) -> bool:
    name = rest.split(":")[1]
    if name in ctx.table("lambda.functions"):
        return False
    code = {"ZipFile": b"-"}
    ctx.call(
        "lambda",
        "create_function",
        FunctionName=name,
        Role=ctx.arn("iam", "role/existing"),
        Runtime="python3.13",
        Handler="index.handler",
        Code=code,
    )
    return True


def _role(ctx: Context, _arn: str, rest: str) -> bool:
    name = rest.rpartition("/")[2]
    if name in ctx.shared("iam.roles"):
        return False
    services = [
        f"{name}.amazonaws.com" for name in ("codebuild", "codedeploy", "codepipeline", "ecs", "ecs-tasks", "events", "lambda", "scheduler")
    ]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}]}
    path = rest.removeprefix("role").removesuffix(name)
    ctx.call("iam", "create_role", RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))
    return True


def _certificate(ctx: Context, arn: str, _rest: str) -> bool:
    if arn in acm.certificates(ctx):
        return False
    acm.add(ctx, arn, "existing.example.com")
    return True


def _server_certificate(ctx: Context, _arn: str, rest: str) -> bool:
    path, _, name = rest.removeprefix("server-certificate").rpartition("/")
    if name in ctx.shared("iam.certificates"):
        return False
    texts = {"CertificateBody": "-----BEGIN CERTIFICATE-----", "PrivateKey": "-----BEGIN PRIVATE KEY-----"}
    ctx.call("iam", "upload_server_certificate", ServerCertificateName=name, Path=f"{path}/", **texts)
    return True


def _connection(ctx: Context, arn: str, _rest: str) -> bool:
    if arn in connections.connections(ctx):
        return False
    connections.add(ctx, arn, ConnectionStatus="AVAILABLE")
    return True


def _secret(ctx: Context, _arn: str, rest: str) -> bool:
    """`secret:name-AbCdEf[:key]`: each key named becomes one of the secret's."""
    _, full, *more = rest.split(":")
    name, _, suffix = full.rpartition("-")
    found = next((s for s in secretsmanager.secrets(ctx).values() if s["Name"] == name), None)
    values = json.loads(found["SecretString"]) if found else {}
    known = dict(values)
    if more and more[0]:
        values[more[0]] = "simulated"
    if found and values == known:
        return False
    if found:
        found["SecretString"] = json.dumps(values)
    else:
        secretsmanager.add(ctx, {"Name": name, "SecretString": json.dumps(values)}, suffix)
    return True


def _parameter(ctx: Context, _arn: str, rest: str) -> bool:
    path = rest.removeprefix("parameter")
    name = path if path.count("/") > 1 else path.lstrip("/")
    if name in ctx.table("ssm.parameters"):
        return False
    ctx.call("ssm", "put_parameter", Name=name, Value="simulated", Type="SecureString")
    return True


def _topic(ctx: Context, arn: str, rest: str) -> bool:
    there = arn in ctx.table("sns.topics")
    ctx.call("sns", "create_topic", Name=rest)
    return not there


def _zone(ctx: Context, _arn: str, rest: str) -> bool:
    """`hostedzone/Z123/example.com`: the name after the id, which AWS's own ARN has not."""
    _, ident, *name = rest.split("/")
    if ident in route53.zones(ctx):
        return False
    made = ctx.call("route53", "create_hosted_zone", Name=name[0] if name else "example.com", CallerReference=ident)["HostedZone"]["Id"]
    found = route53.zones(ctx).pop(made.rpartition("/")[2])
    route53.zones(ctx)[ident] = found | {"Id": f"/hostedzone/{ident}"}
    return True


def _bucket(ctx: Context, _arn: str, rest: str) -> bool:
    if rest in ctx.everywhere("s3.buckets"):
        return False
    extra = {"BucketNamespace": "account-regional"} if rest.endswith("-an") else {}
    ctx.call("s3", "create_bucket", Bucket=rest, **extra)
    return True


def _repository(ctx: Context, _arn: str, rest: str) -> bool:
    """`repository/name[:tag[:processor]]`: with a tag there is an image, too."""
    name, tag, processor = (*rest.partition("/")[2].split(":"), "", "")[:3]
    there = ctx.table("ecr.repositories").get(name)
    if there is None:
        ctx.call("ecr", "create_repository", repositoryName=name)
    elif not tag or ecr.find_image(there, {"imageTag": tag}):
        return False
    if tag:
        ecr.push(ctx, name, tag, architecture=processor or "amd64")
    return True


def _source(ctx: Context, _arn: str, rest: str) -> bool:
    if rest in ctx.table("codecommit.repositories"):
        return False
    ctx.call("codecommit", "create_repository", repositoryName=rest)
    return True


def _alarm(ctx: Context, _arn: str, rest: str) -> bool:
    name = rest.partition(":")[2]
    if name in ctx.table("cloudwatch.alarms"):
        return False
    watched = {"Namespace": "Existing", "MetricName": "Existing", "Statistic": "Sum", "Period": 60}
    limit = {"EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}
    ctx.call("cloudwatch", "put_metric_alarm", AlarmName=name, **watched, **limit)
    return True


def _cluster(ctx: Context, _arn: str, rest: str) -> bool:
    name = rest.partition("/")[2]
    there = any(one["clusterName"] == name and one["status"] == "ACTIVE" for one in ctx.table("ecs.clusters").values())
    if not there:
        ctx.call("ecs", "create_cluster", clusterName=name)
    return not there


def _policy(ctx: Context, arn: str, rest: str) -> bool:
    if arn in ctx.shared("iam.policies"):
        return False
    path, _, name = rest.removeprefix("policy").rpartition("/")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    ctx.call("iam", "create_policy", PolicyName=name, Path=f"{path}/", PolicyDocument=json.dumps(document))
    return True


def _log_group(ctx: Context, _arn: str, rest: str) -> bool:
    name = rest.split(":")[1]
    if name in ctx.table("logs.groups"):
        return False
    ctx.call("logs", "create_log_group", logGroupName=name)
    return True


_MAKERS: dict[str, Callable[[Context, str, str], bool]] = {
    "lambda:function": _function, "iam:role": _role, "acm:certificate": _certificate, "codeconnections:connection": _connection,
    "codestar-connections:connection": _connection, "secretsmanager:secret": _secret, "ssm:parameter": _parameter, "sns": _topic,
    "route53:hostedzone": _zone, "s3": _bucket, "ecr:repository": _repository, "codecommit": _source,
    "cloudwatch:alarm": _alarm, "ecs:cluster": _cluster, "iam:policy": _policy, "iam:server-certificate": _server_certificate, "logs:log-group": _log_group,
    "ec2:vpc": network.vpc, "ec2:subnet": network.subnet, "ec2:route-table": network.route_table,
    "ec2:security-group": network.security_group, "elasticloadbalancing:loadbalancer": network.balancer,
}  # fmt: skip
