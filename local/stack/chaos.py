"""`make chaos`: many orders on the local AWS while everything fails, and whether the books agree when it is over.

The template, the functions and the state machine are those that are deployed; the functions are processes, and what they call is reached
over detours (`detour.py`) that cut, refuse, lose and kill. What goes wrong when is drawn from one seed: by the number of the order, and for
calls by their name and how often it was heard. Real processes race, so a seed gives the same plan and not the same run to the last step.
"""

import collections
import concurrent.futures
import contextlib
import dataclasses
import functools
import hashlib
import http.client
import http.server
import json
import os
import random
import re
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

from botocore.exceptions import BotoCoreError, ClientError

from stack import callers, commands, deploy, detour, emulator, functionlogs, provider, reckoning, tasks, tools
from stack.console import Failure, Stopwatch, say, step
from stack.detour import Call, Caller, Detour, Harm
from stack.options import IN_A_HURRY, Options
from stack.processes import shown
from stack.tools import LOCAL

STACK, PORT = "chaos", 4866
ORDERS = 200
PARAMETERS = {**IN_A_HURRY, "MaxInFlight": "10", "MonthlyCapUsd": "10000"}
RENDER_SECONDS = 2
_AT_ONCE = 10
_SHARE = 0.05
"""Of everything that fails: calls, answers of the provider, fates at the provider, executions."""
_WATCHED = 8
"""Orders before anything fails, to see which calls there are."""
_LAPS = 4
"""How often such orders are placed again in the end, for the calls at which nothing was killed yet."""
_FOLLOWED_SECONDS = 40
"""An order that takes longer (a lease that has to end, a pause) does not hold up the next one."""
_REST_SECONDS = 900
_EVERY_SECONDS = 5
_SAMPLE = "incoming/chaos-sample/"
# A part of each signed address, of what a key is sent with, and of a token.
_TELLING = re.compile(r"X-Amz-(?:Signature|Credential|Security-Token)|Bearer [\w.-]{12}|_jwt=|understudy_[\w-]{43}")
_PLAYED = 5
_MISSED = 20

# What becomes of a call that fails, and how often compared with the others.
_HARMS = {Harm.REFUSED: 6, Harm.CUT_BEFORE: 3, Harm.LOST: 4, Harm.HALF: 1, Harm.FAILED_AFTER: 2, Harm.SLOW: 1, Harm.KILLED_BEFORE: 1, Harm.KILLED_AFTER: 2}

# The provider's own, as docs/simulator.md has them. None of them makes a task fail but those that say so.
_SUBMIT = [
    {"action": "rate-limit"},
    {"action": "error-before-acceptance", "status": 503, "code": "model_not_found"},
    {"action": "error-before-acceptance", "status": 401},
    {"action": "error-before-acceptance", "status": 502},
    {"action": "reset-before-acceptance"},
    {"action": "timeout-before-acceptance", "seconds": 14},
    {"action": "html-403"},
    {"action": "moved-301"},
    {"action": "error-after-acceptance", "status": 504},
    {"action": "reset-after-acceptance"},
    {"action": "reset-in-answer"},
    {"action": "timeout-after-acceptance", "seconds": 14},
    {"action": "slow-answer", "seconds": 14},
    {"action": "truncated-json"},
    {"action": "no-id"},
    {"action": "empty-answer"},
]
_FATES = [
    {"action": "fail"},
    {"action": "cancel"},
    {"action": "throttle", "seconds": 6},
    {"action": "not-visible", "seconds": 6},
    {"action": "not-visible", "seconds": 26},
    {"action": "late-output", "seconds": 5},
    {"action": "late-output", "seconds": 26},
    {"action": "shape", "value": "wrapped"},
    {"action": "output-form", "value": "objects"},
]
_GETS = [
    {"action": "rate-limit"},
    {"action": "error", "status": 500},
    {"action": "reset"},
    {"action": "timeout", "seconds": 4},
    {"action": "html-403"},
    {"action": "moved-301"},
    {"action": "truncated-json"},
    {"action": "empty-answer"},
    {"action": "huge-answer", "bytes": 4 << 20},
    {"action": "reset-in-answer"},
    {"action": "not-exist"},
    {"action": "empty-data"},
    {"action": "status-backwards"},
    {"action": "unknown-status"},
    {"action": "no-output"},
]
_OUTPUTS = [
    {"action": "truncate"},
    {"action": "short-file"},
    {"action": "empty"},
    {"action": "wrong-content"},
    {"action": "oversized", "bytes": 20 << 20},
    {"action": "no-length"},
    {"action": "not-found"},
    {"action": "expired"},
    {"action": "error"},
    {"action": "reset"},
    {"action": "redirect"},
]


@dataclasses.dataclass(frozen=True)
class Order:
    """What is ordered, how, and what goes wrong with it; all of it drawn by its number."""

    number: int
    api: bool
    """Through the API and not through the bucket."""
    addresses: bool
    """Its inputs are https addresses with a secret in them."""
    delete_after: float | None
    stop_after: float | None
    """Seconds after its acceptance until its execution is stopped."""
    faults: list[dict]
    """At the provider."""

    @property
    def seed(self) -> int:
        return 1_000_000 + self.number

    @property
    def name(self) -> str:
        return f"Order {self.number}" + (" (API)" if self.api else "")

    @property
    def folder(self) -> str:
        return f"chaos-{self.number:04d}"

    @staticmethod
    def drawn(seed: int, number: int, share: float) -> "Order":
        luck = random.Random(f"{seed}/order/{number}")
        faults: list[dict] = []

        def at(place: str, ways: list[dict], **more) -> None:
            if luck.random() < share:
                faults.append({"on": place, "seed": 1_000_000 + number, **luck.choice(ways), **more})

        at("submit", _SUBMIT)
        at("task", _FATES)
        for index in range(8):
            at("get", _GETS, skip=index)
        for index in range(3):
            at("output", _OUTPUTS, skip=index)
        api = luck.random() < 0.3
        return Order(
            number,
            api,
            addresses=api and luck.random() < 0.3,
            delete_after=luck.uniform(0, 5) if api and luck.random() < 2 * share else None,
            stop_after=luck.uniform(0, 6) if luck.random() < share else None,
            faults=faults,
        )


class Plan:
    """Which call meets what: by its name and how often it was heard, and so by the seed alone."""

    def __init__(self, seed: int, share: float) -> None:
        self.harms: collections.Counter = collections.Counter()
        self.heard: collections.Counter = collections.Counter()
        """How often each call was heard, by function and name."""
        self.killed: set[tuple] = set()
        """The points (function, call, before or after) at which a process was killed."""
        self.watched: frozenset = frozenset()
        """The calls of the orders that went well."""
        self._seed = seed
        self._share = share
        self._on = False
        self._spans: dict[tuple, int] = {}
        self._sure = 0.0
        self._left: set[tuple] | None = None
        self._since: collections.Counter = collections.Counter()
        self._lock = threading.Lock()

    def begin(self, orders: int) -> None:
        """From now on things go wrong, over so many orders."""
        self.watched = frozenset(self.heard)
        # In the first half, about, of the times that it will be heard. In powers of two, because how often it was heard is not the seed's alone.
        self._spans = {point: 1 << max(3, (heard * orders // (2 * _WATCHED)).bit_length()) for point, heard in self.heard.items()}
        # Few orders cannot bear all of them: about one for each.
        self._sure = min(1.0, orders / max(1, len(self.points)))
        self._on = True

    def finish(self) -> int:
        """From now on nothing else goes wrong: who makes a call of the orders that went well, and was killed at it neither before nor after it, is. How many that are."""
        with self._lock:
            self._left = {point for point in self.points if point[:2] in self.watched} - self.killed
            return len(self._left)

    def end(self) -> None:
        self._on = False

    @property
    def points(self) -> set[tuple]:
        return {(*point, harm) for point in self.heard for harm in (Harm.KILLED_BEFORE, Harm.KILLED_AFTER)}

    def decide(self, function: str, call: str, kills_only: bool) -> Harm | None:
        with self._lock:
            point = (function, call)
            self.heard[point] += 1
            if not self._on:
                return None
            self._since[point] += 1
            harm = self._drawn(point, self._since[point], kills_only) if self._left is None else self._missed(point)
            if harm is not None:
                self.harms[harm] += 1
                if harm.kills:
                    self.killed.add((*point, harm))
            return harm

    def _missed(self, point: tuple) -> Harm | None:
        harm = next((kill for kill in (Harm.KILLED_BEFORE, Harm.KILLED_AFTER) if (*point, kill) in self._left), None)
        self._left.discard((*point, harm))
        return harm

    def _drawn(self, point: tuple, count: int, kills_only: bool) -> Harm | None:
        # Once for sure, and more often by chance.
        luck = random.Random(f"{self._seed}/{point}")
        times = luck.sample(range(1, self._spans.get(point, 8) + 1), 2)
        for harm, at in zip((Harm.KILLED_BEFORE, Harm.KILLED_AFTER), times, strict=True):
            if luck.random() < self._sure and count == at:
                return harm
        luck = random.Random(f"{self._seed}/{point}/{count}")
        if luck.random() >= self._share:
            return None
        (harm,) = luck.choices([*_HARMS], [*_HARMS.values()])
        # What else can go wrong with the provider is the simulated one's to do.
        return harm if harm.kills or not kills_only else None


def run(wanted: Options, orders: int, seed: int) -> str:
    """The whole of it, on a stack that lives as long; the answer says what was done."""
    if wanted.endpoint_url or wanted.provider_url:
        raise Failure("make chaos takes neither AWS_ENDPOINT_URL nor COMETAPI_BASE_URL: it starts a local AWS and a simulated provider of its own.")
    commands.down(wanted)
    stack = _Stack(wanted, Plan(seed, _SHARE))
    try:
        with contextlib.closing(stack):
            try:
                stack.up()
                return stack.run(seed, orders)
            except Failure:
                functionlogs.keep(wanted)
                raise
    finally:
        commands.down(wanted)


def _of_each_kind(seed: int, first: int) -> list[Order]:
    """Orders with which nothing goes wrong, from this number on. Whatever the seed: two of the API, one of them with addresses, and one that is taken back."""
    ways = [{"api": index in (2, 3, 4), "addresses": index == 3, "delete_after": 0.0 if index == 4 else None} for index in range(_WATCHED)]
    return [dataclasses.replace(Order.drawn(seed, first + index, 0.0), **way) for index, way in enumerate(ways)]


class _Stack:
    """A stack with detours on its ways, and everybody who uses it."""

    def __init__(self, wanted: Options, plan: Plan) -> None:
        self._wanted = wanted
        self._plan = plan
        self._secrets: set[str] = set()
        self._names: dict[str, str] = {}
        self._bodies: list[str] = []
        """What the API said when it refused."""
        self._placed: dict[int, reckoning.Placed] = {}
        self._counted: collections.Counter = collections.Counter()
        self._faults: collections.Counter = collections.Counter()
        self._elsewhere: list[dict] = []
        """Where the simulated provider finds what lies at https addresses."""
        self._ended = threading.Event()
        self._processes = processes = detour.Processes(lambda: emulator.daemon(wanted).about.get("pid"), self._secret)
        self._aws = Detour(wanted.port, processes, functools.partial(self._decide, detour.aws_call, False), detour.refusal, self._watch)
        self._provider = Detour(wanted.provider_port, processes, functools.partial(self._decide, detour.provider_call, True), detour.refusal, self._watch)
        self._media = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Media)
        self._media.daemon_threads = True
        threading.Thread(target=self._media.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        for server in (self._aws, self._provider):
            server.close()
        self._media.shutdown()
        self._media.server_close()

    def up(self) -> None:
        self._found = commands.up(self._wanted, PARAMETERS, RENDER_SECONDS, commands.Ways(self._aws.url, self._provider.url))
        self._names = {self._found[f"{name}FunctionName"]: name.lower() for name in functionlogs.FUNCTIONS if f"{name}FunctionName" in self._found}
        # One client each: making one takes longer than most calls, and they may be shared by threads.
        self._dynamodb, self._s3, self._lambda, self._executions, self._sqs, self._events = (
            deploy.client(self._wanted, name) for name in ("dynamodb", "s3", "lambda", "stepfunctions", "sqs", "events")
        )
        self._url = deploy.api_url(self._wanted)
        self._table, self._bucket = self._found["TableName"], self._found["BucketName"]
        # Each is a canary: it is looked for everywhere afterwards.
        self._key = f"chaos-key-{secrets.token_hex(16)}"
        deploy.client(self._wanted, "secretsmanager").put_secret_value(SecretId=self._found["CometApiSecretArn"], SecretString=self._key)
        self._admin("settings", {"apiKey": self._key, "concurrency": _AT_ONCE})
        book = callers.Book(self._dynamodb, self._table, self._url, self._wanted.how)
        self._token, self._admins = book.add("default", False), book.add("default", True)
        for secret in (self._key, self._token, self._admins):
            self._secret(secret)
        for name in ("character.png", "reference.mp4"):
            self._s3.upload_file(str(LOCAL / "sample" / name), self._bucket, _SAMPLE + name)
        self._queue = self._tap()
        # The local AWS looks for it at the function alone, and the template has it at the alias that is called.
        failed = self._lambda.get_function_event_invoke_config(FunctionName=self._found["IngestFunctionName"], Qualifier="live")
        self._lambda.put_function_event_invoke_config(FunctionName=self._found["IngestFunctionName"], DestinationConfig=failed["DestinationConfig"])

    def run(self, seed: int, orders: int) -> str:
        watch = Stopwatch()
        # Each thing that happens at once is a JVM to start; few orders would spend their time with that.
        self._at_once = min(_AT_ONCE, max(1, orders // 4))
        reconciling = threading.Thread(target=self._reconcile, daemon=True)
        reconciling.start()
        step(f"{_WATCHED} orders while nothing fails, to see which calls there are")
        self._feed(_of_each_kind(seed, 0))
        self._rest(False)
        self._plan.begin(orders)
        say(f"    {len(self._plan.watched)} different calls of {len({function for function, _call in self._plan.watched})} functions, {watch.seconds:.0f} s")
        step(f"{orders} orders, {self._at_once} at a time, while {_SHARE:.0%} of everything fails; SEED={seed}")
        self._feed([Order.drawn(seed, index, _SHARE) for index in range(_WATCHED, _WATCHED + orders)])
        say(f"    all placed after {watch.seconds:.0f} s")
        # Few orders leave most of them out.
        for lap in range(_LAPS if orders >= len(self._plan.watched) else 0):
            left = self._plan.finish()
            if not left:
                break
            step(f"{_WATCHED} orders more, for {left} calls at which nothing was killed yet")
            # Some calls are made once by each process.
            self._processes.end()
            self._feed(_of_each_kind(seed, _WATCHED * (lap + 1) + orders))
        self._plan.end()
        self._admin("faults", None, "DELETE")
        self._admin("faults", self._elsewhere)
        step("Nothing fails any more: waiting until each task has ended, and deciding what waits for a person")
        self._rest(True)
        self._ended.set()
        reconciling.join()
        step("The final reconciliation")
        self._misuse()
        world = self._world()
        wrong = [*reckoning.differences(world), *self._leaks(world), *self._unplayable(world)]
        for line in self._report(world, orders, seed, watch.seconds):
            say(f"  {line}")
        missed = self._wanted.state / "chaos-points.txt"
        missed.write_text("".join(f"{'killed' if point in self._plan.killed else '      '}  {point[0]:<10} {_words(point)}\n" for point in sorted(self._plan.points, key=str)))
        say(f"  each point      {shown(missed)}")
        if wrong:
            raise Failure(f"The books do not agree (make chaos SEED={seed} makes the same plan):\n  " + "\n  ".join(wrong))
        return f"{len(world.tasks)} orders, {sum(self._plan.harms.values()) + sum(self._faults.values())} faults, {len(self._plan.killed)} kill points, SEED={seed}"

    # The detours

    def _decide(self, name: Callable[[Call], str], kills_only: bool, caller: Caller, call: Call) -> Harm | None:
        return self._plan.decide(self._names.get(caller.function, caller.function), name(call), kills_only)

    def _watch(self, call: Call, answer: detour.Answer) -> None:
        for secret in detour.secrets_in(call, answer):
            self._secret(secret)

    def _secret(self, secret: str) -> None:
        if secret:
            self._secrets.add(secret)

    # Those who order

    def _feed(self, orders: list[Order]) -> None:
        with concurrent.futures.ThreadPoolExecutor(self._at_once) as people:
            for placed in [people.submit(self._order, order) for order in orders]:
                placed.result()

    def _order(self, order: Order) -> None:
        if order.addresses:
            self._elsewhere.append({"on": "inputs", "action": "elsewhere", "seed": order.seed, "value": f"http://127.0.0.1:{self._media.server_port}", "times": -1})
            self._admin("faults", self._elsewhere[-1])
        if order.faults:
            self._admin("faults", order.faults)
        task = self._create(order) if order.api else self._upload(order)
        self._placed[order.number] = reckoning.Placed(order.name, order.seed, task, order.delete_after is not None)
        self._follow(order, task)
        for fault in order.faults:
            self._faults[f"{fault['on']}: {fault['action']}"] += 1

    def _upload(self, order: Order) -> None:
        form = {"seed": order.seed, "character": _SAMPLE + "character.png", "reference": _SAMPLE + "reference.mp4"}
        self._s3.put_object(Bucket=self._bucket, Key=f"incoming/{order.folder}/task.json", Body=json.dumps(form).encode())

    def _create(self, order: Order) -> str:
        """As a client with an idempotency key does: until there is an answer that counts."""
        place = f"s3://{self._bucket}/{_SAMPLE}"
        query = ""
        if order.addresses:
            canary = f"canary{secrets.token_hex(16)}"
            self._secret(canary)
            place, query = "https://media.example.com/", f"?token={canary}"
        body = {
            "model": "act_two",
            "ratio": "1280:720",
            "seed": order.seed,
            "character": {"type": "image", "uri": f"{place}character.png{query}"},
            "reference": {"type": "video", "uri": f"{place}reference.mp4{query}"},
        }
        for tries in range(30):
            status, answer = self._api("POST", "/v1/character_performance", body, {"Idempotency-Key": f"chaos-{order.seed}", "X-Stainless-Retry-Count": str(tries)})
            if status == 200:
                return json.loads(answer)["id"]
            if status not in (0, 408, 409, 429) and status < 500:
                raise Failure(f"{order.name} was refused with {status}: {answer}")
            self._counted["creates sent again"] += 1
            time.sleep(min(0.5 * 2**tries, 4))
        raise Failure(f"{order.name} could not be placed in 30 tries.")

    def _follow(self, order: Order, task_id: str | None) -> None:
        """Until it has ended or waits for somebody, but not for ever; and what its owner or an operator does to it meanwhile."""
        deadline = time.monotonic() + _FOLLOWED_SECONDS
        accepted = None
        delete_after, stop_after = order.delete_after, order.stop_after
        while time.monotonic() < deadline:
            task_id = task_id or self._item(f"ORDER#incoming/{order.folder}/task.json", "ORDER").get("taskId")
            task = self._item(f"TASK#{task_id}", "TASK") if task_id else {}
            if task:
                accepted = accepted or time.monotonic()
                since = time.monotonic() - accepted
                if delete_after is not None and since >= delete_after:
                    delete_after = None
                    self._delete(task_id)
                if stop_after is not None and since >= stop_after and self._stop(task):
                    stop_after = None
                if order.api:
                    self._api("GET", f"/v1/tasks/{task_id}")
                if task["status"] in (*tasks.ENDED, "SUBMISSION_UNKNOWN"):
                    return
            time.sleep(1)

    def _delete(self, task_id: str) -> None:
        for _try in range(10):
            status, _answer = self._api("DELETE", f"/v1/tasks/{task_id}")
            if status in (204, 200, 404):
                self._counted["deleted by their users"] += 1
                return
            time.sleep(0.5)

    def _stop(self, task: dict) -> bool:
        arn = f"{self._found['StateMachineArn'].replace(':stateMachine:', ':execution:')}:{task['id']}-{int(task['generation'])}"
        try:
            if self._executions.describe_execution(executionArn=arn)["status"] != "RUNNING":
                return False
            self._executions.stop_execution(executionArn=arn, error="Stopped", cause="by make chaos")
        except ClientError:
            # It has none yet, or has no more.
            return False
        self._counted["executions stopped"] += 1
        return True

    def _api(self, method: str, path: str, body: dict | None = None, headers: dict[str, str] | None = None, token: str | None = None) -> tuple[int, str]:
        """The status, 0 without an answer, and the body."""
        request = urllib.request.Request(self._url + path, method=method, data=json.dumps(body).encode() if body is not None else None)
        for name, value in {"Authorization": f"Bearer {token or self._token}", "Content-Type": "application/json", "X-Runway-Version": "2024-11-06", **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            self._bodies.append(text)
            return error.code, text
        except (OSError, http.client.HTTPException):
            return 0, ""

    # Those who operate it

    def _reconcile(self) -> None:
        """More often than once a minute: what takes minutes at work takes seconds here."""
        while not self._ended.wait(_EVERY_SECONDS):
            with contextlib.suppress(BotoCoreError, ClientError):
                answer = self._lambda.invoke(FunctionName=self._found["ReconcileFunctionName"], Qualifier="live", Payload=b"{}")
                self._counted["runs of reconcile"] += 1
                self._counted["of them killed or failed"] += "FunctionError" in answer

    def _rest(self, people: bool) -> None:
        end = time.monotonic() + _REST_SECONDS
        while True:
            items = list(self._items())
            known = {int(item["request"]["seed"]) for item in items if item["sk"] == "TASK"}
            open_tasks = [item for item in items if item["sk"] == "TASK" and item["status"] not in tasks.ENDED]
            missing = [order for number, order in self._placed.items() if order.seed not in known]
            owed = [item for item in items if item["sk"] == "OUTBOX" or item["pk"].startswith("ORDER#") and item["state"] == "WAITING"]
            paused = any(item["sk"] == "CONTROL" and item.get("paused") for item in items)
            if not (open_tasks or missing or owed or people and paused or any(self._running())):
                return
            if time.monotonic() > end:
                # What stands still is said by the reconciliation.
                return
            if people:
                self._decide_unknown([task for task in open_tasks if task["status"] == "SUBMISSION_UNKNOWN"])
                self._let_time_pass(open_tasks)
                if paused and not open_tasks:
                    self._resume()
                self._find_again()
            time.sleep(2)

    def _decide_unknown(self, unknown: list[dict]) -> None:
        """As docs/operations.md says: by what the provider has charged."""
        ledger = self._ledger() if unknown else {}
        for task in unknown:
            seed = int(task["request"]["seed"])
            known = {attempt.get("providerTaskId") for attempt in task["attempts"]}
            charged = [charge["providerTaskId"] for charge in ledger["charges"] if charge["seed"] == seed and charge["providerTaskId"] not in known]
            if charged:
                decision = {"decision": "attach", "providerTaskId": charged[0]}
            elif seed % 2 and "hiddenAt" not in task:
                decision = {"decision": "new_attempt"}
            else:
                decision = {"decision": "give_up", "charged": "no"}
            status, _answer = self._api("POST", f"/v1/tasks/{task['id']}/resolve", {**decision, "why": "By the provider's ledger."}, token=self._admins)
            self._counted[f"decided by a person: {decision['decision']}"] += status == 200

    def _let_time_pass(self, open_tasks: list[dict]) -> None:
        """What takes many minutes: the pauses of 1, 5, 15, 60 until a task that could not be started is tried again, and until one is missed whose execution never began."""
        now = datetime.now(timezone.utc)
        running = set(self._running())
        for task in open_tasks:
            if task["status"] == "QUEUED" and not task["place"] and "notBefore" in task:
                attribute = "notBefore"
            elif task["status"] in ("SUBMITTED", "PERSISTING") and "dueAt" in task and f"{task['id']}-{int(task['generation'])}" not in running:
                attribute = "dueAt"
            else:
                continue
            if datetime.fromisoformat(task[attribute]) < now + timedelta(seconds=20):
                continue
            # The index of what is due has the same time.
            also = ", gsi2sk = :now" if attribute == "dueAt" else ""
            with contextlib.suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key={"pk": {"S": task["pk"]}, "sk": {"S": "TASK"}},
                    UpdateExpression=f"SET {attribute} = :now{also}",
                    ConditionExpression=f"{attribute} = :then",
                    ExpressionAttributeValues={":now": {"S": now.isoformat(timespec="milliseconds").replace("+00:00", "Z")}, ":then": {"S": task[attribute]}},
                )
                self._counted["long waits cut short"] += 1

    def _resume(self) -> None:
        """Paused by itself, and no task waits that could be the probe: the cause is mended, so a person resumes."""
        status, _answer = self._api("POST", "/v1/resume", {"why": "The cause is mended."}, token=self._admins)
        self._counted["resumed by a person"] += status == 200

    def _find_again(self) -> None:
        """An upload that Lambda gave up, told by the queue of failed events: the form is uploaded once more (docs/operations.md)."""
        lost = self._sqs.receive_message(QueueUrl=self._found["FailedEventsQueueUrl"], MaxNumberOfMessages=10).get("Messages", [])
        for message in lost:
            self._counted["events that Lambda gave up"] += 1
            for folder in set(re.findall(r"incoming/(chaos-\d{4})/", message["Body"])):
                form = self._s3.get_object(Bucket=self._bucket, Key=f"incoming/{folder}/task.json")["Body"].read()
                self._s3.put_object(Bucket=self._bucket, Key=f"incoming/{folder}/task.json", Body=form)
                self._counted["orders found again by another upload"] += 1
            self._sqs.delete_message(QueueUrl=self._found["FailedEventsQueueUrl"], ReceiptHandle=message["ReceiptHandle"])

    def _misuse(self) -> None:
        """What is refused must not say more than it should."""
        stranger = callers.PREFIX + secrets.token_urlsafe(32)
        canary = f"canary{secrets.token_hex(16)}"
        for secret in (stranger, canary):
            self._secret(secret)
        self._api("GET", "/v1/tasks", token=stranger)
        self._api("POST", "/v1/character_performance", {"model": "act_two", "ratio": "1:1", "character": {"type": "image", "uri": f"http://media.example.com/a?X-Amz-Signature={canary}"}})
        self._api("POST", "/v1/tasks/none/resolve", {"decision": "attach", "providerTaskId": "none", "why": "By mistake."}, token=self._admins)

    # What is looked at afterwards

    def _world(self) -> reckoning.World:
        items = list(self._items())
        keys = [entry["Key"] for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix="outputs/") for entry in page.get("Contents", [])]
        self._texts = {key: self._read(key).decode() for key in keys if key.endswith(".json")}
        ids = [item["providerTaskId"] for item in items if item["sk"] == "TASK" and item["status"] == "SUCCEEDED"]
        return reckoning.World(
            placed=[*self._placed.values()],
            items=items,
            ledger=self._ledger(),
            videos={key: hashlib.sha256(self._read(key)).hexdigest() for key in keys if key.endswith(".mp4")},
            rendered={each: self._rendered(each) for each in ids},
            pages={key: json.loads(text) for key, text in self._texts.items()},
            uploads=[upload["Key"] for upload in self._s3.list_multipart_uploads(Bucket=self._bucket).get("Uploads", [])],
            running=[*self._running()],
            told=self._told(),
            least_seconds=float(PARAMETERS["PollMinSeconds"]),
        )

    def _told(self) -> dict[str, str]:
        self._heard = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._heard.append(message["Body"])
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        details = sorted((json.loads(body)["detail"] for body in self._heard), key=lambda detail: detail["version"])
        return {detail["taskId"]: detail["status"] for detail in details}

    def _leaks(self, world: reckoning.World) -> Iterator[str]:
        """Each secret of this run, looked for in everything that is kept or shown."""
        places = {
            "log of a function": "\n".join(functionlogs.lines(self._wanted, self._found)),
            "item of the table": json.dumps(world.items, default=str),
            "event": "\n".join(self._heard),
            "history of an execution": "\n".join(self._histories()),
            "document in the bucket": "\n".join(self._texts.values()),
            "answer of the API that refuses": "\n".join(self._bodies),
        }
        self._looked = sum(map(len, places.values()))
        for place, text in places.items():
            if not text:
                yield f"There is no {place}, so nothing was looked at."
            words = set(re.findall(r"[A-Za-z0-9_/+=.-]{16,}", text))
            whole = [each for each in (self._key, self._token, self._admins) if each in text]
            for secret in [*(self._secrets & words), *whole, *{found[0] for found in _TELLING.finditer(text)}]:
                before = text[: text.index(secret)][-80:]
                yield f"A secret stands in this {place}, after: …{before}"

    def _unplayable(self, world: reckoning.World) -> Iterator[str]:
        """That the bytes are the provider's is known of all; that they play to the end is tried with some."""
        for task in [task for task in world.tasks if task["status"] == "SUCCEEDED"][-_PLAYED:]:
            with tempfile.NamedTemporaryFile(suffix=".mp4") as video:
                video.write(self._read(task["output"]["key"]))
                video.flush()
                done = subprocess.run([tools.ffmpeg(), "-v", "error", "-i", video.name, "-f", "null", "-"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if done.returncode or done.stderr:
                yield f"The video {task['output']['key']} does not play: {done.stderr.decode(errors='replace').strip()}"

    def _report(self, world: reckoning.World, orders: int, seed: int, seconds: float) -> Iterator[str]:
        plan, ledger = self._plan, world.ledger
        ends = collections.Counter(task["status"] for task in world.tasks)
        yield f"orders          {len(world.placed)}, {orders} of them while everything failed; SEED={seed}"
        yield f"their ends      {_listed(ends)}"
        yield f"calls           {sum(plan.heard.values())} of {len(plan.heard)} kinds"
        yield f"calls harmed    {_listed({harm.value: count for harm, count in plan.harms.items()})}"
        yield f"the provider    {_listed(self._faults)}"
        yield f"besides         {_listed(self._counted)}"
        usual = {point for point in plan.points if point[:2] in plan.watched}
        yield f"kill points     {len(plan.killed & usual)} of {len(usual)} of the calls of orders that go well, and {len(plan.killed - usual)} of {len(plan.points - usual)} that only faults bring about"
        missed = sorted(usual - plan.killed, key=str)
        # Few orders leave most of them out.
        for point in missed if len(missed) <= _MISSED else []:
            yield f"  not hit       {point[0]}: {_words(point)}"
        yield f"charges         {len(ledger['charges'])} for {len(world.tasks)} tasks and {len(ledger['submits'])} POSTs; the most for one task {max(collections.Counter(charge['seed'] for charge in ledger['charges']).values(), default=0)}"
        yield f"secrets         {len(self._secrets)} looked for in {self._looked / 1e6:.1f} MB of logs, items, events, histories, documents and refusals"
        yield f"time            {seconds:.0f} s"

    # Small things

    def _tap(self) -> str:
        """A queue that keeps every event."""
        queue = self._sqs.create_queue(QueueName="chaos-events")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn, "Principal": {"Service": "events.amazonaws.com"}}]}
        self._sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
        self._events.put_rule(Name="chaos-events", EventPattern=json.dumps({"source": ["understudy"]}))
        self._events.put_targets(Rule="chaos-events", Targets=[{"Id": "queue", "Arn": arn}])
        return queue

    def _items(self) -> Iterator[dict]:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True):
            for item in page["Items"]:
                yield tasks.untyped(item)

    def _item(self, pk: str, sk: str) -> dict:
        return tasks.untyped(self._dynamodb.get_item(TableName=self._table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True).get("Item") or {})

    def _read(self, key: str) -> bytes:
        return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def _running(self) -> Iterator[str]:
        for page in self._executions.get_paginator("list_executions").paginate(stateMachineArn=self._found["StateMachineArn"], statusFilter="RUNNING"):
            yield from (execution["name"] for execution in page["executions"])

    def _histories(self) -> Iterator[str]:
        for page in self._executions.get_paginator("list_executions").paginate(stateMachineArn=self._found["StateMachineArn"]):
            for execution in page["executions"]:
                for events in self._executions.get_paginator("get_execution_history").paginate(executionArn=execution["executionArn"], includeExecutionData=True):
                    yield json.dumps(events["events"], default=str)

    def _ledger(self) -> dict:
        return self._admin("ledger")

    def _rendered(self, provider_task_id: str) -> str:
        """The SHA-256 of what the provider hands out to whoever asks now."""
        request = urllib.request.Request(f"{provider.url(self._wanted)}/runwayml/v1/tasks/{provider_task_id}", headers={"Authorization": f"Bearer {self._key}", "X-Runway-Version": "2024-11-06"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            (address, *_others) = re.findall(r'"(http://[^"]+)"', answer.read().decode())
        with urllib.request.urlopen(address, timeout=30) as answer:
            return hashlib.sha256(answer.read()).hexdigest()

    def _admin(self, what: str, body: dict | list | None = None, method: str | None = None) -> dict:
        request = urllib.request.Request(f"{provider.url(self._wanted)}/admin/{what}", method=method, data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")


class _Media(http.server.SimpleHTTPRequestHandler):
    """The web server of somebody who orders by address."""

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, directory=os.fspath(LOCAL / "sample"), **more)

    def log_message(self, *_args) -> None:
        """Its addresses have a secret in them."""


def _words(point: tuple[str, str, Harm]) -> str:
    _function, call, harm = point
    return f"{'before' if harm is Harm.KILLED_BEFORE else 'after'} {call}"


def _listed(counts) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if count) or "none"
