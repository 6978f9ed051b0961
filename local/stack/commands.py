"""The commands, one function each; the answer is the exit code, and none means 0."""

from stack import build, deploy, emulator, options, prerequisites, provider, tools
from stack.console import Stopwatch, say, step


def setup() -> None:
    """Installs everything that the others need."""
    prerequisites.check_machine()
    prerequisites.java_home()
    prerequisites.maven()
    tools.emulator()
    tools.runtime_client()


def local() -> None:
    wanted = options.read()
    up(wanted)
    say()
    say(f"Running. Bucket and table:  . {(wanted.state / 'stack.env').relative_to(tools.ROOT)}")
    say(f"Where is my shot?           {wanted.how('task')} ID=…")
    say(f"To end it:                  {wanted.how('stop')}")


def stop() -> None:
    down(options.read())


def up(wanted: options.Options, parameters: dict[str, str] | None = None, render_seconds: int = 20) -> dict[str, str]:
    """Brings a stack up, or up to date; whatever of it runs already goes on running."""
    setup()
    watch = Stopwatch()
    sources = build.build()
    if wanted.provider_url is None:
        provider.start(wanted, render_seconds)
        url, key = provider.url(wanted), provider.KEY
    else:
        url, key = wanted.provider_url, wanted.provider_key
    if emulator.daemon(wanted).running:
        step(f"The local AWS of the stack {wanted.stack} runs already")
    else:
        step("Starting the local AWS")
        emulator.start(wanted)
    found = deploy.deploy(wanted, {**(parameters or {}), **wanted.parameters, "CometApiBaseUrl": url}, key, sources)
    deploy.write_environment(wanted, found, url)
    say(f"    the stack {wanted.stack} is up after {watch.seconds:.0f} s")
    return found


def down(wanted: options.Options) -> None:
    ended = emulator.stop(wanted)
    ended = provider.daemon(wanted).stop() or ended
    for name in ("stack.env", "deployed"):
        (wanted.state / name).unlink(missing_ok=True)
    say(f"The stack {wanted.stack} was ended." if ended else f"The stack {wanted.stack} was not running.")
