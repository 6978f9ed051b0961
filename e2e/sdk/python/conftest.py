import functools
import http.server
import threading

import pytest

import support

FIRST = ("test_bursts", "test_examples")
"""What takes longest is begun first, so that the rest runs beside it."""


def pytest_collection_modifyitems(items) -> None:
    items.sort(key=lambda item: item.module.__name__ not in FIRST)


@pytest.fixture(scope="session")
def tenant() -> support.Tenant:
    """Whose token the tests use if they need no other's. Each worker has its own."""
    return support.new_tenant("py")


@pytest.fixture(scope="session")
def other() -> support.Tenant:
    return support.new_tenant("py-other")


@pytest.fixture(scope="session")
def client(tenant):
    with support.sdk(tenant.token) as client:
        yield client


@pytest.fixture(scope="session", name="http")
def http_client(tenant):
    with support.http(tenant.token) as client:
        yield client


@pytest.fixture(scope="session")
def footage(client) -> support.Footage:
    return support.uploaded(client)


@pytest.fixture
def seed() -> int:
    return support.new_seed()


@pytest.fixture(scope="session")
def sample_server() -> str:
    """The address of a server that has the sample's files."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=support.SAMPLE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def provider() -> support.Provider:
    return support.Provider()
