"""The stand-in for the AWS CLI refuses what the CLI refuses; what it answers is shown by test_chain.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, str(Path(__file__).with_name("aws_command.py"))]
MACHINE = {"AWS_REGION": "ap-northeast-1", "REGISTRY_ADDRESS": "127.0.0.1:9", "REGISTRY_PASSWORD": "secret", "PATH": os.defpath}


def aws(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=MACHINE | environment, capture_output=True, text=True, check=False)


def test_the_password_is_the_registrys() -> None:
    assert aws("ecr", "get-login-password").stdout == "secret\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("ecr describe-images --repository shop", 252, "Unknown options: --repository"),
        ("ecr describe-images --image-ids imageTag=a", 252, "Missing required parameter"),
        ("ecr describe-images --repository-name shop --image-ids tag=a", 252, "Unknown parameter"),
        ("ecr put-image --repository-name shop", 252, "not simulated"),
        ("s3 ls", 252, "not simulated"),
        ("ecr describe-images --repository-name shop --image-ids imageTag=a", 255, "Could not connect"),
    ],
)
def test_what_is_refused(arguments: str, code: int, message: str) -> None:
    done = aws(*arguments.split())
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_region_is_needed() -> None:
    assert aws("ecr", "get-login-password", AWS_REGION="").returncode == 253
