"""`make chaos`: what calls are called, what becomes of them on a detour, and that no difference between the books goes unseen."""

import copy
import dataclasses
import http.client
import http.server
import json
import threading
import unittest

from stack import chaos, detour, reckoning
from stack.detour import Answer, Call, Caller, Detour, Harm
from stack.reckoning import Placed, World

_TASK_ID = "2152fc1d-4c6a-490e-9cfb-c899a2667368"
_PUT = {"Put": {"Item": {"pk": {"S": f"TASK#{_TASK_ID}"}, "sk": {"S": "TASK"}, "status": {"S": "SUBMITTING"}}}}
_ADD = {"Update": {"Key": {"pk": {"S": "LIMIT"}, "sk": {"S": "TENANT#default"}}}}


def _dynamodb(operation: str, body: dict) -> Call:
    return Call("POST", "/", [("X-Amz-Target", f"DynamoDB_20120810.{operation}")], json.dumps(body).encode())


class TheNameOfACall(unittest.TestCase):
    def test_writes_that_mean_different_things_have_different_names(self):
        other = copy.deepcopy(_PUT)
        other["Put"]["Item"]["status"]["S"] = "SUBMITTED"
        self.assertEqual(detour.aws_call(_dynamodb("TransactWriteItems", {"TransactItems": [_PUT, _ADD]})), "DynamoDB TransactWriteItems task=SUBMITTING+tenant limit")
        self.assertEqual(detour.aws_call(_dynamodb("TransactWriteItems", {"TransactItems": [other]})), "DynamoDB TransactWriteItems task=SUBMITTED")

    def test_the_name_of_a_call_does_not_depend_on_the_order(self):
        for path, name in {
            "/bucket/incoming/one/task.json": "S3 GetObject task.json",
            "/bucket/outputs/one/a__b.mp4": "S3 GetObject video",
            "/bucket/outputs/one/a__b.json": "S3 GetObject facts",
            "/bucket?list-type=2&prefix=incoming%2Fone%2F": "S3 ListObjects",
            "/bucket?uploads&prefix=x": "S3 ListMultipartUploads",
        }.items():
            self.assertEqual(detour.aws_call(Call("GET", path, [], b"")), name)

    def test_the_steps_of_an_upload_in_parts_are_told_apart(self):
        path = "/bucket/outputs/one/a__b.mp4"
        names = [detour.aws_call(Call(method, path + query, [], b"")) for method, query in (("POST", "?uploads"), ("PUT", "?partNumber=1&uploadId=u"), ("POST", "?uploadId=u"), ("DELETE", "?uploadId=u"))]
        self.assertEqual(names, ["S3 CreateMultipartUpload video", "S3 UploadPart video", "S3 CompleteMultipartUpload video", "S3 AbortMultipartUpload video"])

    def test_what_is_signed_is_remembered_to_be_looked_for(self):
        signature = "ab" * 32
        call = Call("POST", "/v1", [], json.dumps({"uri": f"http://h/k?X-Amz-Signature={signature}&x=y"}).encode())
        answer = Answer(200, [], b'{"output":["http://h/o?_jwt=abc.def.ghi"]}')
        self.assertEqual(detour.secrets_in(call, answer), {signature, "abc.def.ghi"})


class _Target(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    taken: list[bytes] = []

    def do_POST(self):
        self.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "8")
        self.end_headers()
        self.wfile.write(b"accepted")

    def log_message(self, *_args):
        pass


class _Processes:
    """One function, which is told when it is ended."""

    def __init__(self):
        self.killed: list[tuple[Caller, int]] = []

    def owner(self, _port, _server_port):
        return Caller(4711, "submit")

    def kill(self, caller):
        self.killed.append((caller, len(_Target.taken)))


class ADetour(unittest.TestCase):
    def setUp(self):
        _Target.taken.clear()
        self.processes = _Processes()
        self.target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Target)
        self.addCleanup(self.target.server_close)
        self.addCleanup(self.target.shutdown)
        threading.Thread(target=self.target.serve_forever, daemon=True).start()

    def ask(self, harm: Harm | None) -> tuple[int, bytes]:
        way = Detour(self.target.server_port, self.processes, lambda _caller, _call: harm, detour.refusal, lambda _call, _answer: None)
        self.addCleanup(way.close)
        connection = http.client.HTTPConnection("127.0.0.1", int(way.url.rpartition(":")[2]), timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", "/", b"order", {"X-Amz-Target": "DynamoDB_20120810.PutItem"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def test_what_is_not_harmed_is_handed_on_as_it_is(self):
        self.assertEqual(self.ask(None), (200, b"accepted"))
        self.assertEqual(_Target.taken, [b"order"])

    def test_what_is_harmed_before_does_not_arrive(self):
        self.assertGreaterEqual(self.ask(Harm.REFUSED)[0], 400)
        for harm in (Harm.CUT_BEFORE, Harm.KILLED_BEFORE):
            with self.assertRaises(OSError):
                self.ask(harm)
        self.assertEqual(_Target.taken, [])

    def test_a_call_whose_answer_is_harmed_is_carried_out_once(self):
        self.assertGreaterEqual(self.ask(Harm.FAILED_AFTER)[0], 400)
        for harm in (Harm.LOST, Harm.KILLED_AFTER, Harm.HALF):
            with self.assertRaises((OSError, http.client.HTTPException)):
                self.ask(harm)
        self.assertEqual(_Target.taken, [b"order"] * 4)

    def test_a_process_is_ended_before_or_after_its_call(self):
        for harm, taken in ((Harm.KILLED_BEFORE, 0), (Harm.KILLED_AFTER, 1)):
            with self.assertRaises(OSError):
                self.ask(harm)
            self.assertEqual(self.processes.killed[-1], (Caller(4711, "submit"), taken))


class ThePlan(unittest.TestCase):
    def test_the_same_seed_makes_the_same_plan(self):
        def drawn(seed: int) -> list:
            plan = chaos.Plan(seed, 0.05)
            plan.begin(20)
            return [plan.decide("submit", f"call {index % 7}", False) for index in range(500)]

        self.assertEqual(drawn(1), drawn(1))
        self.assertNotEqual(drawn(1), drawn(2))
        self.assertEqual([chaos.Order.drawn(1, index, 0.05) for index in range(50)], [chaos.Order.drawn(1, index, 0.05) for index in range(50)])

    def test_each_point_is_killed_once_for_sure_when_there_are_enough_orders(self):
        plan = chaos.Plan(3, 0.0)
        plan.decide("poll", "GET", True)
        plan.begin(200)
        for _time in range(200):
            plan.decide("poll", "GET", True)
            plan.decide("poll", "only heard while things go wrong", True)
        self.assertEqual(plan.killed, plan.points)
        self.assertEqual(plan.harms, {Harm.KILLED_BEFORE: 2, Harm.KILLED_AFTER: 2})

    def test_in_the_end_only_what_was_missed_is_killed_once(self):
        plan = chaos.Plan(3, 1.0)
        for call in ("GET", "PUT"):
            plan.decide("poll", call, True)
        plan.begin(200)
        plan.decide("poll", "only heard while things go wrong", False)
        plan.killed = {("poll", "GET", harm) for harm in (Harm.KILLED_BEFORE, Harm.KILLED_AFTER)}
        self.assertEqual(2, plan.finish())
        heard = [plan.decide("poll", call, True) for call in ("GET", "PUT", "only heard while things go wrong", "PUT", "PUT")]
        self.assertEqual([None, Harm.KILLED_BEFORE, None, Harm.KILLED_AFTER, None], heard)
        self.assertEqual(0, plan.finish())

    def test_nothing_is_harmed_before_it_begins_and_when_it_is_over(self):
        plan = chaos.Plan(3, 1.0)
        self.assertIsNone(plan.decide("poll", "GET", False))
        plan.begin(20)
        self.assertIsNotNone(plan.decide("poll", "GET", False))
        plan.end()
        self.assertIsNone(plan.decide("poll", "GET", False))


_SHA = "44e1"
_KEY = "outputs/one/a__b.mp4"


def _world() -> World:
    """One order that went well."""
    task = {
        "pk": f"TASK#{_TASK_ID}",
        "sk": "TASK",
        "id": _TASK_ID,
        "tenant": "default",
        "status": "SUCCEEDED",
        "sentence": "It is there.",
        "place": False,
        "attempt": 1,
        "request": {"seed": 5},
        "attempts": [{"number": 1, "charge": "CHARGED", "month": "2026-11", "cents": 40, "providerTaskId": "p1"}],
        "providerTaskId": "p1",
        "output": {"key": _KEY, "sha256": _SHA},
        "order": {"folder": "one"},
    }
    return World(
        placed=[Placed("Order 1", 5, None)],
        items=[
            task,
            {"pk": "LIMIT", "sk": "STACK", "inFlight": 0},
            {"pk": "SPEND#default", "sk": "2026-11", "reserved": 0, "charged": 40, "unknown": 0, "committed": 40},
            {"pk": "ORDER#incoming/one/task.json", "sk": "ORDER", "state": "ACCEPTED", "note": ""},
            {"pk": "CONTROL", "sk": "H#000001", "paused": True, "reason": "It was paused once."},
        ],
        ledger={
            "charges": [{"providerTaskId": "p1", "seed": 5}],
            "tasks": [{"id": "p1", "seed": 5, "status": "SUCCEEDED", "gets": ["2026-11-21T16:06:46.000Z", "2026-11-21T16:06:47.749Z"]}],
            "submits": [{"seed": 5}],
        },
        videos={_KEY: _SHA},
        rendered={"p1": _SHA},
        pages={"outputs/one/status.json": {"takes": [{"taskId": _TASK_ID, "status": "SUCCEEDED", "charged": "yes"}]}, "outputs/one/a__b.json": {"sha256": _SHA}},
        uploads=[],
        running=[],
        told={_TASK_ID: "SUCCEEDED"},
        least_seconds=1,
    )


class TheReckoning(unittest.TestCase):
    def found(self, change) -> str:
        world = _world()
        changed = change(world)
        world = changed if isinstance(changed, World) else world
        return " ".join(reckoning.differences(world))

    def test_the_books_agree_after_an_order_that_went_well(self):
        self.assertEqual(self.found(lambda _world: None), "")

    def test_an_attempt_that_was_replaced_without_knowing_stays_unknown(self):
        def ordered_anew(world: World) -> None:
            task = world.items[0]
            task["attempt"] = 2
            task["attempts"].insert(0, {"number": 1, "charge": "UNKNOWN", "month": "2026-11", "cents": 40})
            task["attempts"][1]["number"] = 2
            world.items[2].update(unknown=40, committed=80)

        self.assertEqual(self.found(ordered_anew), "")

    def test_no_difference_goes_unseen(self):
        def with_task(**changes):
            return lambda world: world.items[0].update(changes)

        def with_attempt(**changes):
            return lambda world: world.items[0]["attempts"][0].update(changes)

        differences = {
            "is lost": lambda world: world.placed.append(Placed("Order 2", 6, None)),
            "became 2 tasks": lambda world: world.items.append({**world.items[0], "id": "another"}),
            "Nobody ordered": lambda world: world.placed.clear(),
            "which is not the one in the table": lambda world: dataclasses.replace(world, placed=[Placed("Order 1", 5, "another")]),
            "has not come to an end": with_task(status="SUBMITTED"),
            "nobody took it back": with_task(status="CANCELLED"),
            "given up as not charged": with_task(status="FAILED", failure={"code": reckoning.GIVEN_UP}),
            "at the provider it is SUCCEEDED": with_task(status="FAILED", failure={"code": "PROVIDER.FAILED"}),
            "holds a place": with_task(place=True),
            "was charged 2 times": lambda world: world.ledger["charges"].append({"providerTaskId": "p2", "seed": 5}),
            "one of them was repeated": lambda world: world.ledger["submits"].append({"seed": 5}),
            "no attempt of it knows the id": lambda world: world.items[0]["attempts"][0].pop("providerTaskId"),
            "which the provider has not charged": lambda world: world.ledger["charges"].clear(),
            "the same id": lambda world: world.items[0]["attempts"].append(world.items[0]["attempts"][0]),
            "counts as RETURNED, and the provider has charged": with_attempt(charge="RETURNED"),
            "counts as UNKNOWN, and the provider has not charged": lambda world: world.items[0].update(attempts=[{"number": 1, "charge": "UNKNOWN", "month": "2026-11", "cents": 40}]),
            "is not in the bucket": lambda world: world.videos.clear(),
            "is not the one that was checked": lambda world: world.videos.update({_KEY: "other"}),
            "is not what the provider rendered": lambda world: world.rendered.update(p1="other"),
            "The facts beside": lambda world: world.pages.pop("outputs/one/a__b.json"),
            "the newest event says nothing": lambda world: world.told.clear(),
            "status.json says SUCCEEDED (charged: no)": lambda world: world.pages["outputs/one/status.json"]["takes"][0].update(charged="no"),
            "belongs to no task.": lambda world: world.ledger["charges"].append({"providerTaskId": "p9", "seed": 9}),
            "twice within 0.900 s": lambda world: world.ledger["tasks"][0]["gets"].append("2026-11-21T16:06:48.649Z"),
            "has 40 cents charged, and its tasks make 0": with_attempt(charge="RETURNED"),
            "reserved, and nothing is under way": lambda world: world.items[2].update(reserved=40, committed=80),
            "counts 1 places": lambda world: world.items[1].update(inFlight=1),
            "owed to be told": lambda world: world.items.append({"pk": f"TASK#{_TASK_ID}", "sk": "OUTBOX"}),
            "still waits": lambda world: world.items[3].update(state="WAITING"),
            "is paused": lambda world: world.items.append({"pk": "CONTROL", "sk": "CONTROL", "paused": True, "reason": "r"}),
            "A multipart upload": lambda world: world.uploads.append(_KEY),
            "still runs": lambda world: world.running.append("e"),
            "belongs to no task that succeeded": lambda world: world.videos.update({"outputs/one/x.mp4": _SHA}),
        }
        for sentence, change in differences.items():
            with self.subTest(sentence):
                self.assertIn(sentence, self.found(change))


if __name__ == "__main__":
    unittest.main()
