"""The commands, one function each."""

import dataclasses
import os
import secrets
import shlex
from datetime import datetime, timezone

from stack import bites, build, callers, checks, demo as demonstration, deploy, emulator, evidence as evidences, functionlogs, options, prerequisites, provider, reach, restoring, smoke as smokes, tasks, tools
from stack.console import Failure, Stopwatch, note, say, step
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
    names = shown(wanted.state / "stack.env")
    say(f"Running. Its names and tokens, for any other tool:  . {names}")
    say("To order a shot:  aws s3 cp --recursive local/sample/ s3://$BUCKET/incoming/my-shot/")
    say(f"Where is it?      {wanted.how('task')} ID=<task id>")
    say(f"The API:          {deploy.api_url(wanted)}")
    say("Its tokens:       API_TOKEN (the tenant default), OTHER_TOKEN (another tenant) and ADMIN_TOKEN are among the names; `make token` makes more")
    say(f"To try it:        . {names}; curl -H \"Authorization: Bearer $API_TOKEN\" \"$API_URL/v1/tasks\"")
    say(f"To end it all:    {wanted.how('stop')}")


def stop() -> None:
    down(options.read())


def task() -> None:
    stack = reach.read()
    wanted = os.environ.get("ID")
    if not wanted:
        raise Failure(f"Which task? {stack.how('task')} ID=<task id>")
    view = tasks.view(stack.client("dynamodb"), stack.output("TableName"), wanted)
    if view is None:
        raise Failure(f"There is no task {wanted} in the stack {stack.name}: its id stands in status.json beside its output.")
    for line in view.lines():
        say(line)


def stuck() -> None:
    stack = reach.read()
    for line in tasks.stuck(stack.client("dynamodb"), stack.output("TableName"), datetime.now(timezone.utc)):
        say(line)


def restore() -> None:
    source = os.environ.get("FROM")
    stack = reach.read()
    if not source:
        raise Failure(f"From which table? {stack.how('restore')} FROM=<the table that the backup was restored to>")
    for line in restoring.copy(stack.client("dynamodb"), source, stack.output("TableName")):
        say(line)


def logs() -> None:
    wanted = options.read()
    for line in functionlogs.lines(wanted, running(wanted)):
        say(line)
    say(f"The programs' own logs: {', '.join(shown(daemon.log) for daemon in (emulator.daemon(wanted), provider.daemon(wanted)) if daemon.log.exists())}")


def token() -> None:
    """The token is all that goes to the standard output: TOKEN=$(make token TENANT=acme)."""
    tenant, wanted, admin = options.read_tenant(), options.read_limits(), options.switch("ADMIN")
    if not tenant:
        raise Failure("Whose token? make token TENANT=<name> [CAP=<US dollars a month>] [INFLIGHT=<tasks>] [ADMIN=1]")
    book = _book()
    # The limits first: the token is never valid without them.
    if wanted:
        book.limit(tenant, wanted)
    made = book.add(tenant, admin)
    name = callers.hashed(made)[:8]
    note(f"A token of the tenant {tenant}{', which may also resolve, pause and resume' if admin else ''}. It is shown this once; its name is {name}.")
    print(made, flush=True)
    note(f"Limits of {tenant}: {book.tenant(tenant).limits}.")
    note(f"Give it to Runway's SDKs as the API key, with the base URL {book.url}, or send it in a header: Authorization: Bearer <token>.")
    note(f"To replace it, make a second one: both are valid until `{book.how('revoke')} TOKEN={name}`.")


def limits() -> None:
    tenant, wanted = options.read_tenant(), options.read_limits()
    if not tenant or not wanted:
        raise Failure("Whose limits, and which? make limits TENANT=<name> [CAP=<US dollars a month>|none] [INFLIGHT=<tasks>|none]")
    book = _book()
    book.limit(tenant, wanted)
    say(f"Limits of {tenant}: {book.tenant(tenant).limits}.")


def tokens() -> None:
    tenant = options.read_tenant()
    for line in _book().lines(tenant):
        say(line)


def revoke() -> None:
    name = options.read_token_name()
    if not name:
        raise Failure("Which token? make revoke TOKEN=<its name, the 8 letters and digits that `make tokens` lists>")
    revoked = _book().revoke(name)
    say(f"The token {revoked.name} of the tenant {revoked.tenant} was revoked. The API may remember it for {callers.CACHED_SECONDS} seconds; after that it is refused.")


def sam_local() -> None:
    from stack import samlocal, samrun

    function, event, debug_port = options.read_invocation()
    if function is None:
        outcome = samrun.run(options.read(samrun.STACK, samrun.PORT))
        say(f"Done: {outcome}.")
        return
    wanted = options.read()
    found = running(wanted)
    # The code as it is now: that is what it is for. What is deployed stays.
    build.build()
    samlocal.once(wanted, found, function, event, debug_port)


def names() -> None:
    """What integration tests need to know of a stack on AWS; of one on this machine stack.env tells it, with tokens."""
    if not options.on_aws():
        raise Failure("The names of a stack on this machine are in its stack.env (`make local` says where); those of one on AWS: make names AWS=1 [STACK=…]")
    stack = reach.read()
    for variable, value in {**deploy.names(stack.name, stack.found), "AWS_REGION": stack.region}.items():
        print(f"export {variable}={shlex.quote(value)}", flush=True)


def evidence() -> None:
    for line in evidences.lines(reach.read(), evidences.read_day()):
        say(line)


def smoke() -> None:
    stack = reach.read()
    smokes.ask(stack)
    say(f"The report to keep: {shown(smokes.run(stack, smokes.read_plan()))}")


def test() -> None:
    checks.everything()


def simulate() -> None:
    checks.simulated()


def mutants() -> None:
    checks.mutants()


def mutation() -> None:
    from stack import mutation as pit

    pit.run()


def chaos() -> None:
    from stack import chaos as disorder

    watch = Stopwatch()
    seed = options.number("SEED")
    outcome = disorder.run(options.read(disorder.STACK, disorder.PORT), options.number("ORDERS") or disorder.ORDERS, secrets.randbelow(1_000_000) if seed is None else seed)
    say(f"The books agree after {watch.seconds:.0f} s: {outcome}.")


def bench() -> None:
    from bench import performance

    setup()
    performance.run()


def lint() -> None:
    prerequisites.maven()
    prerequisites.java_home()
    checks.quickly()


def lint_bites() -> None:
    prerequisites.node()
    bites.run()


def package() -> None:
    from stack import package as packing

    packing.make()


def format() -> None:
    checks.format()


@dataclasses.dataclass(frozen=True)
class Ways:
    """Where the functions reach what they call, if not where it listens."""

    aws: str
    provider: str


def up(wanted: options.Options, parameters: dict[str, str] | None = None, render_seconds: int = 20, ways: Ways | None = None) -> dict[str, str]:
    """Brings a stack up, or up to date; whatever of it runs already goes on running."""
    runs_on = emulator.daemon(wanted).about.get("port") if emulator.daemon(wanted).running else None
    if runs_on not in (None, wanted.port):
        raise Failure(f"The stack {wanted.stack} runs on port {runs_on}: `{wanted.how('stop')}` ends it, or give another STACK.")
    setup()
    watch = Stopwatch()
    sources = build.build()
    if wanted.provider_url is None:
        provider.start(wanted, render_seconds)
        url, key = ways.provider if ways else provider.url(wanted), provider.KEY
    else:
        provider.daemon(wanted).stop()
        url, key = wanted.provider_url, wanted.provider_key or ""
    if wanted.endpoint_url:
        emulator.require(wanted)
        step(f"The local AWS is the one at {wanted.endpoint_url}")
    elif runs_on:
        step(f"The local AWS of the stack {wanted.stack} runs already")
    else:
        step("Starting the local AWS")
        emulator.start(wanted, ways.aws if ways else None)
    options.remember(wanted)
    found = deploy.deploy(wanted, {**(parameters or {}), **wanted.parameters, "CometApiBaseUrl": url}, key, sources)
    deploy.write_environment(wanted, found, url)
    say(f"    the stack {wanted.stack} is up after {watch.seconds:.0f} s")
    return found


def down(wanted: options.Options) -> None:
    ended = emulator.stop(wanted)
    ended = provider.daemon(wanted).stop() or ended
    for name in ("stack.env", "tokens.json", "deployed", "endpoint"):
        (wanted.state / name).unlink(missing_ok=True)
    if wanted.endpoint_url:
        say(f"The stack {wanted.stack} stays at {wanted.endpoint_url}; to delete it: aws --endpoint-url {wanted.endpoint_url} --region {options.REGION} cloudformation delete-stack --stack-name {wanted.stack}")
        return
    say(f"The stack {wanted.stack} was ended." if ended else f"The stack {wanted.stack} was not running.")


def _book() -> callers.Book:
    """The tokens of the stack that is meant."""
    stack = reach.read()
    return callers.Book(stack.client("dynamodb"), stack.output("TableName"), stack.api_url, stack.how)


def running(wanted: options.Options) -> dict[str, str]:
    """The names of the stack's parts."""
    if not (wanted.state / "deployed").exists():
        raise Failure(f"The stack {wanted.stack} is not running: `{wanted.how('local')}` starts it.")
    emulator.require(wanted)
    return deploy.outputs(wanted)
