"""`make smoke` against the simulated provider in each form that the documents know, with the answers that its report must then have."""

import concurrent.futures
import dataclasses
import functools
import json
import random
import re
import urllib.request
from datetime import datetime, timezone

from stack import deploy, evidence, options, provider, reach, smoke
from stack.console import Failure

_AT_ONCE = 3
_SECRETS = re.compile(r"X-Amz-|_jwt|Bearer |" + re.escape(provider.KEY))


@dataclasses.dataclass(frozen=True)
class Variant:
    name: str
    faults: tuple[dict, ...]
    answers: tuple[str, ...]
    """Parts of the report, as regular expressions."""
    plan: smoke.Plan = smoke.Plan()
    settings: dict | None = None
    """Of the whole provider: such a variant runs alone."""


def _task(action: str, **more) -> dict:
    return {"on": "task", "action": action, **more}


VARIANTS = (
    Variant("bare", (), (r"bare, Runway's own task", r"At output\[0\], on 127\.0\.0\.1", r"HEAD 200, GET 20[06]", r"Yes: the task was accepted", r"SUCCEEDED; in our books: CHARGED", r"gave a fresh address")),
    Variant("wrapped", (_task("shape", value="wrapped"),), (r"wrapped, with Runway's task in data\.data", r"At data\.data\.output\[0\]")),
    Variant("string", (_task("output-form", value="string"),), (r"At output, on",)),
    Variant("objects", (_task("output-form", value="objects"),), (r"At output\[0\]\.url, on",)),
    Variant("result-url", (_task("shape", value="wrapped"), _task("output-form", value="result-url")), (r"At \S*result_url, on",)),
    Variant("video-url", (_task("shape", value="wrapped"), _task("output-form", value="video-url")), (r"At \S*video_url, on",)),
    Variant("fail-reason", (_task("shape", value="wrapped"), _task("output-form", value="fail-reason")), (r"At \S*fail_reason, on",)),
    Variant("late to be seen", (_task("not-visible", seconds=4),), (r"Between \d+ and \d+ s after the id was on record|Not once: ",)),
    Variant("stale address", (_task("stale-url"),), (r"gave the same address",)),
    Variant("short life", (_task("url-life", seconds=4),), (r"did not answer any more",), smoke.Plan(hours=0.01, every_seconds=2)),
    Variant("failed", (_task("fail", code="INTERNAL"),), (r"FAILED \(INTERNAL\)", r"there is no output")),
    Variant("HEAD wanted", (), (r"The order was not accepted", r"FAILED"), settings={"requireHead": True}),
)


def run(wanted: options.Options) -> str:
    """All of them; the answer counts them."""
    found = deploy.outputs(wanted)
    stack = reach.Reach(wanted.stack, functools.partial(deploy.client, wanted), options.REGION, found, deploy.api_url(wanted), wanted.how)
    together = [variant for variant in VARIANTS if variant.settings is None]
    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as threads:
        for done in [threads.submit(_try, wanted, stack, variant) for variant in together]:
            done.result()
    for variant in VARIANTS:
        if variant.settings is not None:
            try:
                _admin(wanted, "settings", variant.settings)
                _try(wanted, stack, variant)
            finally:
                _admin(wanted, "settings", dict.fromkeys(variant.settings, False))
    _evidence(wanted, stack)
    return f"{len(VARIANTS) + 1} tests"


def _evidence(wanted: options.Options, stack: reach.Reach) -> None:
    """`make evidence` has every id that the table knows of the day's charges, and the provider's own count."""
    day = datetime.now(timezone.utc).date()
    text = "\n".join(evidence.lines(stack, day))
    with urllib.request.urlopen(f"{provider.url(wanted)}/admin/ledger", timeout=10) as answer:
        charges = [charge["providerTaskId"] for charge in json.load(answer)["charges"] if charge["at"].startswith(day.isoformat())]
    known = {attempt["providerTaskId"]["S"] for attempt in _attempts(stack) if "providerTaskId" in attempt}
    missing = [each for each in charges if each in known and each not in text]
    if missing or not charges or f"{len(charges)} requests" not in text or _SECRETS.search(text):
        raise Failure(f"make evidence lacks {missing} or the provider's count of {len(charges)}, or says too much:\n{text}")


def _attempts(stack: reach.Reach):
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.output("TableName"), FilterExpression="sk = :task", ExpressionAttributeValues={":task": {"S": "TASK"}}):
        for item in page["Items"]:
            yield from (attempt["M"] for attempt in item["attempts"]["L"])


def _try(wanted: options.Options, stack: reach.Reach, variant: Variant) -> None:
    seed = random.SystemRandom().randrange(2**31, 2**32)
    for fault in variant.faults:
        _admin(wanted, "faults", {**fault, "seed": seed})
    report = smoke.run(stack, dataclasses.replace(variant.plan, seed=seed, patience_seconds=300)).read_text()
    for answer in variant.answers:
        if not re.search(answer, report):
            raise Failure(f"make smoke, {variant.name}: the report does not say {answer!r}:\n{report}")
    if _SECRETS.search(report):
        raise Failure(f"make smoke, {variant.name}: the report holds what must not be seen:\n{report}")


def _admin(wanted: options.Options, what: str, body: dict) -> None:
    request = urllib.request.Request(f"{provider.url(wanted)}/admin/{what}", data=json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()
