"""What `make smoke` refuses, what it reads from an answer, and that it keeps its distance. Whole runs in every form: stack/smokevariants.py."""

import itertools
import json
import os
import unittest
from datetime import datetime, timedelta, timezone
from unittest import mock

from stack import comet, smoke
from stack.console import Failure
from stack.reach import Reach

URL = "https://cdn.example.com/video.mp4?X-Amz-Expires=86400&X-Amz-Signature=secret"
BARE = {"id": "t", "status": "SUCCEEDED", "createdAt": "2026-11-21T14:02:11Z", "output": [URL]}
WRAPPED = {"code": "success", "message": "", "data": {"task_id": "t", "status": "SUCCESS", "fail_reason": "", "progress": "100%", "data": BARE}}


def seen(body, status: int = 200) -> smoke.Seen:
    return smoke._seen(comet.Answer(status, "application/json", body if isinstance(body, str) else json.dumps(body)), 0)


class TheAnswers(unittest.TestCase):
    def test_shapes(self):
        for body, status, shape in (
            (BARE, 200, "bare, Runway's own task"),
            (WRAPPED, 200, "wrapped, with Runway's task in data.data"),
            ({"code": "success", "data": {"status": "QUEUED", "data": None}}, 200, "wrapped, without Runway's task"),
            ({"code": "task_not_exist", "message": "task_not_exist", "data": None}, 400, "task_not_exist"),
            ({"status": "task_not_exist"}, 200, "task_not_exist"),
            ("<html>", 404, "task_not_exist"),
            ("<html>", 200, "no JSON object"),
            ({"error": {"message": "x"}}, 500, "an error"),
        ):
            with self.subTest(shape=shape, status=status):
                self.assertEqual(shape, seen(body, status).shape)
        self.assertEqual("no answer", smoke._seen(comet.Answer(0, "", "TimeoutError"), 0).shape)

    def test_where_the_output_stands(self):
        self.assertEqual(("output[0]", URL), seen(BARE).urls[0])
        self.assertEqual(("data.data.output[0]", URL), seen(WRAPPED).urls[0])
        self.assertEqual(("data.fail_reason", URL), seen({"data": {"status": "SUCCESS", "fail_reason": URL}}).urls[0])

    def test_no_content_is_kept(self):
        shape = json.dumps(seen(WRAPPED).skeleton)
        self.assertIn("<address on cdn.example.com>", shape)
        self.assertIn('"progress": "100%"', shape)
        for word in ("X-Amz", "secret", "2026-11-21", '"t"'):
            self.assertNotIn(word, shape)

    def test_how_long_an_address_says_that_it_lives(self):
        self.assertEqual(86400, smoke._declared(URL))
        self.assertIsNone(smoke._declared("https://cdn.example.com/video.mp4?token=abc"))


class Asking(unittest.TestCase):
    def setUp(self):
        self.enterContext(mock.patch.object(smoke, "say"))

    def reach(self) -> Reach:
        stack = Reach("understudy", mock.Mock(), "eu-west-1", {}, "", str)
        stack.__dict__["settings"] = {"PRICE_USD": "0.40", "COMET_API_BASE_URL": "https://api.cometapi.com"}
        return stack

    def test_nothing_is_spent_without_a_yes(self):
        with mock.patch.dict(os.environ, {"YES": ""}), mock.patch("sys.stdin.isatty", return_value=False), self.assertRaisesRegex(Failure, r"\$0\.40 .*YES=1"):
            smoke.ask(self.reach())
        for typed in ("", "y", "no", "YES"):
            with mock.patch.dict(os.environ, {"YES": "0"}), mock.patch("sys.stdin.isatty", return_value=True), mock.patch("builtins.input", return_value=typed), self.assertRaisesRegex(Failure, "nothing was spent"):
                smoke.ask(self.reach())

    def test_a_yes_is_enough(self):
        with mock.patch.dict(os.environ, {"YES": "1"}):
            smoke.ask(self.reach())
        with mock.patch.dict(os.environ, {"YES": ""}), mock.patch("sys.stdin.isatty", return_value=True), mock.patch("builtins.input", return_value="yes"):
            smoke.ask(self.reach())

    def test_a_plan_that_cannot_be_meant_is_refused(self):
        for variables in ({"CHARACTER": "https://example.com/a.png"}, {"HOURS": "soon"}, {"HOURS": "100"}, {"HOURS": "nan"}):
            with self.subTest(variables), mock.patch.dict(os.environ, {"CHARACTER": "", "REFERENCE": "", "HOURS": "", **variables}), self.assertRaises(Failure):
                smoke.read_plan()


class KeepingItsDistance(unittest.TestCase):
    """The provider is asked at most every GAP seconds, by Understudy and by us together."""

    GAP = 5.0

    def setUp(self):
        self.now = 0.0
        self.asked: list[float] = []
        provider = mock.Mock()
        provider.task.side_effect = lambda _id: self.asked.append(self.now) or comet.Answer(200, "", json.dumps(BARE))
        self.watch = smoke.Watch(mock.Mock(), provider, self.GAP, timedelta(seconds=300), lambda: self.now, lambda _seconds: None)

    def pass_by(self, seconds: int, polls, next_in, grace: int = 300) -> None:
        for _ in range(seconds * 2):
            self.now += 0.5
            next_poll = datetime.now(timezone.utc) + timedelta(seconds=next_in(self.now))
            self.watch._look_if_nobody_else_does({"status": "SUBMITTED", "providerTaskId": "t", "polls": polls(self.now), "nextPollAt": next_poll.isoformat(), "dueAt": (next_poll + timedelta(seconds=grace)).isoformat()})

    def test_before_the_first_poll_there_is_room(self):
        self.pass_by(60, lambda _now: 0, lambda now: 75 - now)
        self.assertGreaterEqual(len(self.asked), 9)
        self.assertGreaterEqual(min(later - earlier for earlier, later in itertools.pairwise(self.asked)), self.GAP)

    def test_between_polls_that_are_close_there_is_none(self):
        self.pass_by(60, lambda now: 1 + int(now // 6), lambda now: 6 - now % 6)
        self.assertEqual([], self.asked)

    def test_between_polls_that_are_far_apart_one_fits_and_keeps_away_from_both(self):
        self.pass_by(60, lambda now: 1 + int(now // 20), lambda now: 20 - now % 20)
        self.assertTrue(self.asked)
        for moment in self.asked:
            self.assertGreaterEqual(moment % 20, self.GAP - 0.5)
            self.assertGreaterEqual(20 - moment % 20, self.GAP)

    def test_while_somebody_waits_for_an_answer_there_is_none(self):
        self.pass_by(60, lambda _now: 1, lambda _now: 60, grace=270)
        self.assertEqual([], self.asked)
