"""BG82x: what applications may do on AWS, and the ARNs in a spec."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route

# Services whose every everyday action takes the ARN of a resource (Service Authorization Reference, a page for each).
_PRECISE = frozenset("dynamodb events firehose kinesis kms lambda s3 secretsmanager sns sqs ssm states".split())

# Their actions for which AWS knows no resource all the same.
_GENERAL = frozenset(
    "dynamodb:listtables dynamodb:describelimits kms:listkeys kms:listaliases kms:createkey kms:generaterandom lambda:listfunctions"
    " s3:listallmybuckets secretsmanager:listsecrets secretsmanager:getrandompassword sns:listtopics sqs:listqueues ssm:describeparameters"
    " states:liststatemachines events:listrules kinesis:liststreams kinesis:describelimits firehose:listdeliverystreams".split()
)

_S3_OBJECTS = ("getobject", "putobject", "deleteobject", "restoreobject", "abortmultipartupload", "listmultipartuploadparts")
_S3_BUCKETS = ("listbucket", "getbucket", "putbucket", "listbucketmultipartuploads", "listbucketversions")

_ESCALATING = frozenset("iam:passrole sts:assumerole".split())


@rule("BG820", "warning")
def every_action(env: Environment) -> Iterator[Found]:
    """A permission is for everything that a service can do.

    What: An action ends with `:*`.
    Why: It holds deleting, changing policies and whatever AWS adds tomorrow. Whoever takes over the application has it too.
    Mend: Name the actions that the application calls.
    Source: IAM User Guide, best-practices (grant least privilege).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: ["s3:*"]
                resources: ["arn:aws:s3:::shop-pictures/*"]
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [s3:GetObject, s3:PutObject]
                resources: ["arn:aws:s3:::shop-pictures/*"]
    """
    for route, permission in env.permissions:
        for index, action in enumerate(permission.actions):
            if action.endswith(":*"):
                yield Found(
                    (*route, "actions", index),
                    f"`{action}` is everything that the service can do.",
                    "Name the actions that the application calls.",
                )


@rule("BG821", "warning")
def every_resource(env: Environment) -> Iterator[Found]:
    """A permission is for all resources of the account.

    What: The resource is `*`, though the action takes the ARN of a resource.
    Why: The application may touch every queue, table or bucket of the account, those of other environments too.
    Mend: Name the ARNs.
    Source: Service Authorization Reference (which actions take a resource); IAM User Guide, best-practices.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [s3:GetObject]
                resources: ["*"]
    Passes:
        network:
          egress: nat
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [xray:PutTraceSegments]
                resources: ["*"]
    """
    for route, permission in env.permissions:
        actions, resources = permission.actions, permission.resources
        wide = [action for action in actions if _takes_resource(action) and not action.endswith(":*")]
        if "*" in resources and wide:
            yield Found(
                (*route, "resources", resources.index("*")),
                f"`{wide[0]}` is allowed on every resource of the account.",
                "Name the ARNs.",
            )


def _takes_resource(action: str) -> bool:
    return action.partition(":")[0] in _PRECISE and action.lower() not in _GENERAL


@rule("BG822", "warning")
def every_role(env: Environment) -> Iterator[Found]:
    """An application may take on any role.

    What: `iam:PassRole` or `sts:AssumeRole` is allowed on `*`.
    Why: With it the application has the permissions of every role that trusts it or a service it may use: often an administrator's.
    Mend: Name the roles.
    Source: IAM User Guide, id_roles_use_passrole; https://github.com/aws/aws-cdk/issues/8303.

    Fails:
        network:
          egress: nat
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [sts:AssumeRole]
                resources: ["*"]
    Passes:
        network:
          egress: nat
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [sts:AssumeRole]
                resources: ["arn:aws:iam::111122223333:role/reports"]
    """
    for route, permission in env.permissions:
        actions, resources = permission.actions, permission.resources
        wide = [action for action in actions if action.lower() in _ESCALATING]
        if wide and "*" in resources:
            yield Found(
                (*route, "resources", resources.index("*")),
                f"`{wide[0]}` on every role is as much as all of them together.",
                "Name the roles.",
            )


@rule("BG823", "warning")
def bucket_or_object(env: Environment) -> Iterator[Found]:
    """An action on objects is allowed on a bucket, or the other way round.

    What: `s3:GetObject` and its like stand with the ARN of a bucket, or `s3:ListBucket` and its like with an ARN of objects.
    Why: The ARN of a bucket does not stand for what is in it: nothing is allowed, and S3 answers AccessDenied.
    Mend: Objects are `arn:aws:s3:::BUCKET/*`, the bucket is `arn:aws:s3:::BUCKET`.
    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html (resource types `bucket`, `object`).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [s3:GetObject]
                resources: ["arn:aws:s3:::shop-pictures"]
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [s3:GetObject, s3:ListBucket]
                resources: ["arn:aws:s3:::shop-pictures", "arn:aws:s3:::shop-pictures/*"]
    """
    for route, permission in env.permissions:
        actions, resources = permission.actions, permission.resources
        names = [resource.partition(":::")[2] for resource in resources if ":s3:::" in resource]
        if len(names) < len(resources):
            continue
        objects = any("/" in name or name.endswith("*") for name in names)
        buckets = any("/" not in name for name in names)
        for index, action in enumerate(actions):
            verb = action.lower().removeprefix("s3:")
            if verb.startswith(_S3_OBJECTS) and not objects:
                yield Found(
                    (*route, "actions", index), f"`{action}` needs the ARN of objects, not of a bucket.", "Add `/*` to the bucket's ARN."
                )
            elif verb.startswith(_S3_BUCKETS) and not buckets:
                yield Found(
                    (*route, "actions", index),
                    f"`{action}` needs the ARN of a bucket, not of objects.",
                    "Add the ARN without `/` and what follows it.",
                )


@rule("BG824")
def arn_of_another_partition(env: Environment) -> Iterator[Found]:
    """An ARN belongs to another part of AWS.

    What: The ARN begins with the partition of other Regions: `aws` for most, `aws-cn` in China, `aws-us-gov` in GovCloud, `aws-eusc` in the
        European Sovereign Cloud.
    Why: Partitions are separate: nothing of one can name anything of another. IAM and ELB refuse the ARN or find nothing.
    Mend: Write the ARN as it is in this Region's partition.
    Source: IAM User Guide, reference-arns (partitions); botocore's partitions.json.

    Fails:
        region: cn-north-1
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [s3:GetObject]
                resources: ["arn:aws:s3:::shop-pictures/*"]
    Passes:
        region: cn-north-1
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [s3:GetObject]
                resources: ["arn:aws-cn:s3:::shop-pictures/*"]
    """
    here = env.plan.region.partition
    for route, value in env.texts:
        if not value.startswith("arn:aws"):
            continue
        partition = value.split(":")[1]
        if partition != here and not _for_the_application(route):
            yield Found(
                route,
                f"This ARN belongs to the partition `{partition}`, but {env.plan.region.name} to `{here}`.",
                f"Write it as it is there: `arn:{here}:…`.",
                related=(("the Region", ("region",)),),
            )


def _for_the_application(route: Route) -> bool:
    """What a variable, a tag or a command says is nobody's business but the application's."""
    return route[0] == "tags" or any(step in {"environment", "command", "entrypoint"} for step in route[2:])


@rule("BG825", "warning")
def arn_of_another_account(env: Environment) -> Iterator[Found]:
    """A certificate or a secret belongs to another account.

    What: `account` is given, and the ARN of a secret or a certificate names another one.
    Why: A load balancer takes only certificates of its own account. A secret of another account needs a policy there, and a key of its
        own that this account may use; the default key does not do.
    Mend: Check the account number. If it is meant, allow it in the other account.
    Source: Secrets Manager User Guide, auth-and-access_examples_cross; ACM User Guide, acm-services.

    Fails:
        account: "111122223333"
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:us-east-1:444455556666:secret:shop/db-AbCdEf
    Passes:
        account: "111122223333"
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/db-AbCdEf
    """
    if not env.plan.account:
        return
    balancer = env.spec.load_balancer
    certificates = [
        (("load_balancer", kind, "certificate"), listener.certificate)
        for kind, listener in (("production", balancer.production), ("test", balancer.test))
        if isinstance(listener.certificate, str)
    ]
    for route, value in (*certificates, *env.secrets):
        account = value.split(":")[4] if value.startswith("arn:") else env.plan.account
        if account != env.plan.account:
            yield Found(
                route,
                f"This belongs to the account {account}, but the environment to {env.plan.account}.",
                "Check the number; if it is meant, the other account must allow it.",
                related=(("the account", ("account",)),),
            )
