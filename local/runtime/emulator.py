"""The local AWS, started so that it writes down what the functions' policies had to allow.

It runs in the emulator's own environment. Its first argument is the file for the calls, which gets a line of JSON for each combination
of role, action, resource and decision that was seen, once:

    {"role": "…", "action": "s3:GetObject", "resource": "arn:aws:s3:::…", "allowed": true}

MiniStack evaluates a request as AWS documents it: an item of a transaction as its own action (Amazon DynamoDB Developer Guide, "Using IAM
with DynamoDB transactions"), a copy as a write and a read of its source, an index by its own ARN. Two things that AWS asks for beyond that
are added here, with "because":

- To answer 404 and not 403 for a key where nothing lies, S3 asks for s3:ListBucket on the bucket (Amazon S3 API Reference, GetObject and
  HeadObject).
- A write with If-Match reads the ETag of what lies there, for which s3:GetObject counts as needed.

The account's administrator is not evaluated and not written down. Neither headers, queries nor bodies are: a line holds names only.

A second argument is a file for every request of a function, one line each, repetitions by the SDK left out (for bench/pipeline.py; of S3's
only some, because it checks most signatures before it asks for the policies):

    {"at": 1763740800.1, "role": "…", "call": "DynamoDB.TransactWriteItems"}
"""

import contextvars
import json
import os
import sys
import threading
import time

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import s3

_principal: contextvars.ContextVar = contextvars.ContextVar("principal", default=None)


class Record:
    def __init__(self, path: str) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", buffering=1, encoding="utf-8")
        self._seen: set[tuple] = set()
        self._lock = threading.Lock()

    def add(self, role: str, action: str, resource: str, allowed: bool, because: str | None = None) -> None:
        call = (role, action, resource, allowed)
        with self._lock:
            if call in self._seen:
                return
            self._seen.add(call)
            line = {"role": role, "action": action, "resource": resource, "allowed": allowed}
            self._file.write(json.dumps({**line, "because": because} if because else line) + "\n")


class Requests:
    """Every request of a function, however many actions it is evaluated as."""

    def __init__(self, path: str) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", buffering=1, encoding="utf-8")
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def add(self, role: str, request) -> None:
        invocation = request.headers.get("amz-sdk-invocation-id")
        if invocation is None:
            return  # a signed address, which the provider fetches
        service, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
        call = f"{service.partition('_')[0]}.{operation}" if operation else request.method
        with self._lock:
            if invocation not in self._seen:
                self._seen.add(invocation)
                self._file.write(json.dumps({"at": time.time(), "role": role, "call": call}) + "\n")


def _role(principal) -> str | None:
    """The name of the role whose session this is; nobody else's policies are of interest."""
    if principal is None or isinstance(principal, iam_evaluator.AuthError) or principal.type != "AssumedRole":
        return None
    return iam_evaluator._role_name_from_assumed_arn(principal.arn)


def _missing(resource: str) -> str | None:
    """The bucket's ARN if nothing lies at this object's."""
    bucket, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
    found = s3._buckets.get(bucket)
    return f"arn:aws:s3:::{bucket}" if key and found is not None and key not in found["objects"] else None


def watch(record: Record, requests: Requests | None) -> None:
    decide, resolve = iam_evaluator.enforce, iam_evaluator.resolve_principal

    def resolve_principal(*args, **kwargs):
        principal = resolve(*args, **kwargs)
        _principal.set(principal)
        return principal

    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        _principal.set(None)
        request = iam_evaluator._signed_request.get()  # gone once it has been checked: so each is seen here once
        denied = decide(access_key_id, iam_action, service, region, resource_arn, service_context)
        role = _role(_principal.get())
        if role is not None and not isinstance(denied, iam_evaluator.AuthError):
            record.add(role, iam_action, resource_arn, denied is None)
            if requests is not None and request is not None:
                requests.add(role, request)
            if denied is None:
                _and_what_else_aws_asks_for(role, iam_action, resource_arn)
        return denied

    def _and_what_else_aws_asks_for(role: str, action: str, resource: str) -> None:
        if action == "s3:GetObject" and (bucket := _missing(resource)):
            record.add(role, "s3:ListBucket", bucket, True, "404")
        request = iam_evaluator._signed_request.get()
        if action == "s3:PutObject" and request is not None and "if-match" in request.headers:
            record.add(role, "s3:GetObject", resource, True, "If-Match")

    # The emulator imports both by name at each request.
    iam_evaluator.resolve_principal, iam_evaluator.enforce = resolve_principal, enforce


if __name__ == "__main__":
    watch(Record(sys.argv[1]), Requests(sys.argv[2]) if len(sys.argv) > 2 else None)
    sys.argv[1:] = []
    app.main()
