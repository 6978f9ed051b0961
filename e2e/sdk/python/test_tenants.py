"""Two tenants who try to reach each other: whatever is another's does not exist."""

import pytest
import runwayml

import support


@pytest.fixture(scope="module")
def theirs(client, footage):
    """A task that is delivered, with the key it was ordered with."""
    key = f"key-{support.new_seed()}"
    seed = support.new_seed()
    id = support.create(client, footage.body(seed=seed), extra_headers={"Idempotency-Key": key}).id
    return support.ended(client, id) | {"key": key, "seed": seed}


@pytest.fixture(scope="module")
def stranger(other):
    with support.sdk(other.token) as client:
        yield client


NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(("method", "route"), [("GET", ""), ("DELETE", ""), ("GET", "/output"), ("GET", "/history")])
def test_task_should_not_exist_for_the_other(theirs, other, client, method, route):
    with support.http(other.token) as http:
        answer, nowhere = (http.request(method, f"/tasks/{id}{route}") for id in (theirs["id"], NOWHERE))
    assert answer.status_code == 404 and answer.json() == nowhere.json()
    assert support.task(client, theirs["id"])["status"] == "SUCCEEDED"


def test_list_and_money_should_be_ones_own(theirs, other, http, tenant):
    with support.http(other.token) as strangers:
        assert theirs["id"] not in strangers.get("/tasks?limit=100").text
        assert theirs["id"] not in strangers.get(f"/tasks?limit=100&tenant={tenant.name}").text
        assert strangers.get("/usage").json()["chargedUsd"] == 0
        cursor = http.get("/tasks?limit=1").json().get("nextCursor")
        if cursor:
            assert strangers.get("/tasks", params={"cursor": cursor}).status_code == 400


def test_cursor_should_be_ones_own(theirs, other, client, http, footage):
    for _ in range(2):
        support.create(client, footage.body(seed=theirs["seed"]))
    support.create(client, footage.body(seed=support.new_seed()))
    cursor = http.get("/tasks?limit=1").json()["nextCursor"]
    history = http.get(f"/tasks/{theirs['id']}/history?limit=1").json()["nextCursor"]
    with support.http(other.token) as strangers:
        answer = strangers.get("/tasks", params={"cursor": cursor})
        assert answer.status_code == 400 and theirs["id"] not in answer.text
        assert strangers.get(f"/tasks/{theirs['id']}/history", params={"cursor": history}).status_code == 404


def test_files_should_not_exist_for_the_other(theirs, stranger, footage, tenant):
    film = theirs["understudy"]["output"]
    own = support.uploaded(stranger)
    for uri in (footage.character, tenant.s3(footage.character), f"s3://{film['bucket']}/{film['key']}", f"s3://{film['bucket']}/inputs/{theirs['id']}/character.png"):
        messages = []
        for asked in (uri, uri.replace(theirs["id"], NOWHERE) if theirs["id"] in uri else uri[:-8] + "nowhere0"):
            with pytest.raises(runwayml.BadRequestError) as refused:
                stranger.character_performance.create(**own.body() | {"character": {"type": "image", "uri": asked}})
            (issue,) = refused.value.body["issues"]
            assert issue["path"] == ["character", "uri"]
            messages.append(issue["message"].replace(asked, "").replace(asked.rpartition("/")[2], ""))
        assert messages[0] == messages[1], "one that is another's and one that is nobody's are told apart"


def test_key_and_seed_should_be_ones_own(theirs, stranger, client, footage, provider):
    own = support.uploaded(stranger)
    # the very same key, with a body that would be a conflict if it were the same key
    taken = support.create(stranger, own.body(), extra_headers={"Idempotency-Key": theirs["key"]})
    assert not taken.replayed and taken.id != theirs["id"]
    assert support.ended(stranger, taken.id)["status"] == "SUCCEEDED"
    with pytest.raises(runwayml.NotFoundError):
        client.tasks.retrieve(taken.id)
    # the very same body: https addresses are the same for everybody
    body = support.Footage("https://footage.example.invalid/c.png", "https://footage.example.invalid/r.mp4").body(seed=support.new_seed())
    first, second = support.create(client, body), support.create(stranger, body)
    assert first.id != second.id and not second.replayed


def test_admin_should_see_every_task_by_id_and_nobody_else(theirs):
    with support.sdk(support.variable("ADMIN_TOKEN")) as admin:
        assert support.task(admin, theirs["id"])["id"] == theirs["id"]


def test_token_of_the_environment_should_be_of_another_tenant(theirs):
    for name in ("API_TOKEN", "OTHER_TOKEN"):
        with support.sdk(support.variable(name)) as client, pytest.raises(runwayml.NotFoundError):
            client.tasks.retrieve(theirs["id"])
