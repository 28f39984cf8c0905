"""What AWS refuses, and what a failed stack looks like afterwards."""

import json

import pytest
from botocore.exceptions import ClientError

from bgspec.sandbox.cloudformation import stack

GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/a"}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow"}]}}}


def template(resources, **sections):
    return json.dumps({"Resources": resources, **sections})


def refused(action, **params):
    with pytest.raises(ClientError) as caught:
        action(**params)
    return caught.value.response["Error"]


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("{", "not well-formed"),
        ("{}", "At least one Resources member"),
        (template({"A": {"Type": "AWS::Bogus::NotAType"}}), "Unrecognized resource types: [AWS::Bogus::NotAType]"),
        (template({"A": GROUP | {"Properties": {"LogGroupName": {"Ref": "Nobody"}}}}), "Unresolved resource dependencies [Nobody]"),
        (template({"A": GROUP | {"DependsOn": "B"}, "B": GROUP | {"DependsOn": "A"}}), "Circular dependency between resources: [A, B]"),
        (template({"A": GROUP}, Metadata={"x": "y" * 51_200}), "less than or equal to 51200"),
        (template({"A": GROUP}, Nonsense=1), "Invalid template property"),
    ],
)
def test_templates(sandbox, body, part):
    cloudformation = sandbox.client("cloudformation")
    error = refused(cloudformation.create_change_set, StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body)
    assert error["Code"] == "ValidationError"
    assert part in error["Message"]


@pytest.mark.parametrize(
    ("declared", "value", "part"),
    [
        ({"Type": "String", "AllowedValues": ["a"]}, "b", "must be one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "B", "failed to satisfy constraint"),
        ({"Type": "Number"}, "x", "must be a number"),
        ({"Type": "Number", "MinValue": 5}, "4", "not less than 5"),
        ({"Type": "String", "MaxLength": 2}, "abc", "at most 2"),
        ({"Type": "AWS::EC2::VPC::Id"}, "vpc-1", "does not exist"),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, "subnet-1,subnet-2", "does not exist"),
        ({"Type": "String"}, None, "must have values"),
    ],
)
def test_parameters(sandbox, declared, value, part):
    body = template({"A": GROUP}, Parameters={"P": declared})
    given = [] if value is None else [{"ParameterKey": "P", "ParameterValue": value}]
    action = sandbox.client("cloudformation").create_change_set
    error = refused(action, StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body, Parameters=given)
    assert part in error["Message"]


def test_an_unknown_property_is_named_with_its_path(sandbox):
    body = template({"A": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupNam": "/a"}}})
    found = sandbox.change_set("s", body)
    assert found["Status"] == "FAILED"
    assert "EarlyValidation" in found["StatusReason"]
    assert [e["ValidationPath"] for e in sandbox.events(ChangeSetName=found["ChangeSetId"])] == ["/Resources/A/Properties/LogGroupNam"]


def test_capabilities(sandbox):
    action = sandbox.client("cloudformation").create_change_set
    error = refused(action, StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=template({"A": ROLE}))
    assert (error["Code"], error["Message"]) == ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")


def test_change_sets_that_do_not_fit(sandbox):
    cloudformation, body = sandbox.client("cloudformation"), template({"A": GROUP})
    assert "does not exist" in refused(cloudformation.create_change_set, StackName="s", ChangeSetName="c", TemplateBody=body)["Message"]
    assert sandbox.deploy("s", body)["StackStatus"] == "CREATE_COMPLETE"
    again = refused(cloudformation.create_change_set, StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body)
    assert "already exists" in again["Message"]
    same = sandbox.change_set("s", body, "UPDATE")
    assert (same["Status"], same["StatusReason"].split(".")[0]) == ("FAILED", "The submitted information didn't contain changes")
    assert refused(cloudformation.execute_change_set, ChangeSetName=same["ChangeSetId"])["Code"] == "InvalidChangeSetStatus"
    assert refused(cloudformation.update_stack, StackName="s", TemplateBody=body)["Message"] == "No updates are to be performed."


def test_a_failed_creation_rolls_back_and_can_only_be_deleted(sandbox):
    body = template({"A": GROUP, "B": GROUP | {"DependsOn": "A"}})
    stack = sandbox.deploy("s", body)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "already exists" in sandbox.failed("s")["B"]
    assert sandbox.client("logs").describe_log_groups()["logGroups"] == []
    action = sandbox.client("cloudformation").create_change_set
    error = refused(action, StackName="s", ChangeSetName="c", ChangeSetType="UPDATE", TemplateBody=body)
    assert "is in ROLLBACK_COMPLETE state and can not be updated" in error["Message"]
    assert sandbox.delete("s")["StackStatus"] == "DELETE_COMPLETE"


def test_termination_protection(sandbox):
    cloudformation = sandbox.client("cloudformation")
    sandbox.deploy("s", template({"A": GROUP}))
    cloudformation.update_termination_protection(StackName="s", EnableTerminationProtection=True)
    assert "TerminationProtection is enabled" in refused(cloudformation.delete_stack, StackName="s")["Message"]


def test_a_stack_policy_is_kept_in_updates(sandbox):
    allow, deny = ({"Effect": effect, "Principal": "*", "Action": "Update:*", "Resource": "*"} for effect in ("Allow", "Deny"))
    deny["Condition"] = {"StringEquals": {"ResourceType": ["AWS::Logs::LogGroup"]}}
    sandbox.deploy("s", template({"A": GROUP}))
    sandbox.client("cloudformation").set_stack_policy(StackName="s", StackPolicyBody=json.dumps({"Statement": [allow, deny]}))
    stack = sandbox.deploy(
        "s", template({"A": {"Type": GROUP["Type"], "Properties": {"LogGroupName": "/a", "RetentionInDays": 7}}}), "UPDATE"
    )
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "Action denied by stack policy" in sandbox.failed("s")["A"]
    assert "retentionInDays" not in sandbox.client("logs").describe_log_groups()["logGroups"][0]


def test_what_is_not_empty_is_not_deleted(sandbox):
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full"}}
    sandbox.deploy("s", template({"A": bucket}))
    sandbox.client("s3").put_object(Bucket="full", Key="k", Body=b"v")
    assert sandbox.delete("s")["StackStatus"] == "DELETE_FAILED"
    assert "not empty" in sandbox.failed("s")["A"]
    sandbox.client("s3").delete_object(Bucket="full", Key="k")
    assert sandbox.delete("s")["StackStatus"] == "DELETE_COMPLETE"


def test_an_export_in_use_stays(sandbox):
    sandbox.deploy("producer", template({"A": GROUP}, Outputs={"O": {"Value": {"Ref": "A"}, "Export": {"Name": "shared"}}}))
    sandbox.deploy(
        "consumer",
        template(
            {"B": {"Type": GROUP["Type"], "Properties": {"LogGroupName": {"Fn::Sub": ["${x}/b", {"x": {"Fn::ImportValue": "shared"}}]}}}}
        ),
    )
    stack = sandbox.delete("producer")
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert "in use by consumer" in stack["StackStatusReason"]
    assert sandbox.delete("consumer")["StackStatus"] == sandbox.delete("producer")["StackStatus"] == "DELETE_COMPLETE"


def test_an_operation_that_is_not_emulated_says_so(sandbox):
    error = refused(sandbox.client("ec2").run_instances, MinCount=1, MaxCount=1)
    assert error["Code"] == "SandboxNotEmulated"


def test_deleted_stacks_are_forgotten_in_the_end(sandbox, monkeypatch):
    monkeypatch.setattr(stack, "DELETED", 2)
    monkeypatch.setattr(stack, "EVENTS", 5)
    for _ in range(4):
        sandbox.deploy("s", template({"A": GROUP, "B": {"Type": GROUP["Type"], "Properties": {"LogGroupName": "/b"}}}))
        assert sandbox.delete("s")["StackStatus"] == "DELETE_COMPLETE"
    cloudformation = sandbox.client("cloudformation")
    found = cloudformation.list_stacks()["StackSummaries"]
    assert [one["StackStatus"] for one in found] == ["DELETE_COMPLETE"] * 2
    assert len(cloudformation.describe_stack_events(StackName=found[0]["StackId"])["StackEvents"]) == 5
