"""Stands for the ``aws`` command in a build: only ``aws ecr``, answered from the registry on loopback.

What is real: the operations' names, parameters and answers' shapes (checked against botocore's model of ECR), the
``--query`` language, the exit codes, and what the answers say, which is asked of the registry at that moment.
What is not: there is no account behind it, the password is that of the registry instead of a signed token, and a
repository exists in ECR's sense from the beginning.

Its settings are two variables of the build machine: ``REGISTRY_ADDRESS`` and ``REGISTRY_PASSWORD``.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any, NoReturn

import jmespath
from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape
from botocore.validate import ParamValidator

USAGE, REFUSED = 252, 254  # the AWS CLI's exit codes for a wrong command line and for an error of the service
GLOBAL = {"region", "query", "output"}
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
)


def main(arguments: list[str]) -> None:
    if len(arguments) < 2 or arguments[0] != "ecr":
        fail(USAGE, f"aws {' '.join(arguments)}: not simulated; only `aws ecr OPERATION` is")
    operation, options = arguments[1], split_options(arguments[2:])
    if not (options.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")):
        fail(REFUSED - 1, 'You must specify a region. You can also configure your region by running "aws configure".')
    if operation == "get-login-password":  # the CLI's own: it has no counterpart in the API
        print(os.environ["REGISTRY_PASSWORD"])
        return
    answers = {"describe-images": describe_images, "batch-get-image": batch_get_image}
    if operation not in answers:
        fail(USAGE, f"aws ecr {operation}: not simulated; simulated are get-login-password, {', '.join(answers)}")
    show(answers[operation](parameters(operation, options)), options)


def split_options(words: list[str]) -> dict[str, Any]:
    """``--a b c --d=e`` to ``{"a": ["b", "c"], "d": ["e"]}``, with the global options as plain strings."""
    options: dict[str, Any] = {}
    name = None
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            options[name] = [value] if equals else []
        elif name is None:
            fail(USAGE, f"Unknown options: {word}")
        else:
            options[name].append(word)
    return {name: " ".join(values) if name in GLOBAL else values for name, values in options.items()}


def parameters(operation: str, options: dict[str, list[str]]) -> dict[str, Any]:
    """The request as the API takes it, checked against botocore's model."""
    model = ServiceModel(Loader().load_service_model("ecr", "service-2"), "ecr")
    api_name = "".join(part.capitalize() for part in operation.split("-"))
    shape = model.operation_model(api_name).input_shape
    assert isinstance(shape, StructureShape)
    request: dict[str, Any] = {}
    for name, values in options.items():
        if name in GLOBAL:
            continue
        head, *tail = name.split("-")
        member = head + "".join(part.capitalize() for part in tail)
        if member not in shape.members:
            fail(USAGE, f"Unknown options: --{name}")
        if shape.members[member].type_name == "list":
            request[member] = [dict(pair.split("=", 1) for pair in value.split(",")) if "=" in value else value for value in values]
        else:
            request[member] = values[0]
    if errors := ParamValidator().validate(request, shape).generate_report():
        fail(USAGE, errors)
    return request


def describe_images(request: dict[str, Any]) -> dict[str, Any]:
    repository = request["repositoryName"]
    details = []
    for image in request.get("imageIds", []):
        found = manifest(repository, image)
        if found is None:
            fail(
                REFUSED,
                "\nAn error occurred (ImageNotFoundException) when calling the DescribeImages operation: The "
                f"image with imageId {json.dumps(image)} does not exist within the repository with name '{repository}'",
            )
        tags = {"imageTags": [image["imageTag"]]} if "imageTag" in image else {}
        details.append({"repositoryName": repository, "imageDigest": found[0], **tags})
    return {"imageDetails": details}


def batch_get_image(request: dict[str, Any]) -> dict[str, Any]:
    repository, images, failures = request["repositoryName"], [], []
    for image in request["imageIds"]:
        found = manifest(repository, image)
        if found is None:  # not an error: the API lists what it did not find
            failures.append({"imageId": image, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"})
        else:
            images.append({"repositoryName": repository, "imageId": {**image, "imageDigest": found[0]}, "imageManifest": found[1]})
    return {"images": images, "failures": failures}


def manifest(repository: str, image: dict[str, str]) -> tuple[str, str] | None:
    """Digest and text of an image's manifest, or None if the registry has no such image."""
    reference = image.get("imageDigest") or image["imageTag"]
    request = urllib.request.Request(f"http://{os.environ['REGISTRY_ADDRESS']}/v2/{repository}/manifests/{reference}")
    login = base64.b64encode(f"AWS:{os.environ['REGISTRY_PASSWORD']}".encode()).decode()
    request.add_header("Authorization", f"Basic {login}")
    request.add_header("Accept", MANIFESTS)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.headers["Docker-Content-Digest"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        if refused.code == 404:
            return None
        fail(REFUSED, f"An error occurred ({refused.reason}) when calling the registry at {request.full_url}")
    except OSError as lost:
        fail(REFUSED + 1, f'Could not connect to the endpoint URL: "{request.full_url}": {lost}')


def show(answer: dict[str, Any], options: dict[str, Any]) -> None:
    result = jmespath.search(options["query"], answer) if "query" in options else answer
    if options.get("output", "json") == "text":
        print("None" if result is None else "\t".join(map(str, result)) if isinstance(result, list) else result)
    else:
        print(json.dumps(result, indent=4))


def fail(code: int, message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
