# Two commands are enough: `make demo` (set-up and main job) and `make test` (set-up and all checks).
.PHONY: help demo test test-llm eval errors bench lint golden lock screenshots clean
PY := .venv/bin/python
TARIKH := .venv/bin/tarikh
# A fresh clone has no index yet; tests build their own where it is missing.
INDEX = @test -e "$(TARIKH_HOME)/gazetteer.sqlite" || $(TARIKH) gazetteer build
# Tests and measurements keep their index beside the code; the demo uses the user's own folder, as later commands do.
test test-llm eval errors bench golden screenshots: export TARIKH_HOME ?= $(CURDIR)/.tarikh

help:
	@echo "make demo             install, build the gazetteer, code the sample, write demo/chronicle.html"
	@echo "make test             install and run every check: format, lint, types, tests, accuracy floors"
	@echo "make test-llm         the second coder against a real server with a very small language model (by hand, 20 minutes)"
	@echo "make eval DATA=DIR    score on labelled sets and write docs/accuracy.md"
	@echo "make errors DATA=FILE write errors.html (or OUT=…): every miss on a labelled file, by cause, the dearest first"
	@echo "make bench            speed and memory, as ratios within one run; growth of linking"
	@echo "make screenshots      take the pictures of the pages in docs/images anew (needs chromium); look at them"
	@echo "make golden           rewrite the expected records of the golden cases; git shows the change"

demo:
	@scripts/setup.sh requirements.lock
	@$(TARIKH) demo

test:
	@scripts/setup.sh requirements-dev.lock
	@scripts/test.sh

test-llm:
	@scripts/setup.sh requirements-dev.lock
	$(INDEX)
	@scripts/test_llm.sh

eval:
	@scripts/setup.sh requirements-dev.lock
	$(INDEX)
	@$(PY) -m tarikh.evaluation "$(DATA)"

errors: OUT ?= errors.html
errors:
	@scripts/setup.sh requirements-dev.lock
	$(INDEX)
	@$(TARIKH) evaluate gold "$(DATA)" --atlas "$(OUT)"

bench:
	@scripts/setup.sh requirements-dev.lock
	$(INDEX)
	@$(PY) benchmarks/speed.py
	@$(PY) benchmarks/linking.py
	@$(PY) benchmarks/llm.py

lint:
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy

golden:
	@scripts/setup.sh requirements-dev.lock
	$(INDEX)
	@$(PY) scripts/golden.py --rewrite

screenshots:
	@scripts/setup.sh requirements-dev.lock
	$(INDEX)
	@$(PY) scripts/screenshots.py

lock:
	@scripts/lock.sh

clean:
	rm -rf .venv demo build dist .tarikh
