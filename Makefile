# Everything needs a Swift toolchain (6.2 or later); the system libraries install themselves.

.PHONY: all demo test bench check format install-dependencies

all: install-dependencies
	swift build -c release --product nnmf

# The main job on data that ships with the program.
demo: all
	.build/release/nnmf demo

# In release, as the kernels are too slow without optimisation.
test: install-dependencies
	swift test -c release

# Times: kernels against the machine, then this program against others; see Benchmarks/README.md.
bench: all
	Benchmarks/run

# What a change must pass: format, warnings, tests in debug and release, where unsafe code is.
check: install-dependencies
	Scripts/check.sh

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

install-dependencies:
	@Scripts/install-dependencies.sh
