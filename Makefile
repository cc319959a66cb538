# The verbs of this repository, for people and for CI: each a thin call of Maven. SEEDS, SEED, CONFIG and ARGS are options.
MVN ?= mvn --batch-mode --no-transfer-progress
TEST = -Dsurefire.failIfNoSpecifiedTests=false

SEEDS ?= 20000
CONFIG ?= examples/millrace.yaml
PACKAGES ?= batch config filter invoke mapping queue stream

comma := ,
empty :=
space := $(empty) $(empty)

.DEFAULT_GOAL := help
.PHONY: help check fmt test sim it mutants bench bench-sqs bench-kinesis run quickstart clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: ## everything CI runs: lints, all tests, format, architecture, documents
	$(MVN) verify

fmt: ## formats all Java sources
	$(MVN) --quiet -Dfmt -pl house process-test-classes

test: ## unit tests and the fast simulation
	$(MVN) test

sim: ## the long simulation: SEEDS=20000, or SEED=4711 to replay one run with its trace
	$(MVN) -pl poller-core test $(TEST) -Dtest=QueueSimulationTest,ShardSimulationTest \
		-Dtest.argLine="$(if $(SEED),-Dsim.seed=$(SEED),-Dsim.seeds=$(SEEDS))"

it: ## integration tests only
	$(MVN) verify -Dtest=none $(TEST)

mutants: ## mutation testing of the pure packages: PACKAGES="queue batch"
	$(MVN) -Pmutants -pl poller-core process-test-classes \
		-Dmutants.classes=$(subst $(space),$(comma),$(patsubst %,dev.millrace.%.*,$(PACKAGES)))

bench: bench-sqs bench-kinesis ## all benchmarks

bench-sqs: ## the SQS benchmark against its peers (minutes; see benchmarks/README.md): ARGS=--help
	$(MVN) -DskipTests package
	npm ci --prefix benchmarks/node
	$(MVN) -DskipTests -f benchmarks/pom.xml package exec:exec@bench \
		-Dbench.args="$(or $(ARGS),throughput latency footprint)"

bench-kinesis: ## the Kinesis benchmark against its peers (the better part of an hour): ARGS=--help
	$(MVN) -DskipTests package
	$(MVN) -DskipTests -Pbench -pl benchmarks/kcl -am package
	$(MVN) -DskipTests -f benchmarks/pom.xml package exec:exec@bench \
		-Dbench.main=kinesis.BenchKinesis -Dbench.args="$(or $(ARGS),throughput lanes shards idle)"

run: ## the daemon on a configuration: CONFIG=examples/millrace.yaml
	./millrace run $(CONFIG)

quickstart: ## emulated queues, a sample function and the daemon: ARGS=--once
	./millrace quickstart $(ARGS)

clean: ## removes everything that was built
	$(MVN) clean
