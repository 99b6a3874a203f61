# make demo and make test need only Go; make check installs its tools in .check/.

GO ?= go
# The SIMD experiment, on amd64 only, vectorises the backend cpu, and makes GoMLX's matrix products
# about six times faster.
ifeq ($(shell $(GO) env GOARCH),amd64)
export GOEXPERIMENT = simd
endif
# Directory of the datasets that models are trained on.
DATA ?= ../shared/data
# Directory of the sources of the bundled vocabulary.
VOCAB ?= $(DATA)/vocab
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS = -s -w -X main.version=$(VERSION)
# Before a command that trains: use the XLA plugin if it can be installed.
WITH_XLA = plugin=$$(bash .ci/pjrt) && export PJRT_PLUGIN_LIBRARY_PATH=$$plugin;

.PHONY: help demo build test check bundled-model bundled-vocabulary large-model clean proof-generated bench-run bench-forward \
	bench-generate bench-train bench-gpu bench-xml bench-text bench-model bench-model-base

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: build ## mine the bundled sample with the bundled model
	@rm -rf .demo
	bin/pubmine run testdata/pubmed --corpus .demo
	@bin/pubmine show --corpus .demo 99000003
	@bin/pubmine triples --corpus .demo --min-score 0.7 --limit 5

build: ## build bin/pubmine
	@mkdir -p bin
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/pubmine ./cmd/pubmine

test: ## run every test that needs only Go
	$(GO) vet ./...
	$(GO) test -timeout 20m ./...

check: build ## run linters, race detector, XLA, fuzzing, kill tests and readers in Python
	bash .ci/check

bundled-model: build ## train the bundled model from the datasets in DATA (50 minutes on two cores), or with ONLY=TASKS some of its heads
	@$(WITH_XLA) bin/pubmine train recipe model/catalog/bundled/recipe.json --data $(DATA) --out model/catalog/bundled $(if $(ONLY),--only $(ONLY),--trunk .check/bundled-trunk)

bundled-vocabulary: build ## build the bundled vocabulary from the files in VOCAB=DIR
	bin/pubmine vocab build model/vocabulary/bundled/recipe.json --sources $(VOCAB) --output model/vocabulary/bundled/bundled.vocab

large-model: build ## train a larger model into OUT=DIR, on a machine with a GPU
	bin/pubmine train recipe model/catalog/large/recipe.json --data $(DATA) --out $(or $(OUT),.check/large-model)

bench-run: build ## abstracts/s of a whole run, for each available backend
	bash .ci/bench-run

bench-forward: ## abstracts/s of the forward pass of MODEL=DIR, beside transformers
	bash .ci/bench-forward $(MODEL)

bench-gpu: build ## forward pass, generation and a whole run on a GPU; see .ci/bench-gpu
	MODEL="$(MODEL)" BACKEND="$(BACKEND)" DTYPE="$(DTYPE)" bash .ci/bench-gpu

bench-generate: ## tokens/s of greedy generation with MODEL=DIR, beside transformers
	bash .ci/bench-generate $(MODEL)

bench-train: ## tokens/s of training a language model, beside PyTorch
	bash .ci/bench-train

bench-model-base: build ## agreement with transformers, load time and peak memory of MODEL=DIR
	bash .ci/check-base $(MODEL)

bench-xml: build ## PubMed XML to Parquet, beside pubmed_parser and lxml
	bash .ci/bench-xml

bench-text: ## speed of the tokenizer and the sentence splitter
	$(GO) test -run '^$$' -bench . -benchmem ./model/tokenizer ./stages/...

bench-model: ## speed of the forward pass of the trunk
	$(GO) test -run '^$$' -bench . -benchmem ./model/biogpt

proof-generated: ## fine-tune a small model until it generates the relations of 30 documents
	@$(WITH_XLA) PUBMINE_PROOF=1 $(GO) test -count=1 -v -run TestReproducesBC5CDR ./cmd/pubmine

clean: ## remove all that the targets above make
	rm -rf bin .demo .check
