# Every command the project has; the same here and in CI.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
PORT ?= 8501
BIN := $(VENV)/bin
# Where programs can be installed, as in CI, a test that lacks one fails; elsewhere it is skipped.
PROGRAMS := $(shell [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo required)
UNIT := tests --ignore=tests/browser --ignore=tests/slow
# Two processes, a file's tests in one of them, long files first.
TWO := -n 2 --dist loadscope --no-loadscope-reorder
TRAINED := --precision bf16-mixed --cache runs/clips
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup app test unit browser slow docs bench gpu ratios check advisories fix golden kills faults fuzz load abandoned soak screenshots models results tables sheet reproduction gallery lock chromium programs processors processes scale

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name one with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(VENV)/.ready-dev ## Make .venv with everything, tests' tools included

app: $(VENV)/.ready ## Start the explorer on 127.0.0.1:8501; CLIP=path opens that clip, FOLDER=path those in it
	@$(BIN)/python -m app --server.port $(PORT) -- $(if $(CLIP),--clip="$(CLIP)") $(if $(FOLDER),--folder="$(FOLDER)")

test: check unit browser ## Lint, types, layers, unit tests, the app in Chromium

unit: setup programs ## Unit tests and the app without a browser
	OMP_NUM_THREADS=1 MAAGN_PROGRAMS=$(PROGRAMS) $(BIN)/python -m pytest $(UNIT) $(TWO)

browser: setup chromium programs ## The app in a real Chromium
	OMP_NUM_THREADS=1 MAAGN_BROWSER=required MAAGN_PROGRAMS=$(PROGRAMS) $(BIN)/python -m pytest tests/browser $(TWO)

slow: setup ## Crowds, kills, damaged files and the benchmark's leaks: some minutes each
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/slow $(TWO)

check: setup ## Lint, types, layers, bandit and the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r maagn app pages
	$(BIN)/hadolint Dockerfile

advisories: setup ## Known vulnerabilities in the pinned versions; queries the package index, so it needs a network
	@$(BIN)/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r constraints.txt || { \
	echo 'make advisories: either a version above has a known vulnerability (raise it in constraints.txt), or'; \
	echo 'the advisory database could not be reached. Then nothing was checked.'; exit 1; }

fix: setup ## Mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: setup ## Accept the present results as golden; read them in the diff
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(UNIT) --force-regen || true
	git diff --stat -- tests

chromium: $(VENV)/.ready-dev
	@command -v chromium >/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else $(BIN)/python -m playwright install chromium; fi; }

programs: ## FFmpeg, g++, nginx, openssl and PostgreSQL for the tests, where the user is root and apt is there
	@if [ "$(PROGRAMS)" = required ] && ! { command -v ffmpeg && command -v g++ && command -v nginx && command -v openssl && ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1; \
	then apt-get update -qq && mkdir -p /etc/postgresql-common && \
	{ [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf; } && \
	RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ffmpeg g++ nginx-light openssl postgresql >/dev/null; fi

docs: setup ## The documentation's site in out/site: tutorials are run, warnings are errors
	rm -rf out/site
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -q -W --keep-going -b html -d out/doctrees docs out/site
	$(BIN)/python -m tests.site out/site

bench: setup chromium ## Measure everything (three quarters of an hour on a quiet machine; BEFORE=tree to compare with); docs/performance.json and its page
	OMP_NUM_THREADS=1 $(BIN)/maagn bench --short --out docs/performance.json
	$(BIN)/python -m tests.bench.app --out docs/performance.json
	$(BIN)/python -m tests.bench.scrub --out docs/performance.json
	$(BIN)/python -m tests.bench.felt $(if $(BEFORE),--before $(BEFORE)) --out docs/performance.json
	$(BIN)/maagn bench --out docs/performance.json
	$(BIN)/maagn bench page docs/performance.json docs/performance.md

gpu: setup ## Measure networks on the GPU here (ten minutes at most); docs/performance.json and its page
	timeout 570 $(BIN)/maagn bench gpu --out docs/performance.json || [ $$? = 124 ]
	$(BIN)/maagn bench page docs/performance.json docs/performance.md

ratios: setup ## The short form of make bench; fails where a ratio is worse by a quarter than the stored one
	OMP_NUM_THREADS=1 $(BIN)/maagn bench --short --against docs/performance.json

scale: setup chromium ## Times of pages with 50,000 clips evaluated and 220,000 registered
	$(BIN)/python -m tests.app.scale

processors: setup ## The unit tests as older and other processors compute, one setting after the other (an hour)
	for set in "default SSE41 1" "default AVX2 2" "avx2 SSE41 2" "avx2 AVX2 1"; do set -- $$set; \
	ATEN_CPU_CAPABILITY=$$1 ONEDNN_MAX_CPU_ISA=$$2 OMP_NUM_THREADS=$$3 $(BIN)/python -m pytest $(or $(PROCESSOR_TESTS),$(UNIT)) || exit 1; done

processes: setup ## Trainings shared by two processes, thirty times beside two busy loops
	MAAGN_PROCESSES_TIMES=30 $(BIN)/python -m pytest -s tests/train/test_processes.py

kills: setup ## A run of 300 videos killed twenty times, and shared by two processes
	MAAGN_KILLS=20 MAAGN_KILLS_VIDEOS=300 $(BIN)/python -m pytest -s tests/slow/test_kills.py

fuzz: setup ## 2,000 damaged, lying and foreign files (a quarter of an hour)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz.fuzz --files 2000 --out docs/reliability

load: setup ## 16 visitors with 50 actions each at once, then each alone (a quarter of an hour)
	$(BIN)/python -m tests.crowd.load --out docs/reliability/load.json

abandoned: setup chromium ## Twenty tests of maps by a large network, stopped, left or closed in a browser (some minutes)
	$(BIN)/python -m tests.crowd.abandoned --jobs 20 --out docs/reliability/abandoned.json

soak: setup ## Four visitors and 1,000 clips in two hours
	$(BIN)/python -m tests.crowd.soak --out docs/reliability/soak.jsonl

faults: setup ## 10,000 explanations with injected exceptions; killed workers and servers; full disks
	$(BIN)/python -m tests.crowd.kills --out docs/reliability/kills.json
	MAAGN_EXPLANATIONS=10000 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -s --timeout 3000 tests/explain/test_state.py tests/test_faults.py tests/app/test_jobs.py tests/app/test_uploads.py tests/video/test_worker.py

screenshots: setup chromium ## Write docs/screenshots anew
	$(BIN)/python -m tests.app.screenshots docs/screenshots

models: setup ## Train the demonstration models from the backbone of one TSM (two hours on a CPU; resumes if stopped)
	@test -e runs/start.safetensors || $(BIN)/maagn train tsm-demo $(TRAINED) --out runs/start.safetensors
	for name in maagn tpn tsm tsn; do $(BIN)/maagn train $$name-demo --start runs/start.safetensors --take backbone --epochs 2 $(TRAINED) --out checkpoints/$$name-demo.safetensors || exit 1; done
	$(MAKE) walking

walking: setup ## Teach the demonstration networks the shipped clips of people anew
	$(BIN)/maagn teach checkpoints/walking/clips --name walking
	$(BIN)/python -m app.gallery.filmed

results: setup ## What every model says about every test clip and the gallery, probes, audit and pointing, anew
	$(BIN)/maagn evaluate --split test --per-class 60 --out app/results/opposites-test.parquet
	$(BIN)/python -m app.gallery.right
	$(BIN)/maagn probe maagn-demo tpn-demo tsm-demo tsn-demo --per-class 30 --out runs/probe
	cp runs/probe/probe.json app/results/probe.json
	OMP_NUM_THREADS=1 $(BIN)/maagn audit maagn-demo --per-class 60 --out runs/audit
	cp runs/audit/audit.json app/results/attention-audit.json
	OMP_NUM_THREADS=1 $(BIN)/maagn pointing maagn-demo tpn-demo tsm-demo tsn-demo --method hirescam --method gradcam --layer backbone.res4 --layer product:backbone.res3+backbone.res4 --smooth 1 --deletion --split test --per-class 3 --out runs/pointing
	cp runs/pointing/pointing.json app/results/pointing.json
	$(MAKE) tables

tables: setup ## The tables of networks in README.md, checkpoints/README.md and docs/networks.md
	$(BIN)/maagn models --page README.md --page checkpoints/README.md
	$(BIN)/maagn networks --page docs/networks.md

sheet: setup ## The picture of all classes, anew
	$(BIN)/maagn data sheet --out docs/opposites.jpg

reproduction: setup ## The paper's tables (hours on a CPU; resumes if stopped)
	$(BIN)/maagn reproduce all

gallery: setup ## Render the gallery's clips anew
	$(BIN)/maagn gallery --out app/gallery

lock: setup ## Write constraints.txt from what is installed
	{ echo '# Versions that the whole suite passed with; `make lock` writes this file anew.'; \
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//;s/+cu[0-9]*$$//'; } > constraints.txt
