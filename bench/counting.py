"""Stands between a function and the local AWS: counts each call, and the time until it is answered."""

import http.client
import http.server
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

_OWN = {"connection", "content-length", "transfer-encoding", "date", "server"}


class Counting:
    """A proxy with a URL of its own. `with` ends it."""

    def __init__(self, endpoint: str) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._milliseconds = 0.0
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler(urlsplit(endpoint)))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def taken(self) -> tuple[Counter[str], float]:
        """The calls since the last time, and the milliseconds that the function waited for them."""
        with self._lock:
            taken = self._calls, self._milliseconds
            self._calls, self._milliseconds = Counter(), 0.0
            return taken

    def __enter__(self) -> "Counting":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, upstream) -> type[http.server.BaseHTTPRequestHandler]:
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def setup(self) -> None:
                super().setup()
                self.there = http.client.HTTPConnection(upstream.hostname, upstream.port)

            def finish(self) -> None:
                self.there.close()
                super().finish()

            def forward(self) -> None:
                began = time.perf_counter()
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.there.request(self.command, self.path, body, dict(self.headers.items()))
                answer = self.there.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _OWN:
                        self.send_header(name, value)
                # to a HEAD, the length of what a GET would bring
                self.send_header("Content-Length", answer.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()
                with outer._lock:
                    outer._calls[self._name()] += 1
                    outer._milliseconds += (time.perf_counter() - began) * 1000

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

            def _name(self) -> str:
                target = self.headers.get("X-Amz-Target", "")
                service, _, operation = target.rpartition(".")
                return f"{service.partition('_')[0].replace('AWSStepFunctions', 'StepFunctions')}.{operation}" if operation else f"{self.command} {self.path.partition('?')[0]}"

            def log_message(self, *_: object) -> None:
                pass

        return Handler
