#!/bin/sh
# Makes .venv and installs the locked packages into it. Usage: scripts/setup.sh requirements.lock
# Safe to run again: it does nothing when the lock has not changed since.
set -eu
cd "$(dirname "$0")/.."
lock="$1"
python="${PYTHON:-python3}"
stamp=".venv/.installed-$(basename "$lock")"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Tarikh needs Python 3.11 or newer; '$python' is older or missing. Set PYTHON=/path/to/python3.11 and run make again." >&2
    exit 1
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        # Debian keeps the part of venv that brings pip in a package of its own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
            "$python" -m venv .venv
        else
            echo "python3 -m venv does not work here. On Debian or Ubuntu type: sudo apt-get install python3-venv" >&2
            exit 1
        fi
    fi
fi
if [ ! -f "$stamp" ] || [ "$lock" -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    echo "Installing the packages of $lock into .venv (a minute or two, mostly download) …" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    touch "$stamp"
fi
