"""What the account lacks is found before anything is changed, each at its line; what it may not show stops nobody."""

import json
from collections.abc import Callable

import pytest

from bgspec import account as words
from bgspec import sandbox
from bgspec.compiler import compile_spec
from bgspec.deploy import preflight
from bgspec.deploy.units import environment
from bgspec.pages import parse_page
from tests.checks.base import complete
from tests.deploy.bench import ACCOUNT, SMALL, Bench

REGION = "us-east-1"
HERE = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"


def spec(piece: str) -> str:
    """A piece of a spec made whole: an empty account is enough for what is added."""
    rest = "network:\n  egress: public\n" if "network:" not in piece else ""
    return complete(piece) + rest


def seed(bench: Bench, *arns: str) -> None:
    sandbox.seed(bench.server.url, ACCOUNT, REGION, list(arns))


def pending_connection(bench: Bench) -> None:
    seed(bench, HERE.format("codeconnections", "connection/ready"), HERE.format("codeconnections", "connection/pending"))
    with bench.world.lock:
        table = bench.world.context(ACCOUNT, REGION).table("connections")
        table[HERE.format("codeconnections", "connection/pending")]["ConnectionStatus"] = "PENDING"


def pending_certificate(bench: Bench) -> None:
    seed(bench, HERE.format("acm", "certificate/ready"), HERE.format("acm", "certificate/pending"))
    with bench.world.lock:
        table = bench.world.context(ACCOUNT, REGION).table("acm.certificates")
        table[HERE.format("acm", "certificate/pending")]["Status"] = "PENDING_VALIDATION"


def roles(bench: Bench) -> None:
    iam = bench.client("iam")
    for name, service in {"for-tasks": "ecs-tasks", "only-lambda": "lambda"}.items():
        trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))


def strange_stack(bench: Bench) -> None:
    template = {"Description": "the old shop", "Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}}
    bench.client("cloudformation", REGION).create_stack(StackName="shop-dev-stack-cluster-01", TemplateBody=json.dumps(template))


def strange_role(bench: Bench) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    bench.client("iam").create_role(
        RoleName="shop-dev-role-exec-web-01", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )


def two_zones(bench: Bench) -> None:
    from bgspec.sandbox.services import ec2_network

    bench.patch.setattr(ec2_network, "ZONES", "ab")


def old_account(bench: Bench) -> None:
    """One that is still offered the zone that newer ones do not see."""
    from bgspec.sandbox.services import ec2_network

    bench.patch.setitem(ec2_network.FEWER, "ap-northeast-1", {"a": 3, "b": 4, "c": 1, "d": 2})


def foreign_subnets(bench: Bench) -> None:
    """A VPC and subnets with the ids of the page; the subnets are another VPC's."""
    ec2 = bench.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in range(4)]
    with bench.world.lock:
        tables = bench.world.region(ACCOUNT, REGION)
        vpcs, subnets = (next(table for table in tables.values() if one in table) for one in (vpc, made[0]))
        vpcs["vpc-0123456789abcdef0"] = vpcs[vpc] | {"VpcId": "vpc-0123456789abcdef0"}
        for number, name in enumerate(made):
            ident = f"subnet-0123456789abcdef{number}"
            subnets[ident] = subnets[name] | {"SubnetId": ident}


HOUSE = HERE.format("elasticloadbalancing", "loadbalancer/app/house/0123456789abcdef")


def house(bench: Bench) -> None:
    """A VPC with two subnets, and a load balancer in it."""
    vpc = "vpc-0123456789abcdef0"
    parts = (
        f"vpc/{vpc}/10.30.0.0/16",
        *(f"subnet/subnet-0123456789abcdef{n}/{vpc}/{n}" for n in (0, 1)),
        f"security-group/sg-0123456789abcdef0/{vpc}",
    )
    seed(bench, *(HERE.format("ec2", part) for part in parts), f"{HOUSE}/house-1234567890.us-east-1.elb.amazonaws.com")


def house_with_a_guest(bench: Bench) -> None:
    house(bench)
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    bench.client("elbv2", REGION).create_listener(LoadBalancerArn=HOUSE, Protocol="HTTP", Port=8000, DefaultActions=[answer])


def house_without_a_road(bench: Bench) -> None:
    house(bench)
    ec2 = bench.client("ec2", REGION)
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": ["vpc-0123456789abcdef0"]}])["RouteTables"]
    ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")


def buckets(bench: Bench) -> None:
    for name, region in (("logs-of-the-shop", REGION), ("logs-of-the-shop-in-europe", "eu-west-1")):
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
        bench.client("s3", region).create_bucket(Bucket=name, **where)


def names(bench: Bench) -> None:
    """A hosted zone with a name that leads elsewhere."""
    seed(bench, "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ/example.com")
    record = {"Name": "old.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "elsewhere.example.com"}]}
    bench.client("route53", REGION).change_resource_record_sets(
        HostedZoneId="Z0123456789ABCDEFGHIJ", ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )


def fresh(bench: Bench) -> None:
    bench.world.fresh = True


def by_hand(bench: Bench) -> None:
    """An environment of one task, which somebody scaled."""
    bench.spec(spec(parse_page(words.FAMILY.pages["BG016"]).fails))
    assert bench.apply().code == 0
    bench.client("ecs", REGION).update_service(cluster="shop-dev-cluster-01", service="shop-dev-service-web-01", desiredCount=1)
    with bench.world.lock:
        bench.world.requests.clear()


def nothing(_: Bench) -> None:
    """An account as it is."""


ACCOUNTS: dict[str, Callable[[Bench], None]] = {
    "BG001": nothing,
    "BG002": pending_connection,
    "BG003": pending_certificate,
    "BG004": lambda bench: seed(bench, HERE.format("secretsmanager", "secret:shop/db-AbCdEf:password::")),
    "BG005": lambda bench: seed(bench, HERE.format("ecr", "repository/shop/web:1")),
    "BG006": lambda bench: seed(bench, HERE.format("ecr", "repository/shop/web:1")),
    "BG007": roles,
    "BG008": fresh,
    "BG009": nothing,
    "BG010": nothing,
    "BG011": strange_stack,
    "BG012": strange_role,
    "BG013": two_zones,
    "BG014": lambda bench: seed(bench, HERE.format("ecr", "repository/shop/web:1")),
    "BG015": foreign_subnets,
    "BG016": by_hand,
    "BG017": house_with_a_guest,
    "BG018": house,
    "BG019": house_without_a_road,
    "BG020": buckets,
    "BG021": names,
    "BG022": old_account,
}
"""The account in which the examples of a code's page fail and pass."""


def codes(bench: Bench) -> list[tuple[str, str]]:
    found = json.loads(bench.plan("--format", "json").out)["findings"]
    return [(one["code"], f"{one['line']}:{one['column']}") for one in found]


def errors(bench: Bench) -> list[tuple[str, str]]:
    found = json.loads(bench.plan("--format", "json").out)["findings"]
    return [(one["code"], one["message"]) for one in found if one["severity"] == "error"]


@pytest.mark.parametrize("code", words.FAMILY.pages)
def test_the_examples_of_a_page_are_true(bench: Bench, code: str) -> None:
    ACCOUNTS[code](bench)
    page = parse_page(words.FAMILY.pages[code])
    bench.spec(spec(page.fails))
    assert {one for one, _ in codes(bench)} == {code}
    if code == "BG008":
        bench.world.fresh = False
    bench.spec(spec(page.passes))
    assert code not in {one for one, _ in codes(bench)}
    assert "ExecuteChangeSet" not in str(bench.calls())


SECRET = """\
services:
  web:
    image: {build: .}
    port: 8080
    secrets:
      DB_PASSWORD: "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/db-AbCdEf:pasword::"
      TOKEN: /shop/token
"""


def test_every_failing_point_is_told_at_its_line_and_apply_changes_nothing(bench: Bench) -> None:
    seed(bench, HERE.format("secretsmanager", "secret:shop/db-AbCdEf:password::"))
    bench.spec(spec(SECRET))
    plan = bench.plan()
    assert plan.code == 3
    assert f"error[BG004]: The secret has no key `pasword`.\n --> {bench.file}:6:20" in plan.err
    assert "Did you mean `password`?" in plan.err
    assert f"error[BG001]: This account has no such parameter.\n --> {bench.file}:7:14" in plan.err
    assert "simulated" not in plan.err + plan.out  # the secret's value
    apply = bench.apply()
    assert apply.code == 3
    assert "error[BG004]" in apply.err
    assert "Nothing was changed" in apply.err
    assert not bench.calls().get("cloudformation:CreateChangeSet")


def test_programs_get_the_findings_in_their_own_format(bench: Bench) -> None:
    bench.spec(spec(SECRET))
    github = bench.plan("--format", "github")
    assert github.out.startswith(f"::error file={bench.file},line=6,endLine=6,col=20,")
    assert "created" in github.err
    sarif = json.loads(bench.plan("--format", "sarif").out)["runs"][0]
    assert {result["ruleId"] for result in sarif["results"]} == {"BG001"}
    assert sarif["tool"]["driver"]["rules"][0]["shortDescription"]["text"] == "What the spec names does not exist."


def test_a_warning_or_an_info_can_be_silenced_in_the_file(bench: Bench) -> None:
    bench.spec(SMALL)
    assert codes(bench) == [("BG014", "10:12")]
    bench.spec(SMALL.replace("nginx:1.27", "nginx:1.27  # bgspec: ignore[BG014] public"))
    assert codes(bench) == []
    assert "silence" not in bench.run("validate", str(bench.file)).err


@pytest.mark.parametrize("denied", ["secretsmanager:GetSecretValue", "iam:GetRole", "service-quotas:GetServiceQuota"])
def test_what_may_not_be_looked_at_is_said_and_stops_nobody(bench: Bench, denied: str) -> None:
    from bgspec.sandbox.errors import AwsError
    from bgspec.sandbox.services.catalog import REGISTRY

    def refuse(*_: object) -> None:
        raise AwsError("AccessDeniedException", "not authorized", 403)

    service, _, operation = denied.partition(":")
    known = {"GetSecretValue": "get_secret_value", "GetRole": "get_role", "GetServiceQuota": "get_service_quota"}
    bench.patch.setitem(REGISTRY[service].operations, known[operation], refuse)
    seed(bench, HERE.format("secretsmanager", "secret:shop/db-AbCdEf:password::"), HERE.format("ssm", "parameter/shop/token"))
    bench.spec(spec(SECRET.replace("pasword", "password")))
    plan = bench.plan()
    assert plan.code == 0
    assert "info[BG014]: Whether" in plan.err
    assert f"{service}:{known[operation]} is not allowed" in plan.err


def index(bench: Bench, *processors: str) -> None:
    """An image for several processors, pushed as `multi`."""
    seed(bench, *(HERE.format("ecr", f"repository/shop/web:{one}:{one}") for one in processors))
    ecr = bench.client("ecr", REGION)
    manifests = [
        {
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "size": 1,
            "digest": ecr.describe_images(repositoryName="shop/web", imageIds=[{"imageTag": one}])["imageDetails"][0]["imageDigest"],
            "platform": {"architecture": one, "os": "linux"},
        }
        for one in processors
    ]
    kind = "application/vnd.oci.image.index.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": manifests})
    ecr.put_image(repositoryName="shop/web", imageManifest=manifest, imageManifestMediaType=kind, imageTag="multi")


def test_an_index_is_asked_for_the_tasks_processor(bench: Bench) -> None:
    index(bench, "amd64", "arm64")
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:multi"
    image = f"services: {{web: {{image: {{uri: '{uri}', architecture: arm64}}, port: 80}}}}\n"
    bench.spec(spec(image))
    assert errors(bench) == []
    bench.spec(spec(image.replace("multi", "amd64")))
    assert errors(bench) == [("BG006", "This image is for amd64, the task runs on arm64.")]
    bench.spec(spec(image.replace(":multi", f"@sha256:{'0' * 64}")))
    assert errors(bench) == [("BG005", f"The repository `shop/web` has no image sha256:{'0' * 64}.")]


def test_quotas_count_blue_and_green_and_what_is_there_already(bench: Bench) -> None:
    piece = "services:\n  web:\n    image: {build: .}\n    port: 8080\n    cpu: 1024\n    count: %s\n"
    bench.spec(spec(piece % 3))
    assert errors(bench) == []  # 3 and 3 of 6
    bench.spec(spec(piece % 4))
    assert errors(bench) == [("BG009", "The environment needs 8 vCPUs of Fargate for blue and green, the account's quota is 6.")]
    with bench.world.lock:
        bench.world.quotas |= {"L-3032A538": 8, "L-F678F1CE": 0}
    assert errors(bench) == [("BG009", "The environment needs 1 VPC more than there are, the account's quota is 0.")]


def test_quotas_of_spot_and_of_addresses_are_counted_too(bench: Bench) -> None:
    both = "[{provider: fargate, base: 1, weight: 0}, {provider: fargate-spot, weight: 1}]"
    piece = f"services: {{web: {{image: {{build: .}}, port: 8080, cpu: 1024, count: 4, capacity: {both}}}}}\n"
    bench.spec(spec(piece + "network: {egress: nat, nat: per-zone, zones: 3}\n"))
    with bench.world.lock:
        bench.world.quotas |= {"L-3032A538": 2, "L-36FBB829": 5, "L-0263D0A3": 2}
    assert sorted(errors(bench)) == [
        ("BG009", "The environment needs 3 public addresses beside 0 others, the account's quota is 2."),
        ("BG009", "The environment needs 6 vCPUs of Fargate Spot for blue and green, the account's quota is 5."),
    ]
    with bench.world.lock:
        bench.world.quotas |= {"L-36FBB829": 6, "L-0263D0A3": 3}
    assert errors(bench) == []


def test_what_destroy_kept_is_in_the_way_and_told_so(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    assert bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev").code == 0
    again = bench.apply()
    assert again.code == 3
    assert "error[BG012]: Logs LogGroup" in again.err
    assert "--delete-data" in again.err
    assert bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev", "--delete-data").code == 0
    assert bench.apply().code == 0


def test_names_of_stacks_that_stand_are_their_own(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    assert errors(bench) == []


BESIDE = """\
network:
  vpc: vpc-0123456789abcdef0
  cidr: 10.30.0.0/16
  egress: public
  public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
  route_tables: [rtb-0123456789abcdef9]
load_balancer:
  existing:
    arn: arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/house/0123456789abcdef
    security_group: sg-0123456789abcdef7
    dns_name: house-1234567890.us-east-1.elb.amazonaws.com
  production: {port: 8000}
  test: {port: 8001}
services:
  web:
    image: {uri: "public.ecr.aws/nginx/nginx:1.27"}
    port: 80
"""


def test_an_existing_network_and_load_balancer_are_looked_at_whole(bench: Bench) -> None:
    house_with_a_guest(bench)
    bench.client("ec2", REGION).create_security_group(GroupName="shop-dev-sg-task-web-01", Description="-", VpcId="vpc-0123456789abcdef0")
    bench.spec(spec(BESIDE))
    assert sorted(errors(bench)) == [
        ("BG001", "This account has no such route table in vpc-0123456789abcdef0."),
        ("BG012", "EC2 SecurityGroup shop-dev-sg-task-web-01 exists already, outside of this environment's stacks."),
        ("BG017", "The load balancer has another listener on port 8000."),
        ("BG018", "The load balancer has sg-0123456789abcdef0 for its security groups, not this one."),
    ]


def test_what_the_environment_made_itself_is_in_nobodys_way(bench: Bench) -> None:
    house(bench)
    own = BESIDE.replace("  route_tables: [rtb-0123456789abcdef9]\n", "").replace("abcdef7", "abcdef0")
    bench.spec(spec(own))
    assert errors(bench) == []
    assert bench.apply().code == 0
    assert errors(bench) == []


def test_the_sandboxs_zones_are_of_the_names_that_the_spec_writes_there(bench: Bench) -> None:
    names = SMALL + "load_balancer:\n  dns:\n    - {name: shop.acme.org, zone: Z0ACME}\n"
    certificate = "  production:\n    certificate: {domain: '*.pay.acme.org', zone: Z1ACME}\n"
    bench.spec(names + certificate)
    compilation = compile_spec(bench.file.read_bytes(), str(bench.file))
    (plan,) = compilation.plans
    sandbox.seed(bench.server.url, ACCOUNT, plan.region.name, list(preflight.named(environment(compilation, plan), ACCOUNT)))
    assert bench.apply().code == 0
    bench.spec(names + "    - {name: new.acme.org, zone: Z0ACME}\n" + certificate)
    assert bench.apply().code == 0, "the zone stands already, and takes the new name too"
