"""An order that is sent again is not paid again; a second take that is meant is."""

import threading

import pytest
from runwayml import ConflictError

import support


def new_body(footage, with_seed: bool) -> dict:
    """A body that nobody else sends: what makes two sends the same order is the body."""
    return footage.body(seed=support.new_seed()) if with_seed else footage.body(extra_body={"tags": [f"t{support.new_seed()}"]})


with_and_without_a_seed = pytest.mark.parametrize("with_seed", [True, False], ids=["seed", "no seed"])


def paid_once(client, provider, *ids: str) -> None:
    (id,) = set(ids)
    assert support.ended(client, id)["status"] == "SUCCEEDED"
    assert provider.charges_of(id) == 1


def orders(http, body: dict) -> list[str]:
    """The tasks that came of a body with a tag of its own."""
    return [task["id"] for task in http.get("/tasks", params={"tag": body["extra_body"]["tags"][0]}).json()["data"]]


def test_body_with_a_seed_should_be_one_order_however_often_it_is_sent(client, footage, seed, provider):
    first = support.create(client, footage.body(seed=seed))
    again = support.create(client, footage.body(seed=seed))
    assert not first.replayed and again.replayed
    assert support.validate(client, footage.body(seed=seed))["understudy"] | {"sentence": ""} == {"would": "REPLAY", "sentence": "", "taskId": first.id, "warnings": []}
    paid_once(client, provider, first.id, again.id)
    assert provider.charges_of_seed(seed) == 1
    # also once it is there
    assert support.create(client, footage.body(seed=seed)) == support.Accepted(first.id, True)


def test_key_should_be_one_order_and_refuse_another_body(client, footage, provider):
    key = {"Idempotency-Key": f"key-{support.new_seed()}"}
    body = new_body(footage, False)
    first = support.create(client, body, extra_headers=key)
    again = support.create(client, body, extra_headers=key)
    assert first.id == again.id and again.replayed

    answers = []
    with support.sdk(client.api_key) as other_body:
        other_body._client.event_hooks["response"].append(lambda response: answers.append(response))
        with pytest.raises(ConflictError) as conflict:
            other_body.character_performance.create(**body | {"ratio": "960:960"}, extra_headers=key)
    assert len(answers) == 1, "a conflict is not sent again"
    assert conflict.value.response.headers["x-should-retry"] == "false" and conflict.value.body["error"]
    paid_once(client, provider, first.id, again.id)


def test_fresh_key_should_be_a_new_order_of_the_same_body(client, footage, seed, provider):
    first = support.create(client, footage.body(seed=seed))
    second = support.create(client, footage.body(seed=seed), extra_headers={"Idempotency-Key": f"key-{seed}"})
    assert first.id != second.id and not second.replayed
    for id in (first.id, second.id):
        assert support.ended(client, id)["status"] == "SUCCEEDED"
    assert provider.charges_of_seed(seed) == 2


def test_second_take_should_be_a_second_order(client, http, footage, provider):
    body = new_body(footage, False)
    first, second = support.create(client, body), support.create(client, body)
    assert first.id != second.id and not second.replayed
    assert sorted(orders(http, body)) == sorted([first.id, second.id])
    for id in (first.id, second.id):
        assert support.ended(client, id)["status"] == "SUCCEEDED"
    assert provider.charges_of(first.id, second.id) == 2


@with_and_without_a_seed
def test_order_should_be_paid_once_when_its_answers_are_lost(tenant, client, http, footage, provider, with_seed):
    # given a connection that is cut twice where the answer would come
    sent = []

    def spoil(n, send):
        sent.append(send())
        return sent[-1] if n == 3 else None

    body = new_body(footage, with_seed)
    proxy = support.Proxy(spoil)
    with proxy.running() as url, support.sdk(tenant.token, base_url=url) as behind:
        # when
        created = behind.character_performance.create(**body)

    # then
    assert proxy.retry_counts == ["0", "1", "2"] and [status for status, _, _ in sent] == [200, 200, 200]
    if not with_seed:
        assert orders(http, body) == [created.id]
    paid_once(client, provider, created.id)


@with_and_without_a_seed
def test_order_should_be_paid_once_when_its_answer_comes_after_the_next_send(tenant, client, http, footage, provider, with_seed):
    # given an answer that is held back until the SDK has given up and sent again
    sent_again = threading.Event()

    def spoil(n, send):
        answer = send()
        if n == 1:
            sent_again.wait(60)
        else:
            sent_again.set()
        return answer

    body = new_body(footage, with_seed)
    proxy = support.Proxy(spoil)
    with proxy.running() as url, support.sdk(tenant.token, base_url=url, timeout=15) as behind:
        created = behind.character_performance.create(**body)
    assert proxy.retry_counts == ["0", "1"]
    if not with_seed:
        assert orders(http, body) == [created.id]
    paid_once(client, provider, created.id)


@with_and_without_a_seed
@pytest.mark.parametrize("together", [False, True], ids=["after the next", "together with the next"])
def test_order_should_be_paid_once_when_its_first_send_arrives_late(tenant, client, http, footage, provider, with_seed, together):
    # given a first send that arrives after the second, or at the same moment
    second_came, late = threading.Event(), []

    def spoil(n, send):
        if n == 1:
            second_came.wait(60)
            late.append(send())
            return None
        if together:
            second_came.set()
        answer = send()
        second_came.set()
        return answer

    body = new_body(footage, with_seed)
    proxy = support.Proxy(spoil)
    with proxy.running() as url, support.sdk(tenant.token, base_url=url, timeout=15) as behind:
        created = behind.character_performance.create(**body)
        support.eventually("the late send was answered", lambda: late, 60)
    assert late[0][0] == 200 and created.id.encode() in late[0][2]
    if not with_seed:
        assert orders(http, body) == [created.id]
    paid_once(client, provider, created.id)


@pytest.mark.parametrize("status", [429, 503])
def test_order_should_be_taken_when_the_gateway_turns_its_first_sends_away(tenant, client, footage, provider, status):
    # given what API Gateway itself answers
    def spoil(n, send):
        return send() if n == 3 else (status, {"Content-Type": "application/json"}, b'{"message":"Too Many Requests"}')

    with support.Proxy(spoil).running() as url, support.sdk(tenant.token, base_url=url) as behind:
        behind._client.event_hooks["response"].clear()
        created = behind.character_performance.create(**new_body(footage, False))
    paid_once(client, provider, created.id)
