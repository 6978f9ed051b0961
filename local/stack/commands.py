"""The commands, one function each."""

from stack import build, checks, demo as demonstration, deploy, emulator, functionlogs, options, prerequisites, provider, tasks, tools
from stack.console import Failure, Stopwatch, say, step
from stack.processes import shown


def setup() -> None:
    """Installs everything that the others need."""
    prerequisites.check_machine()
    prerequisites.maven()
    prerequisites.java_home()
    tools.emulator()
    tools.runtime_client()


def demo() -> None:
    wanted = options.read()
    watch = Stopwatch()
    runs_already = emulator.daemon(wanted).running
    try:
        found = up(wanted, {} if runs_already else demonstration.PARAMETERS, demonstration.RENDER_SECONDS)
        demonstration.run(wanted, found)
    except Failure:
        functionlogs.keep(wanted)
        raise
    finally:
        if not runs_already:
            down(wanted)
    say(f"Done after {watch.seconds:.0f} s.")


def local() -> None:
    wanted = options.read()
    up(wanted)
    say()
    say(f"Running. Its names, for any other tool:  . {shown(wanted.state / 'stack.env')}")
    say("To order a shot:  aws s3 cp --recursive local/sample/ s3://$BUCKET/incoming/my-shot/")
    say(f"Where is it?      {wanted.how('task')} ID=<task id>")
    say(f"To end it all:    {wanted.how('stop')}")


def stop() -> None:
    down(options.read())


def task() -> None:
    wanted = options.read()
    if not wanted.task:
        raise Failure(f"Which task? {wanted.how('task')} ID=<task id>")
    found = running(wanted)
    view = tasks.read(wanted, found["TableName"], wanted.task)
    if view is None:
        raise Failure(f"There is no task {wanted.task} in the stack {wanted.stack}: its id stands in status.json beside its output.")
    for line in view.lines():
        say(line)


def logs() -> None:
    wanted = options.read()
    for line in functionlogs.lines(wanted, running(wanted)):
        say(line)
    say(f"The programs' own logs: {shown(emulator.daemon(wanted).log)}, {shown(provider.daemon(wanted).log)}")


def test() -> None:
    checks.everything()


def bench() -> None:
    from bench import performance

    setup()
    performance.run()


def lint() -> None:
    checks.quickly()


def format() -> None:
    checks.format()


def up(wanted: options.Options, parameters: dict[str, str] | None = None, render_seconds: int = 20) -> dict[str, str]:
    """Brings a stack up, or up to date; whatever of it runs already goes on running."""
    runs_on = emulator.daemon(wanted).about.get("port") if emulator.daemon(wanted).running else None
    if runs_on not in (None, wanted.port):
        raise Failure(f"The stack {wanted.stack} runs on port {runs_on}: `{wanted.how('stop')}` ends it, or give another STACK.")
    setup()
    watch = Stopwatch()
    sources = build.build()
    if wanted.provider_url is None:
        provider.start(wanted, render_seconds)
        url, key = provider.url(wanted), provider.KEY
    else:
        provider.daemon(wanted).stop()
        url, key = wanted.provider_url, wanted.provider_key or ""
    if runs_on:
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


def running(wanted: options.Options) -> dict[str, str]:
    """The names of the stack's parts."""
    if not (wanted.state / "deployed").exists():
        raise Failure(f"The stack {wanted.stack} is not running: `{wanted.how('local')}` starts it.")
    emulator.daemon(wanted).require()
    return deploy.outputs(wanted)
