"""Whatever bytes come in, the answer is one of the documented ones; no client library tidies these up before they are sent."""

import json
import random
import socket
from urllib.parse import urlsplit

import pytest

import support

URL = urlsplit(support.API_URL)
DOCUMENTED = {200, 204, 302, 400, 401, 402, 403, 404, 405, 409, 413, 415}


def exchange(method: bytes, path: bytes, headers: list[bytes], body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    head = b"\r\n".join([b"%s %s%s HTTP/1.1" % (method, URL.path.encode(), path), b"Host: %s" % URL.netloc.encode(), b"Connection: close", *headers])
    with socket.create_connection((URL.hostname, URL.port), timeout=60) as connection:
        connection.sendall(head + b"\r\n\r\n" + body)
        received = b""
        while more := connection.recv(65_536):
            received += more
    top, _, content = received.partition(b"\r\n\r\n")
    status, *lines = top.decode("latin-1").split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "chunked" in fields.get("transfer-encoding", ""):
        content = _unchunked(content)
    return int(status.split()[1]), fields, content


def _unchunked(content: bytes) -> bytes:
    whole = b""
    while content:
        size, _, content = content.partition(b"\r\n")
        length = int(size or b"0", 16)
        if not length:
            break
        whole, content = whole + content[:length], content[length + 2 :]
    return whole


def answer_should_be_documented(method: bytes, path: bytes, headers: list[bytes], body: bytes = b"") -> int:
    status, fields, content = exchange(method, path, headers, body)
    told = f"{method!r} {path[:80]!r} {headers!r} {body[:80]!r} was answered {status} {content[:300]!r}"
    assert status in DOCUMENTED, told
    if status >= 400:
        answer = json.loads(content)
        assert set(answer) <= {"error", "issues"} and isinstance(answer["error"], str) and len(answer["error"]) < 1_000, told
        assert "Exception" not in answer["error"] and "\tat " not in answer["error"], told
        assert fields["content-type"].startswith("application/json"), told
    return status


def token(tenant) -> bytes:
    return b"Authorization: Bearer " + tenant.token.encode()


PATHS = [
    b"/v1/tasks/../tasks/1", b"/v1/tasks/..", b"/v1/../v1/usage", b"/v1/tasks/%2e%2e/usage", b"/v1/tasks/%2E", b"/v1/tasks/%252e", b"/v1//tasks//1", b"//v1/tasks", b"/v1/tasks/", b"/v1/tasks//", b"/v1/tasks/a%2Fb", b"/v1/tasks/a%5Cb",
    b"/v1/tasks/%00", b"/v1/tasks/%ff%fe", b"/v1/tasks/%c0%ae", b"/v1/tasks/%", b"/v1/tasks/%zz", b"/v1/tasks/" + b"x" * 5_000, b"/v1/tasks/1?" + b"a=b&" * 1_000, b"/v1/tasks?limit=1&limit=2", b"/v1/tasks?tag=%ff", b"/v1/tasks?cursor=%00",
    b"/v1/tasks/1/output/", b"/v1/tasks/1/output/2", b"/v1/tasks/1;x=1", b"/V1/TASKS", b"/v1", b"/v1/", b"/", b"", b"/v2/tasks", b"/runwayml", b"/runwayml/runwayml/v1/tasks", b"/v1/tasks/{id}", b"/v1/tasks/1?%", b"/v1/tasks/'\"<script>",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: repr(path[:30]))
@pytest.mark.parametrize("method", [b"GET", b"DELETE", b"POST"])
def test_path_should_be_answered(tenant, method, path):
    answer_should_be_documented(method, path, [token(tenant), b"Content-Length: 0"])


@pytest.mark.parametrize("method", [b"HEAD", b"PUT", b"PATCH", b"QUERY", b"GET"])
def test_method_should_be_answered(tenant, method):
    if method == b"HEAD":
        assert exchange(method, b"/v1/tasks", [token(tenant)])[0] in DOCUMENTED
    else:
        answer_should_be_documented(method, b"/v1/tasks", [token(tenant), b"Content-Length: 0"])


@pytest.mark.parametrize("headers", [[b"Content-Type: application/json"], [b"Content-Type: application/json", b"Content-Length: 0"], [b"Content-Type: text/plain", b"Content-Length: 1"], [b"Content-Type: \xff", b"Content-Length: 0"]])
def test_delete_should_not_mind_a_content_type(tenant, headers):
    body = b"x" if b"Content-Length: 1" in headers else b""
    assert answer_should_be_documented(b"DELETE", b"/v1/tasks/00000000-0000-0000-0000-000000000000", [token(tenant), *headers], body) == 404


@pytest.mark.parametrize("header", [b"Authorization: ", b"Authorization: Bearer", b"Authorization: Bearer  ", b"Authorization: Basic eDp4", b"Authorization: Bearer \xff\xfe", b"Authorization: bearer x", b"Authorization: Bearer " + b"x" * 4_000, b"X-Nothing: 1"])
def test_wrong_authorisation_should_be_401(header):
    assert answer_should_be_documented(b"GET", b"/v1/tasks", [header]) == 401


@pytest.mark.parametrize("header", [b"X-Stainless-Retry-Count: -1", b"X-Stainless-Retry-Count: 99999999999999999999", b"X-Stainless-Retry-Count: x", b"X-Stainless-Retry-Count: ", b"Idempotency-Key: \xff", b"Idempotency-Key: ", b"Accept: text/html", b"Content-Encoding: gzip", b"X-Runway-Version: never", b"Expect: nothing"])
def test_header_should_be_answered(tenant, header):
    answer_should_be_documented(b"POST", b"/v1/character_performance", [token(tenant), header, b"Content-Type: application/json", b"Content-Length: 2"], b"{}")


def test_random_bodies_should_be_answered(tenant):
    chance = random.Random(180913)
    valid = json.dumps({"model": "act_two", "character": {"type": "image", "uri": "https://footage.example/c.png"}, "reference": {"type": "video", "uri": "https://footage.example/r.mp4"}, "ratio": "1280:720", "seed": 7}).encode()
    for _ in range(120):
        body = bytearray(valid)
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(body))
            match chance.randrange(4):
                case 0:
                    body[at] = chance.randrange(256)
                case 1:
                    del body[at : at + chance.randrange(1, 12)]
                case 2:
                    body[at:at] = chance.randbytes(chance.randrange(1, 6))
                case 3:
                    body[at:at] = body[at : at + chance.randrange(1, 40)]
        # asked for, not ordered: a body that is still valid costs nothing
        answer_should_be_documented(b"POST", b"/v1/character_performance?validate=true", [token(tenant), b"Content-Type: application/json", b"Content-Length: %d" % len(body)], bytes(body))
