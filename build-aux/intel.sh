#!/bin/sh
# intel.sh - installs Intel's OpenCL runtime for CPUs into a folder of its own and prints the shell
# commands that make programs use it, it alone:
#     eval "$(sh build-aux/intel.sh FOLDER)"
# It comes from the Python package index. Does nothing but print if it is there already. Exit status
# 77, after a line that begins with "skip: ", if the index cannot be reached.
set -u

say() { echo "intel: $*" >&2; }

test $# = 1 || {
  say "usage: intel.sh FOLDER"
  exit 2
}
mkdir -p "$1" && dir=$(cd "$1" && pwd) || exit 1
case $dir in
*[!A-Za-z0-9_./+-]*)
  say "Intel's runtime does not work from a folder like '$dir'; choose one without blanks and signs"
  exit 1
  ;;
esac
packages='intel-opencl-rt==2026.2.0 intel-cmplr-lib-rt==2026.2.0'
python=$dir/python
log=$dir/install.log

pip() { "$python/bin/pip" --disable-pip-version-check --no-input "$@"; }

# What the packages' own .icd files say is true on no machine but their makers'.
write_icd() {
  mkdir -p "$dir/vendors" && echo "$python/lib/libintelocl.so" >"$dir/vendors/intel.icd"
}

install() {
  python3 -m venv "$python" >"$log" 2>&1 || return 1
  # shellcheck disable=SC2086
  pip install $packages >>"$log" 2>&1 || return 1
  test -f "$python/lib/libintelocl.so" || return 1
  echo "$packages" >"$dir/installed"
}

if test "$(cat "$dir/installed" 2>/dev/null)" != "$packages"; then
  rm -rf "$python" "$dir/installed"
  say "installing $packages"
  if ! install; then
    tail -n 5 "$log" >&2
    if test -x "$python/bin/pip" && ! pip index versions pip >>"$log" 2>&1; then
      echo "skip: no network for Intel's runtimes" >&2
      exit 77
    fi
    say "Intel's runtime could not be installed; the whole output is in $log"
    exit 1
  fi
fi
write_icd || exit 1
echo "OCL_ICD_VENDORS=$dir/vendors; export OCL_ICD_VENDORS"
echo "LD_LIBRARY_PATH=$python/lib; export LD_LIBRARY_PATH"
