#!/bin/sh
# run.sh - installs what is missing, builds, runs every test, and closes with
# 'N passed, N failed, N skipped'. Works in ./build, or in the folder MOTCL_BUILD names.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=${MOTCL_BUILD:-$top/build}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
sh "$top/build-aux/setup.sh" || exit 1
mkdir -p "$build/log" && build=$(cd "$build" && pwd) || exit 1
results=$build/log/results
: >"$results"

say() { printf '%s\n' "$*"; }

# result PASS|FAIL|SKIP PART: NAME
result() { printf '%s %s\n' "$1" "$2" >>"$results"; }

# A skip counts as one only for a reason that tests/SKIPS lists: skipped NAME LOG.
skipped() {
  reason=$(sed -n 's/^skip: //p' "$2" | head -n 1)
  if test -n "$reason" && grep -qxF "$reason" "$top/tests/SKIPS"; then
    result SKIP "$1"
    say "skipped: $1: $reason"
  else
    result FAIL "$1"
    say "FAILED: $1 was skipped for a reason that tests/SKIPS does not list: ${reason:-none given}"
  fi
}

# step NAME COMMAND...: one result; its output goes to a log, whose end is shown if it fails.
step() {
  name=$1
  shift
  printf '%s ... ' "$name"
  began=$(date +%s)
  log=$build/log/$(printf '%s' "$name" | tr -cs 'A-Za-z0-9\n' '-').log
  "$@" >"$log" 2>&1
  outcome=$?
  say "$(($(date +%s) - began)) s"
  case $outcome in
  0) result PASS "$name" ;;
  77) skipped "$name" "$log" ;;
  *)
    result FAIL "$name"
    say "FAILED: $name; the end of $log:"
    tail -n 40 "$log"
    ;;
  esac
  return $outcome
}

# The results that `make check` left in a build folder, one by one.
collect() {
  part=$1
  dir=$2
  find "$dir" -name '*.trs' -not -path '*/_build/*' | sort >"$build/log/trs"
  while read -r trs; do
    test=${trs#"$dir"/}
    test=${test%.trs}
    outcome=$(sed -n 's/^:test-result: *\([A-Z]*\).*/\1/p' "$trs" | head -n 1)
    case $outcome in
    PASS) result PASS "$part: $test" ;;
    SKIP) skipped "$part: $test" "$dir/$test.log" ;;
    *)
      result FAIL "$part: $test"
      say "FAILED: $part: $test; the end of $dir/$test.log:"
      tail -n 40 "$dir/$test.log"
      ;;
    esac
  done <"$build/log/trs"
  test -s "$build/log/trs" || {
    result FAIL "$part: no test ran"
    say "FAILED: $part: no test ran"
  }
}

configure() {
  dir=$1
  shift
  mkdir -p "$dir" && cd "$dir" || return 1
  # a configure script that is newer has other answers; the same one need not ask twice
  if test -f config.status && test config.status -nt "$top/configure" &&
    test "$(cat .options 2>/dev/null)" = "$*"; then
    return 0
  fi
  "$top/configure" -q "$@" && printf '%s\n' "$*" >.options
}

prepare() {
  if test -f "$top/config.status"; then
    say "$top is configured in place, and no other folder can then build from it: run 'make distclean' there"
    return 1
  fi
  cd "$top" && { test -f configure && test -f Makefile.in || autoreconf -i; }
}

compile() { cd "$1" && make -s -j"$jobs" all && make -s -j"$jobs" check TESTS=; }

check() {
  part=$1
  dir=$2
  shift 2
  printf '%s: running the tests ... ' "$part"
  began=$(date +%s)
  (cd "$dir" && find . -name '*.trs' -exec rm -f {} + && make -s -k -j"$jobs" check "$@") \
    >"$build/log/check-$part.log" 2>&1
  say "$(($(date +%s) - began)) s"
  collect "$part" "$dir"
}

# What `make install` puts somewhere is enough to build programs with.
install_check() {
  command -v cmake && rm -rf "$build/inst" && make -s -C "$build/gcc" install installcheck
}

# What the README promises a newcomer, whose kernels go where nobody has named a folder for them.
quickstart() {
  rm -rf "$build/home" && mkdir "$build/home" || return 1
  (
    unset POCL_CACHE_DIR XDG_CACHE_HOME
    HOME=$build/home
    export HOME
    MOTCL_BUILD=$build sh "$top/examples/quickstart.sh" </dev/null
  ) && test -d "$build/home/.cache/pocl" && cd "$build/quickstart/out" &&
    test -s drawn.png && test -s edited.png && test -s thought.png
}

# The archive is the same for whoever makes it, and whenever.
archive_check() {
  cd "$build/gcc" && archive=motcl-$(sed -n "s/^VERSION = //p" Makefile).tar.xz &&
    make -s dist && mv "$archive" first.tar.xz && sleep 1 && (umask 077 && TZ=UTC-9 make -s dist) &&
    cmp first.tar.xz "$archive" && rm -f first.tar.xz
}

# The static library is built here alone, above beside the shared one.
distcheck() {
  cd "$build/gcc" && make -j"$jobs" distcheck \
    DISTCHECK_CONFIGURE_FLAGS='CFLAGS=-O0 --disable-shared' TESTS='tests/header.sh tests/layers.sh tests/hygiene.sh tests/symbols.sh'
}

# Kernel caches stay in the build folder, and nobody's configuration is read.
mkdir -p "$build/cache/pocl"
export XDG_CACHE_HOME="$build/cache" POCL_CACHE_DIR="$build/cache/pocl" XDG_CONFIG_HOME=/dev/null

step "autoreconf" prepare &&
  step "configure, gcc" configure "$build/gcc" CC=gcc --enable-werror \
    --prefix="$build/inst" &&
  step "build, gcc" compile "$build/gcc" && {
  check gcc "$build/gcc"
  step "install" install_check
  step "the same archive twice" archive_check
  step "distcheck" distcheck
  step "quickstart" quickstart
}
step "configure, clang with sanitizers" configure "$build/clang" CC=clang --enable-werror \
  --enable-asan --enable-debug --disable-shared &&
  step "build, clang with sanitizers" compile "$build/clang" &&
  check clang "$build/clang"
step "clang-format" sh "$top/tests/format.sh"
step "clang-tidy" sh "$top/tests/tidy.sh" "$build/clang"
if test -f "$top/tests/oclgrind.sh"; then
  step "oclgrind" sh "$top/tests/oclgrind.sh" "$build/gcc"
fi
step "Intel's runtime" sh "$top/tests/intel.sh" "$build/gcc" "$build/intel"

passed=$(grep -c '^PASS' "$results")
failed=$(grep -c '^FAIL' "$results")
skips=$(grep -c '^SKIP' "$results")
test "$failed" = 0 || { say "failed:" && sed -n 's/^FAIL /  /p' "$results"; }
say "$passed passed, $failed failed, $skips skipped"
test "$failed" = 0
