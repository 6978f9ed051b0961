"""Our own OpenAPI document, as a judge of every answer: the status, the content type and the shape must be documented."""

import functools
import re
from urllib.parse import urlsplit

import httpx
import jsonschema
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_DOCUMENT = "urn:understudy:openapi"


class Undocumented(BaseException):
    """An answer that the document does not know. It is no Exception, which the SDK would take for a broken connection and send again."""


def _held(condition, complaint: str) -> None:
    if not condition:
        raise Undocumented(complaint)


class Contract:
    def __init__(self, api_url: str) -> None:
        self._base = urlsplit(api_url).path.rstrip("/")
        self._document = httpx.get(f"{api_url}/openapi.json", timeout=60).raise_for_status().json()
        self._registry = Registry().with_resource(_DOCUMENT, Resource.from_contents(self._document, default_specification=DRAFT202012))
        self._paths = [(re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + r"\Z"), path) for path in self._document["paths"]]

    def check(self, response: httpx.Response) -> None:
        """Raises Undocumented for an answer of ours that is not documented; those of others, such as S3's, pass."""
        request = response.request
        path = request.url.path
        if not path.startswith(self._base) and "/v1/" not in path:
            return
        response.read() if not response.is_closed else None
        called = f"{request.method} {path}"
        documented = self._operation(request.method, path)
        _held(documented is not None or response.status_code in (401, 404, 405), f"{called} was answered {response.status_code}, and is no route of the document")
        if not response.content:
            _held(documented and str(response.status_code) in documented[1]["responses"] and response.status_code in (204, 302), f"{called} was answered {response.status_code} without a body")
            return
        _held(response.headers["Content-Type"].partition(";")[0] == "application/json", f"{called}: {response.headers['Content-Type']}")
        body = response.json()
        _held(not _nulls(body), f"{called}: null at {_nulls(body)}")
        if documented is None:
            _held(set(body) <= {"error", "issues"} and body["error"].strip(), f"{called}: {body}")
            return
        place, operation = documented
        status = str(response.status_code)
        _held(status in operation["responses"], f"{called} was answered {status}, which is not documented: {response.text[:300]}")
        try:
            self._validator(place, status).validate(body)
        except jsonschema.ValidationError as error:
            raise Undocumented(f"{called}: {status} is not as documented, at {error.json_path}: {error.message[:500]}") from None

    def _operation(self, method: str, path: str) -> tuple[str, dict] | None:
        ours = path.removeprefix(self._base)
        for candidate in (ours, ours.removeprefix("/runwayml"), ours.removeprefix("/runwayml").removeprefix("/v1")):
            for pattern, template in self._paths:
                operation = self._document["paths"][template].get(method.lower())
                if pattern.match(candidate) and operation:
                    return f"#/paths/{_escaped(template)}/{method.lower()}", operation
        return None

    @functools.cache  # noqa: B019 - there is one per process
    def _validator(self, place: str, status: str) -> Draft202012Validator:
        response = self._registry.resolver(_DOCUMENT).lookup(f"{place}/responses/{status}")
        where = f"{place}/responses/{status}"
        while "$ref" in response.contents:
            where = response.contents["$ref"]
            response = self._registry.resolver(_DOCUMENT).lookup(where)
        (media,) = response.contents["content"]
        schema = {"$ref": f"{_DOCUMENT}{where}/content/{_escaped(media)}/schema"}
        return Draft202012Validator(schema, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _escaped(segment: str) -> str:
    return segment.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _nulls(value, at: str = "$") -> list[str]:
    if value is None:
        return [at]
    if isinstance(value, dict):
        return [found for name, one in value.items() for found in _nulls(one, f"{at}.{name}")]
    if isinstance(value, list):
        return [found for index, one in enumerate(value) for found in _nulls(one, f"{at}[{index}]")]
    return []
