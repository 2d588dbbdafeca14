# Every target makes the environment first when it is missing or out of date.
.DEFAULT_GOAL := help
.PHONY: help setup chat serve train test check bench telegram

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

bench: setup ## measure how fast the assistant answers and how often it is right
	@$(fathom) bench

telegram: setup ## connect to Telegram (TELEGRAM_BOT_TOKEN must be set)
	@$(fathom) telegram
