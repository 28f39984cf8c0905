"""What services refuse because of a limit or a combination: the emulator refuses it too, or it would promise too much."""

import pytest
from botocore.exceptions import ClientError

from bgspec.sandbox.services import clock
from tests.sandbox.harness import ACCOUNT


def refusal(action, **params):
    with pytest.raises(ClientError) as caught:
        action(**params)
    return caught.value.response["Error"]


@pytest.mark.parametrize(
    ("region", "offered", "unknown"),
    [
        ("ap-northeast-1", "com.amazonaws.ap-northeast-1.ecr.api", "cn.com.amazonaws.ap-northeast-1.ecr.api"),
        ("cn-north-1", "com.amazonaws.cn-north-1.logs", "com.amazonaws.cn-north-1.ecr.api"),
        ("eusc-de-east-1", "eu.amazonaws.eusc-de-east-1.ecr.api", "com.amazonaws.eusc-de-east-1.ecr.api"),
    ],
)
def test_an_endpoint_service_has_the_name_of_its_region(sandbox, region, offered, unknown):
    ec2 = sandbox.client("ec2", region=region)
    ec2.describe_vpc_endpoint_services(ServiceNames=[offered])
    assert refusal(ec2.describe_vpc_endpoint_services, ServiceNames=[unknown])["Code"] == "InvalidServiceName"


def test_not_every_region_has_namespaces_of_accounts_for_buckets(sandbox):
    """S3 User Guide, gpbucketnamespaces: all but Bahrain and the Emirates."""
    for region, offered in (("me-south-1", False), ("me-central-1", False), ("il-central-1", True)):
        name = f"shop-123456789012-{region}-an"
        asked = {"Bucket": name, "BucketNamespace": "account-regional", "CreateBucketConfiguration": {"LocationConstraint": region}}
        s3 = sandbox.client("s3", region=region)
        if offered:
            s3.create_bucket(**asked)
        else:
            assert "not available" in refusal(s3.create_bucket, **asked)["Message"]
        s3.create_bucket(Bucket=f"shop-123456789012-{region}", CreateBucketConfiguration={"LocationConstraint": region})


CONTAINER = {"name": "web", "image": "nginx"}
TASK = {
    "family": "web",
    "executionRoleArn": "arn:aws:iam::123456789012:role/web",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
}


@pytest.mark.parametrize(
    ("container", "part"),
    [
        ({"ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 1_048_577}]}, "nofile"),
        (
            {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-datetime-format": "%Y", "awslogs-multiline-pattern": "^x"}}},
            "cannot configure both",
        ),
    ],
)
def test_a_task_definition_on_fargate(sandbox, container, part):
    ecs = sandbox.client("ecs")
    ecs.register_task_definition(**TASK, containerDefinitions=[CONTAINER])
    assert part in refusal(ecs.register_task_definition, **TASK, containerDefinitions=[CONTAINER | container])["Message"]


@pytest.mark.parametrize(
    ("attributes", "part"),
    [
        ({"load_balancing.algorithm.type": "weighted_random", "stickiness.enabled": "true"}, "Sticky"),
        ({"load_balancing.algorithm.type": "least_outstanding_requests", "slow_start.duration_seconds": "30"}, "Slow start"),
        ({"load_balancing.algorithm.type": "least_outstanding_requests", "stickiness.enabled": "true"}, None),
    ],
)
def test_attributes_of_a_target_group(sandbox, attributes, part):
    elbv2 = sandbox.client("elbv2")
    group = elbv2.create_target_group(Name="web", Protocol="HTTP", Port=80, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    asked = {"TargetGroupArn": group, "Attributes": [{"Key": key, "Value": value} for key, value in attributes.items()]}
    if part:
        assert part in refusal(elbv2.modify_target_group_attributes, **asked)["Message"]
    else:
        elbv2.modify_target_group_attributes(**asked)


def test_a_certificates_first_name_has_sixty_four_characters(sandbox):
    acm = sandbox.client("acm")
    acm.request_certificate(DomainName=f"{'a' * 52}.example.com")
    refusal(acm.request_certificate, DomainName=f"{'a' * 53}.example.com")


@pytest.fixture
def listener(sandbox):
    """A listener that answers by itself, and its load balancer's VPC."""
    ec2, elbv2 = sandbox.client("ec2"), sandbox.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    balancer = elbv2.create_load_balancer(Name="house", Subnets=subnets, Scheme="internal")["LoadBalancers"][0]["LoadBalancerArn"]
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    made = elbv2.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=answer)
    return made["Listeners"][0]["ListenerArn"], vpc


def paths(*values):
    return [{"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}]


def test_a_load_balancer_has_a_hundred_rules_and_target_groups(sandbox, listener):
    """ALB User Guide, load-balancer-limits."""
    elbv2, (arn, vpc) = sandbox.client("elbv2"), listener
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]

    def forward(number):
        group = elbv2.create_target_group(Name=f"g{number}", Protocol="HTTP", Port=80, TargetType="ip", VpcId=vpc)
        return [{"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}]

    for number in range(1, 100):
        elbv2.create_rule(ListenerArn=arn, Priority=number, Conditions=paths(f"/{number}"), Actions=forward(number))
    more = [{"TargetGroupArn": forward(number)[0]["TargetGroupArn"]} for number in (100, 101)]
    both = [{"Type": "forward", "ForwardConfig": {"TargetGroups": more}}]
    last = {"ListenerArn": arn, "Priority": 100, "Conditions": paths("/last")}
    assert refusal(elbv2.create_rule, **last, Actions=both)["Code"] == "TooManyTargetGroups"
    elbv2.create_rule(**last, Actions=answer)
    assert refusal(elbv2.create_rule, **last | {"Priority": 101}, Actions=answer)["Code"] == "TooManyRules"


def test_a_rule_has_five_values_and_six_wildcards(sandbox, listener):
    elbv2, (arn, _) = sandbox.client("elbv2"), listener
    asked = {"ListenerArn": arn, "Priority": 1, "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]}
    assert "values" in refusal(elbv2.create_rule, **asked, Conditions=paths(*"abcdef"))["Message"]
    assert "wildcards" in refusal(elbv2.create_rule, **asked, Conditions=paths("/*/*/*/*", "/?/?/*"))["Message"]
    elbv2.create_rule(**asked, Conditions=paths("/*/*/*/*", "/?/?"))


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("cron(0 3 * * ? *)", True),
        ("cron(0/15 8-17 ? * MON-FRI *)", True),
        ("cron(0 3 ? * 6L 2026-2027)", True),
        ("cron(0 3 ? * 3#2 *)", True),
        ("cron(0 3 * * * *)", False),
        ("cron(0 3 ? * ? *)", False),
        ("cron(60 3 * * ? *)", False),
        ("cron(0 3 * * ?)", False),
        ("rate(1 hour)", True),
        ("rate(0 hours)", False),
        ("at(2032-02-29T08:00:00)", True),
        ("at(2030-02-29T08:00:00)", False),
        ("every(1 hour)", False),
    ],
)
def test_what_a_clock_understands(expression, fine):
    assert clock.understood(expression) is fine


@pytest.mark.parametrize(("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("eusc-de-east-1", "aws-eusc")])
def test_arns_are_of_the_region_s_partition(sandbox, region, partition):
    topic = sandbox.client("sns", region=region).create_topic(Name="news")["TopicArn"]
    assert topic == f"arn:{partition}:sns:{region}:{ACCOUNT}:news"
