#!/bin/sh
# tidy.sh BUILD [FILE...] - clang-tidy on the C files of host/, drivers/ and examples/, or on those named.
# BUILD is a configured folder. analyzer.h goes before all but the files that define what it shows.
set -u
build=$(cd "${1:?name a build folder}" && pwd) && cd "$(dirname "$0")/.." || exit 1
shift
libraries=$(sed -n 's/^CHAFA_CPPFLAGS = //p' "$build/Makefile")
if test $# -gt 0; then
  printf '%s\n' "$@"
else
  find host drivers examples -name '*.c' | sort
fi | xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh -c '
  case $3 in
  host/base/err.c | host/base/mem.c | host/cl/status.c) extra= ;;
  *) extra="-include tests/analyzer.h" ;;
  esac
  said=$(clang-tidy-14 --quiet "$3" -- -std=c11 -D_POSIX_C_SOURCE=200809L -Ihost -I. -I"$1" -I"$1/proto" $2 $extra 2>&1)
  outcome=$?
  test $outcome = 0 || printf "%s\n" "$said"
  exit $outcome
' sh "$build" "$libraries"
