"""The running stack as its environment names it (`. .local/test/stack.env`), and what the tests share."""

import contextlib
import dataclasses
import functools
import itertools
import os
import random
import re
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import imageio_ffmpeg
from pydantic import TypeAdapter
from runwayml import DefaultAsyncHttpxClient, DefaultHttpxClient, AsyncRunwayML, RunwayML
from runwayml.types.character_performance_create_response import CharacterPerformanceCreateResponse
from runwayml.types.task_retrieve_response import TaskRetrieveResponse

from contract import Contract

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "local" / "sample"
FIXTURES = ROOT / "functions" / "core" / "src" / "test" / "resources" / "media"
CHARACTER = SAMPLE / "character.png"
REFERENCE = SAMPLE / "reference.mp4"
PATIENCE = 240
"""Seconds in which whatever has to come must have come."""

_SEEDS = itertools.count(random.randrange(1, 4_000_000) * 1_000)


def variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: docs/testing.md says which stack these tests need.")
    return value


def new_seed() -> int:
    """A seed that no other order has, so that the provider's ledger and faults tell them apart."""
    return next(_SEEDS)


def eventually(what: str, look, patience: float = PATIENCE, every: float = 1.0):
    """Looks until there is something to see, which is the answer."""
    end = time.monotonic() + patience
    while not (seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"After {patience:.0f} s it is not so that {what}.")
        time.sleep(every)
    return seen


# The API

API_URL = os.environ.get("API_URL", "").rstrip("/")


@functools.cache
def contract() -> Contract:
    return Contract(API_URL)


def sdk(token: str, base_url: str | None = None, **options) -> RunwayML:
    """Runway's own client. Every answer it gets is held against our OpenAPI document."""
    return RunwayML(api_key=token, base_url=base_url or variable("API_URL"), http_client=DefaultHttpxClient(event_hooks={"response": [contract().check]}), **options)


def async_sdk(token: str, **options) -> AsyncRunwayML:
    async def check(response: httpx.Response) -> None:
        await response.aread()
        contract().check(response)

    return AsyncRunwayML(api_key=token, base_url=variable("API_URL"), http_client=DefaultAsyncHttpxClient(event_hooks={"response": [check]}), **options)


class _Patient(httpx.HTTPTransport):
    """Sends again what is answered with 503, once its Retry-After is over, as Runway's clients do: the local AWS is sometimes busy for longer than a function waits for it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        for _ in range(2):
            if answer.status_code != 503:
                break
            answer.read()
            time.sleep(int(answer.headers["Retry-After"]))
            answer = super().handle_request(request)
        return answer


def http(token: str) -> httpx.Client:
    """For the routes that Runway's client does not know. Paths are relative to /v1."""
    return httpx.Client(
        base_url=f"{API_URL}/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60, transport=_Patient(), event_hooks={"response": [contract().check]}
    )


_TASK = TypeAdapter(TaskRetrieveResponse)
_STATUS_CLASS = {"PENDING": "Pending", "THROTTLED": "Throttled", "RUNNING": "Running", "SUCCEEDED": "Succeeded", "FAILED": "Failed"}


def task(client: RunwayML, id: str) -> dict:
    """The task as JSON, after it was read strictly as the SDK's own type: nothing missing, nothing coerced, and nothing added but `understudy`."""
    raw = client.tasks.with_raw_response.retrieve(id)
    body = raw.http_response.json()
    typed = _TASK.validate_json(raw.http_response.content, strict=True)
    assert type(typed).__name__ == _STATUS_CLASS[body["status"]], f"{body['status']} is read as {type(typed).__name__}"
    assert set(typed.model_extra or {}) == {"understudy"}
    for cost in ("cost", "estimated_cost"):
        assert not (getattr(typed, cost, None) or typed).model_extra.keys() - {"understudy"}
    return body


def ended(client: RunwayML, id: str) -> dict:
    """The task once it has ended, looking more often than the SDK does."""
    seen = []

    def look():
        seen.append(task(client, id))
        return seen[-1]["status"] in ("SUCCEEDED", "FAILED")

    eventually(f"task {id} has ended", look)
    return seen[-1]


def in_state(client: RunwayML, id: str, *states: str) -> dict:
    """The task once its real status is one of these."""
    return eventually(f"task {id} is {' or '.join(states)}", lambda: (seen := task(client, id))["understudy"]["status"] in states and seen, every=0.5)


@dataclasses.dataclass(frozen=True)
class Accepted:
    id: str
    replayed: bool


def create(client: RunwayML, body: dict, **options) -> Accepted:
    """Orders through the SDK and says whether the answer was an earlier order's."""
    raw = client.character_performance.with_raw_response.create(**body, **options)
    typed = CharacterPerformanceCreateResponse.model_validate_json(raw.http_response.content, strict=True)
    assert not typed.model_extra and typed.estimated_cost.credits == 40
    return Accepted(typed.id, raw.headers.get("Idempotent-Replayed") == "true")


def validate(client: RunwayML, body: dict) -> dict:
    """What an order would cost and do, without ordering."""
    answer = client.character_performance.with_raw_response.create(**body, extra_query={"validate": "true"}).http_response.json()
    assert answer["valid"] is True
    return answer


def usage(token: str) -> dict:
    with http(token) as client:
        return client.get("/usage").raise_for_status().json()


# Tenants


@dataclasses.dataclass(frozen=True)
class Tenant:
    name: str
    token: str

    def s3(self, runway_uri: str) -> str:
        """The same upload as an address in the bucket."""
        return f"s3://{variable('BUCKET')}/uploads/{self.name}/{runway_uri.removeprefix('runway://')}"


def new_tenant(purpose: str, **limits) -> Tenant:
    """A tenant of its own, made as a person makes one: `make token TENANT=… CAP=… INFLIGHT=… ADMIN=1`."""
    name = f"{purpose}-{random.randrange(16**6):06x}"
    wanted = {"TENANT": name, **{key.upper(): str(value) for key, value in limits.items()}}
    environment = {**os.environ, "STACK": variable("STACK_NAME"), **wanted}
    done = subprocess.run(["make", "-s", "token"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = re.search(r"understudy_[A-Za-z0-9_-]{43}", done.stdout)
    assert done.returncode == 0 and found, f"make token {wanted}: {done.stdout}{done.stderr}"
    return Tenant(name, found[0])


# Footage


@dataclasses.dataclass(frozen=True)
class Footage:
    character: str
    reference: str

    def body(self, **more) -> dict:
        return {"model": "act_two", "character": {"type": "image", "uri": self.character}, "reference": {"type": "video", "uri": self.reference}, **more}


def upload(client: RunwayML, file: Path, **options) -> str:
    return client.uploads.create_ephemeral(file=file, **options).uri


def uploaded(client: RunwayML) -> Footage:
    return Footage(upload(client, CHARACTER), upload(client, REFERENCE))


def download(url: str) -> bytes:
    answer = httpx.get(url, timeout=60)
    answer.raise_for_status()
    assert answer.headers["Content-Type"] == "video/mp4"
    return answer.content


def play(film: bytes, folder: Path) -> str:
    """Decodes every frame and sample, and answers with what ffmpeg says of the file."""
    file = folder / "film.mp4"
    file.write_bytes(film)
    done = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-xerror", "-i", str(file), "-f", "null", "-"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


# The simulated provider


class Provider:
    """Its back door: faults, and the ledger of what it charged."""

    def __init__(self) -> None:
        self._http = httpx.Client(base_url=variable("PROVIDER_URL"), timeout=30)

    def fault(self, seed: int, on: str, action: str, **more) -> None:
        self._http.post("/admin/faults", json={"seed": seed, "on": on, "action": action, **more}).raise_for_status()

    def tasks_of(self, *ids: str) -> list[dict]:
        """What it rendered for tasks of ours, told by the pinned input it fetched and by none of our records."""
        return [one for one in self._ledger()["tasks"] if any(f"/inputs/{id}/" in one["character"] for id in ids)]

    def charges_of(self, *ids: str) -> int:
        ledger = self._ledger()
        theirs = {one["id"] for one in ledger["tasks"] if any(f"/inputs/{id}/" in one["character"] for id in ids)}
        return sum(charge["providerTaskId"] in theirs for charge in ledger["charges"])

    def charges_of_seed(self, seed: int) -> int:
        return len(self._ledger(f"?seed={seed}")["charges"])

    def _ledger(self, query: str = "") -> dict:
        return self._http.get(f"/admin/ledger{query}").raise_for_status().json()


def most_at_once(tasks: list[dict]) -> int:
    """The most of these that were unfinished at the provider at one moment."""
    moments = sorted([(one["acceptedAt"], 1) for one in tasks] + [(one["finishedAt"], -1) for one in tasks])
    return max(itertools.accumulate(step for _, step in moments))


# A connection that breaks


class Proxy:
    """Stands between a client and the API, and spoils creates.

    `spoil(n, send)` handles the n-th create, counted from 1: it may call `send`, which answers with (status, headers, body), and returns what the
    client shall get, or None to cut the connection.
    """

    def __init__(self, spoil) -> None:
        self._spoil = spoil
        self._upstream = urlsplit(API_URL)
        self._count = itertools.count(1)
        self.retry_counts: list[str | None] = []
        """The X-Stainless-Retry-Count of each create, in the order of their coming."""

    @contextlib.contextmanager
    def running(self):
        import http.server
        import socket
        import struct

        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _relay(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))

                def send():
                    return proxy._send(self.command, self.path, dict(self.headers), body)

                if self.command == "POST" and self.path.startswith("/v1/character_performance"):
                    proxy.retry_counts.append(self.headers.get("X-Stainless-Retry-Count"))
                    answer = proxy._spoil(next(proxy._count), send)
                else:
                    answer = send()
                self.close_connection = True
                if answer is None:
                    # lingering for no time at all is what makes it a reset and not an end
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                status, headers, content = answer
                with contextlib.suppress(OSError):  # a client that has gone away is what some tests are about
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _relay

            def log_message(self, *_) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_) -> None:
                pass

        with Server(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()

    def _send(self, method: str, path: str, headers: dict, body: bytes):
        passed = {name: value for name, value in headers.items() if name.lower() not in ("host", "connection", "content-length", "accept-encoding")}
        answer = httpx.request(method, f"{self._upstream.geturl()}{path}", headers=passed, content=body, timeout=60)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in ("content-length", "transfer-encoding", "connection", "content-encoding", "date", "server")}
        return answer.status_code, kept, answer.content
