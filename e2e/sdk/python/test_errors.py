"""Every error class of the SDK, with our one shape behind it."""

import json

import httpx
import pytest
import runwayml

import support
from support import API_URL


def sentence(error: runwayml.APIStatusError) -> str:
    assert set(error.body) <= {"error", "issues"}
    assert "\n" not in error.body["error"] and error.body["error"].endswith((".", ")", "?"))
    return error.body["error"]


def test_bad_request_should_name_all_issues_at_once(client):
    body = {"model": "gen4", "character": {"type": "picture", "uri": "ftp://x"}, "reference": {"type": "image", "uri": 7}, "ratio": "16:9", "expression_intensity": 9, "seed": -1, "extra_body": {"bodycontrol": True, "tags": "one"}}
    with pytest.raises(runwayml.BadRequestError) as refused:
        client.character_performance.create(**body)
    assert "more: see issues" in sentence(refused.value)
    paths = {".".join(map(str, issue["path"])) for issue in refused.value.body["issues"]}
    assert {"model", "character.type", "reference.type", "reference.uri", "ratio", "expressionIntensity", "seed", "bodycontrol", "tags"} <= paths


@pytest.mark.parametrize("missing", ["model", "character", "reference"])
def test_bad_request_should_name_what_is_missing(http, footage, missing):
    answer = http.post("/character_performance", json={key: value for key, value in footage.body().items() if key != missing})
    assert answer.status_code == 400 and [missing] in [issue["path"] for issue in answer.json()["issues"]]


@pytest.mark.parametrize(
    "uri",
    [
        "http://footage.example/character.png", "https://10.0.0.1/c.png", "https://localhost/c.png", "https://u:p@footage.example/c.png", "file:///etc/passwd", "s3://another-bucket/c.png",
        "runway://not-a-uuid/c.png", "runway://00000000-0000-0000-0000-000000000000/c.png", "runway://00000000-0000-0000-0000-000000000000/../c.png", "data:image/png;base64,", "data:image/png;base64,!!!", "data:text/html;base64,PGI+",
        "data:image/png,plain", "https://footage.example/" + "x" * 3000, "",
    ],
)  # fmt: skip
def test_bad_address_should_be_an_issue(client, footage, uri):
    with pytest.raises(runwayml.BadRequestError) as refused:
        client.character_performance.create(**footage.body() | {"character": {"type": "image", "uri": uri}})
    assert ["character", "uri"] in [issue["path"] for issue in refused.value.body["issues"]]
    assert len(json.dumps(refused.value.body)) < 2_000


@pytest.mark.parametrize("key", ["inputs/x/character.png", "incoming/scene/character.png", "outputs/scene/x.mp4", "uploads/", "state/secret", "uploads/{own}/../other/x.png", "outputs/api/{own}/nothing.mp4"])
def test_s3_address_of_others_should_look_like_one_of_nothing(client, tenant, footage, key):
    with pytest.raises(runwayml.BadRequestError) as refused:
        client.character_performance.create(**footage.body() | {"character": {"type": "image", "uri": f"s3://{support.variable('BUCKET')}/{key.format(own=tenant.name)}"}})
    assert ["character", "uri"] in [issue["path"] for issue in refused.value.body["issues"]]


@pytest.mark.parametrize("token", ["x", "understudy_" + "A" * 43, "Ü" * 10])
def test_wrong_token_should_be_401(token):
    for path in ("/v1/tasks/1", "/runwayml/v1/usage", "/v1/nothing"):
        answer = httpx.get(f"{API_URL}{path}", headers={"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401 and set(answer.json()) == {"error"}
    assert httpx.get(f"{API_URL}/v1/usage").status_code == 401
    with pytest.raises(runwayml.AuthenticationError) as refused, support.sdk("understudy_" + "A" * 43) as client:
        client.tasks.retrieve("1")
    assert sentence(refused.value)


def test_order_over_the_cap_should_be_402():
    tenant = support.new_tenant("py-poor", cap="0.39")
    with support.sdk(tenant.token) as client:
        footage = support.uploaded(client)
        for order in (lambda: client.character_performance.create(**footage.body()), lambda: support.validate(client, footage.body())):
            with pytest.raises(runwayml.APIStatusError) as refused:
                order()
            assert refused.value.status_code == 402 and "0.39" in sentence(refused.value)
    assert support.usage(tenant.token)["reservedUsd"] == 0


def test_admin_route_should_be_403(client, http):
    with pytest.raises(runwayml.PermissionDeniedError) as refused:
        client.post("/v1/pause", body={"why": "I may not"}, cast_to=object)
    assert sentence(refused.value)
    assert http.get("/pause").status_code == 403
    assert http.post("/resume", json={"why": "I may not"}).status_code == 403
    assert http.post("/tasks/00000000-0000-0000-0000-000000000000/resolve", json={"decision": "try_again", "why": "I may not"}).status_code == 403


@pytest.mark.parametrize("id", ["1", "00000000-0000-0000-0000-000000000000", "a%2Fb", "..%2f..", "%2e%2e", "%00", "x" * 500, "%F0%9F%98%80"])
def test_unknown_task_should_be_404(client, id):
    for call in (client.tasks.retrieve, client.tasks.delete):
        with pytest.raises(runwayml.NotFoundError) as refused:
            call(id)
        assert sentence(refused.value)


def test_other_routes_of_runway_should_be_404_and_name_a_way(client):
    with pytest.raises(runwayml.NotFoundError) as refused:
        client.image_to_video.create(model="gen4_turbo", prompt_image="https://footage.example/c.png", ratio="1280:720", duration=5, prompt_text="x")
    assert "character_performance" in sentence(refused.value) and "client" in sentence(refused.value)


@pytest.mark.parametrize(("method", "path", "allowed"), [("PUT", "/tasks/1", {"GET", "DELETE"}), ("GET", "/character_performance", {"POST"}), ("DELETE", "/uploads", {"POST"}), ("POST", "/usage", {"GET"}), ("PATCH", "/tasks", {"GET"})])
def test_wrong_method_should_be_405(http, method, path, allowed):
    answer = http.request(method, path)
    assert answer.status_code == 405 and allowed <= {name.strip() for name in answer.headers["Allow"].split(",")}


def test_output_that_is_not_there_should_be_409_and_sent_once(client, footage, seed, provider):
    provider.fault(seed, "task", "render", seconds=4)
    created = support.create(client, footage.body(seed=seed))
    answers = []
    with support.sdk(client.api_key) as counting:
        counting._client.event_hooks["response"].append(lambda response: answers.append(response))
        with pytest.raises(runwayml.ConflictError) as refused:
            counting.get(f"/v1/tasks/{created.id}/output", cast_to=object)
    assert sentence(refused.value) and len(answers) == 1


def test_large_body_should_be_413_and_name_uploads(client, footage):
    with pytest.raises(runwayml.APIStatusError) as refused:
        client.character_performance.create(**footage.body() | {"character": {"type": "image", "uri": "data:image/png;base64," + "A" * 4_500_000}})
    assert refused.value.status_code == 413 and "/v1/uploads" in sentence(refused.value)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-patch+json"])
@pytest.mark.parametrize("path", ["/character_performance", "/uploads"])
def test_other_content_type_should_be_415(http, path, content_type):
    answer = http.post(path, content=b"{}", headers={"Content-Type": content_type} if content_type else {})
    assert answer.status_code == 415 and "application/json" in answer.json()["error"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"1", b"{}{}", b"{} x", b'{"model":"act_two","model":"act_two"}', b'{"character":{"uri":"a","uri":"b"}}', b'{"a":"\xff\xfe"}', b"\xef\xbb\xbf{", "{}".encode("utf-16"),
        b'{"a":' * 50 + b"1" + b"}" * 50, b"[" * 100_000, b'{"model":NaN}', b'{"seed":1e999}', b'{"seed":' + b"9" * 5_000 + b"}", b'{"model":"' + b"x" * 10_000 + b'"}', b"{'model':'act_two'}", b'{"model":"a\x00b"}', b'{"model":"\\ud800"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/character_performance", "/uploads"])
def test_malformed_body_should_be_400(http, path, content):
    answer = http.post(path, content=content, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status_code == 400 and len(answer.content) < 20_000


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=", "cursor=x", "cursor=" + "A" * 5_000, "status=DONE", "status=", "limit=%00"])
def test_wrong_query_should_be_400(http, query):
    answer = http.get(f"/tasks?{query}")
    assert answer.status_code == 400 and answer.json()["error"]


@pytest.mark.parametrize("month", ["2026", "2026-13", "x", "", "-1-01", "2026-01-01"])
def test_wrong_month_should_be_400(http, month):
    assert http.get("/usage", params={"month": month}).status_code == 400


def test_key_should_have_a_bounded_length(client, footage):
    for key in ("x" * 256,):
        with pytest.raises(runwayml.BadRequestError):
            client.character_performance.create(**footage.body(), extra_headers={"Idempotency-Key": key})
