"""Tokens and limits: what is written, what is refused, and that a token is nowhere but in its one answer."""

import os
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import boto3
from botocore.stub import ANY, Stubber

from stack import callers, options
from stack.console import Failure

HASH = "ab12cd34" + "0" * 56
QUERY = {"TableName": "table", "ConsistentRead": True}
TOKENS = {**QUERY, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "TOKEN"}}}
LIMITS = {
    **QUERY,
    "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
    "ExpressionAttributeValues": {":pk": {"S": "LIMIT"}, ":prefix": {"S": "TENANT#"}},
}


def token(sha256: str, tenant: str = "acme", admin: bool = False, created: str = "2026-01-02T03:04:05Z") -> dict:
    return {"pk": {"S": "TOKEN"}, "sk": {"S": sha256}, "tenant": {"S": tenant}, "admin": {"BOOL": admin}, "createdAt": {"S": created}}


def limit(tenant: str, **numbers: int) -> dict:
    return {"pk": {"S": "LIMIT"}, "sk": {"S": f"TENANT#{tenant}"}, **{name: {"N": str(value)} for name, value in numbers.items()}}


class Table(unittest.TestCase):
    """A book whose requests are compared whole."""

    def setUp(self):
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
        self.table = self.enterContext(Stubber(dynamodb))
        self.book = callers.Book(dynamodb, "table", "https://api.example.com", lambda target: f"make {target} STACK=second")
        self.addCleanup(self.table.assert_no_pending_responses)


class Tokens(Table):
    def test_only_the_hash_of_a_token_is_stored(self):
        expected = {
            "TableName": "table",
            "Item": {"pk": {"S": "TOKEN"}, "sk": ANY, "tenant": {"S": "acme"}, "admin": {"BOOL": True}, "createdAt": ANY},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        self.table.add_response("put_item", {}, expected)
        written = []
        self.table.client.meta.events.register("before-parameter-build.dynamodb.PutItem", lambda params, **_: written.append(params["Item"]))

        made = self.book.add("acme", admin=True)

        self.assertRegex(made, r"\Aunderstudy_[A-Za-z0-9_-]{43}\Z")
        self.assertEqual({"S": callers.hashed(made)}, written[0]["sk"])
        self.assertNotIn(made.removeprefix(callers.PREFIX), str(written[0]))
        self.assertRegex(written[0]["createdAt"]["S"], r"\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")

    def test_the_hash_is_the_one_that_the_function_computes(self):
        # printf %s understudy_abc | sha256sum
        self.assertEqual("35e26e3befe80fe4c2405133c612136be6bfb57112a05e52dcef95cc08fa253c", callers.hashed("understudy_abc"))

    def test_every_token_is_another(self):
        for _ in range(2):
            self.table.add_response("put_item", {})
        self.assertNotEqual(self.book.add("acme", admin=False), self.book.add("acme", admin=False))

    def test_all_pages_are_listed_by_tenant_and_age(self):
        key = {"pk": {"S": "TOKEN"}, "sk": {"S": HASH}}
        self.table.add_response("query", {"Items": [token(HASH), token("1" * 64, "zoo")], "LastEvaluatedKey": key}, TOKENS)
        self.table.add_response("query", {"Items": [token("2" * 64, admin=True, created="2025-01-01T00:00:00Z")]}, {**TOKENS, "ExclusiveStartKey": key})
        self.table.add_response("query", {"Items": [limit("acme", capCents=2550, maxInFlight=2, inFlight=1, waiting=3), limit("idle")]}, LIMITS)

        self.assertEqual(
            [
                "22222222  acme                              2025-01-01T00:00:00Z  admin",
                "ab12cd34  acme                              2026-01-02T03:04:05Z",
                "11111111  zoo                               2026-01-02T03:04:05Z",
                "acme: 25.50 US dollars a month, 2 in flight; 1 in flight, 3 waiting",
                "idle: the stack's monthly cap, the stack's places; 0 in flight, 0 waiting",
                "zoo: the stack's monthly cap, the stack's places; 0 in flight, 0 waiting",
            ],
            list(self.book.lines(None)),
        )

    def test_one_tenants_are_listed_alone(self):
        self.table.add_response("query", {"Items": [token(HASH), token("1" * 64, "zoo")]}, TOKENS)
        self.table.add_response("query", {"Items": [limit("acme", capCents=100)]}, LIMITS)
        self.assertEqual(
            ["11111111  zoo                               2026-01-02T03:04:05Z", "zoo: the stack's monthly cap, the stack's places; 0 in flight, 0 waiting"],
            list(self.book.lines("zoo")),
        )

    def test_a_token_is_revoked_by_its_name(self):
        self.table.add_response("query", {"Items": [token("1" * 64), token(HASH)]}, TOKENS)
        expected = {"TableName": "table", "Key": {"pk": {"S": "TOKEN"}, "sk": {"S": HASH}}, "ConditionExpression": "attribute_exists(pk)"}
        self.table.add_response("delete_item", {}, expected)
        self.assertEqual(HASH, self.book.revoke("ab12cd34").sha256)

    def test_nothing_is_revoked_by_a_name_of_none_or_of_two(self):
        for items, words in (([token("1" * 64)], "no token ab12cd34: `make tokens STACK=second`"), ([token(HASH), token("ab12cd34" + "1" * 56)], "ab12cd3400000000, ab12cd3411111111")):
            self.table.add_response("query", {"Items": items}, TOKENS)
            with self.subTest(words), self.assertRaises(Failure) as failure:
                self.book.revoke("ab12cd34")
            self.assertIn(words, str(failure.exception))

    def test_a_token_that_somebody_else_revokes_meanwhile_is_said_to_be_gone(self):
        self.table.add_response("query", {"Items": [token(HASH)]}, TOKENS)
        self.table.add_client_error("delete_item", "ConditionalCheckFailedException")
        with self.assertRaisesRegex(Failure, "revoked by somebody else"):
            self.book.revoke("ab12cd34")


class Limits(Table):
    def test_only_what_is_given_is_set_and_the_counters_stay(self):
        self._expect("SET inFlight = if_not_exists(inFlight, :none), waiting = if_not_exists(waiting, :none), capCents = :capCents", {":none": {"N": "0"}, ":capCents": {"N": "2550"}})
        self.book.limit("acme", {"capCents": 2550})

    def test_none_takes_a_limit_away(self):
        self._expect(
            "SET inFlight = if_not_exists(inFlight, :none), waiting = if_not_exists(waiting, :none), maxInFlight = :maxInFlight REMOVE capCents",
            {":none": {"N": "0"}, ":maxInFlight": {"N": "3"}},
        )
        self.book.limit("acme", {"capCents": None, "maxInFlight": 3})

    def _expect(self, expression: str, values: dict) -> None:
        expected = {"TableName": "table", "Key": {"pk": {"S": "LIMIT"}, "sk": {"S": "TENANT#acme"}}, "UpdateExpression": expression, "ExpressionAttributeValues": values}
        self.table.add_response("update_item", {}, expected)


class TokensOfAStack(Table):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_they_are_made_once_in_a_life_of_the_stack(self):
        self._puts()
        first = callers.of_a_stack(self.folder, {"pid": 1}, self.book)
        self.assertEqual(["ADMIN_TOKEN", "API_TOKEN", "OTHER_TOKEN"], sorted(first))
        self.assertEqual(first, callers.of_a_stack(self.folder, {"pid": 1}, self.book))

        self._puts()
        second = callers.of_a_stack(self.folder, {"pid": 2}, self.book)
        self.assertFalse(set(first.values()) & set(second.values()))

    def test_nobody_else_can_read_them(self):
        self._puts()
        callers.of_a_stack(self.folder, {"pid": 1}, self.book)
        self.assertEqual([0o600], [file.stat().st_mode & 0o777 for file in self.folder.iterdir()])

    def test_a_file_that_others_could_read_is_replaced_by_one_that_they_cannot(self):
        file = self.folder / "stack.env"
        file.write_text("old")
        file.chmod(0o644)
        callers.write_privately(file, "new")
        self.assertEqual(("new", 0o600), (file.read_text(), file.stat().st_mode & 0o777))

    def _puts(self) -> None:
        for tenant, admin in (("default", False), ("other", False), ("default", True)):
            item = {"pk": {"S": "TOKEN"}, "sk": ANY, "tenant": {"S": tenant}, "admin": {"BOOL": admin}, "createdAt": ANY}
            self.table.add_response("put_item", {}, {"TableName": "table", "Item": item, "ConditionExpression": "attribute_not_exists(pk)"})


class WhatWasAskedFor(unittest.TestCase):
    def test_limits(self):
        for given, expected in (
            ({}, {}),
            ({"CAP": "", "INFLIGHT": ""}, {}),
            ({"CAP": "25"}, {"capCents": 2500}),
            ({"CAP": "0.4"}, {"capCents": 40}),
            ({"CAP": "1000000.00", "INFLIGHT": "1000"}, {"capCents": 100_000_000, "maxInFlight": 1000}),
            ({"CAP": "0", "INFLIGHT": "1"}, {"capCents": 0, "maxInFlight": 1}),
            ({"CAP": "none", "INFLIGHT": "none"}, {"capCents": None, "maxInFlight": None}),
        ):
            with self.subTest(given), mock.patch.dict(os.environ, given, clear=True):
                self.assertEqual(expected, options.read_limits())

    def test_refusals_name_what_is_wrong(self):
        for read, name, values in (
            (options.read_tenant, "TENANT", ("Acme", "-acme", "a" * 33, "a#b", "acme\n", "ä")),
            (options.read_limits, "CAP", ("-1", "1.234", "1e3", "12,50", "1000000.01", "$5", " ", "٣")),
            (options.read_limits, "INFLIGHT", ("0", "1001", "1.5", "-1", "all", "٣")),
            (options.on_aws, "AWS", ("yes", "2")),
            (options.read_stack_on_aws, "STACK", ("my stack", "1st", "a" * 129)),
        ):
            for value in values:
                with self.subTest(name=name, value=value), mock.patch.dict(os.environ, {name: value}, clear=True), self.assertRaises(Failure) as failure:
                    read()
                self.assertIn(f"{name}={value}", str(failure.exception))

    def test_a_token_is_named_by_its_first_digits_or_by_itself_and_never_repeated(self):
        for given, expected in ((None, None), ("ab12cd34", "ab12cd34"), ("understudy_abc", callers.hashed("understudy_abc"))):
            with mock.patch.dict(os.environ, {"TOKEN": given} if given else {}, clear=True):
                self.assertEqual(expected, options.read_token_name())
        for given in ("ab12", "AB12CD34", "ghp_secret", "ab12cd34\n"):
            with self.subTest(given), mock.patch.dict(os.environ, {"TOKEN": given}, clear=True), self.assertRaises(Failure) as failure:
                options.read_token_name()
            self.assertIsNone(re.search(re.escape(given), str(failure.exception)))


if __name__ == "__main__":
    unittest.main()
