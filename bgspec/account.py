"""What only the account can tell: one function per code; its docstring is the page that `explain` shows (see `bgspec.pages`).

Whoever may ask AWS asks (see `bgspec.deploy.preflight`); here stands what is said then, so that `explain` needs no AWS.
"""

from bgspec.diagnostics import Family, Sentences

FAMILY = Family({}, {})
rule = FAMILY.rule


@rule("BG001")
def missing(kind: str, mend: str) -> Sentences:
    """What the spec names does not exist.

    What: The spec names something that the account does not have in this Region: a certificate, a connection, a secret, a parameter, a
        function, a role, a repository, a bucket, a zone, an alarm, a VPC, a subnet.
    Why: The stack that refers to it fails, or tasks do not start.
    Mend: Check the name, the account and the Region, or make it.
    Source: https://docs.aws.amazon.com/ of each service; bgspec asks with the service's own describe or get operation.

    Fails:
        load_balancer:
          production:
            certificate: arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000
    Passes:
        load_balancer:
          production:
            port: 80
    """
    return f"This account has no such {kind}.", mend


@rule("BG002")
def connection_not_ready(status: str) -> Sentences:
    """A connection to the source waits for somebody's consent.

    What: The connection of the pipeline's source is not AVAILABLE.
    Why: A connection that was made by the API or by CloudFormation is PENDING until a person agrees to it on the provider's site; until
        then the pipeline's first stage fails.
    Mend: Open it in the console (Developer Tools, Connections), choose "Update pending connection", and log in.
    Source: Developer Tools console User Guide, connections-update; bc:codeconnections.ConnectionStatus.

    Fails:
        pipeline:
          source:
            provider: github
            connection: arn:aws:codeconnections:us-east-1:123456789012:connection/pending
            repository: acme/shop
    Passes:
        pipeline:
          source:
            provider: github
            connection: arn:aws:codeconnections:us-east-1:123456789012:connection/ready
            repository: acme/shop
    """
    return f"This connection is {status}, not AVAILABLE.", "Open it in the console (Developer Tools, Connections) and finish its set-up."


@rule("BG003")
def certificate_not_issued(status: str, why: str) -> Sentences:
    """A certificate is not issued.

    What: The certificate exists, but its status is not ISSUED.
    Why: A load balancer takes no certificate that is waiting for its validation, has failed it, has expired or was revoked.
    Mend: Finish its validation: for DNS, write the record that ACM names into the domain's zone. Or name another certificate.
    Source: ACM User Guide, gs-acm-describe; bc:acm.CertificateStatus; bc:elbv2.CreateListener (UnsupportedCertificate).

    Fails:
        load_balancer:
          production:
            certificate: arn:aws:acm:us-east-1:123456789012:certificate/pending
    Passes:
        load_balancer:
          production:
            certificate: arn:aws:acm:us-east-1:123456789012:certificate/ready
    """
    reason = f" ({why})" if why else ""
    return f"This certificate is {status}{reason}, not ISSUED.", "Finish its validation, or name another certificate."


@rule("BG004")
def secret_without_key(key: str, near: str | None) -> Sentences:
    """A secret has no such key.

    What: A reference names a JSON key of a secret, but its value has none of that name, or is no JSON object.
    Why: Tasks do not start: ResourceInitializationError, "retrieved secret from Secrets Manager did not contain json key".
    Mend: Correct the key, or add it to the secret. bgspec looks at the keys only, and shows no value.
    Source: ECS Developer Guide, secrets-envvar-secrets-manager; https://github.com/aws/amazon-ecs-agent (the agent's own words).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/db-AbCdEf:pasword::"
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/db-AbCdEf:password::"
    """
    mend = f"Did you mean `{near}`?" if near else "Add it to the secret, or name one that is there."
    return f"The secret has no key `{key}`.", mend


@rule("BG005")
def image_missing(tag: str, repository: str) -> Sentences:
    """An image does not exist.

    What: The repository in ECR has no image with this tag or digest.
    Why: Tasks stop with CannotPullContainerError, and the service never becomes steady.
    Mend: Push it, or name one that is there: `aws ecr describe-images --repository-name NAME`.
    Source: ECS Developer Guide, task_cannot_pull_image; bc:ecr.BatchGetImage.

    Fails:
        services:
          web:
            image: {uri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:2"}
            port: 8080
    Passes:
        services:
          web:
            image: {uri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1"}
            port: 8080
    """
    return f"The repository `{repository}` has no image {tag}.", "Push it, or name one that is there."


@rule("BG006")
def image_of_another_processor(found: str, wanted: str) -> Sentences:
    """An image is for another processor.

    What: The image was built for another architecture than the task has, or its index has no entry for it.
    Why: The container ends at once with "exec format error", or the image cannot be pulled: "does not contain descriptor matching
        platform".
    Mend: Set `architecture` to what the image was built for, or build it for the other one as well.
    Source: ECS Developer Guide, task_cannot_pull_image; OCI Image Format Specification, image index (platform) and config
        (https://github.com/opencontainers/image-spec).

    Fails:
        services:
          web:
            image: {uri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1", architecture: arm64}
            port: 8080
    Passes:
        services:
          web:
            image: {uri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1"}
            port: 8080
    """
    return f"This image is for {found}, the task runs on {wanted}.", "Change `architecture`, or build the image for it."


@rule("BG007")
def role_for_somebody_else(service: str) -> Sentences:
    """A role that exists cannot be used by whom the spec gives it to.

    What: The trust policy of a role that the spec names does not name the service that must take it on.
    Why: Tasks do not start: "ECS was unable to assume the role".
    Mend: Add the service to the role's trust policy: `aws iam update-assume-role-policy`.
    Source: ECS Developer Guide, task-iam-roles and task_execution_IAM_role (trust policy).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            task_role: arn:aws:iam::123456789012:role/only-lambda
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            task_role: arn:aws:iam::123456789012:role/for-tasks
    """
    return f"The trust policy of this role does not name {service}.", "Add it: `aws iam update-assume-role-policy`."


@rule("BG008", "warning", "key")
def service_linked_role_missing(role: str, service: str) -> Sentences:
    """A service-linked role does not exist yet.

    What: The account has never used a service before, so the role with which that service works in it is not there.
    Why: AWS makes it on first use, if the caller may; but the first service or load balancer can be refused in the meantime: "Unable to
        assume the service linked role".
    Mend: Make it once for the account: `aws iam create-service-linked-role --aws-service-name SERVICE`.
    Source: ECS Developer Guide, using-service-linked-roles; https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/818.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
    """
    return f"The account has no role {role} yet.", f"Make it: `aws iam create-service-linked-role --aws-service-name {service}`."


@rule("BG009", at="key")
def quota_too_small(what: str, needed: float, quota: float, mend: str) -> Sentences:
    """A quota of the account is too small.

    What: The environment needs more of something than the account may have in this Region: vCPUs of Fargate for all tasks and, while a
        version is replaced, for those of its successor; VPCs; public addresses.
    Why: Fargate starts no task beyond its quota, so green never becomes complete; CloudFormation cannot make the VPC or the address.
    Mend: Ask for more (Service Quotas, mostly granted within hours), or need less.
    Source: AWS General Reference, ecs-service (Fargate On-Demand vCPU resource count); VPC User Guide, amazon-vpc-limits;
        bc:service-quotas.GetServiceQuota.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 4096
            count: 4
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
    """
    return f"The environment needs {needed:g} {what}, the account's quota is {quota:g}.", mend


@rule("BG010", "warning", "key")
def quota_too_small_at_its_largest(needed: float, quota: float, mend: str) -> Sentences:
    """A quota of the account is too small once services have grown.

    What: With as many tasks as `scaling.max` allows, and blue and green side by side, the services need more vCPUs of Fargate than the
        account may have in this Region.
    Why: The last tasks do not start when they are needed most, or a deployment at that time does not become complete.
    Mend: Ask for more (Service Quotas, mostly granted within hours), or lower `max`.
    Source: AWS General Reference, ecs-service (Fargate On-Demand vCPU resource count); bc:service-quotas.GetServiceQuota.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 1024
            count: 2
            scaling: {min: 2, max: 10, cpu: 60}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            count: 2
            scaling: {min: 2, max: 3, cpu: 60}
    """
    return f"Grown to their largest, the services need {needed:g} vCPUs of Fargate; the account's quota is {quota:g}.", mend


@rule("BG011", at="key")
def stack_of_somebody_else(name: str) -> Sentences:
    """A stack of this name is somebody else's.

    What: A stack exists that is called as one of this environment's would be, but it was not made from a template of bgspec's: its
        description does not begin with its own name.
    Why: An update would replace everything in it.
    Mend: Choose another `system` or `environment`, or delete that stack if nobody needs it.
    Source: bc:cloudformation.Stack.Description; a stack's name is unique in its account and Region (CloudFormation User Guide,
        cfn-console-create-stack).

    Fails:
        system: shop
    Passes:
        system: boutique
    """
    return f"The stack {name} exists, and bgspec did not make it.", "Choose another `system` or `environment`, or delete that stack."


@rule("BG012", at="key")
def name_taken(thing: str, mend: str) -> Sentences:
    """A name is taken.

    What: Something exists that is called as a resource of this environment would be, and none of its stacks has it.
    Why: Names are unique; CloudFormation refuses the second ("already exists"), and the whole stack goes back.
    Mend: Delete it if nobody needs it. What an earlier environment of this name left, because it holds data, `--adopt` takes back as it
        is, and `bgspec destroy SPEC --delete-data` deletes. Or choose another `system` or `environment`.
    Source: CloudFormation User Guide, troubleshooting (resource name conflicts) and validate-stack-deployments.

    Fails:
        system: shop
    Passes:
        system: boutique
    """
    return f"{thing} exists already, outside of this environment's stacks.", mend


@rule("BG013")
def zones_missing(wanted: int, offered: int, region: str, bare: list[str]) -> Sentences:
    """The account sees fewer zones than the network needs.

    What: `network.zones` is more than the Availability Zones that a template gets of this account in the Region.
    Why: Which zones a Region offers differs from account to account; a subnet cannot be made in one that is not there. And once a zone
        has a default subnet, CloudFormation counts those alone that have one.
    Mend: Use fewer zones, or give the others a default subnet.
    Source: bc:ec2.DescribeAvailabilityZones; EC2 User Guide, using-regions-availability-zones; CloudFormation Template Reference,
        Fn::GetAZs ("returns only Availability Zones that have a default subnet unless none ... has").

    Fails:
        network: {zones: 3}
    Passes:
        network: {zones: 2}
    """
    made = f", or `aws ec2 create-default-subnet --availability-zone {bare[0]}`" if bare else ""
    return f"The account is offered {offered} zones in {region}, not {wanted}.", f"Use `zones: {offered}`{made}, or another Region."


@rule("BG014", "info")
def not_looked_at(what: str, why: str, mend: str) -> Sentences:
    """Something could not be looked at beforehand.

    What: Before anything is changed, bgspec looks whether what the spec names is there. This it could not see.
    Why: The credentials may not ask, or it lies where bgspec does not ask: in another account, another Region, another registry. If it is
        missing, the stack that needs it fails.
    Mend: Nothing, if you know that it is there; otherwise look yourself, or allow the call to the deployer (docs/deployer-policy.json).
    Source: bgspec's own: docs/deploy.md, what is looked at before.

    Fails:
        services:
          web:
            image: {uri: "public.ecr.aws/nginx/nginx:1.27"}
            port: 80
    Passes:
        services:
          web:
            image: {uri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1"}
            port: 8080
    """
    return f"Whether {what} is there was not looked at: {why}.", mend


@rule("BG015")
def subnets_misplaced(problem: str) -> Sentences:
    """Subnets that exist do not fit.

    What: The subnets that the spec names belong to another VPC, or lie all in one zone.
    Why: Everything of one load balancer and of one service lies in one VPC; a load balancer needs two zones.
    Mend: Name subnets of `network.vpc`, one for each zone.
    Source: ELB User Guide, application-load-balancers (subnets in two zones); bc:elbv2.CreateLoadBalancer; bc:ec2.DescribeSubnets.

    Fails:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.0.0.0/16
          public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
          private_subnets: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]
    Passes:
        network:
          cidr: 10.0.0.0/16
    """
    return f"These subnets {problem}.", "Name subnets of `network.vpc`, one for each zone."


@rule("BG016", "warning", "key")
def drifted(what: str, mend: str) -> Sentences:
    """What runs is not what the spec says.

    What: Somebody changed by hand what neither a deployment nor scaling changes: how many tasks are wanted, where production traffic goes,
        or that something is there at all: the service, a log group, a role, a listener's rule. A live colour is no drift: deployments move
        it.
    Why: CloudFormation compares templates, so an update whose template says nothing new leaves it as it is, and nobody is told.
        An update of what is gone fails, so `apply` refuses it.
    Mend: Set it back, or write into the spec what it is now. ECS refuses what a stack would change of a service of CodeDeploy, so how many
        tasks it has is said with `scaling` once it stands.
    Source: CloudFormation User Guide, drift-aware-change-sets (an ordinary change set compares templates); bc:ecs.DescribeServices;
        bc:elbv2.DescribeRules.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            count: 3
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            count: 3
            scaling: {min: 1, max: 3, cpu: 60}
    """
    return f"{what}.", f"{mend}."


@rule("BG017")
def port_taken(port: int) -> Sentences:
    """The load balancer listens on a port already.

    What: The load balancer that the spec names has a listener on a port of `load_balancer.production` or `test`, and it is not this
        environment's.
    Why: A load balancer has one listener a port: "A listener already exists on this port", and the traffic stack goes back.
    Mend: Choose a port that is free, or delete that listener if nobody needs it.
    Source: bc:elbv2.CreateListener (DuplicateListener); https://github.com/hashicorp/terraform/issues/26407.

    Fails:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.30.0.0/16
          egress: public
          public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
        load_balancer:
          existing:
            arn: arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/house/0123456789abcdef
            security_group: sg-0123456789abcdef0
            dns_name: house-1234567890.us-east-1.elb.amazonaws.com
          production: {port: 8000}
          test: {port: 8001}
    Passes:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.30.0.0/16
          egress: public
          public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
        load_balancer:
          existing:
            arn: arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/house/0123456789abcdef
            security_group: sg-0123456789abcdef0
            dns_name: house-1234567890.us-east-1.elb.amazonaws.com
          production: {port: 8002}
          test: {port: 8001}
    """
    return f"The load balancer has another listener on port {port}.", "Choose a port that is free, or delete that listener."


@rule("BG018")
def load_balancer_misplaced(problem: str) -> Sentences:
    """A load balancer that exists does not fit.

    What: The load balancer that the spec names stands in another VPC than the tasks, has not the security group or the name in DNS that the
        spec says, or is not in all zones in which tasks run.
    Why: Target groups and load balancer lie in one VPC; the tasks admit that security group alone; a new version is tried at that name; and
        to a zone that a load balancer does not know it sends no request.
    Mend: Correct what the spec says, add the zone to the load balancer (`aws elbv2 set-subnets`), or name other subnets.
    Source: ELB User Guide, application-load-balancers (Availability Zones); bc:elbv2.LoadBalancer; bc:ecs.LoadBalancer.

    Fails:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.30.0.0/16
          egress: public
          public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
        load_balancer:
          existing:
            arn: arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/house/0123456789abcdef
            security_group: sg-0123456789abcdef0
            dns_name: horse-1234567890.us-east-1.elb.amazonaws.com
    Passes:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.30.0.0/16
          egress: public
          public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
        load_balancer:
          existing:
            arn: arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/house/0123456789abcdef
            security_group: sg-0123456789abcdef0
            dns_name: house-1234567890.us-east-1.elb.amazonaws.com
    """
    return f"The load balancer {problem}.", "Correct it, or name another one: `aws elbv2 describe-load-balancers`."


@rule("BG019", "warning")
def subnet_without_way(subnet: str) -> Sentences:
    """A subnet that exists has no way out.

    What: The route table of a subnet, its own or the VPC's main one, has no route to everywhere (0.0.0.0/0): of one that the spec calls
        public, or of one in which tasks run with `egress: nat` and no endpoints are named.
    Why: Nobody reaches a load balancer there, and tasks reach neither their registry nor their logs: "ResourceInitializationError".
    Mend: Give the subnet's table a route to an internet gateway, or to a NAT gateway; or name other subnets, or `egress: endpoints`.
    Source: VPC User Guide, VPC_Route_Tables (main route table; associations); bc:ec2.DescribeRouteTables.

    Fails:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.30.0.0/16
          egress: public
          public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    Passes:
        network:
          cidr: 10.30.0.0/16
          egress: public
    """
    return f"No route leads out of {subnet}.", "Add a route for 0.0.0.0/0 to its table (`aws ec2 create-route`), or name another subnet."


@rule("BG020")
def bucket_elsewhere(region: str, wanted: str) -> Sentences:
    """A bucket is in another Region.

    What: A bucket that the spec names is there, but in another Region than the environment.
    Why: Load balancers, CodePipeline and CodeBuild take buckets of their own Region only; a pipeline whose bucket is elsewhere fails with
        "InternalError".
    Mend: Name a bucket of this Region, or make one.
    Source: ELB User Guide, enable-access-logging (same Region); CodePipeline User Guide, troubleshooting (a bucket created in another AWS
        Region); bc:s3.HeadBucketOutput.BucketRegion.

    Fails:
        load_balancer:
          access_logs: {bucket: logs-of-the-shop-in-europe}
    Passes:
        load_balancer:
          access_logs: {bucket: logs-of-the-shop}
    """
    return f"This bucket is in {region}, the environment in {wanted}.", "Name a bucket of the environment's Region."


@rule("BG021", "warning")
def name_elsewhere(where: str) -> Sentences:
    """A name leads to something else.

    What: A name of `load_balancer.dns` has a record in its hosted zone, which leads elsewhere.
    Why: CloudFormation makes no record that exists: "Tried to create resource record set ... but it already exists". One that it has
        made, and somebody has led elsewhere since, it leaves as it is.
    Mend: Lead the name here in Route 53 itself: CloudFormation takes over a record that is exactly what it would make. Or delete the
        record, or choose another name.
    Source: bc:route53.ChangeResourceRecordSets;
        https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/560 (what is taken over).

    Fails:
        load_balancer:
          dns:
            - {name: old.example.com, zone: Z0123456789ABCDEFGHIJ}
    Passes:
        load_balancer:
          dns:
            - {name: new.example.com, zone: Z0123456789ABCDEFGHIJ}
    """
    return f"This name leads to {where} already.", "Lead it here in Route 53 itself, delete that record, or choose another name."


@rule("BG022", "warning")
def zone_without_fargate(zone: str) -> Sentences:
    """A zone has no Fargate.

    What: In three Regions Fargate is not in every Availability Zone. One of those that the network would lie in, or of the subnets named
        for tasks, is such a zone.
    Why: Tasks do not start there.
    Mend: Name subnets of other zones (`network.vpc`), or use another Region. Which letter is which zone differs from account to account.
    Source: ECS Developer Guide, AWS_Fargate-Regions (Linux containers, supported Availability Zone IDs).

    Fails:
        region: ap-northeast-1
        network: {egress: public, zones: 2}
    Passes:
        region: ap-northeast-3
        network: {egress: public, zones: 2}
    """
    return f"There is no Fargate in {zone}.", "Name subnets of other zones (`network.vpc`), or use another Region."
