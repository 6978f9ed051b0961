#!/usr/bin/env bash
# Checks the state machine's definition with two independent readers and fails on any finding.
#   statemachine/validate/validate.sh [DEFINITION]
# Needs Node 20 and npm. The readers are installed once, at the locked versions, under
# ${XDG_CACHE_HOME:-~/.cache}/understudy: everything in the project's root would be hashed and copied by `sam build`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
definition=${1:-$here/../character-performance.asl.json}

lock=$(node -e 'process.stdout.write(require("crypto").createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex").slice(0, 12))' "$here/package-lock.json")
readers=${XDG_CACHE_HOME:-$HOME/.cache}/understudy/asl-validators-$lock

if [ ! -e "$readers/installed" ]; then
    mkdir -p "$readers"
    cp "$here/package.json" "$here/package-lock.json" "$readers/"
    npm ci --prefix "$readers" --ignore-scripts --no-audit --no-fund --loglevel=error
    touch "$readers/installed"
fi

node "$here/validate.mjs" "$readers" "$definition"
