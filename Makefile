# A thin front for CMake: "make help" lists the targets. Every build first
# runs scripts/setup, which installs and fetches what a fresh Debian 12 lacks
# and does nothing when there is nothing to do.
#
#   make test BUILD=/somewhere/else   another build folder
#   make test CXX=clang++             another compiler, with its own folder

comma := ,
compiler := $(notdir $(CXX))
ifneq ($(origin CXX),default)
ifneq ($(filter-out c++ g++,$(compiler)),)
suffix := -$(compiler)
endif
endif

BUILD ?= build$(suffix)
# What scripts/setup fetches, once for all build folders.
SETUP_DIR ?= build/setup
JOBS ?= $(shell nproc)
# More options for CMake, as -DVARVE_WERROR=OFF.
CMAKE_FLAGS ?=
# More options for ctest, as -R row_key.
CTEST_FLAGS ?=

groups = $(if $(findstring clang,$(compiler)),clang)

# $(call build,FOLDER,CMAKE OPTIONS,TARGETS)
define build
@scripts/setup $(SETUP_DIR) $(groups)
@cmake -S . -B $(1) -G Ninja \
  -DVARVE_ROCKSDB_SOURCE_DIR="$$(scripts/setup --print-source $(SETUP_DIR))" \
  $(if $(filter-out default,$(origin CXX)),-DCMAKE_CXX_COMPILER=$(CXX)) \
  $(CMAKE_FLAGS) $(2)
@cmake --build $(1) -j $(JOBS) $(addprefix --target ,$(3))
endef

# $(call check,FOLDER,CTEST OPTIONS)
define check
@scripts/setup $(SETUP_DIR) $(groups) test
@cd $(1) && ctest --output-on-failure -j $(JOBS) $(2) $(CTEST_FLAGS)
endef

.PHONY: all setup build test test-rocksdb test-asan test-tsan stress demo bench \
  bench-micro bench-codec bench-ageing bench-presets fuzz check-in-tree \
  check-rocksdb check-debian format \
  install deb clean distclean help

all: build

setup:  ## install the packages that are missing, fetch RocksDB's source
	@scripts/setup $(SETUP_DIR) $(groups)

build:  ## build the library, the tools and the tests
	$(call build,$(BUILD))

test: build  ## build, then run every test
	$(call check,$(BUILD))

test-asan:  ## the same with address and undefined behaviour sanitizers
	$(call build,$(BUILD)-asan,-DVARVE_SANITIZE=address$(comma)undefined)
	$(call check,$(BUILD)-asan)

test-rocksdb:  ## the tests that say something of another RocksDB
	$(call build,$(BUILD),,rocksdb_tests)
	$(call check,$(BUILD),-L rocksdb)

# RocksDB's library is not instrumented: see tests/suppressions/tsan.supp.
test-tsan:  ## the same with the thread sanitizer
	$(call build,$(BUILD)-tsan,-DVARVE_SANITIZE=thread)
	$(call check,$(BUILD)-tsan)

demo:  ## the main job on real data, in a database below the build folder
	$(call build,$(BUILD),,varve varve_demo)
	@scripts/demo $(BUILD)

# The standard set: samples on all layouts and the peers that are installed
# (scripts/bench_peers.py). RELEASE_ROCKSDB=1 builds RocksDB without assertions
# and measures on both; the microbenchmarks run on that one alone then.
BENCH_NUM ?= 4000000
BENCH_ROUNDS ?= 3
BENCH_OUT ?= docs
ifneq ($(RELEASE_ROCKSDB),)
release_build = $(BUILD)-release-rocksdb
release_flags = -DRocksDB_ROOT="$$(scripts/release-rocksdb \
  "$$(scripts/setup --print-source $(SETUP_DIR))" $(SETUP_DIR)/release)"
endif
bench_command = make bench$(if $(RELEASE_ROCKSDB), RELEASE_ROCKSDB=1) \
  BENCH_NUM=$(BENCH_NUM) BENCH_ROUNDS=$(BENCH_ROUNDS)
bench_programs = varve_program varve_bench_program
bench:  ## samples: Varve against other layouts and peers (RELEASE_ROCKSDB=1)
	@scripts/setup $(SETUP_DIR) $(groups) bench
	$(call build,$(BUILD),,$(bench_programs))
	$(if $(release_build),$(call \
	  build,$(release_build),$(release_flags),$(bench_programs)))
	@scripts/bench-samples --num=$(BENCH_NUM) --rounds=$(BENCH_ROUNDS) \
	  $(addprefix --build=,$(BUILD) $(release_build)) $(BENCH_FLAGS) \
	  $(BUILD)/bench.csv
	@scripts/bench-report $(BUILD)/bench.csv $(BENCH_OUT) "$(bench_command)"

# $(call micro,PATTERN)
micro_build = $(or $(release_build),$(BUILD))
define micro
@scripts/setup $(SETUP_DIR) $(groups) bench
$(call build,$(micro_build),$(release_flags),benches)
@for bench in $(micro_build)/bench/$(1); do echo "== $$bench"; \
  $$bench $(BENCH_FLAGS) || exit 1; done
endef

bench-micro:  ## every microbenchmark of parts of it
	$(call micro,*_bench)

# Over DATA, a folder of CSV files and .jsonl.zst exports, the results go to
# the build folder; over the project's own data, to docs/.
bench-codec: BENCH_FLAGS += $(if $(DATA),--data=$(DATA) --out=$(BUILD)/bench \
  --generated=no,--out=docs)
bench-codec:  ## compression and speed of the codecs (DATA=DIR: of your data)
	$(call micro,codec_bench)

STRESS_RUNS ?= 50
STRESS_OPS ?= 120000
STRESS_SEED ?= 1
STRESS_KINDS ?= plain delrange merge ingest backup kill timestamp txn
stress:  ## RocksDB's stress test, 50 runs a kind, part and stock (hours)
	$(call build,$(BUILD))
	@for table in stock part; do scripts/stress -n $(STRESS_RUNS) \
	  -s $(STRESS_SEED) -o $(STRESS_OPS) $$table \
	  $(BUILD)/db_stress/db_stress $(BUILD)/libvarve.so $(BUILD)/stress \
	  $(STRESS_KINDS) || [ $$table = stock ] || exit 1; done

bench-ageing: BENCH_FLAGS += --out=docs
bench-ageing:  ## what ageing rewrites in a year, by tier (docs/ageing.md)
	$(call micro,ageing_bench)

bench-presets:  ## what compaction costs by preset (docs/presets.md)
	@scripts/setup $(SETUP_DIR) $(groups) bench
	$(call build,$(BUILD),,benches)
	@$(BUILD)/bench/preset_bench --csv=docs/presets.csv
	@$(BUILD)/bench/preset_bench --series=100 --buffer_kb=64 \
	  --csv=docs/presets-flushes.csv

FUZZ_SECONDS ?= 60
fuzz: compiler := clang++
fuzz:  ## every decoder's fuzzer for FUZZ_SECONDS each (clang)
	$(call build,$(BUILD)-fuzz,-DCMAKE_CXX_COMPILER=clang++ -DVARVE_FUZZ=ON \
	  -DVARVE_SANITIZE=address$(comma)undefined -DVARVE_BUILD_TESTS=OFF)
	@scripts/fuzz $(BUILD)-fuzz $(FUZZ_SECONDS)

check-in-tree:  ## build RocksDB's own tree with Varve as its plugin (long)
	@scripts/setup $(SETUP_DIR)
	@scripts/check-in-tree full $(BUILD)/in-tree \
	  "$$(scripts/setup --print-source $(SETUP_DIR))"

# SOURCE is a source tree of any RocksDB: nothing has to be installed of it.
check-rocksdb:  ## compile the library against another RocksDB (SOURCE=DIR)
	@scripts/check-rocksdb "$(SOURCE)" $(BUILD)/check-rocksdb $(CXX)

# Another release of Debian, with another RocksDB, in a root folder of its own;
# then databases go from this one's RocksDB to that one's and back. What
# installs and packages is tested here alone. CHECK=test-rocksdb is less.
RELEASE ?= trixie
CHECK ?= test
other_root = $(SETUP_DIR)/$(RELEASE)-root
other_build = $(BUILD)/$(RELEASE)
not_other = ^(deb|examples|in_tree_make|in_tree_cmake|package|page)_test
check-debian: build  ## build and test under RELEASE=trixie too (root)
	@scripts/other-debian $(RELEASE) $(other_root) \
	  make $(CHECK) BUILD=$(other_build) SETUP_DIR=$(other_build)/setup \
	  JOBS=$(JOBS) CMAKE_FLAGS='$(CMAKE_FLAGS)' \
	  CTEST_FLAGS='-E "$(not_other)" $(CTEST_FLAGS)'
	@tests/build/two_rocksdb_test.sh $(BUILD)/varve \
	  "scripts/other-debian $(RELEASE) $(other_root) $(other_build)/varve"

format:  ## clang-format over our sources
	@scripts/setup $(SETUP_DIR) format
	@git ls-files -co --exclude-standard '*.cc' '*.h' \
	  | xargs clang-format-14 -i

install: build  ## install below CMake's CMAKE_INSTALL_PREFIX
	@cmake --install $(BUILD)

deb: build  ## a Debian package, in the build folder
	@scripts/setup $(SETUP_DIR) $(groups) test
	@cpack --config $(BUILD)/CPackConfig.cmake -G DEB -B $(BUILD)

clean:  ## remove what was built; keep what was fetched
	@rm -rf build-*
	@if [ -d build ]; then \
	  find build -mindepth 1 -maxdepth 1 ! -name setup -exec rm -rf {} +; fi

distclean:  ## remove what was fetched too
	@rm -rf build build-*

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) \
	  | expand -t 24
