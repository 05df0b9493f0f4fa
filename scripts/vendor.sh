#!/bin/sh
# Fetches the few browser libraries that the pages use, checks them, and puts them beside the pages' own code.
# Needs npm, tar and sha256sum. The same pins give the same bytes; run it again after changing a pin.
set -eu
cd "$(dirname "$0")/.."
target="$PWD/src/tarikh/web/static/vendor"
tests="$PWD/tests/web/vendor"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$target" "$tests"

# package, SHA-256 of its tarball, folder to unpack it into
fetch() {
    file="$(cd "$work" && npm pack "$1" --silent | tail -n 1)"
    if ! printf '%s  %s\n' "$2" "$work/$file" | sha256sum --check --status; then
        echo "$1 is not the package that was pinned (its SHA-256 differs): look at what changed before you trust it" >&2
        exit 1
    fi
    mkdir -p "$work/$3"
    tar -xzf "$work/$file" -C "$work/$3" --strip-components=1
}

fetch maplibre-gl@6.17.0 587807d8d6c99349022e027fa310c16cfaa55392131f6263df080306db6809b0 maplibre
fetch htmx.org@4.0.1 5fba65616ca148a86d377e9771bcada7f35faee3558651feb929eea425e13b3c htmx
fetch uplot@1.6.32 4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d uplot
fetch axe-core@4.14.0 2277b0a3ef47af9b52497faa3e71598e86e0a0e5e6eb295207a5657ede4709af axe

# What the bundles name and we do not ship (source maps) is cut off, so that no browser asks for it.
plain() { sed -e '/^\/\/# sourceMappingURL=/d' "$work/$1" > "$target/$2"; }
plain maplibre/dist/maplibre-gl.mjs maplibre-gl.mjs
plain maplibre/dist/maplibre-gl-worker.mjs maplibre-gl-worker.mjs
plain maplibre/dist/maplibre-gl.css maplibre-gl.css
plain htmx/dist/htmx.esm.min.js htmx.mjs
plain uplot/dist/uPlot.esm.js uplot.mjs
plain uplot/dist/uPlot.min.css uplot.css
cp "$work/maplibre/LICENSE.txt" "$target/LICENSE-maplibre-gl.txt"
cp "$work/htmx/LICENSE" "$target/LICENSE-htmx.txt"
cp "$work/uplot/LICENSE" "$target/LICENSE-uplot.txt"
# Finds faults of accessibility in tests; no part of the package.
cp "$work/axe/axe.min.js" "$tests/axe.min.js"
cp "$work/axe/LICENSE" "$tests/LICENSE-axe-core.txt"
(cd "$tests" && rm -f SHA256SUMS && sha256sum -- * > SHA256SUMS)
(cd "$target" && rm -f SHA256SUMS && sha256sum -- * > SHA256SUMS)
echo "vendored into src/tarikh/web/static/vendor: $(du -sk "$target" | cut -f1) kB"
