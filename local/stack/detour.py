"""The way between the functions and what they call, with somebody on it who does harm.

A detour is an HTTP server on a free port of 127.0.0.1 in front of another one. It knows which process has called, by the socket's owner
(proc(5)), so it can end that process with `kill -9` right before its call is passed on, or right after it was carried out and before its
answer is there: the moments at which a crash can make a difference to anybody else. No code of the product takes part in it.
"""

import contextlib
import dataclasses
import enum
import http.client
import http.server
import json
import os
import re
import signal
import socket
import struct
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

_SLOW_SECONDS = 3
"""Longer than the functions wait for one try at the table."""


class Harm(enum.Enum):
    """What can become of a call."""

    KILLED_BEFORE = "kill -9 before the call"
    KILLED_AFTER = "kill -9 after the call"
    REFUSED = "throttled or 5xx, not carried out"
    CUT_BEFORE = "connection cut before the call"
    LOST = "carried out, no answer"
    HALF = "carried out, answer cut off"
    FAILED_AFTER = "carried out, answered 5xx"
    SLOW = "carried out, answered late"

    @property
    def kills(self) -> bool:
        return self in (Harm.KILLED_BEFORE, Harm.KILLED_AFTER)

    @property
    def carried_out(self) -> bool:
        return self not in (Harm.KILLED_BEFORE, Harm.REFUSED, Harm.CUT_BEFORE)


@dataclasses.dataclass(frozen=True)
class Caller:
    """A function's process."""

    pid: int
    function: str
    """The deployed name."""


@dataclasses.dataclass(frozen=True)
class Call:
    method: str
    path: str
    """With its query."""
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    whole: bool = True
    """False for one that was cut off on its way here."""


class Processes:
    """The functions' processes: children of the local AWS."""

    def __init__(self, parent: Callable[[], int | None], seen: Callable[[str], None]) -> None:
        """`seen` is told what secrets a function was started with."""
        self._parent = parent
        self._seen = seen

    def owner(self, port: int, server_port: int) -> Caller | None:
        """Who has the connection from this port to that one; None for everybody who is no function."""
        inode = _inode(port, server_port)
        return next((self._caller(pid) for pid in self._children() if inode in _sockets(pid)), None) if inode else None

    def kill(self, caller: Caller) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(caller.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kills all of them, whatever they are at."""
        for pid in self._children():
            with contextlib.suppress(OSError):
                if b"AWS_LAMBDA_FUNCTION_NAME=" in Path(f"/proc/{pid}/environ").read_bytes():
                    os.kill(pid, signal.SIGKILL)

    def _children(self) -> list[int]:
        parent = self._parent()
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
                if int(ppid) == parent and state != "Z":
                    found.append(int(stat.parent.name))
        return found

    def _caller(self, pid: int) -> Caller:
        variables = dict(line.partition("=")[::2] for line in Path(f"/proc/{pid}/environ").read_text().split("\0"))
        # What a function could give away of itself.
        for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            self._seen(variables.get(name, ""))
        return Caller(pid, variables["AWS_LAMBDA_FUNCTION_NAME"])


class Detour:
    """One server in front of another, on this machine, as long as the program runs."""

    def __init__(self, target_port: int, processes: Processes, decide: Callable[[Caller, Call], Harm | None], refusal: Callable[[Call], Answer], watch: Callable[[Call, Answer], None]) -> None:
        self._target = target_port
        self._processes = processes
        self._decide = decide
        self._refusal = refusal
        self._watch = watch
        detour = self

        class Handler(_Handler):
            def handle_call(self, call: Call) -> None:
                detour._handle(self, call)

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handle(self, line: "_Handler", call: Call) -> None:
        if line.caller is _NOT_ASKED:
            line.caller = self._processes.owner(line.client_address[1], self._server.server_port)
        caller = line.caller
        harm = self._decide(caller, call) if caller else None
        if harm is Harm.KILLED_BEFORE:
            self._processes.kill(caller)
        if harm in (Harm.KILLED_BEFORE, Harm.CUT_BEFORE):
            line.reset()
        if harm is Harm.REFUSED:
            line.answer(call, self._refusal(call))
            return
        try:
            answer = _asked(self._target, call)
        except (OSError, http.client.HTTPException):
            # It has done that by itself; so it is told.
            line.reset()
        self._watch(call, answer)
        if harm is Harm.KILLED_AFTER:
            self._processes.kill(caller)
        if harm in (Harm.KILLED_AFTER, Harm.LOST):
            line.reset()
        if harm is Harm.SLOW:
            time.sleep(_SLOW_SECONDS)
        if harm is Harm.FAILED_AFTER:
            answer = self._refusal(call)
        if harm is Harm.HALF:
            answer = dataclasses.replace(answer, body=answer.body[: len(answer.body) // 2], whole=False)
        line.answer(call, answer)


class _Cut(Exception):
    """The connection ends here."""


_NOT_ASKED = object()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def shutdown_request(self, request) -> None:
        # No orderly end: a connection that was to be cut is reset.
        request.close()

    def handle_error(self, request, client_address) -> None:
        """A caller that is gone, most often because it was killed."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    caller = _NOT_ASKED

    def handle_call(self, call: Call) -> None:
        raise NotImplementedError

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        try:
            self.handle_call(Call(self.command, self.path, list(self.headers.items()), body))
        except _Cut:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _take

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _Cut

    def answer(self, call: Call, answer: Answer) -> None:
        named = {name.lower() for name, _value in answer.headers}
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        chunked = "transfer-encoding" in named
        if not chunked and "content-length" not in named and call.method != "HEAD" and answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if call.method != "HEAD":
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(answer.body), answer.body) if chunked and answer.body else b"0\r\n\r\n" if chunked else answer.body)
        self.wfile.flush()
        if not answer.whole:
            self.reset()

    def log_message(self, *_args) -> None:
        """Addresses are signed: nothing is written down."""


def _asked(port: int, call: Call) -> Answer:
    """Passes a call on as it is: its signature covers the host that the caller meant."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.putrequest(call.method, call.path, skip_host=True, skip_accept_encoding=True)
        for name, value in call.headers:
            # The connection is another one; and the body is here already, so nobody has to be asked for it.
            if name.lower() not in ("connection", "expect"):
                connection.putheader(name, value)
        connection.endheaders(call.body or None)
        answer = connection.getresponse()
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in ("connection", "keep-alive")]
        try:
            return Answer(answer.status, headers, answer.read())
        except http.client.IncompleteRead as cut:
            return Answer(answer.status, headers, cut.partial, whole=False)
        except OSError:
            return Answer(answer.status, headers, b"", whole=False)
    finally:
        connection.close()


def _inode(port: int, server_port: int) -> str | None:
    """The socket of an established connection, as a file descriptor names it (proc(5), net/tcp)."""
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}") and fields[2].endswith(f":{server_port:04X}"):
                return f"socket:[{fields[9]}]"
    return None


def _sockets(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(descriptor.path))
    return found


# What a call is called


def aws_call(call: Call) -> str:
    """The operation, and what of ours it is about: two writes of one function that mean different things have different names."""
    target = call.header("x-amz-target")
    if target.startswith("DynamoDB"):
        return f"DynamoDB {target.rpartition('.')[2]} {_items(json.loads(call.body))}".rstrip()
    if target:
        return target.replace(".", " ")
    if call.header("content-type").startswith("application/x-www-form-urlencoded"):
        return f"STS {dict(urllib.parse.parse_qsl(call.body.decode())).get('Action', '')}"
    return _s3(call)


def provider_call(call: Call) -> str:
    path = call.path.partition("?")[0]
    if call.method == "POST":
        return "Provider POST"
    return "Provider GET task" if "/tasks/" in path else "Provider GET output"


def _items(body: dict) -> str:
    """The kinds of items that are meant, with the status that a task is given."""
    if "TransactItems" in body:
        parts = [next(iter(part.values())) for part in body["TransactItems"]]
        names = [_kind(part.get("Item") or part.get("Key") or {}) for part in parts]
        return "+".join(dict.fromkeys(name for name in names if name not in ("history", "outbox")))
    if "RequestItems" in body:
        keys = (key for table in body["RequestItems"].values() for key in table["Keys"])
        return "+".join(dict.fromkeys(map(_kind, keys)))
    if "IndexName" in body:
        return body["IndexName"]
    if "Key" in body or "Item" in body:
        return _kind(body.get("Item") or body["Key"])
    return ""


def _kind(item: dict) -> str:
    pk, sk = item["pk"]["S"], item["sk"]["S"]
    if pk.startswith("TASK#"):
        status = item.get("status", {}).get("S")
        return {"OUTBOX": "outbox", "TASK": f"task={status}" if status else "task"}.get(sk, "history")
    return sk.partition("#")[0].lower() + " limit" if pk == "LIMIT" else pk.partition("#")[0].lower()


def _s3(call: Call) -> str:
    path, _, text = call.path.partition("?")
    query = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
    key = urllib.parse.unquote(path.lstrip("/").partition("/")[2])
    if not key:
        return f"S3 {'ListMultipartUploads' if 'uploads' in query else 'ListObjects'}"
    if call.method == "POST":
        name = "CreateMultipartUpload" if "uploads" in query else "CompleteMultipartUpload"
    elif call.method == "DELETE":
        name = "AbortMultipartUpload" if "uploadId" in query else "DeleteObject"
    elif call.method == "PUT":
        name = "UploadPart" if "partNumber" in query else "CopyObject" if call.header("x-amz-copy-source") else "PutObject"
    else:
        name = {"GET": "GetObject", "HEAD": "HeadObject"}[call.method]
    return f"S3 {name} {_document(key)}"


def _document(key: str) -> str:
    last = key.rpartition("/")[2]
    if last in ("task.json", "status.json", "error.json", "dryrun.json"):
        return last
    area = key.partition("/")[0]
    return {"outputs": "facts" if last.endswith(".json") else "video"}.get(area, area)


def refusal(call: Call) -> Answer:
    """As the service itself says that it cannot just now, by turns the throttle and an error of its own."""
    target = call.header("x-amz-target")
    throttled = len(call.body) % 2 == 0
    if target:
        kind = "ThrottlingException" if throttled else "InternalServerError"
        body = json.dumps({"__type": f"com.amazonaws#{kind}", "message": "made up by make chaos"}).encode()
        return Answer(400 if throttled else 500, [("Content-Type", "application/x-amz-json-1.0")], body)
    kind, status = ("SlowDown", 503) if throttled else ("InternalError", 500)
    body = b"" if call.method == "HEAD" else f"<Error><Code>{kind}</Code><Message>made up by make chaos</Message></Error>".encode()
    return Answer(status, [("Content-Type", "application/xml")], body)


_SIGNATURE = re.compile(r"X-Amz-Signature=([0-9a-f]{64})")
_SESSION = re.compile(r"<(SecretAccessKey|SessionToken)>([^<]+)<")
_TOKEN = re.compile(r"_jwt=([A-Za-z0-9._-]+)")


def secrets_in(call: Call, answer: Answer) -> set[str]:
    """What of a call and its answer must never be read anywhere else."""
    texts = [call.path]
    for body in (call.body, answer.body):
        if len(body) < 1 << 16:
            texts.append(body.decode("latin-1"))
    text = "\n".join(texts)
    return {*_SIGNATURE.findall(text), *(secret for _name, secret in _SESSION.findall(text)), *_TOKEN.findall(text)}
