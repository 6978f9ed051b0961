#!/usr/bin/env bash
# Runway's official SDKs, schemathesis and raw bytes against a running stack.
#   . .local/test/stack.env; e2e/sdk/run.sh [all]                all of it, as `make test` does
#   e2e/sdk/run.sh python -k 'replay and not late'               one suite; what follows goes to pytest
#   e2e/sdk/run.sh node --test-name-pattern 'upload'             … or to node
#   e2e/sdk/run.sh schemathesis
# Needs Python 3.11, Node 20 and npm. The SDKs are installed once, at the locked versions, under ${XDG_CACHE_HOME:-~/.cache}/understudy:
# everything in the project's root would be hashed and copied by `sam build`. Reports: target/sdk-reports/TEST-*.xml.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${API_URL:?is not set: docs/testing.md says which stack these tests need}"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/understudy
reports=$root/target/sdk-reports
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fingerprint() { cat "$@" | sha256sum | cut -c1-12; }

# Makes a folder once, however many ask for it at the same time: once FOLDER COMMAND
once() {
    [ -e "$1/.complete" ] && return
    mkdir -p "$cache"
    (
        flock 9
        if [ ! -e "$1/.complete" ]; then
            rm -rf "$1"
            mkdir -p "$1"
            echo "Installing into $1 (once)"
            "$2" "$1"
            touch "$1/.complete"
        fi
    ) 9>"$1.lock"
}

install_python() {
    python3 -m venv "$1"
    "$1/bin/python" -m pip install -q --disable-pip-version-check --no-deps -r "$here/requirements.txt"
}

install_node() {
    cp "$here/node/package.json" "$here/node/package-lock.json" "$here/node/.npmrc" "$1/"
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
}

venv=$cache/sdk-python-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')-$(fingerprint "$here/requirements.txt")
modules=$cache/sdk-node-$(fingerprint "$here/node/package-lock.json")
once "$venv" install_python
once "$modules" install_node
export NODE_MODULES=$modules/node_modules PYTHONDONTWRITEBYTECODE=1

# A proxy of the environment has nothing to do with what runs on this machine.
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy

versions() {
    "$venv/bin/python" -c 'import importlib.metadata as m, platform; print("runwayml", m.version("runwayml"), "on Python", platform.python_version() + ", schemathesis", m.version("schemathesis"))'
    node -p '"@runwayml/sdk " + require(process.env.NODE_MODULES + "/@runwayml/sdk/package.json").version + " on Node " + process.versions.node'
}

run_pytest() { # REPORT ARGUMENTS…
    local report=$1
    shift
    "$venv/bin/python" -m pytest -q "$here/python" -c "$here/python/pytest.ini" --junit-xml "$reports/TEST-sdk-$report.xml" -o junit_suite_name="sdk-$report" "$@"
}

run_node() { # REPORT FILES AND ARGUMENTS…
    local report=$1
    shift
    # modules are looked for beside the files that import them, and they do not lie in the project
    mkdir -p "$scratch/$report"
    cp "$here/node/"*.mjs "$scratch/$report/"
    ln -s "$NODE_MODULES" "$scratch/$report/node_modules"
    (cd "$scratch/$report" && ROOT=$root node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination="$reports/TEST-sdk-$report.xml" "$@")
}

run_schemathesis() {
    (cd "$here/schemathesis" && SCHEMATHESIS_HOOKS=hooks "$venv/bin/schemathesis" --config-file schemathesis.toml run "$API_URL/openapi.json" --url "$API_URL" --report junit --report-junit-path "$reports/TEST-schemathesis.xml" "$@")
}

all() {
    rm -f "$reports"/TEST-*.xml
    # Most of the time is waiting, so both SDKs wait at once; then come those that would disturb the others.
    # No more at once than this: every call that runs is a JVM on the local AWS.
    run_node node --test-concurrency=2 performances.test.mjs replay.test.mjs tenants.test.mjs uploads.test.mjs errors.test.mjs >"$scratch/node.log" 2>&1 &
    local node=$! failed=0
    run_pytest python -n 4 -m "not alone" || failed=1
    wait "$node" || failed=1
    cat "$scratch/node.log"
    run_node node-bursts bursts.test.mjs || failed=1
    run_pytest python-alone -m alone || failed=1
    run_schemathesis || failed=1
    return "$failed"
}

mkdir -p "$reports"
versions
case ${1:-all} in
    all) all ;;
    python) shift && run_pytest python "$@" ;;
    node) shift && run_node node "$@" ;;
    schemathesis) shift && run_schemathesis "$@" ;;
    *) echo "run.sh [all | python … | node … | schemathesis …]" >&2 && exit 2 ;;
esac
