"""What a person reads to decide about an unknown submission."""

import os
import unittest
from datetime import date
from decimal import Decimal
from unittest import mock

from stack import comet, evidence
from stack.console import Failure
from stack.evidence import Post, Used

DAY = date(2026, 11, 21)
BEFORE, AFTER = date(2026, 11, 20), date(2026, 11, 22)
PRICE = Decimal("0.40")


def post(number: int, charge: str, provider_task_id: str | None = None, at: str = "2026-11-21T14:02:11.000Z") -> Post:
    return Post(at, f"task-{number}", 1, charge, provider_task_id, "SUBMITTED")


def page(posts: list[Post], used: Used | None) -> list[str]:
    return list(evidence.report("understudy", DAY, posts, {BEFORE: None, DAY: used, AFTER: None}, PRICE))


class TheReport(unittest.TestCase):
    known = [post(1, "CHARGED", "id-1"), post(2, "UNKNOWN", "id-2")]

    def verdict(self, posts: list[Post], requests: int) -> str:
        lines = page(posts, Used(requests, PRICE * requests))
        (verdict,) = [line for line in lines if line.startswith(("==> Matched", "==> UNMATCHED", "==> The provider"))]
        return verdict

    def test_what_is_accounted_for_matches(self):
        self.assertEqual("==> Matched: the provider counted as many requests as are known to be charged.", self.verdict(self.known, 2))

    def test_an_unknown_one_that_was_not_counted_was_most_likely_not_charged(self):
        self.assertIn("Matched", self.verdict([*self.known, post(3, "UNKNOWN")], 2))
        self.assertIn("Nothing suggests that an unknown one was charged", self.verdict([*self.known, post(3, "UNKNOWN")], 2))

    def test_an_unknown_one_that_was_counted_stands_out(self):
        self.assertIn("UNMATCHED: the provider counted 1 more than are known to be charged, so the unknown request was charged", self.verdict([*self.known, post(3, "UNKNOWN")], 3))
        self.assertIn("1 of the 2 unknown requests were charged", self.verdict([*self.known, post(3, "UNKNOWN"), post(4, "UNKNOWN")], 3))

    def test_what_nobody_here_sent_stands_out(self):
        self.assertIn("1 of them are no request of this stack", self.verdict(self.known, 3))
        self.assertIn("refused requests too, of which there were 1", self.verdict([*self.known, post(5, "RETURNED")], 3))

    def test_a_count_that_is_late_is_no_alarm(self):
        self.assertIn("counted 1 fewer", self.verdict(self.known, 1))

    def test_a_charge_that_a_person_confirmed_is_known(self):
        self.assertIn("Matched", self.verdict([post(1, "CHARGED")], 1))

    def test_the_row_without_an_id_is_marked_and_refused_ones_are_counted_only(self):
        lines = page([*self.known, post(3, "UNKNOWN"), post(4, "RETURNED")], Used(3, Decimal("1.20")))
        (marked,) = [line for line in lines if line.startswith("==>") and "task-3" in line]
        self.assertIn("none is known", marked)
        self.assertNotIn("task-4", "\n".join(lines))
        self.assertTrue(any("1 more were refused" in line for line in lines))
        self.assertTrue(any("that of 3 tasks at $0.40" in line for line in lines))

    def test_midnight_is_said(self):
        self.assertTrue(any("within an hour of midnight" in line for line in page([post(1, "CHARGED", "id", "2026-11-21T23:30:00.000Z")], None)))

    def test_a_day_without_anything(self):
        lines = page([], None)
        self.assertIn("    none", lines)
        self.assertTrue(any("Matched" in line for line in lines))


class TheUsage(unittest.TestCase):
    usage = {"daily_quota": {"2026-11-21": [{"token_name": "ours", "quota_used": 0.8, "request_count": 2}, {"token_name": "other", "quota_used": "1", "request_count": "3"}]}}

    def test_of_several_keys_ours_has_to_be_named(self):
        with self.assertRaisesRegex(Failure, "KEYNAME"):
            evidence._used(self.usage, None)
        self.assertEqual({"2026-11-21": Used(2, Decimal("0.8"))}, evidence._used(self.usage, "ours"))

    def test_a_failure_never_shows_the_key(self):
        provider = comet.Comet("http://127.0.0.1:1", "sk-secret")
        with self.assertRaises(Failure) as failure:
            provider.usage("2026-11-21", "2026-11-21")
        self.assertNotIn("sk-secret", str(failure.exception) + repr(provider))

    def test_the_real_provider_has_a_host_of_its_own_for_it(self):
        asked = []
        with mock.patch.object(comet, "get", side_effect=lambda url, *_: asked.append(url) or comet.Answer(200, "", '{"daily_quota": {}}')):
            comet.Comet("https://api.cometapi.com", "k&y").usage("2026-11-20", "2026-11-22")
            comet.Comet("http://127.0.0.1:8700/runwayml/v1", "key").usage("2026-11-20", "2026-11-22")
        self.assertEqual(["https://query.cometapi.com/user/quota?key=k%26y&start_date=2026-11-20&end_date=2026-11-22", "http://127.0.0.1:8700/user/quota?key=key&start_date=2026-11-20&end_date=2026-11-22"], asked)


class TheDay(unittest.TestCase):
    def test_it_is_a_date(self):
        with mock.patch.dict(os.environ, {"DAY": "2026-11-21"}):
            self.assertEqual(DAY, evidence.read_day())
        with mock.patch.dict(os.environ, {"DAY": "yesterday"}), self.assertRaisesRegex(Failure, "DAY=yesterday"):
            evidence.read_day()

    def test_no_name_of_a_key_is_none(self):
        for given, name in (("", None), ("ours", "ours")):
            with mock.patch.dict(os.environ, {"KEYNAME": given}):
                self.assertEqual(name, evidence.read_key_name())
