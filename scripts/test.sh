#!/bin/sh
# Every check: format, lint, types, tests (with the golden cases and their accuracy floors).
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin

# The demo page is tested in a real browser; where we may, we install it, and in CI its absence fails a test.
if ! command -v chromium >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the page tests …" >&2
    (apt-get update -qq && apt-get install -y -qq chromium) >/dev/null 2>&1 || echo "chromium could not be installed" >&2
fi
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/tarikh gazetteer info >/dev/null 2>&1 || $bin/tarikh gazetteer build
exec $bin/python -m pytest "$@"
