#!/bin/sh
# Writes both lock files anew: every package by version and hash. Needs uv.
set -eu
cd "$(dirname "$0")/.."
options="--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --python-version 3.11 --quiet"
uv pip compile pyproject.toml --extra build $options -o requirements.lock
uv pip compile pyproject.toml --extra build --extra dev $options -o requirements-dev.lock
