"""Is a secret in the tree? Run by the Python of local/requirements/lint.txt, in the folder to look at, with the files to look at on the standard input.

.secrets.baseline has how to look, and what was found before, was looked at by a person and is none ("is_secret": false), by the hash of the string:
another string in the same line is a new finding. With --seen, whoever runs it says that they looked at every line that it lists, and that none is a secret.
"""

import json
import sys

from detect_secrets.core import baseline
from detect_secrets.core.secrets_collection import SecretsCollection

BASELINE = ".secrets.baseline"


def main(arguments: list[str]) -> int:
    known = baseline.load(baseline.load_from_file(BASELINE), BASELINE)
    found = SecretsCollection()
    found.scan_files(*sys.stdin.read().splitlines())
    new = [(file, secret) for file, secret in found if not any(secret == other and other.is_secret is False for other in known[file])]
    for file, secret in new:
        print(f"{file}:{secret.line_number}: {secret.type}", file=sys.stderr)
    if arguments == ["--seen"]:
        for _file, secret in found:
            secret.is_secret = False
        about = baseline.format_for_output(found)
        # It would change with every run.
        del about["generated_at"]
        with open(BASELINE, "w") as file:
            file.write(json.dumps(about, indent=2) + "\n")
        return 0
    if not new:
        print(sum(1 for _ in found))
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
