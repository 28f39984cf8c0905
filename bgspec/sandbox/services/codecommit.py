"""CodeCommit: repositories, branches, commits and files. A commit is its whole tree: `{path: content}`."""

import hashlib
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import events
from bgspec.sandbox.services.registry import Service, given
from bgspec.sandbox.world import Context, Record

codecommit = Service("codecommit")


def repository(ctx: Context, name: str) -> Record:
    found = ctx.table("codecommit.repositories").get(name)
    if found is None:
        raise AwsError("RepositoryDoesNotExistException", f"{name} does not exist")
    return found


@codecommit
def create_repository(ctx: Context, p: Record) -> Record:
    name = p["repositoryName"]
    if name.endswith(".git"):
        raise AwsError("InvalidRepositoryNameException", "The repository name must not end in .git")
    if name in ctx.table("codecommit.repositories"):
        raise AwsError("RepositoryNameExistsException", f"Repository named {name} already exists")
    host = f"git-codecommit.{ctx.region}.{ctx.suffix}"
    made = {
        "accountId": ctx.account, "repositoryId": ctx.uuid("repository"), "repositoryName": name,
        "repositoryDescription": p.get("repositoryDescription"), "creationDate": ctx.now(), "lastModifiedDate": ctx.now(),
        "cloneUrlHttp": f"https://{host}/v1/repos/{name}", "cloneUrlSsh": f"ssh://{host}/v1/repos/{name}",
        "Arn": ctx.arn("codecommit", name), "kmsKeyId": p.get("kmsKeyId") or ctx.arn("kms", "alias/aws/codecommit"),
        "_tags": p.get("tags", {}), "_branches": {}, "_commits": {},
    }  # fmt: skip
    ctx.table("codecommit.repositories")[name] = made
    return {"repositoryMetadata": made}


@codecommit
def get_repository(ctx: Context, p: Record) -> Record:
    return {"repositoryMetadata": repository(ctx, p["repositoryName"])}


@codecommit
def batch_get_repositories(ctx: Context, p: Record) -> Record:
    known = ctx.table("codecommit.repositories")
    names = p["repositoryNames"]
    return {"repositories": [known[n] for n in names if n in known], "repositoriesNotFound": [n for n in names if n not in known]}


@codecommit
def list_repositories(ctx: Context, _: Record) -> Record:
    return {"repositories": list(ctx.table("codecommit.repositories").values())}


@codecommit
def update_repository_description(ctx: Context, p: Record) -> None:
    repository(ctx, p["repositoryName"])["repositoryDescription"] = p.get("repositoryDescription")


@codecommit
def update_repository_name(ctx: Context, p: Record) -> None:
    found = repository(ctx, p["oldName"])
    ctx.table("codecommit.repositories")[p["newName"]] = found | {
        "repositoryName": p["newName"],
        "Arn": ctx.arn("codecommit", p["newName"]),
    }
    del ctx.table("codecommit.repositories")[p["oldName"]]


@codecommit
def delete_repository(ctx: Context, p: Record) -> Record:
    gone = ctx.table("codecommit.repositories").pop(p["repositoryName"], None)
    return {"repositoryId": gone["repositoryId"]} if gone else {}


def _by_arn(ctx: Context, arn: str) -> Record:
    return repository(ctx, arn.rpartition(":")[2])


codecommit.tags(_by_arn, "resourceArn", pairs=None)


# --- branches and commits ---


def branch(found: Record, name: str) -> str:
    if name not in found["_branches"]:
        raise AwsError("BranchDoesNotExistException", f"Branch {name} does not exist")
    return str(found["_branches"][name])


def resolve(found: Record, specifier: str | None) -> Record:
    """A commit by branch, full reference or id; the default branch when nothing is said."""
    name = (specifier or found.get("defaultBranch") or "").removeprefix("refs/heads/")
    commit = found["_branches"].get(name, name)
    if commit not in found["_commits"]:
        raise AwsError("CommitDoesNotExistException", f"Commit {specifier} does not exist")
    result: Record = found["_commits"][commit]
    return result


@codecommit
def get_branch(ctx: Context, p: Record) -> Record:
    return {"branch": {"branchName": p["branchName"], "commitId": branch(repository(ctx, p["repositoryName"]), p["branchName"])}}


@codecommit
def list_branches(ctx: Context, p: Record) -> Record:
    return {"branches": sorted(repository(ctx, p["repositoryName"])["_branches"])}


@codecommit
def create_branch(ctx: Context, p: Record) -> None:
    found = repository(ctx, p["repositoryName"])
    if p["branchName"] in found["_branches"]:
        raise AwsError("BranchNameExistsException", f"Branch {p['branchName']} already exists")
    commit = resolve(found, p["commitId"])["commitId"]
    move(ctx, found, p["branchName"], commit)


@codecommit
def delete_branch(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    gone = found["_branches"].pop(p["branchName"], None)
    return {"deletedBranch": {"branchName": p["branchName"], "commitId": gone}} if gone else {}


@codecommit
def update_default_branch(ctx: Context, p: Record) -> None:
    found = repository(ctx, p["repositoryName"])
    branch(found, p["defaultBranchName"])
    found["defaultBranch"] = p["defaultBranchName"]


def move(ctx: Context, found: Record, name: str, commit: str) -> None:
    """Point a branch at a commit and tell EventBridge, as a push does."""
    old = found["_branches"].get(name)
    found["_branches"][name] = commit
    found.setdefault("defaultBranch", name)
    found["lastModifiedDate"] = ctx.now()
    detail = {
        "event": "referenceUpdated" if old else "referenceCreated", "repositoryName": found["repositoryName"],
        "repositoryId": found["repositoryId"], "referenceType": "branch", "referenceName": name,
        "referenceFullName": f"refs/heads/{name}", "commitId": commit, **({"oldCommitId": old} if old else {}),
    }  # fmt: skip
    events.publish(ctx, "aws.codecommit", "CodeCommit Repository State Change", [found["Arn"]], detail)


def add_commit(ctx: Context, found: Record, tree: dict[str, bytes], parents: list[str], about: Record) -> str:
    name = (
        about.get("commitId") or hashlib.sha1(f"{sorted(tree)}/{parents}/{ctx.uuid('commit')}".encode(), usedforsecurity=False).hexdigest()
    )
    person = {"name": about.get("authorName", "sandbox"), "email": about.get("email", ""), "date": f"{int(ctx.now().timestamp())} +0000"}
    found["_commits"][name] = {
        "commitId": name, "treeId": tree_id(tree), "parents": parents, "message": about.get("commitMessage", ""), "author": person,
        "committer": person, "additionalData": "", "_tree": tree,
    }  # fmt: skip
    return name


def tree_id(tree: dict[str, bytes]) -> str:
    return hashlib.sha1("".join(f"{path}{blob_id(tree[path])}" for path in sorted(tree)).encode(), usedforsecurity=False).hexdigest()


def blob_id(content: bytes) -> str:
    """The id git gives this content."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def _parent(found: Record, p: Record) -> Record:
    """The commit the new one stands on. It must be the branch's tip: CodeCommit refuses to commit onto an older one."""
    tip = found["_branches"].get(p["branchName"])
    asked = p.get("parentCommitId")
    if tip is None:
        if asked:
            raise AwsError("ParentCommitDoesNotExistException", "The parent commit ID does not exist")
        return {"_tree": {}}
    if asked is None:
        raise AwsError("ParentCommitIdRequiredException", "A parent commit ID is required because the branch is not empty")
    if asked != tip:
        raise AwsError("ParentCommitIdOutdatedException", "The parent commit ID is not the tip of the branch")
    result: Record = found["_commits"][tip]
    return result


@codecommit
def create_commit(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    parent = _parent(found, p)
    tree = dict(parent["_tree"])
    added: list[Record] = []
    updated: list[Record] = []
    deleted: list[Record] = []
    for item in p.get("putFiles", ()):
        content = item.get("fileContent")
        if content is None:
            content = tree.get(item.get("sourceFile", {}).get("filePath", ""), b"")
        _check_path(item["filePath"], tree)
        (updated if item["filePath"] in tree else added).append(
            {"absolutePath": item["filePath"], "blobId": blob_id(content), "fileMode": item.get("fileMode", "NORMAL")}
        )
        tree[item["filePath"]] = content
    for item in p.get("deleteFiles", ()):
        if item["filePath"] not in tree:
            raise AwsError("FileDoesNotExistException", f"{item['filePath']} does not exist")
        deleted.append({"absolutePath": item["filePath"], "blobId": blob_id(tree.pop(item["filePath"]))})
    if tree == parent["_tree"]:
        raise AwsError("NoChangeException", "The commit would change nothing")
    name = add_commit(ctx, found, tree, [parent["commitId"]] if "commitId" in parent else [], p)
    move(ctx, found, p["branchName"], name)
    return {"commitId": name, "treeId": tree_id(tree), "filesAdded": added, "filesUpdated": updated, "filesDeleted": deleted}


def _check_path(path: str, tree: dict[str, Any]) -> None:
    if path.startswith("/") or ".." in path.split("/") or not path:
        raise AwsError("InvalidPathException", f"{path} is not a valid path")
    if any(other.startswith(path + "/") for other in tree):
        raise AwsError("FileNameConflictsWithDirectoryNameException", f"{path} is a directory")


@codecommit
def put_file(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    parent = _parent(found, p)
    if parent["_tree"].get(p["filePath"]) == p["fileContent"]:
        raise AwsError("SameFileContentException", "The file was not added or updated because its content is the same")
    _check_path(p["filePath"], parent["_tree"])
    tree = parent["_tree"] | {p["filePath"]: p["fileContent"]}
    about = {"authorName": p.get("name", "sandbox"), **given(p, "email", "commitMessage")}
    name = add_commit(ctx, found, tree, [parent["commitId"]] if "commitId" in parent else [], about)
    move(ctx, found, p["branchName"], name)
    return {"commitId": name, "blobId": blob_id(p["fileContent"]), "treeId": tree_id(tree)}


@codecommit
def get_commit(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    if p["commitId"] not in found["_commits"]:
        raise AwsError("CommitIdDoesNotExistException", f"Commit {p['commitId']} does not exist")
    return {"commit": found["_commits"][p["commitId"]]}


@codecommit
def get_file(ctx: Context, p: Record) -> Record:
    commit = resolve(repository(ctx, p["repositoryName"]), p.get("commitSpecifier"))
    content = commit["_tree"].get(p["filePath"].lstrip("/"))
    if content is None:
        raise AwsError("FileDoesNotExistException", f"{p['filePath']} does not exist")
    return {
        "commitId": commit["commitId"],
        "blobId": blob_id(content),
        "filePath": p["filePath"],
        "fileMode": "NORMAL",
        "fileSize": len(content),
        "fileContent": content,
    }


@codecommit
def get_folder(ctx: Context, p: Record) -> Record:
    commit = resolve(repository(ctx, p["repositoryName"]), p.get("commitSpecifier"))
    prefix = p["folderPath"].strip("/")
    start = f"{prefix}/" if prefix else ""
    inside = [path for path in sorted(commit["_tree"]) if path.startswith(start)]
    if not inside and prefix:
        raise AwsError("FolderDoesNotExistException", f"{p['folderPath']} does not exist")
    folders = sorted({path[len(start) :].split("/")[0] for path in inside if "/" in path[len(start) :]})
    files = [
        {"blobId": blob_id(commit["_tree"][path]), "absolutePath": path, "relativePath": path[len(start) :], "fileMode": "NORMAL"}
        for path in inside if "/" not in path[len(start) :]
    ]  # fmt: skip
    sub = [{"treeId": tree_id({}), "absolutePath": start + name, "relativePath": name} for name in folders]
    return {"commitId": commit["commitId"], "folderPath": p["folderPath"], "treeId": commit["treeId"], "subFolders": sub, "files": files}


@codecommit
def get_differences(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    after = resolve(found, p["afterCommitSpecifier"])["_tree"]
    before = resolve(found, p["beforeCommitSpecifier"])["_tree"] if "beforeCommitSpecifier" in p else {}
    differences = []
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            kind = "M" if path in before and path in after else "A" if path in after else "D"
            sides = {
                side: {"blobId": blob_id(tree[path]), "path": path, "mode": "100644"}
                for side, tree in (("beforeBlob", before), ("afterBlob", after))
                if path in tree
            }
            differences.append({"changeType": kind, **sides})
    return {"differences": differences}


@codecommit
def get_blob(ctx: Context, p: Record) -> Record:
    for commit in repository(ctx, p["repositoryName"])["_commits"].values():
        for content in commit["_tree"].values():
            if blob_id(content) == p["blobId"]:
                return {"content": content}
    raise AwsError("BlobIdDoesNotExistException", f"Blob {p['blobId']} does not exist")
