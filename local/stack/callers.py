"""Who may call the API: tokens, of which only the hash is stored, and the limits of a tenant."""

import dataclasses
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from botocore.exceptions import ClientError

from stack.console import Failure

PREFIX = "understudy_"
CACHED_SECONDS = 60
"""How long the api function may go on taking a token that it has seen."""

_OF_A_STACK = {"API_TOKEN": ("default", False), "OTHER_TOKEN": ("other", False), "ADMIN_TOKEN": ("default", True)}
"""The tokens that every local stack has: by name the tenant, and whether it may decide for the stack."""


@dataclasses.dataclass(frozen=True)
class Token:
    """What is known of a token."""

    sha256: str
    tenant: str
    admin: bool
    created_at: str

    @property
    def name(self) -> str:
        return self.sha256[:8]


@dataclasses.dataclass(frozen=True)
class Tenant:
    """A tenant's own limits, None where the stack's count, and what it has going on."""

    name: str
    cap_cents: int | None
    max_in_flight: int | None
    in_flight: int
    waiting: int

    @property
    def limits(self) -> str:
        cap = "the stack's monthly cap" if self.cap_cents is None else f"{self.cap_cents / 100:.2f} US dollars a month"
        places = "the stack's places" if self.max_in_flight is None else f"{self.max_in_flight} in flight"
        return f"{cap}, {places}"


class Book:
    """The tokens and limits in the table of one stack."""

    def __init__(self, dynamodb, table: str, url: str, how: Callable[[str], str]) -> None:
        self.url = url
        """Where the API is that takes the tokens."""
        self.how = how
        """The command with which a person reaches this stack."""
        self._dynamodb = dynamodb
        self._table = table

    def add(self, tenant: str, admin: bool) -> str:
        """A new token. It is nowhere but in this answer: the table gets its hash."""
        token = PREFIX + secrets.token_urlsafe(32)
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                "pk": {"S": "TOKEN"},
                "sk": {"S": hashed(token)},
                "tenant": {"S": tenant},
                "admin": {"BOOL": admin},
                "createdAt": {"S": datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")},
            },
            ConditionExpression="attribute_not_exists(pk)",
        )
        return token

    def limit(self, tenant: str, limits: dict[str, int | None]) -> None:
        """Sets the limits that are given, and takes away those that are given as None. The item is shared with the tenant's counters, which stay as they are."""
        # A limit is compared with the places in flight, and a comparison with a counter that is not there is false: the counters come with the limit.
        parts = ["inFlight = if_not_exists(inFlight, :none)", "waiting = if_not_exists(waiting, :none)"]
        parts += [f"{name} = :{name}" for name, value in limits.items() if value is not None]
        removed = [name for name, value in limits.items() if value is None]
        self._dynamodb.update_item(
            TableName=self._table,
            Key=_limit_key(tenant),
            UpdateExpression="SET " + ", ".join(parts) + (" REMOVE " + ", ".join(removed) if removed else ""),
            ExpressionAttributeValues={":none": {"N": "0"}, **{f":{name}": {"N": str(value)} for name, value in limits.items() if value is not None}},
        )

    def tokens(self, tenant: str | None = None) -> list[Token]:
        """All of them, or one tenant's, by tenant and age."""
        found = (Token(item["sk"]["S"], item["tenant"]["S"], item["admin"]["BOOL"], item["createdAt"]["S"]) for item in self._items("TOKEN"))
        return sorted((token for token in found if tenant in (None, token.tenant)), key=lambda token: (token.tenant, token.created_at, token.sha256))

    def tenants(self) -> dict[str, Tenant]:
        """Those that ever had a task or a limit of their own."""
        return {tenant.name: tenant for tenant in map(_tenant, self._items("LIMIT", "TENANT#"))}

    def tenant(self, name: str) -> Tenant:
        return self.tenants().get(name) or _unknown(name)

    def lines(self, tenant: str | None) -> Iterator[str]:
        """The tokens and the limits of one tenant or of all, for a person to read."""
        found, tenants = self.tokens(tenant), self.tenants()
        for token in found:
            yield f"{token.name}  {token.tenant:<32}  {token.created_at}{'  admin' if token.admin else ''}"
        if not found:
            yield f"The tenant {tenant} has no token." if tenant else "There is no token."
        names = [tenant] if tenant else sorted({*tenants, *(token.tenant for token in found)})
        for known in (tenants.get(name) or _unknown(name) for name in names):
            yield f"{known.name}: {known.limits}; {known.in_flight} in flight, {known.waiting} waiting"

    def revoke(self, name: str) -> Token:
        """Takes a token away, named by the first digits of its hash."""
        found = [token for token in self.tokens() if token.sha256.startswith(name)]
        if not found:
            raise Failure(f"There is no token {name[:8]}: `{self.how('tokens')}` lists them.")
        if len(found) > 1:
            raise Failure(f"{name} is the name of {len(found)} tokens: give more digits ({', '.join(token.sha256[:16] for token in found)}).")
        (token,) = found
        try:
            self._dynamodb.delete_item(
                TableName=self._table, Key={"pk": {"S": "TOKEN"}, "sk": {"S": token.sha256}}, ConditionExpression="attribute_exists(pk)"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise Failure(f"The token {token.name} was revoked by somebody else just now.") from error
            raise
        return token

    def _items(self, partition: str, prefix: str = "") -> Iterator[dict]:
        query = {"TableName": self._table, "ConsistentRead": True, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": partition}}}
        if prefix:
            query["KeyConditionExpression"] += " AND begins_with(sk, :prefix)"
            query["ExpressionAttributeValues"][":prefix"] = {"S": prefix}
        while True:
            page = self._dynamodb.query(**query)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def of_a_stack(state: Path, life: dict, book: Book) -> dict[str, str]:
    """The tokens that a local stack has from its beginning: made once for each life of its table, kept beside it, and given again to whoever asks."""
    file = state / "tokens.json"
    if file.exists():
        kept = json.loads(file.read_text())
        if kept["life"] == life:
            return kept["tokens"]
    made = {name: book.add(tenant, admin) for name, (tenant, admin) in _OF_A_STACK.items()}
    write_privately(file, json.dumps({"life": life, "tokens": made}))
    return made


def write_privately(file: Path, text: str) -> None:
    """A file that only its owner can read, from its first byte on."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    new.replace(file)


def _limit_key(tenant: str) -> dict:
    return {"pk": {"S": "LIMIT"}, "sk": {"S": f"TENANT#{tenant}"}}


def _unknown(name: str) -> Tenant:
    return Tenant(name, None, None, 0, 0)


def _tenant(item: dict) -> Tenant:
    def number(name: str) -> int | None:
        return int(item[name]["N"]) if name in item else None

    return Tenant(item["sk"]["S"].removeprefix("TENANT#"), number("capCents"), number("maxInFlight"), number("inFlight") or 0, number("waiting") or 0)
