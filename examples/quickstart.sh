#!/bin/sh
# quickstart.sh - from a bare Debian 12 or Ubuntu 24.04 to a picture: installs what is missing, builds, then
# draws, edits, asks and thinks with the small model of examples/nano. Works in ./build, or in the folder that
# MOTCL_BUILD names, and may be run again at any time.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=${MOTCL_BUILD:-$top/build}
mkdir -p "$build/quickstart" && build=$(cd "$build/quickstart" && pwd) || exit 1
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
model=$top/examples/nano/model
out=$build/out
log=$build/log
steps=7
XDG_CONFIG_HOME=/dev/null # a configuration would have other pictures
export XDG_CONFIG_HOME

say() { printf '%s\n' "$*"; }

# step TEXT COMMAND...: says what is done, keeps quiet about how, and stops here if it fails
step() {
  number=$((${number:-0} + 1))
  printf '[%d/%d] %s ... ' "$number" $steps "$1"
  shift
  began=$(date +%s)
  if "$@" >"$log" 2>&1; then
    say "$(($(date +%s) - began)) s"
    return
  fi
  say "failed; the end of $log:"
  tail -n 20 "$log"
  exit 1
}

# Not through a step: it may ask for sudo's password.
packages() {
  number=1
  say "[1/$steps] looking for missing packages ..."
  sh "$top/build-aux/setup.sh" --no-tests || exit 1
}

build() { configure && make -s -C "$build" -j"$jobs" motcl; }

configure() {
  if test -f "$top/config.status"; then
    say "$top is configured in place, and no other folder can then build from it: run 'make distclean' there"
    return 1
  fi
  (cd "$top" && { test -f configure && test -f Makefile.in || autoreconf -i; }) && cd "$build" || return 1
  if ! test -f config.status || test "$top/configure" -nt config.status; then
    "$top/configure" -q --disable-static
  fi
}

# try WHAT ARGS...: shows a command as one would type it, then runs it
try() {
  number=$((number + 1))
  say "[$number/$steps] $1"
  shift
  say "  \$ motcl $(quoted "$@")"
  "$build/motcl" "$@" -m "$model" || {
    say "that failed; '$build/motcl devices' shows what there is to run on"
    exit 1
  }
}

# words as one types them, files without their folder
quoted() {
  for word in "$@"; do
    case $word in
    *' '*) printf "'%s' " "$word" ;;
    *) printf '%s ' "${word##*/}" ;;
    esac
  done | sed 's/ $//'
}

say "motcl quickstart: everything is made in $build"
packages
step "building" build
step "looking at the model, examples/nano/model" "$build/motcl" inspect "$model"
rm -rf "$out" && mkdir "$out" && cd "$out" || exit 1
try "drawing (the first time, kernels are compiled for this machine)" \
  draw 'a big red star at the top on white' --seed 1 -o drawn.png --preview
try "editing that picture" edit drawn.png 'make the star green' --seed 1 -o edited.png --preview
try "asking about it" ask edited.png 'describe the picture'
try "thinking before drawing" \
  draw --think 'something round and pink next to something cyan with four corners' --seed 1 -o thought.png --preview
cat <<END

The pictures are of 64x64 pixels, from a model of 21 MB that knows shapes, colours and places and nothing else;
examples/nano/README.md says what it can be asked.

  pictures  $out
  model     $model
  motcl     $build/motcl    (installed with the model by: make -C $build install)

The same files, kernels and commands run the published model, ByteDance-Seed/BAGEL-7B-MoT from Hugging Face
(29 GB, Apache-2.0), in a folder:

  $build/motcl draw 'a red fox in the snow' -m FOLDER

README.md says more; so does $build/motcl --help.
END
