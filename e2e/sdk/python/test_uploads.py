"""Files of the own machine, through the SDK's upload."""

import httpx
import pytest
from runwayml import APIStatusError, BadRequestError

import support
from support import CHARACTER, FIXTURES, REFERENCE

IMAGES = ["still.png", "still.jpg", "still.webp", "progressive.jpg", "lossless.webp"]
VIDEOS = ["front.mp4", "end.mp4", "clip.mov", "clip.webm", "clip.mkv", "clip.3gp", "clip.ogv"]


@pytest.mark.parametrize("metadata", [None, "scene=12; take=3"], ids=["plain", "with metadata"])
@pytest.mark.parametrize("name", IMAGES + VIDEOS)
def test_upload_should_be_usable(client, footage, tmp_path, name, metadata):
    # given a file of this type; Runway wants 512 bytes, which no fixture here has to have
    file = tmp_path / name
    file.write_bytes((FIXTURES / name).read_bytes().ljust(512, b"\0"))
    kind = "image" if name in IMAGES else "video"

    # when
    uri = support.upload(client, file, **({"file_metadata": metadata} if metadata else {}))

    # then
    assert uri.startswith("runway://") and 13 <= len(uri) <= 5000
    support.validate(client, footage.body() | {"character": {"type": kind, "uri": uri}})


@pytest.mark.parametrize("name", ["ein Bild mit Ümläuten.png", "a\"quoted'.png", "%2e%2e.png", "x" * 250 + ".png", "😀.png"])
def test_upload_should_be_usable_whatever_its_name(client, footage, name):
    uri = client.uploads.create_ephemeral(file=(name, CHARACTER.read_bytes())).uri
    support.validate(client, footage.body() | {"character": {"type": "image", "uri": uri}})


@pytest.mark.parametrize(
    ("name", "size"),
    [("small.png", 511), ("large.png", 16 * 2**20 + 1), ("small.mp4", 511), ("large.mp4", 32 * 2**20 + 1)],
)
def test_upload_should_be_refused_outside_the_limits(client, name, size):
    with pytest.raises(APIStatusError) as refused:
        client.uploads.create_ephemeral(file=(name, CHARACTER.read_bytes().ljust(size, b"\0")[:size]))
    assert refused.value.status_code == 400
    assert ("EntityTooSmall" if size < 512 else "EntityTooLarge") in refused.value.body


def test_upload_should_be_taken_up_to_the_limit(client, footage):
    uri = client.uploads.create_ephemeral(file=("exactly.png", CHARACTER.read_bytes().ljust(16 * 2**20, b"\0"))).uri
    support.validate(client, footage.body() | {"character": {"type": "image", "uri": uri}})


def test_uri_without_its_file_should_be_refused(client, http, footage):
    placeholder = http.post("/uploads", json={"filename": "never.png", "type": "ephemeral"}).raise_for_status().json()
    with pytest.raises(BadRequestError) as refused:
        client.character_performance.create(**footage.body() | {"character": {"type": "image", "uri": placeholder["runwayUri"]}})
    assert [issue["path"] for issue in refused.value.body["issues"]] == [["character", "uri"]]


def test_file_of_another_kind_should_be_refused(client, footage):
    with pytest.raises(BadRequestError) as refused:
        client.character_performance.create(**footage.body() | {"character": {"type": "image", "uri": support.upload(client, REFERENCE)}, "reference": {"type": "video", "uri": support.upload(client, CHARACTER)}})
    assert sorted(issue["path"] for issue in refused.value.body["issues"]) == [["character", "uri"], ["reference", "uri"]]


@pytest.mark.parametrize("body", [{"filename": "notes.txt", "type": "ephemeral"}, {"filename": "", "type": "ephemeral"}, {"filename": "a.png", "type": "lasting"}, {"type": "ephemeral"}, {"filename": "a.png"}, {"filename": 7, "type": "ephemeral"}, []])
def test_upload_request_should_be_refused(http, body):
    answer = http.post("/uploads", json=body)
    assert answer.status_code == 400 and answer.json()["error"]


@pytest.mark.parametrize("change", [{"key": "uploads/somebody/else.png"}, {"Content-Type": "text/html"}, {"x-amz-meta-more": "1"}])
def test_form_should_be_good_for_nothing_else(http, change):
    form = http.post("/uploads", json={"filename": "a.png", "type": "ephemeral"}).raise_for_status().json()
    answer = httpx.post(form["uploadUrl"], data=form["fields"] | change, files={"file": ("a.png", CHARACTER.read_bytes())})
    assert answer.status_code == 403
