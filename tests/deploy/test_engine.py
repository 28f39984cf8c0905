"""Another engine for an environment that runs: AWS's two updates by hand, and the way beside it that docs/deploy.md tells."""

import json

from tests.deploy.bench import SMALL, Bench
from tests.waiting import until

NEW = SMALL.replace("environment: dev", "environment: new") + "deployment:\n  engine: ecs\n"
NAME = "shop.example.com."
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def named(text: str, zone: str) -> str:
    return text + f"load_balancer:\n  dns:\n    - {{name: {NAME.rstrip('.')}, zone: {zone}}}\n"


def records(bench: Bench, zone: str) -> dict[str, str]:
    """Where names lead."""
    found = bench.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {record["Name"]: record["AliasTarget"]["DNSName"] for record in found if "AliasTarget" in record}


def balancer(bench: Bench, environment: str) -> dict[str, str]:
    (found,) = bench.client("elbv2").describe_load_balancers(Names=[f"shop-{environment}-alb-01"])["LoadBalancers"]
    return {"DNSName": found["DNSName"], "HostedZoneId": found["CanonicalHostedZoneId"]}


def test_beside_the_old_environment_no_request_is_lost(bench: Bench) -> None:
    made = bench.client("route53").create_hosted_zone(Name="example.com", CallerReference="test")
    zone = made["HostedZone"]["Id"].rpartition("/")[2]
    bench.spec(named(SMALL, zone))
    assert bench.apply().code == 0
    assert records(bench, zone) == {NAME: balancer(bench, "dev")["DNSName"]}

    bench.spec(NEW)
    result = bench.apply()
    assert result.code == 0, result.err
    new = balancer(bench, "new")
    bench.spec(named(NEW, zone))
    assert "warning[BG021]: This name leads to shop-dev-alb-01-" in bench.plan().err
    refused = bench.apply()  # while the name leads elsewhere, CloudFormation does not take it
    assert refused.code == 3
    assert "The name leads somewhere already." in refused.err
    assert records(bench, zone) == {NAME: balancer(bench, "dev")["DNSName"]}

    moved = {"Name": NAME, "Type": "A", "AliasTarget": new | {"EvaluateTargetHealth": False}}
    bench.client("route53").change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": moved}]}
    )
    assert "BG021" not in bench.plan().err
    result = bench.apply()
    assert result.code == 0, result.err

    bench.spec(named(SMALL, zone))
    gone = bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev", "--delete-data")
    assert gone.code == 0, gone.err
    assert "leads elsewhere by now: it stays as it is" in gone.err
    assert {name.split("-")[1] for name in bench.stacks()} == {"new"}
    assert records(bench, zone) == {NAME: new["DNSName"]}

    bench.spec(named(NEW, zone))
    gone = bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-new", "--delete-data")
    assert gone.code == 0, gone.err
    assert records(bench, zone) == {}


def test_awss_two_updates_change_the_engine_in_place(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    balancers, ecs = bench.client("elbv2"), bench.client("ecs")
    groups = [balancers.describe_target_groups(Names=[f"shop-dev-tg-web-0{n}"])["TargetGroups"][0]["TargetGroupArn"] for n in (1, 2)]
    (arn,) = [each["LoadBalancerArn"] for each in balancers.describe_load_balancers()["LoadBalancers"]]
    rules = [
        balancers.create_rule(
            ListenerArn=listener["ListenerArn"],
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[
                {
                    "Type": "forward",
                    "ForwardConfig": {
                        "TargetGroups": [{"TargetGroupArn": group, "Weight": weight} for group, weight in zip(groups, (1, 0), strict=True)]
                    },
                }
            ],
        )["Rules"][0]["RuleArn"]
        for listener in sorted(balancers.describe_listeners(LoadBalancerArn=arn)["Listeners"], key=lambda one: one["Port"])
    ]
    role = bench.client("iam").create_role(RoleName="moves-traffic", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    place = {"cluster": "shop-dev-cluster-01", "service": "shop-dev-service-web-01"}
    ecs.update_service(
        **place,
        deploymentController={"type": "ECS"},
        deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0},
        loadBalancers=[
            {
                "containerName": "web",
                "containerPort": 80,
                "targetGroupArn": groups[0],
                "advancedConfiguration": {
                    "alternateTargetGroupArn": groups[1],
                    "productionListenerRule": rules[0],
                    "testListenerRule": rules[1],
                    "roleArn": role,
                },
            }
        ],
    )
    until(lambda: {one["status"] for one in ecs.list_service_deployments(**place)["serviceDeployments"]} == {"SUCCESSFUL"})
    (rule,) = balancers.describe_rules(RuleArns=rules[:1])["Rules"]
    weights = {group["TargetGroupArn"]: group["Weight"] for group in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    assert weights == {groups[0]: 0, groups[1]: 100}
    bench.spec(SMALL + "deployment:\n  engine: ecs\n")
    plan = bench.plan()
    assert plan.code == 3  # the listeners are the user's from then on
    assert "TWO STEPS" not in plan.out
    assert "ProductionListener would be sent again" in plan.out
