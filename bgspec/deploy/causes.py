"""Why things fail on AWS, recognised by AWS's own words, and the way out of each in words of the spec.

The real texts behind it, each with where it was seen, are those of `tests/deploy/failures.yaml`: every row has one.
"""

import re
from typing import NamedTuple

from bgspec.diagnostics import Route


class Cause(NamedTuple):
    """One cause."""

    name: str
    signs: str
    """What AWS says of it: a regular expression, upper and lower case alike. Its named groups are words of the way out."""
    mend: str
    """The way out. `{at}` is the word of the spec that decides, with its line; `{spec}` the file; `{region}` and `{logs}` the plan's."""
    at: Route = ()
    """That word; `*` is the service that the failure is about."""


_SERVICE: Route = ("services", "*")
# What a task says that cannot reach AWS or a registry (ECS Developer Guide, resource-initialization-error, its list of strings).
_NO_WAY = (
    r"connection issue between the task|connection between the task|check your (?:task )?network|i/o timeout|dial (?:tcp|udp)|"
    r"request ?canceled|context (?:deadline exceeded|canceled)|client\.timeout|tls handshake timeout|send request failed|"
    r"connection timed out"
)
_READS = r"(?:retrieve|pull|fetch|fetching) (?:the )?secret|ssm parameter|getparameters|getsecretvalue"

# The first that fits counts, so what says more stands before what says less.
_TASKS = (
    Cause(
        "platform",
        r"descriptor (?:matching|for) platform \W*(?P<platform>\w+/\w+)|exec format error",
        "The image is for another processor than the task: build it for {platform}, or say in {at} what it is for.",
        (*_SERVICE, "image", "architecture"),
    ),
    Cause(
        "pull limit",
        r"toomanyrequests: (?:too many requests|you have reached)|pull rate limit",
        "Docker Hub counts everybody's pulls from that address: copy the image to ECR, and name that in {at}.",
        (*_SERVICE, "image"),
    ),
    Cause(
        "secret without key",
        r"did not contain json key (?P<key>\S+)",
        "The secret has no key `{key}`: correct {at}, or put the key into the secret.",
        (*_SERVICE, "secrets"),
    ),
    Cause(
        "secret without JSON",
        r"retrieve secret.*looking for beginning of value",
        "A key of the secret is wanted, but its value is no JSON object: leave the key out in {at}, or write the value anew.",
        (*_SERVICE, "secrets"),
    ),
    Cause(
        "no way out",
        rf"(?:resourceinitialization|cannotpull|the task can.{{0,3}}t).*(?:{_NO_WAY})",
        "The task cannot reach it: look at {at}. `endpoints` leads to AWS's services alone, `nat` and `public` to the internet, too; in a"
        " VPC that exists, its routes and its DNS decide, and whether its endpoints admit the tasks to port 443.",
        ("network", "egress"),
    ),
    Cause(
        "secret denied",
        rf"(?:{_READS}).*(?:accessdenied|not authorized)",
        "The execution role may not read it: let the secret's own policy and its key's admit that role, or give another in {at}.",
        (*_SERVICE, "execution_role"),
    ),
    Cause(
        "secret missing",
        rf"(?:{_READS}).*(?:notfound|not found|can't find|check whether|invalid)",
        "There is no such secret or parameter in {region}, or it has no value yet: correct {at}, or make it.",
        (*_SERVICE, "secrets"),
    ),
    Cause(
        "log group missing",
        r"log group (?:defined in the task definition )?does not exist|cannot find the amazon cloudwatch log group",
        "The tasks' log group is not there: correct {at}, or make it: `aws logs create-log-group --log-group-name {logs}`.",
        (*_SERVICE, "logs"),
    ),
    Cause(
        "logs denied",
        r"(?:logging driver|logger args|log stream|log group).*(?:accessdenied|not authorized)",
        "The execution role may not write these logs: allow it that, or let the environment make the role: leave out {at}.",
        (*_SERVICE, "execution_role"),
    ),
    Cause(
        "image missing",
        r"(?:cannotpull|failed to resolve ref|error pulling).*(?:not found|manifest unknown|no such image)",
        "The registry has no such image, or not any more: push it, or correct {at}.",
        (*_SERVICE, "image"),
    ),
    Cause(
        "image denied",
        r"cannotpull.*(?:403 forbidden|pull access denied|no basic auth|not authorized|accessdenied)|"
        r"check that the role has the permissions",
        "The registry refuses the task, or the image is gone: a repository of another account must admit the execution role, and {at} must"
        " name an image that is there.",
        (*_SERVICE, "image"),
    ),
    Cause(
        "disk full",
        r"no space left on device",
        "The task's disk is too small for its image: enlarge it with {at}.",
        (*_SERVICE, "ephemeral_storage"),
    ),
    Cause(
        "role not assumed",
        r"unable to assume the role '(?P<role>[^']+)'",
        "Make {role} trust ecs-tasks.amazonaws.com (`aws iam update-assume-role-policy`), or give {at} another role.",
        _SERVICE,
    ),
    Cause(
        "volumes",
        r"efs utils",
        "The file system cannot be mounted: it needs a mount target in every zone of the tasks, which admits them to port 2049. See {at}.",
        (*_SERVICE, "volumes"),
    ),
    Cause(
        "memory",
        r"outofmemory|due to memory usage",
        "The container needs more memory than it has: raise {at}.",
        (*_SERVICE, "memory"),
    ),
    Cause(
        "container health",
        r"failed container health checks",
        "The command of {at} does not succeed in time: try it in the container, or give it more time (`start_period`).",
        (*_SERVICE, "health"),
    ),
    Cause(
        "health checks",
        r"failed elb health checks|is unhealthy in \(?(?:target-group|elb)",
        "The load balancer gets no good answer: the application must answer as {at} says (`path`, `codes`), on its `port` of all addresses"
        " (0.0.0.0, not 127.0.0.1); one that starts slowly needs a longer `grace`. Its logs: `aws logs tail {logs} --since 10m`.",
        (*_SERVICE, "health_check"),
    ),
    Cause(
        "vCPUs",
        r"limit on the number of (?:vcpus|tasks)|requested (?:cpu|memory) configuration is above your limit",
        "Ask for more: `aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538 --desired-value N`"
        " (L-36FBB829 for Spot); or need less: {at}.",
        (*_SERVICE, "count"),
    ),
    Cause(
        "capacity",
        r"capacity is unavailable at this time|spotinterruption",
        "Fargate has none left there for now: apply again later. More zones ({at}), or FARGATE beside FARGATE_SPOT, make that rarer.",
        ("network", "zones"),
    ),
    Cause(
        "zone without Fargate",
        r"unable to place a task\. reason: internal error",
        "A subnet lies in a zone without Fargate: use other zones, or other subnets, in {at}.",
        ("network",),
    ),
    Cause(
        "no address left",
        r"attempting to create network interface",
        "A subnet has no address left for the task: use larger ones, or others, in {at}.",
        ("network",),
    ),
    Cause(
        "cannot start",
        r"cannotstartcontainererror",
        "The container does not start: is what {at} says in the image, executable, and for its user?",
        (*_SERVICE, "command"),
    ),
    Cause(
        "ended",
        r"essential container in task exited|\bexit code\b",
        "The application ended by itself; its logs tell why: `aws logs tail {logs} --since 10m`.",
    ),
)

_DEPLOYMENTS = (
    Cause(
        "codedeploy alone",
        r"on services with a code_deploy deployment controller",
        "Only a deployment may change that: take the change out of {at}, or let a deployment bring it; `bgspec plan {spec}` tells how.",
        _SERVICE,
    ),
    Cause(
        "approval too late",
        r"waiting for a notification to continue",
        "Nobody answered in time: deploy again and answer (`bgspec release {spec} continue`), or wait longer: {at}.",
        ("deployment", "approval"),
    ),
    Cause(
        "hook failed",
        r"lifecycle event validation functions failed",
        "A test of the new version failed, so it got no traffic. What it found, its function's logs tell; the tests are in {at}.",
        ("deployment", "hooks"),
    ),
    Cause(
        "hook silent",
        r"waiting for a status callback|permission to perform operations in the following aws service: awslambda",
        "The function of a hook gave no answer: it must call codedeploy:PutLifecycleEventHookExecutionStatus, and CodeDeploy's role must be"
        " allowed to invoke it. See {at}.",
        ("deployment", "hooks"),
    ),
    Cause(
        "alarm",
        r"alarms have been activated",
        "An alarm brought the old version back: `aws cloudwatch describe-alarm-history` tells when and why. Which ones count: {at}.",
        ("deployment", "rollback"),
    ),
    Cause(
        "stopped",
        r"because of a user request|stopped by a user|stopped by user",
        "Somebody stopped it (`bgspec release {spec} stop`, or the console), and what ran before runs on. To bring it nevertheless, apply"
        " again; if not, take the change out of {spec}.",
    ),
    Cause(
        "listener moved",
        r"primary taskset target group must be behind listener",
        "A listener was changed by hand: lead both back to the group that serves production (`bgspec status {spec}` tells which one, `aws"
        " elbv2 modify-listener` does it), and deploy again. See {at}.",
        ("load_balancer",),
    ),
    Cause(
        "not steady",
        r"circuit breaker|did not stabilize|notstabilized|unable to consistently start tasks|replacement task set to become healthy",
        "The new tasks did not become healthy in time. Why each of them stopped is told while apply waits: mend that, and apply again."
        " See {at}.",
        _SERVICE,
    ),
)

_RESOURCES = (
    Cause(
        "linked role",
        r"unable to assume the service linked role",
        "A new account does not have it: `aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com`, then apply again.",
    ),
    Cause(
        "addresses taken",
        r"the cidr '(?P<cidr>[^']+)' conflicts with another subnet",
        "Another subnet of the VPC has {cidr}: give the VPC other addresses, or use the subnets that are there, in {at}.",
        ("network",),
    ),
    Cause(
        "endpoint there",
        r"conflicting dns domain for (?P<domain>\S+)",
        "The VPC has an endpoint for {domain} already: name it in {at}, and it is not made again.",
        ("network", "existing_endpoints"),
    ),
    Cause(
        "priority taken",
        r"priority '(?P<number>\d+)' is currently in use|priorities not found",
        "Another rule of the listener has that priority: delete it, or give the routes other ones in {at}.",
        (*_SERVICE, "routes"),
    ),
    Cause(
        "port taken",
        r"a listener already exists on this port|::listener' with identifier 'idempotency check failed",
        "The load balancer has a listener on that port: delete it, or use another port in {at}.",
        ("load_balancer",),
    ),
    Cause(
        "group elsewhere",
        r"cannot be associated with more than one load balancer",
        "A listener of another load balancer still leads to these tasks: delete that listener, then apply again. See {at}.",
        ("load_balancer",),
    ),
    Cause(
        "group nowhere",
        r"does not have an associated load balancer",
        "No listener leads to these tasks. Was one deleted by hand (`aws elbv2 describe-listeners`)? Make it as {at} says, then apply"
        " again.",
        ("load_balancer",),
    ),
    Cause(
        "certificate",
        r"certificate(?: arn)? '(?P<arn>[^']+)' (?:is not valid|not found)|certificatenotfound|unsupportedcertificate",
        "A load balancer takes certificates that are issued, and only of its own Region: `aws acm list-certificates --region {region}`."
        " Name one of them in {at}.",
        ("load_balancer", "production", "certificate"),
    ),
    Cause(
        "quota",
        r"the maximum number of (?P<what>[\w -]+?) has been reached|(?<!request)limitexceeded",
        "The account has as many {what} as it may in {region}: delete what nobody needs, or ask for more (Service Quotas in the console, or"
        " `aws service-quotas request-service-quota-increase`).",
    ),
    Cause(
        "bucket taken",
        r"requested bucket name is not available",
        "Somebody in the world has a bucket of this name: choose another {at}.",
        ("system",),
    ),
    Cause(
        "record taken",
        r"tried to create resource record set",
        "The name leads somewhere already. CloudFormation takes over a record that is exactly what it would make: change it in Route 53 to"
        " that, or delete it, then apply again; or take it out of {at}.",
        ("load_balancer", "dns"),
    ),
    Cause(
        "name taken",
        r"already ?exists?\b",
        "Something of this name is there, and this stack did not make it. If it holds data that an earlier environment left: `bgspec"
        " apply {spec} --adopt` takes it back, `bgspec destroy {spec} --delete-data` deletes it. Otherwise delete it yourself, or choose"
        " another {at}.",
        ("system",),
    ),
    Cause(
        "not empty",
        r"bucketnotempty|is not empty|still contains images",
        "It holds data, which is deleted only when that is said: `bgspec destroy {spec} --delete-data`.",
    ),
    Cause(
        "in use",
        r"(?P<thing>\b(?:sg|subnet|vpc)-[0-9a-f]+)?\W*(?:has a dependent object|has dependencies)|dependencyviolation|is currently in use",
        "Something still hangs on it, mostly a network interface (`{interfaces}`); these go some minutes after what they belonged to. Run"
        " the same command again then; what was made by hand, by hand it must go.",
    ),
    Cause(
        "connection",
        r"unable to use connection|not authorized to access connection",
        "The connection still waits for somebody's consent (console: Developer Tools, Connections), or the role may not use it. See {at}.",
        ("pipeline", "source", "connection"),
    ),
    Cause(
        "denied",
        r"(?:not authorized to perform:? |api: )(?P<action>[\w-]+:\w+)|accessdenied|access denied|not authorized",
        "Allow {action} to whoever deploys: docs/deployer-policy.json holds all that is needed. If it is allowed there, a permissions"
        " boundary or the organization forbids it.",
    ),
    Cause(
        "credentials",
        r"security token included in the request is (?:expired|invalid)",
        "The credentials ended while AWS worked, or IAM does not take them (temporary ones without MFA): log in again, then apply again.",
    ),
    Cause(
        "throttled",
        r"rate exceeded|throttl|request ?limit ?exceeded",
        "AWS asks for patience: run the same command again in some minutes.",
    ),
    Cause(
        "internal",
        r"internal ?(?:failure|error)",
        "That is AWS's own failure: run the same command again. If it stays, look at https://health.aws.amazon.com/health/status.",
    ),
)

CAUSES = (*_TASKS, *_DEPLOYMENTS, *_RESOURCES)


def find(reason: str) -> tuple[Cause, dict[str, str]] | None:
    """The cause that a reason tells of, and what else it tells; None for one that nobody knows."""
    for cause in CAUSES:
        found = re.search(cause.signs, reason, re.IGNORECASE | re.DOTALL)
        if found:
            return cause, {name: text for name, text in found.groupdict().items() if text}
    return None
