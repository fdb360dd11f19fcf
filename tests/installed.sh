#!/bin/sh
# installed.sh LIBDIR BINDIR - what `make install` put there is enough to build programs with: those of
# examples/ in C, and one in C++ by CMake, which find it by pkg-config and run; and the command finds its small
# model. Run in the build folder by `make installcheck`, which sets MOTCL_DATA_DIR only if DESTDIR is set.
set -u
libdir=$1
bindir=$2
src=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=$(pwd)
room=$build/installed-test.$$
trap 'cd "$build" && rm -rf "$room"' EXIT
mkdir "$room" && cd "$room" || exit 1

fail() {
  echo "FAILED: $*"
  exit 1
}

PKG_CONFIG_PATH=$libdir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
XDG_CONFIG_HOME=/dev/null
export PKG_CONFIG_PATH LD_LIBRARY_PATH XDG_CONFIG_HOME

command -v pkg-config >/dev/null || fail "pkg-config is missing (Debian: apt-get install pkg-config)"
flags=$(pkg-config --cflags --libs motcl) || fail "pkg-config does not find motcl"
version=$(pkg-config --modversion motcl)
"$bindir/motcl" --version | grep -qx "motcl $version" || fail "motcl and motcl.pc are of two versions"

for program in ask draw edit interleaved job; do
  # flags are words
  # shellcheck disable=SC2086
  ${CC:-cc} -std=c11 -Wall -Wextra -Werror "$src/examples/$program.c" -o $program $flags ||
    fail "examples/$program.c cannot be built"
done

static=
if test -e "$libdir/libmotcl.a"; then
  # shellcheck disable=SC2046
  ${CC:-cc} -std=c11 "$src/examples/draw.c" -o static-draw $(pkg-config --cflags --libs motcl-static) ||
    fail "the static library cannot be linked"
  readelf -d static-draw >needed || fail "readelf is missing (Debian: apt-get install binutils)"
  grep NEEDED needed | grep libmotcl && fail "motcl-static.pc leads to the shared library"
  static="static-draw model fox fox.png ref"
elif test -e "$libdir/pkgconfig/motcl-static.pc"; then
  fail "motcl-static.pc is there without the static library"
fi

"$build/tests/golden/make_hashed" model >made || fail "there is no model to try"
for run in "draw model fox fox.png ref" "edit model fox.png blue blue.png ref" "ask model ref What blue.png" \
  "job model job.pb job.png ref" "interleaved model . ref" ${static:+"$static"}; do
  # shellcheck disable=SC2086
  ./$run >out 2>err || { cat err && fail "examples/$run"; }
done
for picture in fox blue job 1 2 3; do
  "$bindir/motcl" inspect $picture.png >out || fail "$picture.png is no picture"
done

(unset MOTCL_MODEL && "$bindir/motcl" draw 'a red circle on white' -o red.png -d ref) ||
  fail "the command does not draw with the model that was installed"

if command -v cmake >/dev/null && command -v ${CXX:-c++} >/dev/null; then
  cmake -S "$src/examples/cmake" -B cmake -DCMAKE_CXX_COMPILER="${CXX:-c++}" >out 2>&1 ||
    { cat out && fail "CMake does not find motcl"; }
  cmake --build cmake >out 2>&1 || { cat out && fail "examples/cmake cannot be built"; }
  cmake/gallery model ref >out || fail "examples/cmake"
  grep -qx 'a picture of 64x48' out || fail "examples/cmake draws nothing"
else
  echo "without CMake and a C++ compiler, examples/cmake is left out"
fi
echo "the installed library of version $version serves"
