"""Lets containers reach what listens on 127.0.0.1, for as long as they need it."""

import contextlib
import errno
import socket
import threading
from collections.abc import Iterable, Iterator

from stack.console import Failure
from stack.containers import Unavailable
from stack.emulator import taken


class Relay:
    """Listens on another address of this machine, on the same port, and hands on every byte both ways."""

    def __init__(self, address: str, port: int) -> None:
        self.used = False
        """Whether anybody has come."""
        self._port = port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        try:
            self._listener = socket.create_server((address, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise Unavailable(f"this machine does not have the address {address} of Docker's default network; an engine that is rootless, or in a virtual machine, keeps it to itself") from error
            raise Failure(f"Port {port} of {address}, where containers reach this machine, cannot be listened on ({error.strerror}): end the program that has it, or choose another PORT.") from error
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with self._lock:
            ended = [self._listener, *self._open]
        for one in ended:
            # A thread that waits for it is woken by a shutdown, and not by a close.
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                self.used = True
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=10) as far:
            far.settimeout(None)
            for side in (near, far):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {near, far}
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            _pump(near, far)
            back.join()
            with self._lock:
                self._open -= {near, far}


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Until the source says that it has no more, which is handed on, too."""
    with contextlib.suppress(OSError):
        while received := source.recv(65536):
            sink.sendall(received)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def opened(address: str, ports: Iterable[int]) -> Iterator[list[Relay]]:
    """One for each port that does not answer there already, as those of other containers do."""
    with contextlib.ExitStack() as all_of_them:
        relays: list[Relay] = []
        for port in sorted(ports):
            if taken(port, address):
                continue
            relays.append(Relay(address, port))
            all_of_them.callback(relays[-1].close)
        yield relays
