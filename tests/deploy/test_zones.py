"""The zones in which a network lies: how many a template gets, and whether tasks start there."""

import json

from bgspec import sandbox
from tests.deploy.bench import ACCOUNT, Bench
from tests.deploy.test_preflight import BESIDE, HERE, REGION, errors, house, old_account, seed, spec

SERVED = """\
services:
  web:
    image: {uri: "public.ecr.aws/nginx/nginx:1.27"}
    port: 80
"""


def test_a_zone_without_its_default_subnet_is_not_counted(bench: Bench) -> None:
    """As the template's Fn::GetAZs does not, either."""
    ec2 = bench.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="172.31.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"172.31.{n}.0/24", AvailabilityZone=REGION + letter)["Subnet"]["SubnetId"]
        for n, letter in enumerate("ac")
    ]
    with bench.world.lock:
        for name in made:
            bench.world.context(ACCOUNT, REGION).table("ec2.Subnet")[name]["DefaultForAz"] = True
    bench.spec(spec(f"network: {{egress: public, zones: 3}}\n{SERVED}"))
    assert errors(bench) == [("BG013", "The account is offered 2 zones in us-east-1, not 3.")]
    assert "or `aws ec2 create-default-subnet --availability-zone us-east-1b`" in bench.plan().err
    bench.patch.setattr("bgspec.deploy.preflight.limits._zones", lambda *_: ())
    assert "Fn::Select cannot select nonexistent value at index 2" in bench.apply().err


def test_of_subnets_that_stand_the_zones_with_fargate_are_asked_for(bench: Bench) -> None:
    old_account(bench)
    region, vpc = "ap-northeast-1", "vpc-0123456789abcdef5"
    names = [f"subnet-0123456789abcdef{n}" for n in range(4)]
    here = HERE.replace(REGION, region)
    parts = (f"vpc/{vpc}/10.40.0.0/16", *(f"subnet/{name}/{vpc}/{n}" for n, name in enumerate(names)))
    sandbox.seed(bench.server.url, ACCOUNT, region, [here.format("ec2", part) for part in parts])
    network = f"network: {{vpc: {vpc}, cidr: 10.40.0.0/16, egress: public, public_subnets: [{names[0]}, {names[2]}, {names[3]}]}}\n"
    bench.spec(spec(f"region: {region}\n{network}{SERVED}"))
    (found,) = [one for one in json.loads(bench.plan("--format", "json").out)["findings"] if one["code"] == "BG022"]
    assert found["message"] == "There is no Fargate in ap-northeast-1a (apne1-az3)."


def test_a_load_balancer_of_another_vpc_or_zone_is_told(bench: Bench) -> None:
    house(bench)
    vpc = "vpc-0123456789abcdef5"
    parts = (f"vpc/{vpc}/10.40.0.0/16", *(f"subnet/subnet-0123456789abcdef{n}/{vpc}/{n}" for n in (5, 6, 8)))
    seed(bench, *(HERE.format("ec2", part) for part in parts))
    elsewhere = BESIDE.replace("  route_tables: [rtb-0123456789abcdef9]\n", "").replace("sg-0123456789abcdef7", "sg-0123456789abcdef0")
    elsewhere = elsewhere.replace("vpc-0123456789abcdef0", vpc).replace("10.30", "10.40")
    bench.spec(
        spec(elsewhere.replace("subnet-0123456789abcdef0, subnet-0123456789abcdef1", "subnet-0123456789abcdef6, subnet-0123456789abcdef8"))
    )
    assert errors(bench) == [
        ("BG018", "The load balancer sends nothing to us-east-1c, where tasks would run."),
        ("BG018", "The load balancer stands in vpc-0123456789abcdef0, the tasks run in vpc-0123456789abcdef5."),
    ]
