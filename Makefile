# make demo   install into .venv, write a workbook, change an input, recalculate, print the result
# make test   install what the tests need and run every gate
# make quick  the tests that take no longer than a minute together, for every change
# make coverage  the same tests, measured: 98 % of lines and branches, 100 % of the core
# make docs   build the manual as a site, in docs/_build/html
# make generate   rewrite all generated text: tables, pages, outputs of commands, workbook/, roi_xl/__init__.pyi
# make release   the wheel, the LibreOffice extension and the files for xlwings Lite and JavaScript, in dist/
# make pictures   render the manual's pictures (LibreOffice)
# make matrix   run the shared cases in every host, and write docs/matrix.md
# make fuzz   mutated workbooks (ROI_XL_FUZZ_MODELS=FOLDER adds yours), random formulas, traces and command lines
# make faults   two hundred kills, interruptions and full disks (the gates run twelve); ROI_XL_SEED=7 gives other cases
# make lock   lock the tools of the gates at their newest versions; `make test LOCK=` tries them unlocked
# make bench      measure (see benchmarks/README.md)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK ?= --constraint requirements-dev.txt
NODE_PACKAGES := $(VENV)/node_modules/packages
SOURCES := pyproject.toml requirements-dev.txt README.md $(shell find roi_xl -type f -not -name '*.pyc')

.PHONY: demo test gates style types manual doctests quick coverage docs generate release pictures matrix fuzz faults lock bench clean

demo: $(VENV)/package
	$(BIN)/roi-xl template demo/business-case.xlsx --force
	$(BIN)/roi-xl recalc demo/business-case.xlsx --set monthly_requests=150000 -o demo/150000-requests.xlsx
	@echo "open demo/business-case.xlsx in any spreadsheet program"

test: $(VENV)/tools
	bash .ci/system-packages
	$(MAKE) --no-print-directory $(NODE_PACKAGES) gates

gates:
	$(MAKE) --no-print-directory --jobs 2 types style doctests manual
	$(BIN)/pytest $(IN_PARALLEL) tests

style:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types:
	$(BIN)/mypy

manual:
	$(BIN)/sphinx-build -W --keep-going -n -q -b html docs docs/_build/html

doctests:
	$(BIN)/pytest --doctest-modules --pyargs roi_xl

IN_PARALLEL := --numprocesses auto --dist worksteal
MEASURED := --cov --cov-append --cov-report=

CORE := */roi_xl/quantities/*,*/roi_xl/errors.py,*/roi_xl/columns.py,*/roi_xl/describe.py,*/roi_xl/checks.py,*/roi_xl/symbols.py,*/roi_xl/functions/*,*/roi_xl/catalog.py,*/roi_xl/cells.py

docs: $(VENV)/tools
	$(MAKE) --no-print-directory manual
	@echo "open docs/_build/html/index.html"

quick: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/pytest $(IN_PARALLEL) -m 'not slow' tests

coverage: $(VENV)/tools $(NODE_PACKAGES)
	$(BIN)/coverage erase
	$(BIN)/pytest $(MEASURED) --doctest-modules --pyargs roi_xl
	$(BIN)/pytest $(MEASURED) $(IN_PARALLEL) tests
	$(BIN)/coverage report --fail-under=98
	$(BIN)/coverage report --fail-under=100 --include='$(CORE)'

generate: $(VENV)/tools
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/stub.py

release: $(VENV)/tools
	$(BIN)/roi-xl calc-addin -o dist/roi-xl.oxt
	$(BIN)/roi-xl lite -o dist
	$(BIN)/roi-xl js -o dist/js

pictures: $(VENV)/tools
	$(BIN)/python docs/pictures.py

matrix: $(VENV)/tools $(NODE_PACKAGES)
	$(BIN)/python docs/matrix.py

fuzz: $(VENV)/tools
	ROI_XL_FUZZ=10000 $(BIN)/pytest tests/test_fuzz.py tests/test_differential.py tests/test_finance_differential.py
	ROI_XL_FUZZ=80000 $(BIN)/pytest tests/test_fuzz_doors.py
	ROI_XL_FUZZ_WORKBOOKS=2000 $(BIN)/pytest tests/test_fuzz_workbooks.py

faults: $(VENV)/tools
	ROI_XL_FAULTS=200 $(BIN)/pytest tests/test_faults.py

lock: $(VENV)/pip
	$(BIN)/python -m pip install --quiet 'uv>=0.9'
	$(BIN)/uv pip compile pyproject.toml --group dev --extra all --universal --python-version 3.11.5 --upgrade --quiet \
	    --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' -o requirements-dev.txt

bench: $(VENV)/tools
	$(BIN)/python benchmarks/run.py

$(VENV)/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "roi-xl needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	touch $@

$(VENV)/package: $(VENV)/pip $(SOURCES)
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps .
	$(BIN)/python -m pip install --quiet .
	mkdir -p demo
	touch $@

$(VENV)/tools: $(VENV)/pip $(SOURCES)
	$(BIN)/python -m pip install --quiet --group dev $(LOCK)
	rm -rf dist
	$(BIN)/python -m build --quiet --outdir dist .
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps dist/*.whl
	$(BIN)/python -m pip install --quiet dist/*.whl $(LOCK)
	touch $@

$(NODE_PACKAGES): $(VENV)/pip
	if command -v npm >/dev/null; then npm install --silent --no-fund --no-audit --prefix $(VENV) pyodide@314.0.7 \
	custom-functions-metadata@2.2.3 typescript@5.9.3 office-addin-manifest@3.0.0 @microsoft/office-js@1.1.110 \
	playwright-core@1.65.1 && touch $@; \
	else echo "npm is missing: the tests in JavaScript are skipped"; fi

clean:
	rm -rf $(VENV) dist demo docs/_build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
