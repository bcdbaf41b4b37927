# What each target does is a `python -m …` line or two; README.md lists them for whoever has no make.
PYTHON = python3
VENV = .venv/bin/python
CHAPTER = book/ko/01-linear-autoencoder.ipynb
# `python -m jupyter book` takes the first jupyter-book on the path: let it be the environment's own.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: book test lab refresh results matrix bench

book: .venv/book
	$(VENV) -m jupyter book build .
	@echo "Open _build/html/index.html"

test: .venv/test
	$(VENV) -m ruff check . && $(VENV) -m ruff format --check .
	$(VENV) -m pytest -n 3 --dist loadfile

lab: .venv/reader
	$(VENV) -m jupyter lab $(CHAPTER)

refresh: .venv/reader
	$(VENV) book/_tools/refresh.py

results: .venv/reader
	$(VENV) book/_tools/results.py
	$(VENV) book/_tools/uses.py

matrix:
	$(PYTHON) book/_tools/matrix.py

bench: .venv/bench .venv/test book
	$(VENV) -m bench.training
	$(VENV) -m bench.convolution
	$(VENV) -m bench.explorer
	$(VENV) -m bench.pages
	$(VENV) -m bench.nets
	$(VENV) -m bench.widgets

# One environment; each file here says what has been installed into it, so that nothing is installed twice.
.venv/book: book/requirements.txt
	$(PYTHON) -m venv .venv
	$(VENV) -m pip install -q -r book/requirements.txt && touch $@

.venv/reader: .venv/book requirements.txt pyproject.toml
	$(VENV) -m pip install -q -r requirements.txt && touch $@

.venv/test: .venv/reader tests/requirements.txt book/_tools/find.py
	$(VENV) -m pip install -q -r tests/requirements.txt
	$(VENV) book/_tools/find.py && touch $@

.venv/bench: .venv/reader bench/requirements.txt
	$(VENV) -m pip install -q -r bench/requirements.txt && touch $@
