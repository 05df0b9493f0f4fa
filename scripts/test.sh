#!/bin/sh
# Every check: format, lint, types, tests (with the golden cases and their accuracy floors).
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin

# Pages are tested in a real browser, interfaces with the programs that read them; where we may, we install what is
# missing, and in CI its absence fails a test.
install() {
    if ! command -v "$1" >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $2 for the tests …" >&2
        (apt-get update -qq && apt-get install -y -qq "$2") >/dev/null 2>&1 || echo "$2 could not be installed" >&2
    fi
}
install chromium chromium
install ogr2ogr gdal-bin
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/tarikh gazetteer info >/dev/null 2>&1 || $bin/tarikh gazetteer build
exec $bin/python -m pytest "$@"
