"""Lambda's Runtime API, and a function's JVM with the real Runtime Interface Client that talks to it."""

import contextlib
import http.server
import json
import queue
import subprocess
import threading
import time
from pathlib import Path

_PREFIX = "/2018-06-01/runtime/"


class FunctionFailed(Exception):
    """The function ended, or answered an event with an error."""


class Function:
    """One function in one JVM, invoked one event at a time. `with` ends it."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._events: queue.Queue = queue.Queue()
        self._answers: queue.Queue = queue.Queue()
        self._log = log
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        api = f"127.0.0.1:{self._server.server_port}"
        with open(log, "wb") as out:
            self._process = subprocess.Popen(command, env={**environment, "AWS_LAMBDA_RUNTIME_API": api}, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def invoke(self, event: dict) -> tuple[object, float]:
        """The function's answer, and the milliseconds from handing over the event to the answer."""
        self._events.put(json.dumps(event).encode())
        while True:
            with contextlib.suppress(queue.Empty):
                kind, body, milliseconds = self._answers.get(timeout=1)
                if kind == "error":
                    raise FunctionFailed(f"The function answered with an error: {body.decode()}")
                return json.loads(body), milliseconds
            if self._process.poll() is not None:
                raise FunctionFailed(f"The function ended with {self._process.returncode}; its log is {self._log}.")

    def __enter__(self) -> "Function":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        events, answers = self._events, self._answers

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # each answer goes out in one write
            handed_over = 0.0

            def do_GET(self) -> None:
                body = events.get()
                type(self).handed_over = time.perf_counter()
                self._answer(
                    200,
                    body,
                    {
                        "Lambda-Runtime-Aws-Request-Id": "00000000-0000-4000-8000-000000000000",
                        "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 29_000),
                        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:000000000000:function:bench",
                    },
                )

            def do_POST(self) -> None:
                milliseconds = (time.perf_counter() - type(self).handed_over) * 1000
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answers.put(("response" if self.path.endswith("/response") else "error", body, milliseconds))
                self._answer(202, b'{"status":"OK"}', {})

            def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
