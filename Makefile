# Every target makes the environment first when it is missing or out of date.
.DEFAULT_GOAL := help
.PHONY: help setup chat serve train test check bench growth chaos fuzz telegram

fathom := .venv/bin/python -m bot
export PYTHON PORT
# Compiled modules are what makes the second start quick, whatever the caller has set.
unexport PYTHONDONTWRITEBYTECODE

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: ## make the environment in .venv (finds Python 3.10 itself; PYTHON= names one)
	@scripts/setup.sh

chat: setup ## talk to Fathom in this terminal
	@$(fathom) chat

serve: setup ## run the server with the REST channel on 127.0.0.1:5005 (PORT= changes it)
	@$(fathom) serve

train: setup ## train the assistant
	@$(fathom) train

test: check ## run every check that CI runs

check: setup ## the same as test
	@$(fathom) check

bench: setup ## measure the parts, then the server beside Rasa's starter bot (docs/benchmarks.md)
	@$(fathom) bench
	@.venv/bin/python scripts/benchmark.py

growth: setup ## measure a message early and late in a conversation, and memory (docs/growth.md)
	@.venv/bin/python scripts/growth.py

chaos: setup ## ten minutes of kills and restarts while people talk (needs PostgreSQL and Redis)
	@.venv/bin/python scripts/chaos.py

fuzz: setup ## ten minutes of nonsense to every entry
	@.venv/bin/python scripts/fuzz.py

telegram: setup ## connect to Telegram (TELEGRAM_BOT_TOKEN must be set)
	@$(fathom) telegram
