#!/bin/sh
# Installs the system libraries that the build links: LAPACK, zlib and libpng.
# Does nothing, and asks for nothing, when they are there.
set -eu

if ! command -v swift >/dev/null 2>&1; then
  echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2
  exit 1
fi

case "$(uname -s)" in
Darwin)
  # LAPACK is part of Accelerate, and zlib of the system.
  missing=""
  pkg-config --exists libpng 2>/dev/null || brew list libpng >/dev/null 2>&1 || missing="libpng"
  if [ -n "$missing" ]; then
    echo "Installing $missing with Homebrew."
    brew install pkg-config $missing
  fi
  ;;
Linux)
  if command -v dpkg-query >/dev/null 2>&1; then
    missing=""
    for package in liblapack-dev zlib1g-dev libpng-dev; do
      status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
      [ "$status" = installed ] || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
      echo "Installing$missing with apt-get."
      as_root=""
      [ "$(id -u)" = 0 ] || as_root="sudo"
      $as_root apt-get update
      # shellcheck disable=SC2086
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
    fi
  elif ! pkg-config --exists lapack zlib libpng 2>/dev/null; then
    echo "Please install the development files of LAPACK, zlib and libpng" \
      "(Fedora: dnf install lapack-devel zlib-devel libpng-devel)." >&2
    exit 1
  fi
  ;;
esac
