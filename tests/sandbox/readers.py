# ruff: noqa: ARG001 -- every reader takes the same three arguments
"""How each type's properties are read back: the calls a user would make to see what stands."""

import json
from collections.abc import Callable
from typing import Any

from tests.sandbox.harness import Sandbox

Reader = Callable[[Sandbox, str, dict[str, Any]], list[Any]]


def _ec2(action: str, ids: str) -> Reader:
    return lambda s, physical, _: [getattr(s.client("ec2"), action)(**{ids: [physical]})]


def _vpc(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    ec2 = s.client("ec2")
    flags = [ec2.describe_vpc_attribute(VpcId=physical, Attribute=a) for a in ("enableDnsSupport", "enableDnsHostnames")]
    shown = {name: flag[name]["Value"] for flag in flags for name in flag if name.startswith("Enable")}
    return [ec2.describe_vpcs(VpcIds=[physical])["Vpcs"], shown]


def _endpoint(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[physical])["VpcEndpoints"][0]
    return [found, {"SecurityGroupIds": [g["GroupId"] for g in found.get("Groups", ())]}]


def _group(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("ec2").describe_security_groups(GroupIds=[physical])["SecurityGroups"][0]
    rules = s.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [physical]}])["SecurityGroupRules"]
    return [found, {"GroupDescription": found["Description"], **_as_template(rules)}]


def _as_template(rules: list[dict[str, Any]]) -> dict[str, Any]:
    names = {"CidrIpv4": "CidrIp", "CidrIpv6": "CidrIpv6", "PrefixListId": "PrefixListId"}
    shown: dict[str, Any] = {"SecurityGroupIngress": [], "SecurityGroupEgress": []}
    for rule in rules:
        peer = {new: rule[old] for old, new in names.items() if old in rule}
        side = "Destination" if rule["IsEgress"] else "Source"
        if "ReferencedGroupInfo" in rule:
            peer[f"{side}SecurityGroupId"] = rule["ReferencedGroupInfo"]["GroupId"]
        if "PrefixListId" in peer:
            peer[f"{side}PrefixListId"] = peer.pop("PrefixListId")
        plain = {k: rule[k] for k in ("IpProtocol", "FromPort", "ToPort", "Description", "GroupId") if k in rule}
        shown["SecurityGroupEgress" if rule["IsEgress"] else "SecurityGroupIngress"].append(plain | peer)
    return shown


def _group_rule(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    rules = s.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[physical])["SecurityGroupRules"]
    return [rule for side in _as_template(rules).values() for rule in side]


def _route(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    tables = s.client("ec2").describe_route_tables(RouteTableIds=[props["RouteTableId"]])["RouteTables"]
    return [tables, *(route | {"RouteTableId": props["RouteTableId"]} for route in tables[0]["Routes"])]


def _association(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    tables = s.client("ec2").describe_route_tables(Filters=[{"Name": "association.route-table-association-id", "Values": [physical]}])
    return [a for table in tables["RouteTables"] for a in table["Associations"] if a["RouteTableAssociationId"] == physical]


def _attachment(s: Sandbox, _: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("ec2").describe_internet_gateways(InternetGatewayIds=[props["InternetGatewayId"]])["InternetGateways"][0]
    return [found, found["Attachments"]]


def _eip(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [s.client("ec2").describe_addresses(Filters=[{"Name": "allocation-id", "Values": [physical]}])]


def _nat(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("ec2").describe_nat_gateways(NatGatewayIds=[physical])["NatGateways"][0]
    return [found, found["NatGatewayAddresses"]]


def _flow_log(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [s.client("ec2").describe_flow_logs(FlowLogIds=[physical]), {"ResourceType": "VPC"}]


def _log_group(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = [g for g in s.client("logs").describe_log_groups(logGroupNamePrefix=physical)["logGroups"] if g["logGroupName"] == physical]
    return [found, _tags(s.client("logs").list_tags_for_resource(resourceArn=found[0]["logGroupArn"])["tags"])]


def _tags(pairs: dict[str, str]) -> dict[str, Any]:
    """Both forms a template may use."""
    return {"Tags": [{"Key": k, "Value": v} for k, v in pairs.items()], "TagMap": pairs}


def _role(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    iam = s.client("iam")
    role = iam.get_role(RoleName=physical)["Role"]
    names = iam.list_role_policies(RoleName=physical)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=physical, PolicyName=name) for name in names]
    attached = [p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=physical)["AttachedPolicies"]]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return [{"PermissionsBoundary": boundary, "Policies": policies, "ManagedPolicyArns": attached}, role]


def _role_policy(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    names = props.get("Roles") or [props["RoleName"]]
    found = [s.client("iam").get_role_policy(RoleName=name, PolicyName=props["PolicyName"]) for name in names]
    return [*found, {"Roles": [one["RoleName"] for one in found]}]


def _managed_policy(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    iam = s.client("iam")
    policy = iam.get_policy(PolicyArn=physical)["Policy"]
    document = iam.get_policy_version(PolicyArn=physical, VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
    users = [
        r["RoleName"]
        for r in iam.list_roles()["Roles"]
        if any(p["PolicyArn"] == physical for p in iam.list_attached_role_policies(RoleName=r["RoleName"])["AttachedPolicies"])
    ]
    return [policy, {"PolicyDocument": document, "ManagedPolicyName": policy["PolicyName"], "Roles": users}]


def _elb_tags(s: Sandbox, arn: str) -> Any:
    return s.client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"]


def _load_balancer(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    elb = s.client("elbv2")
    found = elb.describe_load_balancers(LoadBalancerArns=[physical])["LoadBalancers"][0]
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=physical)["Attributes"]
    subnets = [zone["SubnetId"] for zone in found["AvailabilityZones"]]
    return [found, {"Name": found["LoadBalancerName"], "Subnets": subnets, "LoadBalancerAttributes": attributes}, _elb_tags(s, physical)]


def _target_group(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    elb = s.client("elbv2")
    found = elb.describe_target_groups(TargetGroupArns=[physical])["TargetGroups"][0]
    attributes = elb.describe_target_group_attributes(TargetGroupArn=physical)["Attributes"]
    return [found, {"Name": found["TargetGroupName"], "TargetGroupAttributes": attributes}, _elb_tags(s, physical)]


def _listener(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    elb = s.client("elbv2")
    attributes = elb.describe_listener_attributes(ListenerArn=physical)["Attributes"]
    return [elb.describe_listeners(ListenerArns=[physical]), {"ListenerAttributes": attributes}, _elb_tags(s, physical)]


def _listener_rule(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("elbv2").describe_rules(RuleArns=[physical])
    inside = s.client("elbv2").describe_rules(ListenerArn=props["ListenerArn"])["Rules"]
    owner = props["ListenerArn"] if physical in {rule["RuleArn"] for rule in inside} else None
    return [found, {"ListenerArn": owner}, _elb_tags(s, physical)]


def _listener_certificate(s: Sandbox, _: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("elbv2").describe_listener_certificates(ListenerArn=props["ListenerArn"])
    return [found, {"ListenerArn": props["ListenerArn"]}]


def _ecr(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    ecr = s.client("ecr")
    found = ecr.describe_repositories(repositoryNames=[physical])["repositories"][0]
    filters = [
        {"ImageTagMutabilityExclusionFilterType": f["filterType"], "ImageTagMutabilityExclusionFilterValue": f["filter"]}
        for f in found.get("imageTagMutabilityExclusionFilters", ())
    ]
    shown: dict[str, Any] = {"ImageTagMutabilityExclusionFilters": filters, "EmptyOnDelete": props.get("EmptyOnDelete")}
    if "LifecyclePolicy" in props:
        shown["LifecyclePolicy"] = ecr.get_lifecycle_policy(repositoryName=physical)
    if "RepositoryPolicyText" in props:
        shown["RepositoryPolicyText"] = ecr.get_repository_policy(repositoryName=physical)["policyText"]
    return [shown, found, ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])]


def _cluster(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("ecs").describe_clusters(clusters=[physical], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"][0]
    return [found, {"ClusterSettings": found["settings"], "Cluster": found["clusterName"]}]


def _task_definition(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [s.client("ecs").describe_task_definition(taskDefinition=physical, include=["TAGS"])]


def _service(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("ecs").describe_services(cluster=props["Cluster"], services=[physical], include=["TAGS"])["services"][0]
    family = found["taskDefinition"].partition("task-definition/")[2].partition(":")[0]
    extra = {"Cluster": found["clusterArn"] if props["Cluster"].startswith("arn:") else found["clusterArn"].rpartition("/")[2]}
    if props["TaskDefinition"] == family:
        extra["TaskDefinition"] = family
    return [extra, found]


def _scalable_target(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    client = s.client("application-autoscaling")
    found = client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[props["ResourceId"]])
    actions = client.describe_scheduled_actions(ServiceNamespace="ecs", ResourceId=props["ResourceId"])["ScheduledActions"]
    tags = client.list_tags_for_resource(ResourceARN=found["ScalableTargets"][0]["ScalableTargetARN"])["Tags"]
    return [found, {"ScheduledActions": actions}, _tags(tags)]


def _scaling_policy(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = [
        p
        for p in s.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        if p["PolicyARN"] == physical
    ]
    where = [found[0][name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")]
    return [found, {"ScalingTargetId": "|".join(where)}]


def _alarm(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("cloudwatch").describe_alarms(AlarmNames=[physical])["MetricAlarms"][0]
    return [found, s.client("cloudwatch").list_tags_for_resource(ResourceARN=found["AlarmArn"])]


def _dashboard(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("cloudwatch").get_dashboard(DashboardName=physical)
    return [found, s.client("cloudwatch").list_tags_for_resource(ResourceARN=found["DashboardArn"])]


def _topic(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    sns = s.client("sns")
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=physical)["Subscriptions"]
    return [
        {"TopicName": physical.rpartition(":")[2], "Subscription": subscriptions},
        sns.get_topic_attributes(TopicArn=physical)["Attributes"], sns.list_tags_for_resource(ResourceArn=physical),
    ]  # fmt: skip


def _topic_policy(s: Sandbox, _: str, props: dict[str, Any]) -> list[Any]:
    policies = [s.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"] for arn in props["Topics"]]
    return [{"Topics": props["Topics"], "PolicyDocument": policies[0]}]


def _subscription(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [s.client("sns").get_subscription_attributes(SubscriptionArn=physical)["Attributes"]]


def _repository(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("codecommit").get_repository(repositoryName=props["RepositoryName"])["repositoryMetadata"]
    return [found, _tags(s.client("codecommit").list_tags_for_resource(resourceArn=found["Arn"])["tags"])]


def _project(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [s.client("codebuild").batch_get_projects(names=[physical])]


def _application(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    arn = s.arn("codedeploy", f"application:{physical}")
    deploy = s.client("codedeploy")
    return [deploy.get_application(applicationName=physical), deploy.list_tags_for_resource(ResourceArn=arn)]


def _deployment_config(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [s.client("codedeploy").get_deployment_config(deploymentConfigName=physical)]


def _deployment_group(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    deploy = s.client("codedeploy")
    arn = s.arn("codedeploy", f"deploymentgroup:{props['ApplicationName']}/{physical}")
    return [
        deploy.get_deployment_group(applicationName=props["ApplicationName"], deploymentGroupName=physical),
        deploy.list_tags_for_resource(ResourceArn=arn),
    ]


def _bucket(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    s3 = s.client("s3")
    rules = s3.get_bucket_encryption(Bucket=physical)["ServerSideEncryptionConfiguration"]["Rules"]
    encryption = [rule | {"ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"]} for rule in rules]
    shown: dict[str, Any] = {
        "BucketName": physical,
        "BucketNamespace": "account-regional" if physical.endswith("-an") else "global",
        "VersioningConfiguration": s3.get_bucket_versioning(Bucket=physical),
        "BucketEncryption": {"ServerSideEncryptionConfiguration": encryption},
        "OwnershipControls": s3.get_bucket_ownership_controls(Bucket=physical)["OwnershipControls"],
    }
    shown |= s3.get_public_access_block(Bucket=physical)
    if "LifecycleConfiguration" in props:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=physical)["Rules"]
        flat = [{"Prefix": rule["Filter"]["Prefix"], "ExpirationInDays": rule.get("Expiration", {}).get("Days")} for rule in rules]
        shown["LifecycleConfiguration"] = {"Rules": [rule | more for rule, more in zip(rules, flat, strict=True)]}
    if "LoggingConfiguration" in props:
        target = s3.get_bucket_logging(Bucket=physical)["LoggingEnabled"]
        shown["LoggingConfiguration"] = {"DestinationBucketName": target["TargetBucket"], "LogFilePrefix": target["TargetPrefix"]}
    if "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=physical):
        shown["NotificationConfiguration"] = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    return [shown, {"Tags": s3.get_bucket_tagging(Bucket=physical)["TagSet"]}]


def _bucket_policy(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [{"Bucket": physical, "PolicyDocument": s.client("s3").get_bucket_policy(Bucket=physical)["Policy"]}]


def _pipeline(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("codepipeline").get_pipeline(name=physical)
    return [found, s.client("codepipeline").list_tags_for_resource(resourceArn=found["metadata"]["pipelineArn"])]


def _event_rule(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    events = s.client("events")
    found = events.describe_rule(Name=physical)
    return [found, events.list_targets_by_rule(Rule=physical), events.list_tags_for_resource(ResourceARN=found["Arn"])]


def _function(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("lambda").get_function(FunctionName=physical)
    return [found["Configuration"], found.get("Concurrency", {}), _tags(found["Tags"]), {"Code": props["Code"]}]


def _permission(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    statements = json.loads(s.client("lambda").get_policy(FunctionName=props["FunctionName"])["Policy"])["Statement"]
    found = next(one for one in statements if one["Sid"] == physical)
    conditions = {k.partition(":")[2]: v for test in found.get("Condition", {}).values() for k, v in test.items()}
    principal = next(iter(found["Principal"].values()))
    return [found, conditions, {"Principal": principal, "FunctionName": found["Resource"].rpartition(":")[2]}]


def _certificate(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    acm = s.client("acm")
    found = acm.describe_certificate(CertificateArn=physical)["Certificate"]
    zones = {o["HostedZoneId"] for o in props["DomainValidationOptions"]}
    records = [r for zone in zones for r in s.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]]
    named = [o for o in found["DomainValidationOptions"] if o["ResourceRecord"]["Name"] in {r["Name"] for r in records}]
    options = [{"DomainName": o["DomainName"], "HostedZoneId": zone} for o in named for zone in zones]
    extra = {"CertificateTransparencyLoggingPreference": found["Options"]["CertificateTransparencyLoggingPreference"]}
    method = {o["ValidationMethod"] for o in found["DomainValidationOptions"]}
    return [
        {"DomainValidationOptions": options, "ValidationMethod": method.pop(), "KeyAlgorithm": found["KeyAlgorithm"], **extra},
        found,
        acm.list_tags_for_certificate(CertificateArn=physical),
    ]


def _record(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    zone = props.get("HostedZoneId", "ZEXAMPLE")
    name = physical.rstrip(".") + "."
    found = [r for r in s.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] if r["Name"] == name]
    values = [value["Value"] for value in found[0].get("ResourceRecords", ())]
    shown = {"ResourceRecords": values, "HostedZoneId": zone, "HostedZoneName": "example.com.", "Name": props["Name"]}
    return [shown, *found]


def _namespace(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("servicediscovery").get_namespace(Id=physical)["Namespace"]
    zone = found["Properties"].get("DnsProperties", {}).get("HostedZoneId")
    vpcs = s.client("route53").get_hosted_zone(Id=zone)["VPCs"] if zone else []
    return [
        found,
        {"Vpc": vpcs[0]["VPCId"] if vpcs else None},
        s.client("servicediscovery").list_tags_for_resource(ResourceARN=found["Arn"]),
    ]


def _discovery(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("servicediscovery").get_service(Id=physical)["Service"]
    return [found, s.client("servicediscovery").list_tags_for_resource(ResourceARN=found["Arn"])]


def _file_system(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    efs = s.client("efs")
    found = efs.describe_file_systems(FileSystemId=physical)["FileSystems"][0]
    shown = {
        "FileSystemTags": found["Tags"],
        **efs.describe_backup_policy(FileSystemId=physical),
        **efs.describe_lifecycle_configuration(FileSystemId=physical),
    }
    if "FileSystemPolicy" in props:
        shown["FileSystemPolicy"] = efs.describe_file_system_policy(FileSystemId=physical)["Policy"]
    return [shown, found]


def _mount_target(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    efs = s.client("efs")
    return [efs.describe_mount_targets(MountTargetId=physical), efs.describe_mount_target_security_groups(MountTargetId=physical)]


def _access_point(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("efs").describe_access_points(AccessPointId=physical)["AccessPoints"][0]
    return [found, {"AccessPointTags": found["Tags"]}]


def _key(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    kms = s.client("kms")
    rotation = kms.get_key_rotation_status(KeyId=physical)
    policy = kms.get_key_policy(KeyId=physical, PolicyName="default")["Policy"]
    tags = [{"Key": t["TagKey"], "Value": t["TagValue"]} for t in kms.list_resource_tags(KeyId=physical)["Tags"]]
    shown = {
        "EnableKeyRotation": rotation["KeyRotationEnabled"],
        "KeyPolicy": policy,
        "Tags": tags,
        "PendingWindowInDays": props.get("PendingWindowInDays"),
    }
    return [shown, rotation, kms.describe_key(KeyId=physical)]


def _alias(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    return [a for a in s.client("kms").list_aliases()["Aliases"] if a["AliasName"] == physical]


def _notification(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("codestar-notifications").describe_notification_rule(Arn=physical)
    return [found, {"EventTypeIds": [kind["EventTypeId"] for kind in found["EventTypes"]]}]


def _schedule(s: Sandbox, physical: str, props: dict[str, Any]) -> list[Any]:
    found = s.client("scheduler").get_schedule(Name=physical, GroupName=props.get("GroupName", "default"))
    # The service's own model writes awsvpcConfiguration in camel case; the comparison does not mind.
    return [found]


def _schedule_group(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("scheduler").get_schedule_group(Name=physical)
    return [found, s.client("scheduler").list_tags_for_resource(ResourceArn=found["Arn"])]


def _parameter(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    ssm = s.client("ssm")
    shown = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [physical]}])["Parameters"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=physical)["TagList"]
    return [shown, ssm.get_parameter(Name=physical), {"Tags": {t["Key"]: t["Value"] for t in tags}}]


def _secret(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    client = s.client("secretsmanager")
    return [client.describe_secret(SecretId=physical), client.get_secret_value(SecretId=physical)]


def _connection(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    client = s.client("codeconnections")
    return [client.get_connection(ConnectionArn=physical), client.list_tags_for_resource(ResourceArn=physical)]


def _oidc_provider(s: Sandbox, physical: str, _: dict[str, Any]) -> list[Any]:
    found = s.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=physical)
    return [found, {"Url": f"https://{found['Url']}"}]


READERS: dict[str, Reader] = {
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::Subnet": _ec2("describe_subnets", "SubnetIds"),
    "AWS::EC2::InternetGateway": _ec2("describe_internet_gateways", "InternetGatewayIds"),
    "AWS::EC2::VPCGatewayAttachment": _attachment,
    "AWS::EC2::RouteTable": _ec2("describe_route_tables", "RouteTableIds"),
    "AWS::EC2::Route": _route,
    "AWS::EC2::SubnetRouteTableAssociation": _association,
    "AWS::EC2::EIP": _eip,
    "AWS::EC2::NatGateway": _nat,
    "AWS::EC2::SecurityGroup": _group,
    "AWS::EC2::SecurityGroupIngress": _group_rule,
    "AWS::EC2::SecurityGroupEgress": _group_rule,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::EC2::FlowLog": _flow_log,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::IAM::Role": _role,
    "AWS::IAM::Policy": _role_policy,
    "AWS::IAM::RolePolicy": _role_policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::OIDCProvider": _oidc_provider,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _listener_rule,
    "AWS::ElasticLoadBalancingV2::ListenerCertificate": _listener_certificate,
    "AWS::ECR::Repository": _ecr,
    "AWS::ECS::Cluster": _cluster,
    "AWS::ECS::ClusterCapacityProviderAssociations": _cluster,
    "AWS::ECS::TaskDefinition": _task_definition,
    "AWS::ECS::Service": _service,
    "AWS::ApplicationAutoScaling::ScalableTarget": _scalable_target,
    "AWS::ApplicationAutoScaling::ScalingPolicy": _scaling_policy,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SNS::Subscription": _subscription,
    "AWS::CodeCommit::Repository": _repository,
    "AWS::CodeBuild::Project": _project,
    "AWS::CodeDeploy::Application": _application,
    "AWS::CodeDeploy::DeploymentConfig": _deployment_config,
    "AWS::CodeDeploy::DeploymentGroup": _deployment_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::CodePipeline::Pipeline": _pipeline,
    "AWS::Events::Rule": _event_rule,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::CertificateManager::Certificate": _certificate,
    "AWS::Route53::RecordSet": _record,
    "AWS::ServiceDiscovery::PrivateDnsNamespace": _namespace,
    "AWS::ServiceDiscovery::HttpNamespace": _namespace,
    "AWS::ServiceDiscovery::Service": _discovery,
    "AWS::EFS::FileSystem": _file_system,
    "AWS::EFS::MountTarget": _mount_target,
    "AWS::EFS::AccessPoint": _access_point,
    "AWS::KMS::Key": _key,
    "AWS::KMS::Alias": _alias,
    "AWS::CodeStarNotifications::NotificationRule": _notification,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": _schedule_group,
    "AWS::SSM::Parameter": _parameter,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::CodeConnections::Connection": _connection,
}


# --- comparison ---


def lost(props: dict[str, Any], answers: list[Any]) -> list[str]:
    """The properties that no answer holds."""
    return [name for name, value in props.items() if not any(holds(found, value) for found in _named(answers, name))]


def _named(tree: Any, name: str) -> list[Any]:
    if isinstance(tree, list):
        return [found for item in tree for found in _named(item, name)]
    if not isinstance(tree, dict):
        return []
    own = [value for key, value in tree.items() if key.lower() == name.lower()]
    return own + [found for value in tree.values() for found in _named(value, name)]


def holds(found: Any, wanted: Any) -> bool:
    """Whether an answer says everything a property says; it may say more."""
    if isinstance(wanted, dict) and isinstance(found, str):
        found = json.loads(found)
    if isinstance(wanted, dict):
        known = {key.lower(): value for key, value in found.items()} if isinstance(found, dict) else {}
        return all(key.lower() in known and holds(known[key.lower()], value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and all(any(holds(item, one) for item in found) for one in wanted)
    if isinstance(wanted, bool) or str(wanted).lower() in {"true", "false"}:
        return str(found).lower() == str(wanted).lower()
    if isinstance(found, int | float) and not isinstance(found, bool):
        return float(found) == float(wanted)
    return str(found) == str(wanted) or str(found).rstrip(".") == str(wanted).rstrip(".")
