"""Two accounts: the pipeline stands in one, and deploys into the other with a role that it takes there.

CodePipeline User Guide, pipelines-create-cross-account: a key of one's own (AWS's cannot be used from outside), whose policy lets the other
account in, as the bucket's does; a role in that account, which the deploy actions name (`RoleArn`) and the pipeline's role may take.
IAM User Guide, reference_policies_elements_principal: a policy that names a role is refused until the role exists. So every policy here
lets the other account in under the condition that the caller is that role, and it does not matter which half is made first.
"""

from typing import NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names
from bgspec.plan import delivery, encryption, stack_role
from bgspec.plan.deployment import Deployment
from bgspec.plan.encryption import Encryption
from bgspec.plan.github import deliveries, jobs
from bgspec.plan.iam import Condition, ExistingRole, Role, Statement, or_existing
from bgspec.plan.pipeline import Guest, Pipeline, Site
from bgspec.plan.service import Service
from bgspec.spec import Spec
from bgspec.spec import ToolsAccount as ToolsSpec


class Builder(NamedTuple):
    """Who pushes the images of a service from the other account."""

    repository: str
    """Where to, by name."""
    account: Sub
    """The account, as a principal."""
    condition: Condition


class Tools(NamedTuple):
    """What the account with the pipeline needs here, and holds itself."""

    account: str
    role: Role | ExistingRole
    """The role that the pipeline takes here."""
    stack_roles: tuple[Role, ...]
    """The role with which CloudFormation updates services' stacks, or none."""
    stacked: tuple[Service, ...]
    """The services whose stacks are updated."""
    encryption: tuple[Encryption, ...]
    """The key of that account, or none where somebody else has made the pipeline."""
    boundary: tuple[str, ...]
    """The policy that bounds the roles there, or none."""
    builders: tuple[Builder, ...]


def within(value: Value, account: str) -> Value:
    """A value of one account as the other one's templates have to say it."""
    return Sub(value.replace("${AWS::AccountId}", account)) if isinstance(value, Sub) else value


def _root(account: str) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:iam::{account}:root")


def _is(role: Value) -> Condition:
    return Condition("ArnEquals", "aws:PrincipalArn", (role,))


def _role_arn(wanted: ToolsSpec, names: Names) -> Value:
    return wanted.role or Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{names.role('tools')}")


def site(spec: Spec, names: Names) -> tuple[Site, ...]:
    """Where the pipeline stands, if that is another account."""
    wanted = spec.tools_account
    if wanted is None or spec.pipeline is None:
        return ()
    account = spec.account or ""  # a check asks for it
    role = within(_role_arn(wanted, names), account)
    guest = encryption.User(
        Word("Deployer"),
        "The role that deploys into the environment's account reads what the pipeline hands on. (spec: tools_account)",
        _root(account),
        ("kms:Decrypt", "kms:DescribeKey"),
        _is(role),
        Word("AWS"),
    )
    return (Site(account, wanted.bucket, encryption.abroad(spec, names, guest), Guest(_root(account), _is(role)), role),)


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], deployment: Deployment, pipeline: Pipeline | None) -> Tools | None:
    """What this account has to do with a pipeline in the other."""
    wanted = spec.tools_account
    if wanted is None:
        return None
    built = tuple(jobs(services, deployment))
    stacked = () if pipeline else tuple(job.service for job in built if job.way == "stack")
    if pipeline:
        bucket = within(pipeline.bucket, wanted.account)
        doing = (*_artifacts(bucket), _key(wanted, names), *delivery.statements(names, pipeline.projects, deployment))
        what = "deploys here with it"
    else:
        doing = (*_artifacts(wanted.bucket or ""), _key(wanted, names), *deliveries(names, built, deployment))
        what = "builds and deploys here with it"
    return Tools(
        account=wanted.account,
        role=or_existing(
            wanted.role,
            Role(
                Word("ToolsRole"),
                names.role("tools"),
                _root(wanted.account),
                f"The pipeline of the account {wanted.account} {what}",
                doing,
                (_is(within(pipeline.role.arn, wanted.account)),) if pipeline else (),
                principal=Word("AWS"),
            ).fitting(names),
        ),
        stack_roles=stack_role.resolve(spec, names, stacked, deployment),
        stacked=stacked,
        encryption=tuple(one.encryption for one in site(spec, names)),
        boundary=(wanted.permissions_boundary,) if wanted.permissions_boundary else (),
        builders=tuple(
            Builder(build.repository.name, _root(wanted.account), _is(within(project.machine.role.arn, wanted.account)))
            for project in (pipeline.projects if pipeline else ())
            for _, build in project.builds
        ),
    )


def _artifacts(bucket: Value) -> tuple[Statement, ...]:
    return (
        Statement(
            Word("Artifacts"),
            "takes what the pipeline of the other account hands on",
            ("s3:GetObject", "s3:GetObjectVersion"),
            (Sub(f"arn:${{AWS::Partition}}:s3:::{bucket}/*"),),
        ),
    )


def _key(wanted: ToolsSpec, names: Names) -> Statement:
    """By its ARN, or by its alias: the id of a key that bgspec makes is nowhere known before (KMS Developer Guide, alias-authorization).

    That the condition holds for keys of other accounts is seen in practice (https://github.com/xosphere/terraform-xosphere-instance-orchestrator);
    AWS's pages show it for one account only.
    """
    any_key = Sub(f"arn:${{AWS::Partition}}:kms:${{AWS::Region}}:{wanted.account}:key/*")
    return Statement(
        Word("ArtifactKey"),
        "which is encrypted with this key",
        ("kms:Decrypt", "kms:DescribeKey"),
        (wanted.key or any_key,),
        () if wanted.key else (Condition("ForAnyValue:StringEquals", "kms:ResourceAliases", (f"alias/{names.key_alias()}",)),),
    )
