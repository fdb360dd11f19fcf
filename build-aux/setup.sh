#!/bin/sh
# setup.sh - installs what a fresh Debian 12 or Ubuntu 24.04 lacks to build and test motcl; with
# --no-tests, to build and run it only.
# clang-format and clang-tidy are of one version everywhere, since each version judges differently.
# Does nothing, and touches no network, when everything is there. Needs root or sudo otherwise.
set -u

say() { echo "setup: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

command -v dpkg-query >/dev/null 2>&1 ||
  fail "this is neither Debian nor Ubuntu; install the packages named in README.md by your system's own means"

# clang's sanitizer runtime is a package of clang's own version.
clang_version() {
  if command -v clang >/dev/null 2>&1; then
    clang -dumpversion | cut -d. -f1
  else
    LC_ALL=C apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1
  fi
}

case ${1-} in
'') for_tests=yes ;;
--no-tests) for_tests= ;;
*)
  say "usage: setup.sh [--no-tests]"
  exit 2
  ;;
esac

packages='autoconf automake libtool make gcc binutils pkg-config
  ocl-icd-opencl-dev opencl-headers libclblast-dev libjpeg-dev libwebp-dev libspng-dev zlib1g-dev
  libmd-dev libjansson-dev libpcre2-dev libutf8proc-dev libprotobuf-c-dev protobuf-c-compiler libuv1-dev
  libsqlite3-dev libedit-dev libchafa-dev libglib2.0-dev pocl-opencl-icd'
test -z "$for_tests" || packages="$packages
  g++ cmake xz-utils clang llvm clang-format-14 clang-tidy-14 libcmocka-dev oclgrind
  python3 python3-jsonschema python3-protobuf python3-venv groff-base zsh fish"

lacking() {
  for package in $packages "$@"; do
    test "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ||
      printf ' %s' "$package"
  done
}

runtime() {
  test -n "$for_tests" || return 0
  version=$(clang_version)
  test -z "$version" || printf 'libclang-rt-%s-dev' "$version"
}

# Nobody is asked for a password where nobody can answer.
ask=-n
test ! -t 0 || ask=

as_root() {
  if test "$(id -u)" = 0; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    # the option may be none
    # shellcheck disable=SC2086
    sudo $ask env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# shellcheck disable=SC2046
missing=$(lacking $(runtime))
test -n "$missing" || exit 0

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if test "$(id -u)" != 0 && ! { command -v sudo >/dev/null && sudo $ask true; }; then
  fail "this needs root; run as root: apt-get install$missing"
fi
say "installing$missing"
as_root apt-get -q update >"$log" 2>&1 || {
  tail -n 5 "$log" >&2
  fail "apt-get update failed; see to the network or to /etc/apt, then run this again"
}
missing=$(lacking $(runtime))
# shellcheck disable=SC2086
as_root apt-get -q -y --no-install-recommends install $missing >"$log" 2>&1 || {
  tail -n 20 "$log" >&2
  fail "apt-get could not install everything; mend what it says above, or run: apt-get install$missing"
}
