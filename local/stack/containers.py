"""Docker, as far as `sam local` needs it: an engine, an image of Lambda's Java runtime, and the address at which a container reaches this machine."""

import platform

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException
from samcli.local.docker.lambda_image import LambdaImage, Runtime

from stack import standin
from stack.console import Failure, Stopwatch, say, step

RUNTIME = "java25"
# A registry that says nothing for so long counts as one that is not there.
_SILENCE_SECONDS = 30


class Unavailable(Failure):
    """It is this machine's Docker that stands in the way, and nothing of ours."""


def architecture() -> str:
    """As the template's parameter names it."""
    return {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]


def engine() -> docker.DockerClient:
    try:
        client = docker.from_env(timeout=_SILENCE_SECONDS)
        client.ping()
    except (DockerException, RequestException) as error:
        raise Unavailable("no Docker engine answers here: start Docker, or set DOCKER_HOST to where it listens") from error
    return client


def gateway(client: docker.DockerClient) -> str:
    """This machine, as a container on the default network sees it."""
    try:
        networks = client.networks.get("bridge").attrs["IPAM"]["Config"]
    except DockerException as error:
        raise Unavailable(f"the Docker engine has no default network ({error})") from error
    addresses = [network["Gateway"] for network in networks if "." in network.get("Gateway", "")]
    if not addresses:
        raise Unavailable("the Docker engine's default network has no address of this machine (no Gateway in `docker network inspect bridge`)")
    return addresses[0]


def image(client: docker.DockerClient) -> str | None:
    """None for Lambda's own image, or the name of the stand-in, where that cannot be had. Either is on this machine then, and was seen to start."""
    public = f"{LambdaImage._INVOKE_REPO_PREFIX}/{Runtime.get_image_name_tag(RUNTIME, architecture())}"
    if _there(client, public) or _pulled(client, public):
        _starts(client, public)
        return None
    name = standin.name()
    if not _there(client, name):
        step("Lambda's image cannot be had here: making a stand-in of this machine's JDK")
        watch = Stopwatch()
        try:
            standin.make(client, name)
        except (DockerException, RequestException) as error:
            raise Unavailable(f"the Docker engine took no image ({error})") from error
        say(f"    {watch.seconds:.0f} s")
    _starts(client, name)
    return name


def _there(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _pulled(client: docker.DockerClient, name: str) -> bool:
    step(f"Looking for Lambda's image {name}")
    watch = Stopwatch()
    try:
        client.images.pull(name)
    except (DockerException, RequestException) as error:
        say(f"    not to be had: {getattr(error, 'explanation', None) or error}")
        return False
    say(f"    {watch.seconds:.0f} s")
    return True


def _starts(client: docker.DockerClient, name: str) -> None:
    try:
        client.containers.run(name, entrypoint=["/var/lang/bin/java", "-version"], remove=True)
    except (DockerException, RequestException) as error:
        raise Unavailable(f"the Docker engine cannot start a container ({error})") from error
