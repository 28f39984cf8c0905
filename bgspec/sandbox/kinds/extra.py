"""What an environment may bring along: functions, names, certificates, discovery, files, keys, parameters, secrets."""

from collections.abc import Mapping
from typing import ClassVar

from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds.base import Kind, Props, changed
from bgspec.sandbox.kinds.elbv2 import without
from bgspec.sandbox.kinds.iam import text
from bgspec.sandbox.services import acm, efs
from bgspec.sandbox.services.route53 import dotted, zones
from bgspec.sandbox.world import Context, Record


class Function(Kind):
    type = "AWS::Lambda::Function"
    service, table = "lambda", "lambda.functions"
    delete_op, key = "delete_function", "FunctionName"
    named = ("FunctionName", 64)
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "FunctionArn"}

    def create(self, ctx: Context, props: Props) -> str:
        wanted = self.input("create_function", without(props, "Code", "ReservedConcurrentExecutions"))
        ctx.call("lambda", "create_function", Code=self._code(props), **wanted)
        self._concurrency(ctx, props["FunctionName"], props)
        return str(props["FunctionName"])

    def _code(self, props: Props) -> Record:
        """A template's ZipFile is the source itself; the service takes an archive."""
        code = dict(props["Code"])
        if "ZipFile" in code:
            code["ZipFile"] = str(code["ZipFile"]).encode()
        return code

    def _concurrency(self, ctx: Context, name: str, props: Props) -> None:
        if "ReservedConcurrentExecutions" in props:
            ctx.call(
                "lambda",
                "put_function_concurrency",
                FunctionName=name,
                ReservedConcurrentExecutions=int(props["ReservedConcurrentExecutions"]),
            )
        else:
            ctx.call("lambda", "delete_function_concurrency", FunctionName=name)

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        defaults = {"Timeout": 3, "MemorySize": 128, "Environment": {"Variables": {}}, "TracingConfig": {"Mode": "PassThrough"},
                    "EphemeralStorage": {"Size": 512}, "Description": "", "Layers": []}  # fmt: skip
        gone = {name: defaults[name] for name in old.keys() - props.keys() if name in defaults}
        wanted = self.input(
            "update_function_configuration",
            without(props, "Code", "FunctionName", "Architectures", "PackageType", "ReservedConcurrentExecutions") | gone,
        )
        ctx.call("lambda", "update_function_configuration", FunctionName=physical, **wanted)
        if changed(props, old, "Code", "Architectures"):
            architectures = {"Architectures": props["Architectures"]} if "Architectures" in props else {}
            ctx.call("lambda", "update_function_code", FunctionName=physical, **self._code(props), **architectures)
        self._concurrency(ctx, physical, props)
        self.forget(ctx, physical, old.keys() - props.keys() - gone.keys())


class Permission(Kind):
    type = "AWS::Lambda::Permission"
    service = "lambda"

    def create(self, ctx: Context, props: Props) -> str:
        name = f"permission-{ctx.unique('permission', 12)}"
        ctx.call("lambda", "add_permission", StatementId=name, **self.input("add_permission", props))
        return name

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        ctx.call("lambda", "remove_permission", FunctionName=props["FunctionName"], StatementId=physical)


class RecordSet(Kind):
    type = "AWS::Route53::RecordSet"
    service = "route53"

    def _zone(self, ctx: Context, props: Props) -> str:
        if "HostedZoneId" in props:
            return str(props["HostedZoneId"])
        found = [z["Id"] for z in zones(ctx).values() if z["Name"] == dotted(props["HostedZoneName"])]
        if len(found) != 1:
            raise AwsError("ValidationError", f"No hosted zones named {props['HostedZoneName']} found")
        return str(found[0])

    def _set(self, props: Props) -> Record:
        found = without(props, "HostedZoneId", "HostedZoneName", "Comment")
        if "ResourceRecords" in found:
            found["ResourceRecords"] = [{"Value": value} for value in found["ResourceRecords"]]
        if "AliasTarget" in found:
            found["AliasTarget"] = {"EvaluateTargetHealth": False} | found["AliasTarget"]
        change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": found}]}
        wanted: Record = self.input("change_resource_record_sets", {"ChangeBatch": change})["ChangeBatch"]["Changes"][0][
            "ResourceRecordSet"
        ]
        return wanted | {"Name": dotted(wanted["Name"])}

    def _change(self, ctx: Context, props: Props, action: str) -> None:
        change = {"Changes": [{"Action": action, "ResourceRecordSet": self._set(props)}]}
        ctx.call("route53", "change_resource_record_sets", HostedZoneId=self._zone(ctx, props), ChangeBatch=change)

    def create(self, ctx: Context, props: Props) -> str:
        """A record that is exactly as wanted is taken over (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/560)."""
        listed = ctx.call("route53", "list_resource_record_sets", HostedZoneId=self._zone(ctx, props))
        if self._set(props) not in listed["ResourceRecordSets"]:
            self._change(ctx, props, "CREATE")
        return str(props["Name"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical
        if changed(props, old, "Name", "Type", "SetIdentifier"):
            self._change(ctx, old, "DELETE")
        self._change(ctx, props, "UPSERT")

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del physical
        self._change(ctx, props, "DELETE")


class Certificate(Kind):
    type = "AWS::CertificateManager::Certificate"
    service, table = "acm", "acm.certificates"
    create_op, result, delete_op, key = "request_certificate", "CertificateArn", "delete_certificate", "CertificateArn"
    renames: ClassVar[Mapping[str, str]] = {}

    def create(self, ctx: Context, props: Props) -> str:
        """With a hosted zone named, CloudFormation writes the validation's records itself; else somebody else has to."""
        in_zone = {o["DomainName"]: o["HostedZoneId"] for o in props.get("DomainValidationOptions", ()) if "HostedZoneId" in o}
        options = [o for o in props.get("DomainValidationOptions", ()) if "HostedZoneId" not in o]
        wanted = without(props, "DomainValidationOptions", "CertificateTransparencyLoggingPreference")
        if options:
            wanted["DomainValidationOptions"] = options
        arn = str(ctx.call("acm", "request_certificate", **self.input("request_certificate", wanted))["CertificateArn"])
        found = acm.certificate(ctx, arn)
        preference = props.get("CertificateTransparencyLoggingPreference", "ENABLED")
        found["Options"] = {"CertificateTransparencyLoggingPreference": preference}
        found["_zones"] = in_zone
        for option in found["DomainValidationOptions"]:
            zone = in_zone.get(option["DomainName"])
            if zone and "ResourceRecord" in option:
                record = option["ResourceRecord"]
                change = {
                    "Action": "UPSERT",
                    "ResourceRecordSet": {
                        "Name": record["Name"],
                        "Type": "CNAME",
                        "TTL": 300,
                        "ResourceRecords": [{"Value": record["Value"]}],
                    },
                }
                ctx.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": [change]})
        return arn

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        preference = props.get("CertificateTransparencyLoggingPreference", "ENABLED")
        ctx.call(
            "acm", "update_certificate_options", CertificateArn=physical, Options={"CertificateTransparencyLoggingPreference": preference}
        )

    def busy(self, ctx: Context, physical: str) -> bool:
        return bool(acm.certificate(ctx, physical)["Status"] == "PENDING_VALIDATION")


class Namespace(Kind):
    service, table = "servicediscovery", "servicediscovery.namespaces"
    delete_op, key = "delete_namespace", "Id"
    attributes: ClassVar[Mapping[str, str]] = {"Id": "Id", "Arn": "Arn", "HostedZoneId": "Properties.DnsProperties.HostedZoneId"}

    def create(self, ctx: Context, props: Props) -> str:
        done = ctx.call(self.service, self.create_op, **self.input(self.create_op, props))["OperationId"]
        return str(ctx.table("servicediscovery.operations")[done]["Targets"]["NAMESPACE"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        found = self.record(ctx, physical)
        found.pop("Description", None)
        found.update({"Description": props["Description"]} if "Description" in props else {})


class PrivateNamespace(Namespace):
    type = "AWS::ServiceDiscovery::PrivateDnsNamespace"
    create_op = "create_private_dns_namespace"


class HttpNamespace(Namespace):
    type = "AWS::ServiceDiscovery::HttpNamespace"
    create_op = "create_http_namespace"


class DiscoveryService(Kind):
    type = "AWS::ServiceDiscovery::Service"
    service, table = "servicediscovery", "servicediscovery.services"
    create_op, result, delete_op, key = "create_service", "Service.Id", "delete_service", "Id"
    attributes: ClassVar[Mapping[str, str]] = {"Id": "Id", "Arn": "Arn", "Name": "Name"}

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        wanted = {name: props[name] for name in ("Description", "DnsConfig", "HealthCheckConfig") if name in props}
        if "DnsConfig" in wanted:
            wanted["DnsConfig"] = {"DnsRecords": wanted["DnsConfig"]["DnsRecords"]}
        ctx.call(self.service, "update_service", Id=physical, **self.input("update_service", {"Service": wanted}))
        self.forget(ctx, physical, old.keys() - props.keys())
        if "RoutingPolicy" in props.get("DnsConfig", {}):  # the update call has no member for it, and it cannot change
            self.record(ctx, physical)["DnsConfig"]["RoutingPolicy"] = props["DnsConfig"]["RoutingPolicy"]


class FileSystem(Kind):
    type = "AWS::EFS::FileSystem"
    service, table = "efs", "efs.systems"
    tag_property = "FileSystemTags"
    delete_op, key = "delete_file_system", "FileSystemId"
    attributes: ClassVar[Mapping[str, str]] = {"FileSystemId": "FileSystemId", "Arn": "FileSystemArn"}
    apart = ("LifecyclePolicies", "BackupPolicy", "FileSystemPolicy")

    def create(self, ctx: Context, props: Props) -> str:
        wanted = self.input("create_file_system", without(props, *self.apart))
        name = str(ctx.call("efs", "create_file_system", CreationToken=ctx.uuid("efs-token"), **wanted)["FileSystemId"])
        self._apart(ctx, name, props)
        return name

    def _apart(self, ctx: Context, name: str, props: Props) -> None:
        policies = [dict(one) for one in props.get("LifecyclePolicies", ())]
        ctx.call("efs", "put_lifecycle_configuration", FileSystemId=name, LifecyclePolicies=policies)
        ctx.call("efs", "put_backup_policy", FileSystemId=name, BackupPolicy=props.get("BackupPolicy", {"Status": "DISABLED"}))
        efs.system(ctx, name).pop("_policy", None)
        if "FileSystemPolicy" in props:
            ctx.call("efs", "put_file_system_policy", FileSystemId=name, Policy=text(props["FileSystemPolicy"]))

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "ThroughputMode", "ProvisionedThroughputInMibps"):
            wanted = {"ThroughputMode": "bursting"} | {
                k: props[k] for k in ("ThroughputMode", "ProvisionedThroughputInMibps") if k in props
            }
            ctx.call("efs", "update_file_system", FileSystemId=physical, **self.input("update_file_system", wanted))
        self._apart(ctx, physical, props)


class MountTarget(Kind):
    type = "AWS::EFS::MountTarget"
    service, table = "efs", "efs.mounts"
    create_op, result, delete_op, key = "create_mount_target", "MountTargetId", "delete_mount_target", "MountTargetId"
    attributes: ClassVar[Mapping[str, str]] = {"Id": "MountTargetId", "IpAddress": "IpAddress"}

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        ctx.call("efs", "modify_mount_target_security_groups", MountTargetId=physical, SecurityGroups=props["SecurityGroups"])


class AccessPoint(Kind):
    type = "AWS::EFS::AccessPoint"
    service, table = "efs", "efs.points"
    tag_property = "AccessPointTags"
    delete_op, key = "delete_access_point", "AccessPointId"
    attributes: ClassVar[Mapping[str, str]] = {"AccessPointId": "AccessPointId", "Arn": "AccessPointArn"}

    def create(self, ctx: Context, props: Props) -> str:
        wanted = {"ClientToken": ctx.uuid("efs-token")} | self.input("create_access_point", props)
        return str(ctx.call("efs", "create_access_point", **wanted)["AccessPointId"])


class Key(Kind):
    type = "AWS::KMS::Key"
    service, table = "kms", "kms.keys"
    attributes: ClassVar[Mapping[str, str]] = {"KeyId": "KeyId", "Arn": "Arn"}

    def create(self, ctx: Context, props: Props) -> str:
        if unknown := sorted(
            props.keys()
            - {
                "Description",
                "KeyPolicy",
                "KeyUsage",
                "KeySpec",
                "MultiRegion",
                "Enabled",
                "EnableKeyRotation",
                "RotationPeriodInDays",
                "PendingWindowInDays",
                "Origin",
            }
        ):
            raise NotEmulated(f"the property {self.type}.{unknown[0]}")
        wanted: Props = {name: props[name] for name in ("Description", "KeyUsage", "KeySpec", "MultiRegion", "Origin") if name in props}
        name = str(ctx.call("kms", "create_key", **self.input("create_key", wanted))["KeyMetadata"]["KeyId"])
        self.update(ctx, name, props, {})
        return name

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "KeyPolicy") and "KeyPolicy" in props:
            ctx.call("kms", "put_key_policy", KeyId=physical, Policy=text(props["KeyPolicy"]))
        ctx.call("kms", "update_key_description", KeyId=physical, Description=props.get("Description", ""))
        enabled = str(props.get("Enabled", True)).lower() == "true"
        ctx.call("kms", "enable_key" if enabled else "disable_key", KeyId=physical)
        if str(props.get("EnableKeyRotation", False)).lower() == "true":
            ctx.call("kms", "enable_key_rotation", KeyId=physical, RotationPeriodInDays=int(props.get("RotationPeriodInDays", 365)))
        else:
            ctx.call("kms", "disable_key_rotation", KeyId=physical)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        ctx.call("kms", "schedule_key_deletion", KeyId=physical, PendingWindowInDays=int(props.get("PendingWindowInDays", 30)))


class Alias(Kind):
    type = "AWS::KMS::Alias"
    service, table = "kms", "kms.aliases"
    delete_op, update_op, key = "delete_alias", "update_alias", "AliasName"

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("kms", "create_alias", **self.input("create_alias", props))
        return str(props["AliasName"])


class Parameter(Kind):
    type = "AWS::SSM::Parameter"
    service, table = "ssm", "ssm.parameters"
    delete_op, key = "delete_parameter", "Name"
    named = ("Name", 1011)
    attributes: ClassVar[Mapping[str, str]] = {"Type": "Type", "Value": "Value"}

    def create(self, ctx: Context, props: Props) -> str:
        if props["Name"] in ctx.table(self.table):
            raise AwsError("AlreadyExists", f"{props['Name']} already exists.")
        ctx.call("ssm", "put_parameter", **self.input("put_parameter", props))
        return str(props["Name"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        self.forget(ctx, physical, old.keys() - props.keys())
        ctx.call("ssm", "put_parameter", Overwrite=True, **self.input("put_parameter", props))


class Secret(Kind):
    type = "AWS::SecretsManager::Secret"
    service, table = "secretsmanager", "secretsmanager.secrets"
    named = ("Name", 512)
    attributes: ClassVar[Mapping[str, str]] = {"Id": "ARN"}

    def create(self, ctx: Context, props: Props) -> str:
        wanted = without(props, "GenerateSecretString")
        if "ReplicaRegions" in props or "Type" in props:
            raise NotEmulated("replicas and types of AWS::SecretsManager::Secret")
        if "GenerateSecretString" in props:
            wanted["SecretString"] = ctx.unique("generated-secret", 32)
        return str(ctx.call("secretsmanager", "create_secret", **self.input("create_secret", wanted))["ARN"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        self.forget(ctx, physical, old.keys() - props.keys())
        wanted = self.input("update_secret", without(props, "GenerateSecretString", "Name"))
        ctx.call("secretsmanager", "update_secret", SecretId=physical, **wanted)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("secretsmanager", "delete_secret", SecretId=physical, ForceDeleteWithoutRecovery=True)


class Connection(Kind):
    type = "AWS::CodeConnections::Connection"
    service, table = "codeconnections", "connections"
    create_op, result, delete_op, key = "create_connection", "ConnectionArn", "delete_connection", "ConnectionArn"
    attributes: ClassVar[Mapping[str, str]] = {
        "ConnectionArn": "ConnectionArn",
        "ConnectionStatus": "ConnectionStatus",
        "OwnerAccountId": "OwnerAccountId",
    }


EXTRA = (
    Function(), Permission(), RecordSet(), Certificate(), PrivateNamespace(), HttpNamespace(), DiscoveryService(), FileSystem(), MountTarget(),
    AccessPoint(), Key(), Alias(), Parameter(), Secret(), Connection(),
)  # fmt: skip
