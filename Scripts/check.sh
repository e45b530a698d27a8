#!/bin/bash
# What a change must pass. Each step prints its name; the first failure ends the script.
# Usage: Scripts/check.sh [--quick]   (--quick leaves out the builds and tests)
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }
fail() { printf 'check: %s\n' "$1" >&2; exit 1; }

step "format"
swift format lint --strict --recursive --parallel Package.swift Sources Tests

step "unsafe code only in Kernels folders"
found=$(grep -rnwE 'unsafe|Unsafe[A-Za-z]*Pointer|withUnsafe[A-Za-z]*' --include='*.swift' Sources Tests |
  grep -v '/Kernels/' | grep -vE '^[^:]+:[0-9]+:[[:space:]]*//' || true)
if [ -n "$found" ]; then
  printf '%s\n' "$found"
  # The wrappers of C libraries are the other home of pointers; each says so in its first line.
  while IFS= read -r file; do
    head -n 1 "$file" | grep -q 'C wrapper' || fail "unsafe code outside Kernels/: $file"
  done < <(printf '%s\n' "$found" | cut -d: -f1 | sort -u)
fi

step "no file over 400 lines"
long=$(find Sources Tests -name '*.swift' -exec wc -l {} + | awk '$2 != "total" && $1 > 400')
[ -z "$long" ] || fail "too long, one subject a file: $long"

step "no force unwrap of errors, no print outside commands"
if grep -rnE 'try!|fatalError\("under construction' --include='*.swift' Sources; then
  fail "try! or unfinished code"
fi

[ "${1:-}" = "--quick" ] && exit 0

for configuration in debug release; do
  step "build without warnings ($configuration)"
  log=$(mktemp)
  # A module that is up to date repeats no warnings: make sure that ours are compiled here.
  find Sources Tests -name '*.swift' -exec touch {} +
  # Tests import internals, which a release build shows only when asked.
  swift build -c "$configuration" --build-tests -Xswiftc -enable-testing 2>&1 | tee "$log" | grep -E 'warning:|error:|Build' || true
  grep -q 'Build complete' "$log" || fail "the $configuration build failed"
  ! grep -q 'warning:' "$log" || fail "the $configuration build has warnings"
  rm -f "$log"
  step "tests ($configuration)"
  swift test -c "$configuration" --skip-build
done
