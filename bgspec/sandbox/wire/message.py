"""A request and an answer as HTTP carries them."""

from typing import NamedTuple

from botocore.model import OperationModel


class Request(NamedTuple):
    method: str
    path: str  # as sent, percent-encoded
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Call(NamedTuple):
    """What a request asks for, once its protocol is known."""

    service: str
    operation: OperationModel
    protocol: str  # query, ec2, json, cbor, rest-json, rest-xml
    params: dict[str, object]
