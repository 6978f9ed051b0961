"""What only a person with an admin token decides. Pausing stops everybody, so these run after all others."""

import pytest
import runwayml

import support

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def admin():
    with support.http(support.variable("ADMIN_TOKEN")) as http:
        yield http


@pytest.fixture
def unknown(client, footage, provider):
    """A task whose paid request was answered by a reset, once the provider had taken it."""
    seed = support.new_seed()
    provider.fault(seed, "submit", "reset-after-acceptance")
    id = support.create(client, footage.body(seed=seed)).id
    shown = support.in_state(client, id, "SUBMISSION_UNKNOWN")
    assert shown["status"] == "PENDING" and shown["understudy"]["charged"] == "unknown"
    yield id
    # an order that passes, so that three of these tests in a row are not three unknowns in a row
    assert support.ended(client, support.create(client, footage.body(seed=support.new_seed())).id)["status"] == "SUCCEEDED"


def test_stack_should_stand_still_while_it_is_paused(admin, client, footage):
    # when
    paused = admin.post("/pause", json={"why": "The provider's prices changed."})
    try:
        # then
        assert paused.status_code == 200 and paused.json()["paused"] and paused.json()["byPerson"]
        assert paused.json()["reason"] and paused.json()["decisions"][0]["reason"]
        assert admin.get("/pause").json() == paused.json()
        created = support.create(client, footage.body(seed=support.new_seed()))
        deleted = support.create(client, footage.body(seed=support.new_seed()))
        assert support.validate(client, footage.body())["understudy"]["would"] == "WAIT"
        for id in (created.id, deleted.id):
            assert support.task(client, id)["status"] == "THROTTLED"
        client.tasks.delete(deleted.id)
    finally:
        resumed = admin.post("/resume", json={"why": "They are as agreed."})
    assert resumed.status_code == 200 and not resumed.json()["paused"]
    assert [decision["paused"] for decision in resumed.json()["decisions"]][:2] == [False, True]
    assert support.ended(client, created.id)["status"] == "SUCCEEDED"
    with pytest.raises(runwayml.NotFoundError):
        client.tasks.retrieve(deleted.id)


def test_unknown_submission_should_go_on_when_its_id_is_attached(admin, client, http, provider, unknown):
    (rendered,) = provider.tasks_of(unknown)
    answer = admin.post(f"/tasks/{unknown}/resolve", json={"decision": "attach", "providerTaskId": rendered["id"], "why": "It stands in the provider's list."})
    assert answer.status_code == 200 and answer.json()["understudy"]["providerTaskId"] == rendered["id"]
    assert support.ended(client, unknown)["status"] == "SUCCEEDED"
    assert provider.charges_of(unknown) == 1
    told = http.get(f"/tasks/{unknown}/history?limit=100").json()["data"]
    assert any("It stands in the provider's list." in step["sentence"] for step in told)
    # and it is decided only once
    again = admin.post(f"/tasks/{unknown}/resolve", json={"decision": "give_up", "charged": "no", "why": "Too late."})
    assert again.status_code == 409 and again.headers["x-should-retry"] == "false"


def test_new_attempt_should_be_a_second_charge_that_a_person_ordered(admin, client, provider, unknown):
    answer = admin.post(f"/tasks/{unknown}/resolve", json={"decision": "new_attempt", "why": "The shot is due."})
    assert answer.status_code == 200 and answer.json()["understudy"]["attempt"] == 2
    done = support.ended(client, unknown)
    assert done["status"] == "SUCCEEDED" and done["cost"] == {"credits": 80}
    assert provider.charges_of(unknown) == 2


@pytest.mark.parametrize(("charged", "credits"), [("yes", 40), ("no", 0)])
def test_given_up_task_should_fail_as_the_person_says(admin, client, unknown, charged, credits):
    answer = admin.post(f"/tasks/{unknown}/resolve", json={"decision": "give_up", "charged": charged, "why": "It is not worth the search."})
    assert answer.status_code == 200 and answer.json()["status"] == "FAILED" and answer.json()["cost"] == {"credits": credits}
    assert support.task(client, unknown)["understudy"]["charged"] == charged


@pytest.mark.parametrize("body", [{}, {"decision": "attach", "why": "x"}, {"decision": "give_up", "why": "x"}, {"decision": "give_up", "charged": "perhaps", "why": "x"}, {"decision": "new_attempt"}, {"decision": "shrug", "why": "x"}, {"decision": "new_attempt", "why": ""}])
def test_unclear_decision_should_be_refused(admin, client, footage, body):
    id = support.create(client, footage.body(seed=4)).id
    assert admin.post(f"/tasks/{id}/resolve", json=body).status_code == 400


def test_decision_without_a_question_should_be_409(admin, client, footage):
    id = support.create(client, footage.body(seed=5)).id
    answer = admin.post(f"/tasks/{id}/resolve", json={"decision": "new_attempt", "why": "Because."})
    assert answer.status_code == 409 and answer.headers["x-should-retry"] == "false"
    assert admin.post("/pause", json={}).status_code == 400
    assert admin.post("/tasks/00000000-0000-0000-0000-000000000000/resolve", json={"decision": "try_again", "why": "x"}).status_code == 404
