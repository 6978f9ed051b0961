"""Lists, timelines and money."""

import re

import pytest

import support


@pytest.fixture(scope="module")
def library():
    """A tenant with five tasks: three wait behind one that is rendering, one failed."""
    tenant = support.new_tenant("py-library", inflight=1)
    provider = support.Provider()
    with support.sdk(tenant.token) as client:
        footage = support.uploaded(client)
        bad = support.new_seed()
        provider.fault(bad, "task", "fail", code="ASSET.INVALID")
        provider.fault(bad, "task", "render", seconds=0.2)
        ids = [support.create(client, footage.body(seed=bad)).id]
        support.ended(client, ids[0])
        slow = support.new_seed()
        provider.fault(slow, "task", "render", seconds=30)
        for seed in (slow, *(support.new_seed() for _ in range(3))):
            ids.append(support.create(client, footage.body(seed=seed), extra_body={"tags": ["even" if len(ids) % 2 == 0 else "odd", "all"]}).id)
        support.in_state(client, ids[1], "SUBMITTED")
        yield tenant, client, ids
        for id in reversed(ids[2:]):
            client.tasks.delete(id)


def pages(http, path: str, **wanted) -> list[dict]:
    seen, cursor = [], None
    while True:
        page = http.get(path, params=wanted | ({"cursor": cursor} if cursor else {})).raise_for_status().json()
        assert len(page["data"]) <= wanted["limit"]
        seen += page["data"]
        if not (cursor := page.get("nextCursor")):
            return seen


def test_list_should_be_complete_in_pages_of_any_size(library):
    tenant, _, ids = library
    with support.http(tenant.token) as http:
        newest_first = list(reversed(ids))
        for limit in (1, 2, 3, 100):
            assert [task["id"] for task in pages(http, "/tasks", limit=limit)] == newest_first
        assert [task["id"] for task in http.get("/tasks").json()["data"]] == newest_first


def test_list_should_be_filtered(library):
    tenant, _, ids = library
    with support.http(tenant.token) as http:
        for wanted, found in (({"status": "THROTTLED"}, ids[2:]), ({"status": "QUEUED", "tag": "even"}, [ids[2], ids[4]]), ({"status": "FAILED"}, ids[:1]), ({"tag": "all"}, ids[1:]), ({"tag": "none"}, []), ({"status": "CANCELLED"}, []), ({"status": "SUCCEEDED", "tag": "all"}, [])):
            for limit in (1, 10):
                assert sorted(task["id"] for task in pages(http, "/tasks", limit=limit, **wanted)) == sorted(found), wanted


def test_timeline_should_tell_every_step(library):
    tenant, _, ids = library
    with support.http(tenant.token) as http:
        steps = pages(http, f"/tasks/{ids[0]}/history", limit=2)
        assert [step["version"] for step in steps] == sorted(step["version"] for step in steps)
        assert steps[0]["status"] == "QUEUED" and steps[-1]["status"] == "FAILED" and all(step["sentence"] for step in steps)


def test_usage_should_account_for_every_task(library):
    tenant, _, _ = library
    used = support.usage(tenant.token)
    assert used["reservedUsd"] + used["chargedUsd"] == pytest.approx(1.60) and used["unknownUsd"] == pytest.approx(0.40)
    assert used["remainingUsd"] == pytest.approx(used["capUsd"] - 2.00)
    assert used["places"] == {"inFlight": 1, "waiting": 3, "maxInFlight": 1} and re.fullmatch(r"\d{4}-\d\d", used["month"])
    with support.http(tenant.token) as http:
        assert http.get("/usage", params={"month": "2020-01"}).json()["chargedUsd"] == 0


def test_open_routes_should_need_no_token():
    import httpx

    for path in ("/health", "/v1/health", "/runwayml/v1/openapi.json", "/openapi.json"):
        answer = httpx.get(f"{support.API_URL}{path}")
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/json")
    assert httpx.get(f"{support.API_URL}/health").json() == {"status": "ok"}
