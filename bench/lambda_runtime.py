"""Lambda's Runtime API, and a function's JVM with the real Runtime Interface Client that talks to it."""

import contextlib
import http.server
import json
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path

from stack import prerequisites


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A function is ended while it asks for its next event."""


class FunctionFailed(Exception):
    """The function ended, or answered an event with an error."""


def java(native: Path, *more: str) -> list[str]:
    """The options of every JVM here: as the functions are run on the local AWS, and with the limits of Lambda's own runtime."""
    return [
        str(prerequisites.java_home() / "bin" / "java"),
        "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
        f"-Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI={native}",
        *more,
    ]  # fmt: skip


CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"


def compile_nothing(jars: Path, scratch: Path) -> None:
    """The function that does nothing, NoOp, into a folder."""
    compile_handler("NoOp", f"{jars}/*", scratch)


def compile_handler(name: str, classpath: str, scratch: Path) -> None:
    """A function of bench/noop into a folder."""
    javac = str(prerequisites.java_home() / "bin" / "javac")
    subprocess.run([javac, "-cp", classpath, "-d", str(scratch), str(Path(__file__).parent / "noop" / f"{name}.java")], check=True)


class Function:
    """One function in one JVM, invoked one event at a time. `with` ends it."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path, cpu: int | None = None) -> None:
        self._events: queue.Queue = queue.Queue()
        self._answers: queue.Queue = queue.Queue()
        self._ready = threading.Event()
        self._restored = threading.Event()
        self._log = log
        self._server = _Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        api = f"127.0.0.1:{self._server.server_port}"
        pinned = None if cpu is None else lambda: os.sched_setaffinity(0, {cpu})
        self.started = time.perf_counter()
        with open(log, "wb") as out:
            self._process = subprocess.Popen(command, env={**environment, "AWS_LAMBDA_RUNTIME_API": api}, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=pinned)

    def invoke(self, event: dict) -> tuple[object, float]:
        """The function's answer, and the milliseconds from handing over the event to the answer."""
        self._events.put(json.dumps(event).encode())
        while True:
            with contextlib.suppress(queue.Empty):
                kind, body, milliseconds = self._answers.get(timeout=1)
                if kind == "error":
                    raise FunctionFailed(f"The function answered with an error: {body.decode()}")
                return json.loads(body) if body else None, milliseconds
            if self._process.poll() is not None:
                raise FunctionFailed(f"The function ended with {self._process.returncode}; its log is {self._log}.")

    def wait_until_ready(self) -> None:
        """Until it asks for its first event: its handler is made by then."""
        while not self._ready.wait(timeout=1):
            if self._process.poll() is not None:
                raise FunctionFailed(f"The function ended with {self._process.returncode}; its log is {self._log}.")

    def wait_until_restored(self) -> float:
        """Until what is done before a snapshot is done, which takes place here; the seconds since the start."""
        while not self._restored.wait(timeout=1):
            if self._process.poll() is not None:
                raise FunctionFailed(f"The function ended with {self._process.returncode}; its log is {self._log}.")
        return time.perf_counter() - self.started

    def cpu_milliseconds(self) -> float:
        """What it has computed so far, over all its threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """Ends it in order, so that the JVM writes what it writes at its end."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=60)

    def __enter__(self) -> "Function":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        events, answers, ready, restored = self._events, self._answers, self._ready, self._restored

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # each answer goes out in one write
            handed_over = 0.0

            def do_GET(self) -> None:
                if self.path.endswith("/restore/next"):
                    restored.set()
                    return self._answer(200, b"", {})
                ready.set()
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
