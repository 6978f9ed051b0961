"""The provider, asked by ourselves: about a task and about a key's usage, never with a POST. No address here leaves with its query: it may hold the key."""

import dataclasses
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request

from stack.console import Failure

REAL = "https://api.cometapi.com"
_REAL_USAGE = "https://query.cometapi.com"
_BOUND_SECONDS = 30
_MOST_BYTES = 1_048_576


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    """0 where there was none."""
    content_type: str
    text: str

    @property
    def json(self):
        """What it holds; None where that is no JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def get(url: str, headers: dict[str, str] | None = None, method: str = "GET", most_bytes: int = _MOST_BYTES) -> Answer:
    """What is answered, whatever its status."""
    request = urllib.request.Request(url, headers={"User-Agent": "understudy", **(headers or {})}, method=method)
    try:
        with _OPENER.open(request, timeout=_BOUND_SECONDS) as answer:
            return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read(most_bytes).decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get("Content-Type", ""), error.read(most_bytes).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, "", type(error).__name__)


@dataclasses.dataclass(frozen=True)
class Comet:
    """CometAPI, or the simulated one, with a key."""

    base_url: str
    key: str = dataclasses.field(repr=False)
    runway_version: str = "2024-11-06"

    def task(self, provider_task_id: str) -> Answer:
        root = self.base_url.rstrip("/").removesuffix("/v1").removesuffix("/runwayml").rstrip("/")
        url = f"{root}/runwayml/v1/tasks/{urllib.parse.quote(provider_task_id, safe='')}"
        return get(url, {"Authorization": f"Bearer {self.key}", "X-Runway-Version": self.runway_version, "Accept": "application/json"})

    def usage(self, first_day: str, last_day: str) -> dict:
        """The documented usage query: https://query.cometapi.com/user/quota. Another base URL is asked on its own host."""
        host = _REAL_USAGE if self.base_url.startswith(REAL) else "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(self.base_url))
        query = urllib.parse.urlencode({"key": self.key, "start_date": first_day, "end_date": last_day})
        answer = get(f"{host}/user/quota?{query}")
        found = answer.json
        if answer.status != 200 or not isinstance(found, dict) or not isinstance(found.get("daily_quota"), dict):
            # never what was answered: it may quote the key
            raise Failure(f"The provider's usage query at {host}/user/quota was answered with {answer.status or answer.text} and without a daily_quota: look at the usage of that day in the provider's console instead.")
        return found
