"""Asks the listener what the spec's test says, and answers the deployment: CodeDeploy by a call, ECS by what it returns."""

import os
import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

import boto3

PATIENCE = 10  # seconds for one request
TESTS: list[dict[str, Any]] = []  # follow below


def handler(event: dict[str, str], context: object) -> dict[str, str]:
    del context
    status = "Succeeded" if passed(TESTS, int(os.environ["WITHIN"])) else "Failed"
    if "LifecycleEventHookExecutionId" in event:
        boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=status,
        )
    return {"hookStatus": status.upper()}


def passed(tests: list[dict[str, Any]], within: int) -> bool:
    """Whether every request is answered as it should be, sooner or later."""
    deadline = time.monotonic() + within
    for test in tests:
        while (wrong := ask(**test)) and time.monotonic() < deadline:
            time.sleep(1)
        print(test["path"], wrong or "ok")
        if wrong:
            return False
    return True


def ask(path: str, status: int, contains: str = "", host: str = "") -> str:
    """What is wrong with the answer; nothing if it is right."""
    try:
        connection = connect(host)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
        finally:
            connection.close()
    except (OSError, HTTPException) as error:
        return f"no answer: {error}"
    if answer.status != status:
        return f"answered {answer.status}, not {status}"
    return "" if contains in body else f"the answer does not contain {contains!r}"


def connect(host: str) -> HTTPConnection:
    """A connection to the load balancer, whatever name is asked for."""
    address, port = os.environ["ADDRESS"], int(os.environ["PORT"])
    connection = HTTPConnection(host or address, port)
    connection.sock = socket.create_connection((address, port), timeout=PATIENCE)
    if os.environ["PROTOCOL"] == "HTTPS":
        trust = ssl.create_default_context()
        if not host:  # the certificate is the site's: it does not know the load balancer's own name
            trust.check_hostname = False
            trust.verify_mode = ssl.CERT_NONE
        connection.sock = trust.wrap_socket(connection.sock, server_hostname=host or address)
    return connection
