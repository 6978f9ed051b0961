"""`make smoke`: one real performance through the stack, watched from outside, so that what nobody has documented is seen and kept in a report.

The paid request is Understudy's own and the only one. What is done here besides are questions: GETs of that task and of its output, each at its due distance from every other one.
No key and no signed address is printed or written; of an answer's JSON only its shape.
"""

import base64
import dataclasses
import json
import os
import secrets
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from stack import comet
from stack.console import Failure, live, say, step
from stack.reach import Reach
from stack.tools import LOCAL, ROOT

_deserialize = TypeDeserializer().deserialize
_SAMPLE = LOCAL / "sample"
_ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
_PLAIN = frozenset(("status", "progress", "code", "failureCode", "action", "platform", "type"))
"""Fields whose values say how the answer is made and nothing of the account."""


@dataclasses.dataclass(frozen=True)
class Plan:
    character: str | None = None
    """An https address instead of the sample, for a stack whose bucket the provider cannot reach."""
    reference: str | None = None
    hours: float = 0
    """How long the output's address is asked whether it still lives; 0 asks once."""
    seed: int | None = None
    every_seconds: float = 600
    """Between two such questions."""
    patience_seconds: float = 3600


def read_plan() -> Plan:
    character, reference = os.environ.get("CHARACTER") or None, os.environ.get("REFERENCE") or None
    if (character is None) != (reference is None):
        raise Failure("Give both CHARACTER and REFERENCE, two https addresses, or neither: then the sample of this folder is used.")
    text = os.environ.get("HOURS") or "0"
    try:
        hours = float(text)
    except ValueError:
        hours = -1
    if not 0 <= hours <= 72:
        raise Failure(f"HOURS={text} is not a time from 0 to 72 hours.")
    return Plan(character, reference, hours)


def ask(stack: Reach) -> None:
    """Money is spent only with a yes."""
    settings = stack.settings
    price = f"${float(settings['PRICE_USD']):.2f}"
    say(f"This orders one performance from {urllib.parse.urlsplit(settings['COMET_API_BASE_URL']).netloc} through the stack {stack.name}, and {price} are charged for it.")
    if os.environ.get("YES") == "1":
        return
    if not sys.stdin.isatty():
        raise Failure(f"Nobody is there to be asked: if {price} may be spent, say so with YES=1.")
    if input("Type yes to go on: ").strip() != "yes":
        raise Failure("Nothing was ordered and nothing was spent.")


def run(stack: Reach, plan: Plan, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep) -> Path:
    """Orders, watches and writes; the answer is the report's file."""
    settings = stack.settings
    provider = comet.Comet(settings["COMET_API_BASE_URL"], stack.provider_key(), settings["RUNWAY_VERSION"])
    watch = Watch(stack, provider, float(settings["POLL_MIN_SECONDS"]), timedelta(seconds=int(settings["DUE_GRACE_SECONDS"])), clock, pause)
    before = _usage(provider)
    step("Ordering")
    task_id = _order(stack, plan, watch)
    task = watch.task_to_its_end(task_id, plan.patience_seconds)
    output = watch.output(task, plan) if task["status"] == "SUCCEEDED" else None
    report = Report(stack, plan, task, watch, output, before, _usage(provider))
    file = ROOT / ".local" / "smoke" / f"{stack.name}-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{task_id[:8]}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(report.lines()) + "\n")
    say()
    for question, answer in report.answers():
        say(f"  {question}\n      {answer}")
    return file


@dataclasses.dataclass(frozen=True)
class Seen:
    """An answer about the task."""

    after_seconds: float
    """From when the provider's id was on record."""
    status: int
    shape: str
    skeleton: object
    urls: tuple[tuple[str, str], ...]
    """Where addresses stand in it, and those addresses: for this program only."""


@dataclasses.dataclass(frozen=True)
class Output:
    """What was found out about the finished video's address."""

    where: str
    host: str
    head: int
    get: int
    fresh: bool | None
    """Whether a later GET of the task gave another address; None if that could not be told."""
    declared_seconds: int | None
    """How long it says that it lives."""
    lived: tuple[float, bool]
    """Seconds after which it was last asked, and whether it still answered."""


class Watch:
    """Looks at one task from outside: in the table as often as it likes, at the provider only where nobody else does."""

    def __init__(self, stack: Reach, provider: comet.Comet, gap_seconds: float, grace: timedelta, clock: Callable[[], float], pause: Callable[[float], None]) -> None:
        self.seen: list[Seen] = []
        self.first_visible: float | None = None
        self.last_missing: float | None = None
        self._stack = stack
        self._provider = provider
        self._gap = gap_seconds
        self._grace = grace
        self._clock = clock
        self._pause = pause
        self._dynamodb = stack.client("dynamodb")
        self._recorded: float | None = None
        self._polls = -1
        self._quiet_since = 0.0

    def task(self, task_id: str) -> dict | None:
        item = self._dynamodb.get_item(TableName=self._stack.output("TableName"), Key={"pk": {"S": f"TASK#{task_id}"}, "sk": {"S": "TASK"}}, ConsistentRead=True).get("Item")
        return {name: _deserialize(value) for name, value in item.items()} if item else None

    def task_to_its_end(self, task_id: str, patience_seconds: float) -> dict:
        end = self._clock() + patience_seconds
        while self._clock() < end:
            task = self.task(task_id)
            if task is None:
                raise Failure(f"The task {task_id} is not in the table any more.")
            live(f"    {task['status']:<18} {task.get('sentence', '')[:100]}", task["status"])
            if task["status"] in _ENDED:
                return task
            if task["status"] == "SUBMISSION_UNKNOWN" or task.get("stall"):
                raise Failure(f"The task {task_id} waits for a person: {task.get('sentence', '')} It is paid or may be; docs/operations.md says what can be done.")
            if task.get("providerTaskId"):
                self._look_if_nobody_else_does(task)
            self._pause(min(1.0, self._gap / 4))
        raise Failure(f"The task {task_id} had not ended after {patience_seconds:.0f} s. It goes on, and is not ordered again: `{self._stack.how('logs')}`.")

    def _look_if_nobody_else_does(self, task: dict) -> None:
        now = self._clock()
        if self._recorded is None:
            self._recorded = now
        polls = int(task.get("polls", 0))
        if polls != self._polls:
            self._polls, self._quiet_since = polls, now
        next_poll, due = (datetime.fromisoformat(task[name]) if task.get(name) else None for name in ("nextPollAt", "dueAt"))
        if task["status"] != "SUBMITTED" or next_poll is None or due is None:
            return
        # Whoever asks moves nextPollAt first, and dueAt with the answer: while the two do not belong together a question is under way, however long.
        answered = due - next_poll == self._grace
        # Understudy's next question must be as far away as its last one and ours are.
        free = (next_poll - datetime.now(timezone.utc)).total_seconds() > self._gap + 1
        if answered and free and now - self._quiet_since >= (self._gap if polls or self.seen else 0):
            self.look(task["providerTaskId"])

    def look(self, provider_task_id: str) -> Seen:
        """Asks the provider once, and lets nobody be asked too soon after it."""
        answer = self._provider.task(provider_task_id)
        now = self._clock()
        self._quiet_since = now
        seen = _seen(answer, now - (self._recorded if self._recorded is not None else now))
        self.seen.append(seen)
        if seen.shape == "task_not_exist":
            self.last_missing = seen.after_seconds
        elif seen.shape != "no answer" and self.first_visible is None:
            self.first_visible = seen.after_seconds
        return seen

    def output(self, task: dict, plan: Plan) -> Output | None:
        """Of a task that has ended: Understudy asks no more."""
        self._recorded = self._recorded if self._recorded is not None else self._clock()
        self._pause(self._gap)
        first = self.look(task["providerTaskId"])
        if not first.urls:
            return None
        where, url = first.urls[0]
        begun = self._clock()
        head = comet.get(url, method="HEAD").status
        got = comet.get(url, {"Range": "bytes=0-0"}, most_bytes=1).status
        self._pause(self._gap)
        again = self.look(task["providerTaskId"])
        fresh = None if not again.urls else again.urls[0][1] != url
        lived = self._life(url, begun, plan) if plan.hours else (self._clock() - begun, got in (200, 206))
        return Output(where, urllib.parse.urlsplit(url).netloc, head, got, fresh, _declared(url), lived)

    def _life(self, url: str, begun: float, plan: Plan) -> tuple[float, bool]:
        step(f"Asking for the output every {plan.every_seconds / 60:.0f} minutes, for {plan.hours:g} hours; Ctrl-C ends it without a report")
        while True:
            self._pause(plan.every_seconds)
            age, status = self._clock() - begun, comet.get(url, {"Range": "bytes=0-0"}, most_bytes=1).status
            if status and status not in (200, 206):
                return age, False
            if age >= plan.hours * 3600:
                return age, True


class Report:
    """What was found, question by question, and what it rests on."""

    def __init__(self, stack: Reach, plan: Plan, task: dict, watch: Watch, output: Output | None, before: dict | None, after: dict | None) -> None:
        self._stack, self._plan, self._task, self._watch, self._output, self._before, self._after = stack, plan, task, watch, output, before, after

    def answers(self) -> Iterator[tuple[str, str]]:
        yield "Which shape does a task have?", self._shapes()
        yield "Where does the output stand, and on which host?", f"At {self._output.where}, on {self._output.host}." if self._output else self._without_output()
        yield "How long does the output's address live?", self._life()
        yield "Does HEAD on that address answer?", f"HEAD {self._output.head}, GET {self._output.get}." if self._output else "Not answered."
        yield "Does an input signed by S3 for GET pass, though HEAD on it is answered with 403?", self._inputs()
        yield "How long does a new task answer task_not_exist?", self._window()
        yield "How does it end, and is it charged?", self._charge()
        yield "What does the usage query count?", self._usage()

    def lines(self) -> Iterator[str]:
        settings = self._stack.settings
        yield "# One performance, watched"
        yield ""
        yield f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC, stack `{self._stack.name}`, provider `{urllib.parse.urlsplit(settings['COMET_API_BASE_URL']).netloc}`, model `{settings['MODEL_NAME']}`, X-Runway-Version `{settings['RUNWAY_VERSION']}`."
        yield f"Task `{self._task['id']}`, the provider's `{self._task.get('providerTaskId', 'none')}`: {self._task['status']}, {self._task.get('polls', 0)} polls by Understudy. {self._task.get('sentence', '')}"
        yield ""
        yield "| Question | What was seen |"
        yield "|---|---|"
        for question, answer in self.answers():
            yield f"| {question} | {answer} |"
        yield ""
        yield "One performance shows what is, not what is always so. The questions are those of docs/provider.md."
        yield ""
        yield "## What the answers looked like"
        last = None
        for seen in self._watch.seen:
            if (seen.status, seen.skeleton) == last:
                continue
            last = (seen.status, seen.skeleton)
            yield ""
            yield f"{seen.after_seconds:.0f} s after the id was on record: HTTP {seen.status}, {seen.shape}"
            yield ""
            yield "```json"
            yield json.dumps(seen.skeleton, indent=1)
            yield "```"

    def _shapes(self) -> str:
        found = list(dict.fromkeys(seen.shape for seen in self._watch.seen if seen.shape not in ("task_not_exist", "no answer")))
        return ", then ".join(found) + "." if found else "Not answered: no answer about the task was a task."

    def _without_output(self) -> str:
        if self._task["status"] != "SUCCEEDED":
            return "Not answered: there is no output."
        return "Not answered: the finished task named no address any more."

    def _life(self) -> str:
        if not self._output:
            return "Not answered."
        age, alive = self._output.lived
        declared = f"It says {_span(self._output.declared_seconds)}. " if self._output.declared_seconds is not None else "It does not say. "
        fresh = {True: "A later GET of the task gave a fresh address.", False: "A later GET of the task gave the same address.", None: ""}[self._output.fresh]
        return f"{declared}{_span(age)} after it was given out it {'still answered' if alive else 'did not answer any more'}. {fresh}".strip()

    def _inputs(self) -> str:
        if self._plan.character:
            return "Not answered: the inputs were https addresses."
        return "Yes: the task was accepted with such inputs." if self._task.get("providerTaskId") else f"The order was not accepted: {self._task.get('sentence', '')}"

    def _window(self) -> str:
        missing, visible = self._watch.last_missing, self._watch.first_visible
        if visible is None:
            return "Not answered: it was never seen."
        if missing is None:
            return f"Not once: the first question, {visible:.0f} s after the id was on record, was answered."
        return f"Between {missing:.0f} and {visible:.0f} s after the id was on record."

    def _charge(self) -> str:
        failure = (self._task.get("failure") or {}).get("code")
        return f"{self._task['status']}{f' ({failure})' if failure else ''}; in our books: " + ", ".join(str(attempt["charge"]) for attempt in self._task["attempts"]) + "."

    def _usage(self) -> str:
        if self._before is None or self._after is None:
            return "Not answered: the usage query gave no usable answer."
        requests = self._after["request_count"] - self._before["request_count"]
        amount = self._after["total_used_quota"] - self._before["total_used_quota"]
        return f"{requests} {'request' if requests == 1 else 'requests'} and {amount:g} more than before the order (it may count late, and whatever else uses the account)."


def _order(stack: Reach, plan: Plan, watch: Watch) -> str:
    """Uploads an order; the answer is its task's id once it is accepted."""
    s3, bucket = stack.client("s3"), stack.output("BucketName")
    folder = f"smoke-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    form: dict = {"seed": plan.seed if plan.seed is not None else secrets.randbelow(2**32), "tags": ["smoke"]}
    if plan.character and plan.reference:
        form |= {"character": plan.character, "reference": plan.reference}
    else:
        for path in (*_SAMPLE.glob("character.*"), *_SAMPLE.glob("reference.*")):
            s3.upload_file(str(path), bucket, f"incoming/{folder}/{path.name}")
    s3.put_object(Bucket=bucket, Key=f"incoming/{folder}/task.json", Body=json.dumps(form).encode())
    for _ in range(300):
        refused = _document(s3, bucket, f"outputs/{folder}/error.json")
        if refused:
            raise Failure(f"The order was refused, and nothing was spent: {json.dumps(refused)}")
        status = _document(s3, bucket, f"outputs/{folder}/status.json")
        if status and status.get("takes"):
            return status["takes"][0]["taskId"]
        watch._pause(1)
    raise Failure(f"The order in incoming/{folder}/ was not accepted within five minutes. Delete its task.json, so that it is not accepted later.")


def _document(s3, bucket: str, key: str) -> dict | None:
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise


def _usage(provider: comet.Comet) -> dict | None:
    today = datetime.now(timezone.utc).date().isoformat()
    try:
        usage = provider.usage(today, today)
    except Failure:
        return None
    return usage if all(isinstance(usage.get(name), (int, float)) for name in ("request_count", "total_used_quota")) else None


def _seen(answer: comet.Answer, after_seconds: float) -> Seen:
    body = answer.json
    return Seen(after_seconds, answer.status, _shape(answer, body), _skeleton(body), tuple(_urls(body)))


def _shape(answer: comet.Answer, body) -> str:
    if not answer.status:
        return "no answer"
    if any(word in answer.text for word in ("task_not_exist", "task_not_found", "task_origin_not_exist")) or answer.status == 404:
        return "task_not_exist"
    if not isinstance(body, dict):
        return "no JSON object"
    task = body.get("data")
    if isinstance(task, dict) and "status" in task:
        nested = task.get("data")
        return "wrapped, with Runway's task in data.data" if isinstance(nested, dict) and "status" in nested else "wrapped, without Runway's task"
    if "status" in body and "id" in body:
        return "bare, Runway's own task"
    return "an error" if "error" in body or answer.status >= 400 else "something else"


def _skeleton(value):
    """The form of an answer without its contents."""
    match value:
        case dict():
            return {key: inner if key in _PLAIN and isinstance(inner, (str, int, float)) and not _is_url(inner) else _skeleton(inner) for key, inner in value.items()}
        case list():
            return [_skeleton(inner) for inner in value]
        case str() if _is_url(value):
            return f"<address on {urllib.parse.urlsplit(value).netloc}>"
        case str():
            return "<text>"
        case bool() | None:
            return value
        case _:
            return "<number>"


def _urls(value, path: str = "") -> Iterator[tuple[str, str]]:
    """Every address of an output with its path, the innermost task's first, as the product looks for it."""
    found = list(_every_url(value, path))
    outputs = [each for each in found if "output" in each[0]]
    yield from sorted(outputs or found, key=lambda each: -each[0].count("."))


def _every_url(value, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                if key not in ("previewUrls", "properties"):
                    yield from _every_url(inner, f"{path}.{key}" if path else key)
        case list():
            for index, inner in enumerate(value):
                yield from _every_url(inner, f"{path}[{index}]")
        case str() if _is_url(value):
            yield path, value


def _is_url(value) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _declared(url: str) -> int | None:
    """How long an address says that it lives: S3's or CloudFront's parameters, or a token's end."""
    query = {name: values[0] for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(url).query).items()}
    if query.get("X-Amz-Expires", "").isdecimal():
        return int(query["X-Amz-Expires"])
    if query.get("Expires", "").isdecimal():
        return int(query["Expires"]) - int(time.time())
    for value in query.values():
        parts = value.split(".")
        if len(parts) == 3:
            try:
                claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
                return int(claims["exp"]) - int(time.time())
            except (ValueError, KeyError, TypeError):
                continue
    return None


def _span(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
