"""AWS as the deploy step sees it: one function that calls, and errors that a person can act on."""

import functools
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3
import botocore.exceptions as failures
import botocore.session
from botocore.config import Config

from bgspec import __version__
from bgspec.errors import AwsError, UsageError

_ATTEMPTS = 6
"""Tries of one call. botocore's standard mode waits up to 1, 2, 4, 8, 16 s before the next one."""
_LOGIN = "Log in again (`aws sso login`, or new keys) and run the same command again: it goes on where it stopped."
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN_CALLER = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"})
_UNSIGNED = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "RequestTimeTooSkewed"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"})


class RefusedError(AwsError):
    """AWS answered a call with an error."""

    def __init__(self, code: str, message: str, call: str) -> None:
        super().__init__(_explained(code, message, call))
        self.code = code
        self.message = message
        self.call = call

    @property
    def denied(self) -> bool:
        """Whether these credentials may not make the call."""
        return self.code in _DENIED


class Target(NamedTuple):
    """Where calls go, and on whose behalf."""

    region: str
    profile: str | None = None
    """A profile of the AWS CLI's configuration; None for what the environment says."""
    sandbox: str = ""
    """The emulator's URL; empty for AWS itself."""
    account: str = ""
    """The emulated account."""


class Aws:
    """Calls to AWS in one Region. Thread-safe: boto3's clients are, its sessions are not, so clients are made under a lock."""

    def __init__(self, target: Target) -> None:
        self.region = target.region
        self.sandbox = target.sandbox
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._options: dict[str, Any] = {"region_name": target.region}
        settings: dict[str, Any] = {
            "retries": {"mode": "standard", "total_max_attempts": _ATTEMPTS},
            "connect_timeout": 10,
            "max_pool_connections": 50,
            "user_agent_extra": f"bgspec/{__version__}",
        }
        credentials = {}
        if target.sandbox:
            # By its key the emulator knows the account. A proxy of the environment is not asked for what is on loopback.
            credentials = {"aws_access_key_id": target.account, "aws_secret_access_key": "sandbox"}
            self._options["endpoint_url"] = target.sandbox
            settings |= {"proxies": {}, "s3": {"addressing_style": "path"}}
        self._options["config"] = Config(**settings)
        try:
            self._session = boto3.Session(botocore_session=_core(target.profile), **credentials)
        except failures.ProfileNotFound as error:
            raise UsageError(f"{error}. Profiles are in ~/.aws/config.") from error

    def call(self, service: str, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  as the API has them
        """One call, repeated by botocore's standard retries where that can help.

        Args:
            service: as boto3 names it: `cloudformation`.
            operation: as boto3 names it: `describe_stacks`.
            parameters: as the API names them.

        Raises:
            RefusedError: AWS answered with an error.
            AwsError: no answer, or no credentials.
        """
        name = f"{service}:{operation}"
        try:
            answer: dict[str, Any] = getattr(self._client(service), operation)(**parameters)
        except failures.ClientError as error:
            told = error.response.get("Error", {})
            raise RefusedError(str(told.get("Code", "")), str(told.get("Message", "")), name) from error
        except (failures.NoCredentialsError, failures.PartialCredentialsError) as error:
            raise AwsError(
                "No AWS credentials. Give a profile (`--profile NAME`) or log in: `aws configure sso`, `aws sso login`."
            ) from error
        except (failures.TokenRetrievalError, failures.SSOError, failures.CredentialRetrievalError) as error:
            raise AwsError(f"The credentials cannot be used: {error}. {_LOGIN}") from error
        except (failures.HTTPClientError, failures.ConnectionError) as error:
            raise AwsError(
                f"{name}: no answer from AWS ({type(error).__name__}). Run the same command again: it goes on where it stopped."
            ) from error
        except failures.BotoCoreError as error:
            raise AwsError(f"{name}: {error}") from error
        return answer

    def pages(self, service: str, operation: str, key: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  as above
        """All items under `key` of an operation that answers in pages."""
        token: dict[str, Any] = {}
        names = ("NextToken", "nextToken", "PaginationToken")
        while True:
            answer = self.call(service, operation, **parameters, **token)
            yield from answer.get(key, ())
            token = {name: answer[name] for name in names if answer.get(name)}
            if not token:
                return

    def account(self) -> str:
        """The account of the caller: twelve digits."""
        return str(self.call("sts", "get_caller_identity")["Account"])

    def _client(self, service: str) -> Any:  # noqa: ANN401  boto3 has no types
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(service, **self._options)
            return self._clients[service]


@functools.cache
def _models() -> Any:  # noqa: ANN401  botocore has no types
    """What botocore knows of the services. It is the same for everybody, and 60 MB for those that are called here."""
    return botocore.session.Session().get_component("data_loader")


def _core(profile: str | None) -> botocore.session.Session:
    """What boto3 wraps. Raises ProfileNotFound."""
    core = botocore.session.Session(profile=profile)
    core.register_component("data_loader", _models())
    core.get_scoped_config()
    return core


def _explained(code: str, message: str, call: str) -> str:
    if code in _EXPIRED:
        return f"The credentials have expired. {_LOGIN}"
    if code in _UNKNOWN_CALLER:
        return f"AWS does not know these credentials ({code}). {_LOGIN}"
    if code in _UNSIGNED:
        return f"AWS does not accept the signature of these credentials ({code}): is the secret key whole, and this machine's clock right?"
    if code in _DENIED:
        return f"{call} is not allowed: {message.rstrip('. ')}. What a deployer needs is in docs/deployer-policy.json."
    if code.startswith(("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown")):
        return f"{call}: AWS asks for patience ({code}), also after {_ATTEMPTS} tries. Run the same command again in a minute."
    return f"{call}: {message} ({code})"
