PYTHON ?= python3
VENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run demo test check prove strings screenshots lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: ## start the site at http://127.0.0.1:8000 (PORT changes it), web and worker together
	@$(PYTHON) scripts/setup.py
	@$(VENV) -m scripts.run

demo: ## the same, filled with 10,000 made-up reports (COMPLAINTS changes the number)
	@$(PYTHON) scripts/setup.py
	@$(VENV) -m scripts.run --complaints $(or $(COMPLAINTS),10000)

test: ## all tests, on SQLite and PostgreSQL and in Chromium
	@$(PYTHON) scripts/setup.py dev browser
	@$(VENV) -m scripts.test

check: ## style, types, templates, texts, import directions
	@$(PYTHON) scripts/setup.py dev
	@$(VENV) -m scripts.check

prove: ## every measurement in bench/, within its bounds, and the longer tests
	@$(PYTHON) scripts/setup.py dev browser
	@$(VENV) -m scripts.prove

strings: ## collect new texts into translations/ and list those without English
	@$(PYTHON) scripts/setup.py dev
	@$(VENV) -m scripts.strings

screenshots: ## take the pictures of README.md from a site with made-up reports
	@$(PYTHON) scripts/setup.py dev browser
	@$(VENV) -m scripts.screenshots

lock: ## resolve requirements*.in anew into requirements*.txt (needs uv)
	@$(PYTHON) scripts/lock.py

clean: ## remove the environment and caches; instance/ with its data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
