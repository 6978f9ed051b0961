"""Stands in for AWS and the provider where a function's own time is measured: it keeps the items that are put, accepts whatever else is asked, and answers at once.

The local AWS takes from 2 to 50 ms for a call, and not the same time twice: what a function makes of its 99th percentile could not be seen behind that.
"""

import copy
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from stack.tools import ROOT

from bench.server import Server

CREDENTIALS = "/credentials"
"""Where a function asks for its credentials with SnapStart."""
_VIDEO = (ROOT / "local" / "sample" / "reference.mp4").read_bytes()
_XML, _JSON = "application/xml", "application/x-amz-json-1.0"
_SERVICES = {"DynamoDB_20120810": "DynamoDB", "secretsmanager": "SecretsManager", "AWSEvents": "EventBridge", "AWSStepFunctions": "StepFunctions"}


class StandIn(Server):
    """Its address is AWS_ENDPOINT_URL and the provider's."""

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[tuple[str, str], dict] = {}
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._posts = 0
        self._asked: set[str] = set()

    def taken(self) -> Counter[str]:
        """What was asked since it was last taken."""
        with self._lock:
            calls, self._calls = self._calls, Counter()
        return calls

    def token(self, token: str) -> None:
        """A tenant's token for the API, in the table."""
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        sk = hashlib.sha256(token.encode()).hexdigest()
        texts = {"pk": "TOKEN", "sk": sk, "tenant": "bench", "createdAt": now}
        self.items["TOKEN", sk] = {**{name: {"S": value} for name, value in texts.items()}, "admin": {"BOOL": False}}

    def task(self, task: str) -> tuple[tuple[str, str], dict]:
        """A task's key and item."""
        return next((key, item) for key, item in self.items.items() if key[0].endswith(task) and "generation" in item and "createdAt" in item)

    def pinned(self, task: str) -> None:
        """Its inputs lie in the bucket and are signed when it is submitted."""
        _, item = self.task(task)
        for name in ("character", "reference"):
            item[name]["M"]["key"] = {"S": f"inputs/{task}/{name}"}
        item.pop("callerUris", None)

    def kept(self, task: str) -> dict:
        return copy.deepcopy(self.task(task)[1])

    def _operation(self, name: str, request: dict) -> dict:
        def of(key: dict) -> dict | None:
            return self.items.get(_key(key))

        def keep(item: dict) -> None:
            self.items[_key(item)] = item

        match name:
            case "GetItem":
                item = of(request["Key"])
                return {"Item": item} if item else {}
            case "BatchGetItem":
                return {"Responses": {table: [item for key in wanted["Keys"] if (item := of(key))] for table, wanted in request["RequestItems"].items()}}
            case "PutItem":
                keep(request["Item"])
            case "UpdateItem":
                item = of(request["Key"])
                return {"Attributes": item} if item else {}
            case "DeleteItem":
                self.items.pop(_key(request["Key"]), None)
            case "TransactWriteItems":
                for part in request["TransactItems"]:
                    if "Put" in part:
                        keep(part["Put"]["Item"])
            case "Query":
                return {"Items": [], "Count": 0}
            case "GetSecretValue":
                return {"SecretString": "sk-bench"}
            case "PutEvents":
                return {"FailedEntryCount": 0, "Entries": []}
            case "StartExecution":
                return {"executionArn": "arn:aws:states:::execution", "startDate": 0}
        return {}

    def _s3(self, method: str, path: str, query: dict) -> tuple[str, int, str]:
        if method == "POST" and "uploads" in query:
            return "CreateMultipartUpload", 200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
        if method == "POST":
            return "CompleteMultipartUpload", 200, '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>'
        if method == "PUT":
            return ("UploadPart" if "partNumber" in query else "PutObject"), 200, ""
        if method == "DELETE":
            return "DeleteObject", 204, ""
        if "uploads" in query:
            return "ListMultipartUploads", 200, "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
        return ("HeadObject" if method == "HEAD" else "GetObject"), 404, "" if method == "HEAD" else "<Error><Code>NoSuchKey</Code></Error>"

    def _rendering(self, path: str) -> dict:
        """Under way when it is asked for the first time, done from then on."""
        if path not in self._asked:
            self._asked.add(path)
            return {"id": "x", "status": "RUNNING", "progress": 0.5}
        return {"id": "x", "status": "SUCCEEDED", "output": [f"{self.url}/video.mp4"]}

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        address, operation = urlsplit(target), headers.get("X-Amz-Target")
        if operation:
            service, _, name = operation.partition(".")
            called, status, kind, said = f"{_SERVICES[service]} {name}", 200, _JSON, json.dumps(self._operation(name, json.loads(body))).encode()
        elif address.path.startswith("/runwayml/"):
            self._posts += method == "POST"
            answer = {"id": f"bench-{self._posts}"} if method == "POST" else self._rendering(address.path)
            called, status, kind, said = f"provider {method}", 200, "application/json", json.dumps(answer).encode()
        elif address.path == "/video.mp4":
            called, status, kind, said = "provider's video GET", 200, "video/mp4", _VIDEO
        elif address.path == CREDENTIALS:
            given = {"AccessKeyId": "a", "SecretAccessKey": "s", "Token": "t", "Expiration": _in_an_hour()}
            called, status, kind, said = "credentials GET", 200, "application/json", json.dumps(given).encode()
        elif address.path == "/":
            credentials = f"<AccessKeyId>a</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{_in_an_hour()}</Expiration>"
            called, status, kind, said = (
                "STS AssumeRole",
                200,
                "text/xml",
                f"<AssumeRoleResponse><AssumeRoleResult><Credentials>{credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>".encode(),
            )
        else:
            name, status, text = self._s3(method, address.path, parse_qs(address.query, keep_blank_values=True))
            called, kind, said = f"S3 {name}", _XML, text.encode()
        with self._lock:
            self._calls[called] += 1
        return status, kind, said


def _in_an_hour() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))


def _key(item: dict) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
