"""CodePipeline: pipelines and their executions. What each action does stands in `codepipeline_actions`."""

import copy
from collections.abc import Iterator
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.codepipeline_actions import ActionFailed, perform
from bgspec.sandbox.services.iam import role_exists
from bgspec.sandbox.services.registry import LOWER, Service, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table, Work

codepipeline = Service("codepipeline")

_OVER = {"Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"}


def pipelines(ctx: Context) -> Table:
    return ctx.table("codepipeline.pipelines")


def executions(ctx: Context) -> Table:
    return ctx.table("codepipeline.executions")


def pipeline(ctx: Context, name: str) -> Record:
    if name not in pipelines(ctx):
        raise AwsError("PipelineNotFoundException", f"Account '{ctx.account}' does not have a pipeline with name '{name}'")
    return pipelines(ctx)[name]


def refuse(text: str) -> AwsError:
    return AwsError("InvalidStructureException", text)


def _check(ctx: Context, asked: Record) -> None:
    """The structure as CodePipeline demands it (guide, "Pipeline structure reference")."""
    stages = asked.get("stages", [])
    if len(stages) < 2:
        raise refuse("Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline")
    for number, stage in enumerate(stages):
        kinds = {action["actionTypeId"]["category"] == "Source" for action in stage["actions"]}
        if kinds != {number == 0}:
            raise refuse("The first stage must contain source actions, and no other stage may")
    if len({stage["name"] for stage in stages}) < len(stages):
        raise refuse("Stage names must be unique within a pipeline")
    _check_artifacts(stages)
    if not role_exists(ctx, asked["roleArn"]):
        raise refuse(f"CodePipeline is not authorized to perform AssumeRole on role {asked['roleArn']}")
    if bool(asked.get("artifactStore")) == bool(asked.get("artifactStores")):
        raise refuse("Pipeline must have either an artifactStore or artifactStores")
    if asked.get("pipelineType", "V1") == "V1" and asked.get("executionMode", "SUPERSEDED") != "SUPERSEDED":
        raise refuse(f"Execution mode {asked['executionMode']} is not supported by pipelines of type V1")


def _check_artifacts(stages: list[Record]) -> None:
    made: set[str] = set()
    for stage in stages:
        for action in sorted(stage["actions"], key=lambda a: a.get("runOrder", 1)):
            missing = {artifact["name"] for artifact in action.get("inputArtifacts", ())} - made
            if missing:
                raise refuse(
                    f"Input Artifact Bundle {min(missing)} in action {action['name']} is not declared as Output Artifact Bundle in any of the preceding actions"
                )
            outputs = {artifact["name"] for artifact in action.get("outputArtifacts", ())}
            if outputs & made:
                raise refuse(
                    f"Output Artifact Bundle name must be unique within the pipeline. {min(outputs & made)} has been used more than once."
                )
            made |= outputs


@codepipeline
def create_pipeline(ctx: Context, p: Record) -> Record:
    asked = copy.deepcopy(p["pipeline"])
    if asked["name"] in pipelines(ctx):
        raise AwsError(
            "PipelineNameInUseException", f"A pipeline with the name '{asked['name']}' already exists in account '{ctx.account}'"
        )
    _check(ctx, asked)
    made = {
        "pipeline": _completed(asked) | {"version": 1}, "created": ctx.now(), "updated": ctx.now(), "_tags": tags_of(p.get("tags")),
        "arn": ctx.arn("codepipeline", asked["name"]), "_closed": {},
    }  # fmt: skip
    pipelines(ctx)[asked["name"]] = made
    begin(ctx, asked["name"], "CreatePipeline")
    return made | {"tags": tag_list(made, *LOWER)}


def _completed(asked: Record) -> Record:
    found: Record = {"executionMode": "SUPERSEDED", "pipelineType": "V1"} | asked
    for stage in found["stages"]:
        for action in stage["actions"]:
            for name, default in (("runOrder", 1), ("configuration", {}), ("inputArtifacts", []), ("outputArtifacts", [])):
                action.setdefault(name, default)
    return found


@codepipeline
def update_pipeline(ctx: Context, p: Record) -> Record:
    asked = copy.deepcopy(p["pipeline"])
    found = pipeline(ctx, asked["name"])
    _check(ctx, asked)
    found["pipeline"] = _completed(asked) | {"version": found["pipeline"]["version"] + 1}
    found["updated"] = ctx.now()
    return {"pipeline": found["pipeline"]}


@codepipeline
def get_pipeline(ctx: Context, p: Record) -> Record:
    found = pipeline(ctx, p["name"])
    return {
        "pipeline": found["pipeline"],
        "metadata": {"pipelineArn": found["arn"], "created": found["created"], "updated": found["updated"]},
    }


@codepipeline
def list_pipelines(ctx: Context, _: Record) -> Record:
    return {"pipelines": [f["pipeline"] | {"created": f["created"], "updated": f["updated"]} for f in pipelines(ctx).values()]}


@codepipeline
def delete_pipeline(ctx: Context, p: Record) -> None:
    for execution in of(ctx, p["name"]):
        if execution["status"] not in _OVER:
            execution["status"] = "Stopped"
    pipelines(ctx).pop(p["name"], None)


def of(ctx: Context, name: str) -> list[Record]:
    return [execution for execution in executions(ctx).values() if execution["pipelineName"] == name]


# --- executions ---


@codepipeline
def start_pipeline_execution(ctx: Context, p: Record) -> Record:
    pipeline(ctx, p["name"])
    return {"pipelineExecutionId": begin(ctx, p["name"], "StartPipelineExecution", p.get("variables", []))}


def begin(ctx: Context, name: str, trigger: str, variables: list[Record] | None = None) -> str:
    found = pipeline(ctx, name)["pipeline"]
    defaults = {v["name"]: v.get("defaultValue", "") for v in found.get("variables", ())} | {v["name"]: v["value"] for v in variables or ()}
    made = {
        "pipelineName": name, "pipelineVersion": found["version"], "pipelineExecutionId": ctx.uuid("execution"), "status": "InProgress",
        "artifactRevisions": [], "sourceRevisions": [], "trigger": {"triggerType": trigger, "triggerDetail": f"arn:{ctx.partition}:iam::{ctx.account}:user/sandbox"},
        "executionMode": found["executionMode"], "executionType": "STANDARD", "startTime": ctx.now(), "lastUpdateTime": ctx.now(),
        "variables": [{"name": k, "resolvedValue": v} for k, v in defaults.items()], "_declared": copy.deepcopy(found), "_stages": {}, "_actions": [],
        "_artifacts": {}, "_outputs": {"variables": defaults}, "_asked": "", "_approvals": {}, "_at": 0,
    }  # fmt: skip
    executions(ctx)[made["pipelineExecutionId"]] = made
    ctx.world.start(_run(ctx, made, 0))
    return str(made["pipelineExecutionId"])


def _run(ctx: Context, e: Record, first: int) -> Work:
    """The stages one after another, from `first` on; each is entered when the execution before has left it."""
    yield 1
    for number in range(first, len(e["_declared"]["stages"])):
        stage = e["_declared"]["stages"][number]
        while not _may_enter(ctx, e, stage["name"]):
            yield 2
            if e["status"] in _OVER:
                return
        if e["_asked"] or e["status"] in _OVER:
            break
        e["_at"], e["_stages"][stage["name"]] = number, "InProgress"
        yield from _run_stage(ctx, e, stage)
        e["lastUpdateTime"] = ctx.now()
        if e["_stages"][stage["name"]] != "Succeeded":
            e["status"] = "Stopped" if e["_asked"] else "Failed"
            return
    e["status"] = "Stopped" if e["_asked"] else "Succeeded"
    e["lastUpdateTime"] = ctx.now()


def _may_enter(ctx: Context, e: Record, stage: str) -> bool:
    if stage in pipelines(ctx).get(e["pipelineName"], {}).get("_closed", {}):
        return False
    others = [o for o in of(ctx, e["pipelineName"]) if o is not e and o["status"] not in _OVER]
    if e["executionMode"] == "PARALLEL":
        return True
    if any(o["_stages"].get(stage) == "InProgress" for o in others):
        _supersede(others, e, stage)
        return False
    earlier = [o for o in others if o["startTime"] < e["startTime"] and stage not in o["_stages"]]
    if earlier and e["executionMode"] == "SUPERSEDED":
        for other in earlier:
            other["status"] = "Superseded"
        return True
    return not earlier


def _supersede(others: list[Record], e: Record, stage: str) -> None:
    """Of those waiting before one stage only the newest stays, unless they queue."""
    if e["executionMode"] == "SUPERSEDED":
        for other in others:
            if stage not in other["_stages"] and other["startTime"] < e["startTime"]:
                other["status"] = "Superseded"


def _run_stage(ctx: Context, e: Record, stage: Record) -> Work:
    orders = sorted({action.get("runOrder", 1) for action in stage["actions"]})
    for order in orders:
        group = [action for action in stage["actions"] if action.get("runOrder", 1) == order]
        records = [_action(ctx, e, stage, action) for action in group]
        for record in records:
            ctx.world.start(_run_action(ctx, e, record))
        while any(record["status"] == "InProgress" for record in records):
            yield 2
        if any(record["status"] != "Succeeded" for record in records):
            e["_stages"][stage["name"]] = "Stopped" if e["_asked"] else "Failed"
            return
    e["_stages"][stage["name"]] = "Succeeded"


def _action(ctx: Context, e: Record, stage: Record, action: Record) -> Record:
    record = {
        "pipelineExecutionId": e["pipelineExecutionId"], "actionExecutionId": ctx.uuid("action"), "pipelineVersion": e["pipelineVersion"],
        "stageName": stage["name"], "actionName": action["name"], "startTime": ctx.now(), "lastUpdateTime": ctx.now(), "status": "InProgress",
        "input": {"actionTypeId": action["actionTypeId"], "configuration": action["configuration"], "resolvedConfiguration": action["configuration"],
                  "inputArtifacts": [], "region": ctx.region, "namespace": action.get("namespace")},
        "_declared": action, "output": {"outputArtifacts": [], "executionResult": {}, "outputVariables": {}}, "summary": None, "token": None,
    }  # fmt: skip
    e["_actions"].append(record)
    return record


def _run_action(ctx: Context, e: Record, record: Record) -> Work:
    try:
        yield from _until_stopped(e, perform(ctx, e, record))
        record["status"] = "Succeeded"
    except ActionFailed as end:
        record["status"] = "Abandoned" if end.code == "Abandoned" else "Failed"
        record["errorDetails"] = {"code": end.code, "message": end.message}
        record["output"]["executionResult"]["errorDetails"] = record["errorDetails"]
        record["summary"] = end.message
    except AwsError as error:
        record["status"], record["errorDetails"] = "Failed", {"code": error.code, "message": error.message}
        record["output"]["executionResult"]["errorDetails"] = record["errorDetails"]
    record["lastUpdateTime"] = ctx.now()


def _until_stopped(e: Record, work: Work) -> Work:
    for seconds in work:
        yield seconds
        if e["_asked"] == "abandon":
            raise ActionFailed("Abandoned", "The execution was stopped and this action abandoned.")


@codepipeline
def get_pipeline_execution(ctx: Context, p: Record) -> Record:
    return {"pipelineExecution": execution(ctx, p)}


def execution(ctx: Context, p: Record) -> Record:
    pipeline(ctx, p["pipelineName"])
    found = executions(ctx).get(p["pipelineExecutionId"])
    if found is None or found["pipelineName"] != p["pipelineName"]:
        raise AwsError("PipelineExecutionNotFoundException", f"The pipeline execution {p['pipelineExecutionId']} was not found")
    return found


@codepipeline
def list_pipeline_executions(ctx: Context, p: Record) -> Record:
    pipeline(ctx, p["pipelineName"])
    return {"pipelineExecutionSummaries": of(ctx, p["pipelineName"])[::-1]}


@codepipeline
def list_action_executions(ctx: Context, p: Record) -> Record:
    pipeline(ctx, p["pipelineName"])
    wanted = (p.get("filter") or {}).get("pipelineExecutionId")
    found = [r for e in of(ctx, p["pipelineName"]) if wanted in {None, e["pipelineExecutionId"]} for r in e["_actions"]]
    return {"actionExecutionDetails": found[::-1]}


@codepipeline
def get_pipeline_state(ctx: Context, p: Record) -> Record:
    found = pipeline(ctx, p["name"])
    history = of(ctx, p["name"])
    states = [_stage_state(found, history, stage) for stage in found["pipeline"]["stages"]]
    return {
        "pipelineName": p["name"],
        "pipelineVersion": found["pipeline"]["version"],
        "stageStates": states,
        "created": found["created"],
        "updated": found["updated"],
    }


def _stage_state(found: Record, history: list[Record], stage: Record) -> Record:
    name = stage["name"]
    inside = [e for e in history if name in e["_stages"]]
    waiting = [e for e in history if e["status"] == "InProgress" and name not in e["_stages"] and _next(e) == name]
    closed = found["_closed"].get(name)
    state: Record = {
        "stageName": name,
        "inboundTransitionState": {"enabled": closed is None} | (closed or {}),
        "actionStates": list(_action_states(inside, stage)),
    }
    if inside:
        last = inside[-1]
        state["latestExecution"] = {"pipelineExecutionId": last["pipelineExecutionId"], "status": last["_stages"][name], "type": "STANDARD"}
    if waiting:
        state["inboundExecutions"] = [
            {"pipelineExecutionId": e["pipelineExecutionId"], "status": "InProgress", "type": "STANDARD"} for e in waiting
        ]
        state["inboundExecution"] = state["inboundExecutions"][0]
    return state


def _next(e: Record) -> str | None:
    return next((stage["name"] for stage in e["_declared"]["stages"] if stage["name"] not in e["_stages"]), None)


def _action_states(inside: list[Record], stage: Record) -> Iterator[Record]:
    for action in stage["actions"]:
        runs = [r for e in inside for r in e["_actions"] if r["stageName"] == stage["name"] and r["actionName"] == action["name"]]
        state: Record = {"actionName": action["name"]}
        if runs:
            last = runs[-1]
            result: dict[str, Any] = last["output"]["executionResult"]
            state["latestExecution"] = last | {"lastStatusChange": last["lastUpdateTime"]} | result
            if last.get("_revision"):
                state["currentRevision"] = {"revisionId": last["_revision"]}
        yield state


@codepipeline
def put_approval_result(ctx: Context, p: Record) -> Record:
    pipeline(ctx, p["pipelineName"])
    for e in of(ctx, p["pipelineName"]):
        for record in e["_actions"]:
            here = record["stageName"] == p["stageName"] and record["actionName"] == p["actionName"]
            if here and record["status"] == "InProgress" and record["token"]:
                if record["token"] != p["token"]:
                    raise AwsError("InvalidApprovalTokenException", "The approval token is not valid")
                e["_approvals"][record["token"]] = p["result"]
                return {"approvedAt": ctx.now()}
    raise AwsError("ApprovalAlreadyCompletedException", "The approval action has already been approved or rejected.")


@codepipeline
def stop_pipeline_execution(ctx: Context, p: Record) -> Record:
    found = execution(ctx, p)
    if found["status"] in _OVER:
        raise AwsError("PipelineExecutionNotStoppableException", f"The pipeline execution {p['pipelineExecutionId']} is already finished")
    found["_asked"] = "abandon" if p.get("abandon") else "stop"
    found["status"], found["stopTrigger"] = "Stopping", {"reason": p.get("reason", "")}
    return {"pipelineExecutionId": p["pipelineExecutionId"]}


@codepipeline
def retry_stage_execution(ctx: Context, p: Record) -> Record:
    found = execution(ctx, p)
    if found["_stages"].get(p["stageName"]) not in {"Failed", "Stopped"}:
        raise AwsError("StageNotRetryableException", f"The stage {p['stageName']} has not failed")
    number = next(n for n, stage in enumerate(found["_declared"]["stages"]) if stage["name"] == p["stageName"])
    del found["_stages"][p["stageName"]]
    found["status"], found["_asked"] = "InProgress", ""
    ctx.world.start(_run(ctx, found, number))
    return {"pipelineExecutionId": p["pipelineExecutionId"]}


@codepipeline
def disable_stage_transition(ctx: Context, p: Record) -> None:
    closed = {"lastChangedBy": "sandbox", "lastChangedAt": ctx.now(), "disabledReason": p["reason"]}
    pipeline(ctx, p["pipelineName"])["_closed"][p["stageName"]] = closed


@codepipeline
def enable_stage_transition(ctx: Context, p: Record) -> None:
    pipeline(ctx, p["pipelineName"])["_closed"].pop(p["stageName"], None)


def _by_arn(ctx: Context, arn: str) -> Record:
    return pipeline(ctx, arn.rpartition(":")[2])


codepipeline.tags(_by_arn, "resourceArn", pairs=LOWER)
