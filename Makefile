# pubmine: make demo and make test need Go and nothing else; make check installs what it needs beside the tree, in .check/.

GO ?= go
# The SIMD experiment makes GoMLX's matrix products about six times faster, and vectorises all of the backend cpu; it exists on amd64 only.
ifeq ($(shell $(GO) env GOARCH),amd64)
export GOEXPERIMENT = simd
endif
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS = -s -w -X main.version=$(VERSION)
# Before a command that trains: the XLA plugin, where it can be had.
WITH_XLA = plugin=$$(bash .ci/pjrt) && export PJRT_PLUGIN_LIBRARY_PATH=$$plugin;

.PHONY: help demo build test check bundled-model large-model bench-run bench-forward bench-generate bench-train bench-gpu bench-xml bench-text bench-model proof-generated clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: build ## mine the bundled sample with the bundled model
	@rm -rf .demo
	bin/pubmine run testdata/pubmed --corpus .demo
	@bin/pubmine show --corpus .demo 99000003

build: ## leave bin/pubmine
	@mkdir -p bin
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/pubmine ./cmd/pubmine

test: ## run every test that needs only Go
	$(GO) vet ./...
	$(GO) test ./...

check: build ## run the linters, the race detector, the XLA backend, kills, and readers in Python; installs them below .check
	bash .ci/check

bundled-model: build ## train the bundled model again from ../shared/data (50 minutes on two cores)
	@$(WITH_XLA) bin/pubmine train recipe model/catalog/bundled/recipe.json --data ../shared/data --out model/catalog/bundled --trunk .check/bundled-trunk

large-model: build ## train a larger model, into OUT=DIR: for a machine with a GPU
	bin/pubmine train recipe model/catalog/large/recipe.json --data ../shared/data --out $(or $(OUT),.check/large-model)

bench-run: build ## abstracts a second of a whole run, on each backend found
	bash .ci/bench-run

bench-forward: ## abstracts a second of the forward pass with MODEL=DIR, beside transformers
	bash .ci/bench-forward $(MODEL)

bench-gpu: build ## all of that on a GPU, and a whole run; MODEL="DIR ...", BACKEND and DTYPE choose what
	MODEL="$(MODEL)" BACKEND="$(BACKEND)" DTYPE="$(DTYPE)" bash .ci/bench-gpu

bench-generate: ## tokens a second of greedy generation with MODEL=DIR, beside transformers
	bash .ci/bench-generate $(MODEL)

bench-train: ## tokens a second of training a language model, beside PyTorch
	bash .ci/bench-train

bench-model-base: build ## a full-size model beside transformers with MODEL=DIR: equal states and logits, load time, peak memory
	bash .ci/check-base $(MODEL)

bench-xml: build ## PubMed XML to Parquet, beside pubmed_parser and lxml; installs them below .check
	bash .ci/bench-xml

bench-text: ## tokenizer and sentence splitter
	$(GO) test -run '^$$' -bench . -benchmem ./model/tokenizer ./stages/...

bench-model: ## the trunk's forward pass
	$(GO) test -run '^$$' -bench . -benchmem ./model/biogpt

proof-generated: ## fine-tune a small model with a soft prompt until it writes the relations of 30 real documents (two minutes; needs ../shared)
	@$(WITH_XLA) PUBMINE_PROOF=1 $(GO) test -count=1 -v -run TestReproducesBC5CDR ./cmd/pubmine

clean: ## remove what the targets above left
	rm -rf bin .demo .check
