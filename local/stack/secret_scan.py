"""Is a secret in the tree? Run by the Python of local/requirements/lint.txt, in the folder to look at, with the files to look at on the standard input.

.secrets.baseline has how to look and what was found before and is none, by the hash of the string: another string in the same line is a new finding.
Every entry there was looked at by a person, who wrote "is_secret": false. The file is only read; detect-secrets' own hook would write it.
"""

import sys

from detect_secrets.core import baseline
from detect_secrets.core.secrets_collection import SecretsCollection

BASELINE = ".secrets.baseline"


def main() -> int:
    known = baseline.load(baseline.load_from_file(BASELINE), BASELINE)
    found = SecretsCollection()
    found.scan_files(*sys.stdin.read().splitlines())
    new = [(file, secret) for file, secret in found if secret not in known[file]]
    unseen = [(file, secret) for file, secret in known if secret.is_secret is not False]
    for file, secret in new:
        print(f"{file}:{secret.line_number}: {secret.type}", file=sys.stderr)
    for file, secret in unseen:
        print(f'{BASELINE}: {file}:{secret.line_number}: nobody wrote "is_secret": false', file=sys.stderr)
    if not new and not unseen:
        print(sum(1 for _ in found))
    return 1 if new or unseen else 0


if __name__ == "__main__":
    sys.exit(main())
