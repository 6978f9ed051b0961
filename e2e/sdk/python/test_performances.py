"""From the order to the film, and every way a task ends, as Runway's Python SDK sees it."""

import asyncio
import base64
import re
import threading

import httpx
import pytest
import runwayml
from runwayml import NotFoundError, TaskFailedError

import support
from support import API_URL, CHARACTER, FIXTURES, REFERENCE


def test_performance_should_be_delivered_and_play(client, http, footage, seed, provider, tmp_path):
    # when
    created = client.character_performance.create(**footage.body(seed=seed, body_control=True, expression_intensity=4, ratio="1280:720", content_moderation={"public_figure_threshold": "low"}), extra_body={"tags": ["hero", "take"]})
    first = support.task(client, created.id)
    done = created.wait_for_task_output()

    # then the SDK has what it promises
    assert created.estimated_cost.credits == 40
    assert first["status"] in ("PENDING", "THROTTLED", "RUNNING") and first["estimatedCost"] == {"credits": 40}
    assert done.status == "SUCCEEDED" and done.cost.credits == 40
    film = support.download(done.output[0])
    said = support.play(film, tmp_path)
    assert re.search(r"Video: h264.* 1280x720", said) and "Audio: aac" in said

    # and our own part says the rest
    shown = support.task(client, created.id)["understudy"]
    assert shown["status"] == "SUCCEEDED" and shown["charged"] == "yes" and shown["attempt"] == 1 and shown["polls"] >= 1
    assert shown["tags"] == ["hero", "take"] and shown["output"]["bytes"] == len(film) and re.fullmatch("[0-9a-f]{64}", shown["output"]["sha256"])
    assert [task["id"] for task in provider.tasks_of(created.id)] == [shown["providerTaskId"]]
    assert provider.charges_of(created.id) == 1

    # and the lasting link leads to the same film
    link = http.get(f"/tasks/{created.id}/output")
    assert link.status_code == 302 and support.download(link.headers["Location"]) == film

    # and each look gives a fresh address
    assert done.output[0].partition("?")[0] == support.task(client, created.id)["output"][0].partition("?")[0]


@pytest.mark.parametrize("prefix", ["", "/runwayml"])
def test_route_should_answer_alike_below_both_prefixes(tenant, footage, prefix):
    with support.sdk(tenant.token, base_url=f"{API_URL}{prefix}/") as client:
        assert support.validate(client, footage.body())["understudy"]["would"] in ("START", "WAIT")


def test_data_uris_should_be_rendered(client, seed, provider):
    # given
    def data(file, media):
        return f"data:{media};base64,{base64.b64encode(file.read_bytes()).decode()}"

    # when
    created = support.create(client, support.Footage(data(CHARACTER, "image/png"), data(REFERENCE, "video/mp4")).body(seed=seed))

    # then
    assert support.ended(client, created.id)["status"] == "SUCCEEDED"
    assert provider.charges_of(created.id) == 1


def test_s3_addresses_should_be_rendered_and_a_film_can_be_the_next_character(client, tenant, seed, provider):
    # given files in the bucket
    character, reference = (tenant.s3(support.upload(client, file)) for file in (CHARACTER, REFERENCE))
    first = support.create(client, support.Footage(character, reference).body(seed=seed))
    film = support.ended(client, first.id)["understudy"]["output"]

    # when what was delivered is used again
    body = {"model": "act_two", "character": {"type": "video", "uri": f"s3://{film['bucket']}/{film['key']}"}, "reference": {"type": "video", "uri": reference}, "seed": seed, "ratio": "720:1280"}
    second = support.create(client, body)

    # then
    assert support.ended(client, second.id)["status"] == "SUCCEEDED"
    assert provider.charges_of(first.id, second.id) == 2


def test_https_addresses_should_be_rendered(client, seed, provider, sample_server):
    # given a server that the provider reaches under another name, as nothing here speaks TLS
    provider.fault(seed, "inputs", "elsewhere", value=sample_server)
    body = support.Footage("https://footage.example/character.png?signature=secret", "https://footage.example/reference.mp4").body(seed=seed)

    # when
    created = client.character_performance.create(**body)

    # then
    assert created.wait_for_task_output().status == "SUCCEEDED"
    assert "secret" not in str(support.task(client, created.id))
    assert provider.charges_of_seed(seed) == 1


def test_https_address_should_be_checked_by_the_provider_free_of_charge(client, seed, provider):
    # given an address that nobody answers
    body = support.Footage("https://footage.example.invalid/character.png", "https://footage.example.invalid/reference.mp4").body(seed=seed)

    # when
    created = client.character_performance.create(**body)
    with pytest.raises(TaskFailedError) as failed:
        created.wait_for_task_output()

    # then
    details = failed.value.task_details
    assert details.cost.credits == 0 and "fetch" in details.failure
    shown = support.task(client, created.id)
    assert shown["understudy"]["charged"] == "no" and "footage.example.invalid" not in str(shown["understudy"]["character"])
    assert provider.charges_of_seed(seed) == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"action": "fail", "code": "INTERNAL.BAD_OUTPUT.CODE01", "message": "The model gave nothing usable."}, "INTERNAL.BAD_OUTPUT.CODE01"),
        ({"action": "fail", "code": "SAFETY.INPUT.IMAGE", "message": "Moderated."}, "SAFETY.INPUT.IMAGE"),
        ({"action": "cancel"}, "PROVIDER.CANCELLED"),
    ],
    ids=["failed", "moderated", "cancelled at the provider"],
)
def test_wait_should_end_with_the_failure(client, footage, seed, provider, fault, code):
    # given
    provider.fault(seed, "task", **fault)

    # when
    created = client.character_performance.create(**footage.body(seed=seed))
    with pytest.raises(TaskFailedError) as failed:
        created.wait_for_task_output()

    # then
    details = failed.value.task_details
    assert details.status == "FAILED" and details.failure_code == code and len(details.failure) > 20
    shown = support.task(client, created.id)
    assert shown["understudy"]["charged"] == "unknown" and shown["cost"] == {"credits": 40}
    with support.http(client.api_key) as http:
        refused = http.get(f"/tasks/{created.id}/output")
    assert refused.status_code == 409 and refused.headers["x-should-retry"] == "false"


def test_wait_should_live_through_throttling_at_the_provider(client, footage, seed, provider):
    provider.fault(seed, "task", "throttle", seconds=60)
    created = client.character_performance.create(**footage.body(seed=seed))
    shown = support.in_state(client, created.id, "SUBMITTED")
    assert shown["status"] in ("PENDING", "THROTTLED")
    assert created.wait_for_task_output().status == "SUCCEEDED"


def test_async_client_should_end_its_wait_for_every_end(tenant, footage, provider):
    async def orders():
        good, bad = support.new_seed(), support.new_seed()
        provider.fault(bad, "task", "fail", code="ASSET.INVALID")
        async with support.async_sdk(tenant.token) as client:
            created = [await client.character_performance.create(**footage.body(seed=seed)) for seed in (good, bad)]
            done, failed = await asyncio.gather(*(one.wait_for_task_output() for one in created), return_exceptions=True)
            assert done.status == "SUCCEEDED" and done.output
            assert isinstance(failed, TaskFailedError) and failed.task_details.failure_code == "ASSET.INVALID"

    asyncio.run(orders())


def test_waiting_task_should_be_throttled_then_cancelled_with_its_money_back(footage, provider):
    # given a tenant with one place, which is taken
    tenant = support.new_tenant("py-one", inflight=1)
    with support.sdk(tenant.token) as client:
        own = support.uploaded(client)
        slow, quick = support.new_seed(), support.new_seed()
        provider.fault(slow, "task", "render", seconds=12)
        holder = client.character_performance.create(**own.body(seed=slow))
        goes_on = client.character_performance.create(**own.body(seed=quick))
        cancelled = client.character_performance.create(**own.body(seed=support.new_seed()))
        assert support.task(client, cancelled.id)["status"] == "THROTTLED"
        assert support.usage(tenant.token)["reservedUsd"] + support.usage(tenant.token)["chargedUsd"] == pytest.approx(1.20)
        waited = []

        def wait():
            try:
                cancelled.wait_for_task_output()
            except Exception as ended:
                waited.append(ended)

        waiting = threading.Thread(target=wait)
        waiting.start()

        # when
        client.tasks.delete(cancelled.id)

        # then nothing of it is left, and who waits for it is told so
        with pytest.raises(NotFoundError):
            client.tasks.delete(cancelled.id)
        assert support.usage(tenant.token)["reservedUsd"] + support.usage(tenant.token)["chargedUsd"] == pytest.approx(0.80)
        waiting.join(30)
        assert isinstance(waited[0], NotFoundError)

        # and the one that waited for the place gets it, while the SDK waits
        assert goes_on.wait_for_task_output().status == "SUCCEEDED"
        assert support.ended(client, holder.id)["status"] == "SUCCEEDED"
        assert provider.charges_of(holder.id, goes_on.id, cancelled.id) == 2
        assert provider.tasks_of(cancelled.id) == []


def test_deleted_task_should_be_hidden_and_still_delivered(client, http, tenant, footage, provider):
    # given one that is rendering, and where an earlier one was delivered
    seed = support.new_seed()
    provider.fault(seed, "task", "render", seconds=20)
    created = client.character_performance.create(**footage.body(seed=seed), extra_body={"tags": [f"hide-{seed}"]})
    support.in_state(client, created.id, "SUBMITTED")

    # when
    client.tasks.delete(created.id)

    # then
    with pytest.raises(NotFoundError):
        client.tasks.retrieve(created.id)
    with pytest.raises(NotFoundError):
        client.tasks.delete(created.id)
    for route in ("output", "history"):
        assert http.get(f"/tasks/{created.id}/{route}").status_code == 404
    assert http.get("/tasks", params={"tag": f"hide-{seed}"}).json()["data"] == []

    # and the film comes to the bucket all the same: it can be named as the next character
    name = "reference__character.mp4"
    body = footage.body() | {"character": {"type": "video", "uri": f"s3://{support.variable('BUCKET')}/outputs/api/{tenant.name}/{created.id}/{name}"}}

    def delivered():
        try:
            return support.validate(client, body)
        except runwayml.BadRequestError:
            return None

    support.eventually("the film is in the bucket", delivered)
    assert provider.charges_of(created.id) == 1


def test_deleted_film_should_be_gone_for_clients(client, footage, seed):
    created = support.create(client, footage.body(seed=seed))
    support.ended(client, created.id)
    answer = client.tasks.with_raw_response.delete(created.id)
    assert answer.http_response.status_code == 204 and answer.http_response.content == b""
    with pytest.raises(NotFoundError):
        client.tasks.retrieve(created.id)
    # and the same order is a new one: what is hidden is never replayed
    assert support.validate(client, footage.body(seed=seed))["understudy"]["would"] in ("START", "WAIT")


@pytest.mark.parametrize("sample", ["still.jpg", "still.webp", "turned.png"])
def test_dry_run_should_price_and_store_nothing(client, http, footage, sample):
    before = http.get("/usage").json()
    answer = support.validate(client, footage.body() | {"character": {"type": "image", "uri": support.upload(client, FIXTURES / sample)}})
    assert answer["estimatedCost"] == {"credits": 40} and answer["understudy"]["sentence"] and "taskId" not in answer["understudy"]
    after = http.get("/usage").json()
    assert {key: before[key] for key in ("capUsd", "month")} == {key: after[key] for key in ("capUsd", "month")}


def test_film_should_be_reached_without_our_token(client, footage, seed):
    created = support.create(client, footage.body(seed=seed))
    url = support.ended(client, created.id)["output"][0]
    assert httpx.get(url).status_code == 200
    assert httpx.get(url.partition("?")[0]).status_code == 403
