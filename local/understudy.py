"""Understudy on one machine: what `make demo`, `make local`, `make test` and the others run.

Only the standard library is used up to the point where the tools are there; then the script runs again inside them.
"""

import os
import signal
import sys

_LOCAL = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_LOCAL, os.path.dirname(_LOCAL)]
sys.dont_write_bytecode = True

from stack import console  # noqa: E402

COMMANDS = ("setup", "demo", "local", "stop", "task", "stuck", "logs", "token", "limits", "tokens", "revoke", "names", "evidence", "restore", "smoke", "sam-local", "test", "simulate", "mutants", "mutation", "chaos", "bench", "lint", "lint-bites", "package", "format")
ALSO_ON_AWS = ("task", "stuck", "restore", "token", "limits", "tokens", "revoke", "names", "evidence", "smoke")
ON_ANY_ENDPOINT = ("demo", "local", "stop", "task", "stuck", "restore", "logs", "token", "limits", "tokens", "revoke", "evidence")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print("usage: understudy.py " + "|".join(COMMANDS), file=sys.stderr)
        return 2
    from stack import prerequisites, tools

    # A value of AWS that is neither is refused later, and until then this machine is kept to.
    on_aws = arguments[0] in ALSO_ON_AWS and os.environ.get("AWS") == "1"
    if not on_aws:
        _keep_to_this_machine(arguments[0] in ON_ANY_ENDPOINT)

    prerequisites.check_python()
    tools.install()
    python = tools.python()
    if os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
        os.execv(python, [python, os.path.abspath(__file__), *arguments])

    from botocore.exceptions import BotoCoreError, ClientError

    from stack import commands

    try:
        getattr(commands, arguments[0].replace("-", "_"))()
    except (BotoCoreError, ClientError) as error:
        raise console.Failure(f"{'AWS' if on_aws else 'The local AWS'} did not do what was asked: {error}") from error
    return 0


def _keep_to_this_machine(on_any_endpoint: bool) -> None:
    """Nothing may reach a real account that was not told to, whatever this shell was set up for, and what is on this machine is not asked for through a proxy."""
    given = os.environ.get("AWS_ENDPOINT_URL")
    # A shell that has read stack.env names the local AWS that `make local` itself started.
    if on_any_endpoint and given and given != os.environ.get("UNDERSTUDY_ENDPOINT_URL"):
        os.environ["ENDPOINT_URL"] = given
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1"]))


def _end(number: int, _frame: object) -> None:
    """A signal ends the command through its `finally`s, so that nothing that it started stays behind."""
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        sys.exit(main(sys.argv[1:]))
    except console.Failure as failure:
        console.error(str(failure))
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read the lines has read enough: make stuck | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        console.error("Stopped.")
        sys.exit(130)
