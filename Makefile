# All that a newcomer types. `make` alone lists it.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev demo test test-browser lint messages images bench bench-import bench-crashes bench-readers bench-search bench-cache bench-web bench-api check-pages bench-full bench-partitions docs requirements

PYTHON := .venv/bin/python
PORT ?= 8000
ROWS ?= 200000
HOST ?= 127.0.0.1
export PORT ROWS HOST

help:
	@echo "make demo           the whole directory with fictional companies, on http://127.0.0.1:8000 (PORT= ROWS= HOST=)"
	@echo "make test           lint and every test, on a PostgreSQL of their own"
	@echo "make test-browser   the tests in a browser alone (make test has them, too, where there is a Chromium)"
	@echo "make lint           ruff, mypy, layers, missing migrations"
	@echo "make setup          the virtual environment and PostgreSQL alone; the others call it"
	@echo "make setup-dev      the same with what tests and lint need; test and lint call it"
	@echo "make bench          how fast what is loaded is answered, with a page of charts (HTML=, default var/bench/limits.html);"
	@echo "                    then bench-import and bench-search"
	@echo "make bench-import   an import compared with the machine's floor and the scaling plan's way (ROWS=, default 4,000,000);"
	@echo "                    AGAINST=DIR compares with another checkout instead"
	@echo "make bench-crashes  imports killed 200 times, their server stopped 20 times: nothing is lost (ROWS=, default 60,000; an hour)"
	@echo "make bench-readers  what readers notice of a reload of FILE=, which was loaded before (default entreprises.csv)"
	@echo "make bench-search   the search's times by class of query, build and disk, with their targets (ROWS=, default 4,000,000);"
	@echo "                    AGAINST=DIR compares with another checkout instead"
	@echo "make bench-cache    answers a second and hit ratio without a cache, with the memory of processes, with Redis (REQUESTS=, default 100,000)"
	@echo "make bench-full     the whole register, generated, loaded and measured in the background (ROWS=, default 30,000,000; some 85 GB"
	@echo "                    of disk; hours); it goes on where it was interrupted, and its table is in var/bench/full-ROWS/table.md"
	@echo "make bench-partitions  companies in one table and in partitions, before and after on one database (ROWS=, default 4,000,000;"
	@echo "                    LOADED=1: the configured one, which is one table again at the end)"
	@echo "make bench-api      what the API answers a second and how fast, next to an empty view, on what is loaded (ROWS= for a"
	@echo "                    database of its own); benchmarks.api.speed --servers compares web servers"
	@echo "make bench-web      how long the server takes for each kind of page, on what is loaded"
	@echo "make check-pages    the pages of a running demo (PORT=): valid HTML by the Nu checker, Lighthouse as on a phone (npm, once)"
	@echo "make images         docs/images from the pages of a running demo (PORT=)"
	@echo "make messages       the French of the pages and of problems: look for new sentences, compile what is translated (needs gettext)"
	@echo "make docs           write docs/reference/commands.md from the commands' --help"
	@echo "make requirements   compile pyproject.toml into requirements*.txt again (needs uv)"

setup:
	@scripts/setup

setup-dev:
	@scripts/setup --dev

# exec: a signal to make reaches Python, and make waits until it has cleaned up.
demo: setup
	@exec $(PYTHON) manage.py demo --port "$$PORT" --host "$$HOST" --rows "$$ROWS"

lint: setup-dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

# Three at once, also on two cores: the tests wait for PostgreSQL and for processes a third of their time. A file's tests
# stay together. pytest-django puts the files on its database first; the slowest, acceptance, come next, and those that
# fill the end, unit, last. Python keeps what it has compiled, also where an image says that it must not: each test
# process and each server that a test starts would compile it again.
test: lint
	@PYTHONDONTWRITEBYTECODE= exec $(PYTHON) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# axe-core comes from its npm package, once.
test-browser: setup-dev
	@exec $(PYTHON) -m pytest tests/browser

# ROWS has another default here than in the demo.
GIVEN_ROWS := $(if $(filter command line environment,$(origin ROWS)),--rows $(ROWS))
HTML ?= var/bench/limits.html
export HTML

# All three, also where one misses a limit: make then fails at the end.
bench: setup
	@status=0; \
	$(PYTHON) -m benchmarks.api.limits --html "$$HTML" || status=1; \
	$(PYTHON) -m benchmarks.imports.speed $(GIVEN_ROWS) || status=1; \
	$(PYTHON) -m benchmarks.search.speed $(GIVEN_ROWS) || status=1; \
	exit $$status

bench-import: setup
	@exec $(PYTHON) -m benchmarks.imports.$(if $(AGAINST),against "$(AGAINST)",speed) $(GIVEN_ROWS)

bench-crashes: setup
	@exec $(PYTHON) -m benchmarks.imports.crashes $(GIVEN_ROWS)

FILE ?= entreprises.csv
export FILE
bench-readers: setup
	@exec $(PYTHON) -m benchmarks.imports.readers "$$FILE"

bench-search: setup
	@exec $(PYTHON) -m benchmarks.search.speed $(GIVEN_ROWS) $(if $(AGAINST),--against "$(AGAINST)")

REQUESTS ?= 100000
bench-cache: setup
	@exec $(PYTHON) -m benchmarks.cache --requests "$(REQUESTS)"

bench-full: setup
	@exec $(PYTHON) -m benchmarks.full --background $(GIVEN_ROWS)

bench-partitions: setup
	@exec $(PYTHON) -m benchmarks.partitions $(if $(LOADED),--loaded,$(GIVEN_ROWS))

bench-api: setup
	@exec $(PYTHON) -m benchmarks.api.speed $(GIVEN_ROWS)

bench-web: setup
	@exec $(PYTHON) -m benchmarks.web

# Lighthouse and the Nu Html Checker come from their npm packages, once.
check-pages: setup-dev
	@exec $(PYTHON) -m benchmarks.pages.check --port "$$PORT"

images: setup-dev
	@exec $(PYTHON) scripts/images.py --port "$$PORT"

# The compiled catalogue is in the repository: a server needs no gettext. New sentences stand in the source without a
# translation; a test fails until each has one.
messages: setup
	@cd foxreviews && ../$(PYTHON) ../manage.py makemessages --locale fr --no-location --no-obsolete --no-wrap
	@cd foxreviews && ../$(PYTHON) ../manage.py compilemessages --locale fr

docs: setup
	@$(PYTHON) scripts/commands_page.py > docs/reference/commands.md

requirements:
	uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --extra dev pyproject.toml -o requirements-dev.txt
