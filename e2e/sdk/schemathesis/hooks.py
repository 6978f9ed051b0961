"""What schemathesis must not do, and what it cannot know."""

import os
import random

import requests
import schemathesis

_URL = os.environ["API_URL"].rstrip("/")
_HEADERS = {"Authorization": f"Bearer {os.environ['API_TOKEN']}"}
_TASKS = [task["id"] for task in requests.get(f"{_URL}/v1/tasks?limit=20", headers=_HEADERS, timeout=60).json()["data"]]
_CHANCE = random.Random(180913)


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    # An order that is only asked about: checked as any other, but neither stored nor paid.
    if case.path.endswith("/character_performance"):
        case.query = {**(case.query or {}), "validate": "true"}
    # Made-up ids lead nowhere, so half of those who read get one that exists.
    elif case.method == "GET" and (case.path_parameters or {}).get("id") and _TASKS and _CHANCE.random() < 0.5:
        case.path_parameters["id"] = _CHANCE.choice(_TASKS)
