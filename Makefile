# A thin front for CMake: "make help" lists the targets. Everything that a
# fresh Debian 12 machine lacks is set up by scripts/setup, which every build
# runs first and which does nothing when there is nothing to do.
#
#   make test BUILD=/somewhere/else   another build folder
#   make test CXX=clang++             another compiler (use another BUILD)

BUILD ?= build
JOBS ?= $(shell nproc)
# Fetched once for all build folders.
SETUP_DIR ?= build/setup
CMAKE_FLAGS ?=

configure = cmake -S . -B $(1) -G Ninja \
	-DVARVE_ROCKSDB_SOURCE_DIR="$$(scripts/setup --print-source $(SETUP_DIR))" \
	$(if $(filter-out default,$(origin CXX)),-DCMAKE_CXX_COMPILER=$(CXX)) \
	$(CMAKE_FLAGS) $(2)
run_tests = ctest --test-dir $(1) --output-on-failure -j $(JOBS) $(2)

.PHONY: all build test setup clean help

all: build

setup:
	@scripts/setup $(SETUP_DIR)

build: setup  ## the library, the tools and the tests
	@$(call configure,$(BUILD))
	@cmake --build $(BUILD) -j $(JOBS)

test: build  ## build, then run every test
	@$(call run_tests,$(BUILD))

clean:  ## removes what was built; keeps what was fetched
	@rm -rf build-asan build-tsan build-fuzz
	@if [ -d build ]; then \
	  find build -mindepth 1 -maxdepth 1 ! -name setup -exec rm -rf {} +; fi

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) \
	  | expand -t 24
