# make demo: from a spec to an environment that "runs", in an emulator.   make test: the tests.   Both set up what they need in .venv.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= auto

.PHONY: demo test test-all test-container test-checkov test-deploy-script lint generated docs bless bench clean

demo: .venv/ready
	@$(BIN)/python -m bgspec validate examples/article/bgspec.yaml
	@$(BIN)/python -m bgspec render examples/article/bgspec.yaml -o out/article
	@printf '\nWhat came out, and what each file is for:\n\n'
	@cd out/article && for file in stacks/*.yaml; do printf '  %-34s %s\n' "$$file" "$$(head -n 1 "$$file" | cut -c 3-)"; done
	@cd out/article && for file in buildspec.yml appspec.yaml; do printf '  %-34s %s\n' "$$file" "$$(head -n 1 "$$file" | cut -c 3-)"; done
	@printf '  %-34s %s\n' taskdef.json "What a task is: the pipeline registers it with each new image." \
	  deploy.sh "The first deployment with nothing but the AWS CLI, git and a container engine."
	@printf '\nRead out/article/stacks/traffic.yaml first: two target groups, two listeners, and why nothing else is in it.\n'
	@.ci/demo.sh $(BIN)/python examples/article/bgspec.yaml cf1-stg

test: .venv/ready
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow and not container"

test-all: .venv/ready test-container
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not container"

# The article's image with a real engine and a real registry; .ci/container.sh installs both. One process: ports 81 and 82 exist once.
test-container: .venv/ready
	$(BIN)/python -m pytest tests/container -m container

# checkov pins the version of botocore, so it has an environment of its own.
test-checkov: .venv/ready .venvs/checkov/ready
	CI=true $(BIN)/python -m pytest tests/output/test_checkov.py -m slow

.venvs/checkov/ready: Makefile
	@$(PYTHON) -m venv --clear .venvs/checkov
	@.venvs/checkov/bin/python -m pip install --quiet --disable-pip-version-check checkov==3.3.30
	@touch $@

# deploy.sh with the plain AWS CLI, which pins the version of botocore too.
test-deploy-script: .venv/ready .venvs/awscli/ready
	CI=true $(BIN)/python -m pytest tests/deploy/test_deploy_script.py

.venvs/awscli/ready: Makefile
	@$(PYTHON) -m venv --clear .venvs/awscli
	@.venvs/awscli/bin/python -m pip install --quiet --disable-pip-version-check awscli==1.46.3
	@touch $@

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Everything that is generated from the code and committed: the same text, written once.
docs: .venv/ready
	@for tool in $$(ls bgspec/*/docs.py tests/*/docs.py 2>/dev/null); do $(BIN)/python -m $$(echo $${tool%.py} | tr / .); done

generated: docs bless
	@git diff --exit-code -- README.md docs schemas tests/golden tests/names || { echo "Generated files are out of date: commit what 'make generated' wrote."; exit 1; }

# The rendered examples become the new truth. Read the diff before you commit it.
bless: .venv/ready
	@$(BIN)/python -m tests.bless

bench: .venv/ready
	$(BIN)/python -m tests.bench

clean:
	rm -rf .venv .venvs out build dist .hypothesis .mypy_cache .ruff_cache .import_linter_cache

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "bgspec needs Python 3.11 or later: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq python3-venv; } \
	  || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sandbox]' --group dev
	@touch $@
