# The verbs of this repository, for people and for CI: each a thin call of Maven. What is in capitals here is an option.
MVN ?= mvn --batch-mode --no-transfer-progress
TEST = -Dsurefire.failIfNoSpecifiedTests=false

SEEDS ?= 20000
KILLS ?= 500
BLOWS ?= 100
CONFIG ?= examples/millrace.yaml
IMAGE ?= millrace
VARIANT ?= minimal
DOCKER ?= docker
PACKAGES ?= batch config filter invoke mapping queue stream

comma := ,
empty :=
space := $(empty) $(empty)

.DEFAULT_GOAL := help
.PHONY: help check fmt test sim it soak mutants bench bench-sqs bench-kinesis run quickstart image rules clean

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

soak: ## kill -9 the daemon, and deal blows to three of them, as often as told: KILLS=500 BLOWS=100
	$(MVN) -pl poller-daemon -am verify $(TEST) -Dtest=none \
		-Dfailsafe.failIfNoSpecifiedTests=false -Dit.test='KilledDaemonIT,KilledStreamIT,KilledClusterIT' \
		-Dtest.argLine="-Dmillrace.it.kills=$(KILLS) -Dmillrace.it.blows=$(BLOWS)"

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

image: ## the container image: IMAGE=millrace, VARIANT=minimal or process, DOCKER=docker or podman
	$(DOCKER) build --file docker/Dockerfile --tag $(IMAGE) --build-arg VARIANT=$(VARIANT) \
		--build-arg REVISION=$$(git rev-parse HEAD) --build-arg CREATED=$$(date -u +%Y-%m-%dT%H:%M:%SZ) .

rules: ## Prometheus' own checks of the alert rules; needs promtool
	promtool check rules deploy/prometheus/alerts.yaml deploy/prometheus/alerts-cloudwatch.yaml
	promtool test rules deploy/prometheus/alerts.test.yaml

clean: ## removes everything that was built
	$(MVN) clean
