# lib.sh - for the scripts beside it: a folder of their own, the command that was built, and checks.
# Read by `. "$srcdir/tests/cli/lib.sh"` in the build folder.
srcdir=$(cd "${srcdir:-.}" && pwd) || exit 1
build=$(pwd)
motcl=$build/motcl
name=$(basename "$0" .sh)
room=$build/cli-tests/$name
rm -rf "$room"
mkdir -p "$room/here" || exit 1
trap 'cd "$build" && rm -rf "$room"' EXIT
cd "$room/here" || exit 1
unset MOTCL_MODEL MOTCL_KERNEL_DIR NO_COLOR
MOTCL_DATA_DIR=$room/share
MOTCL_NO_BACKGROUND=1 # also where a script is run by hand
XDG_CONFIG_HOME=$room/config
export MOTCL_DATA_DIR MOTCL_NO_BACKGROUND XDG_CONFIG_HOME
failed=0

fail() {
  echo "FAILED: $*"
  for stream in out err; do
    test ! -s "$room/$stream" || { echo "  std$stream:" && head -n 5 "$room/$stream" | cut -c 1-200; }
  done
  failed=1
}

# make_model FOLDER [OPTION...]: a miniature whose weights come from a hash
make_model() {
  folder=$1
  shift
  "$build/tests/golden/make_hashed" "$@" "$folder" >"$room/hashed" || {
    cat "$room/hashed"
    exit 1
  }
}

# small: the model folder most tests use, and settings for a picture that is soon drawn
small() {
  make_model "$room/model" "$@"
  MOTCL_MODEL=$room/model
  export MOTCL_MODEL
}
quick="-d ref --timesteps 3 --seed 7"

# keeps_kernels: whether the platform of the device that is taken keeps built kernels by itself
keeps_kernels() {
  "$motcl" devices --json | awk '/"platform"/ { name = $0 } /"default": true/ { print name }' |
    grep -q 'Portable Computing Language'
}

# python_with MODULE...: the Python that has these, in $python; "" if there is none
python_with() {
  python=
  for p in python3 /usr/bin/python3; do
    "$p" -c "import $(echo "$*" | tr ' ' ,)" 2>/dev/null && python=$p && break
  done
}

# stock_protobuf: a Python that has it, in $python, our messages for it in $room/set.desc, and the tool that made
# that in $protoc; without such a Python the script is skipped
stock_protobuf() {
  python_with google.protobuf
  if test -z "$python"; then
    test $failed = 0 || exit 1
    echo "skip: no Python with protobuf"
    exit 77
  fi
  for protoc in protoc-c protoc; do
    command -v $protoc >/dev/null 2>&1 && break
  done
  (cd "$srcdir/proto" && command $protoc --include_imports --descriptor_set_out="$room/set.desc" motcl/v1/*.proto) ||
    fail "no descriptors from $protoc, with which motcl is built"
  PYTHONDONTWRITEBYTECODE=1 # the source's folder stays as it is
  export PYTHONDONTWRITEBYTECODE
}

# configure: stdin is the configuration; presets: there are some
configure() {
  mkdir -p "$XDG_CONFIG_HOME/motcl"
  cat >"$XDG_CONFIG_HOME/motcl/config"
}
presets() {
  printf 'quiet\n[preset fast]\ntimesteps 9\n  [ preset fine ]  # best\n#[preset faint]\n[preset other]\n' | configure
}

# says STATUS ARGS...: runs motcl; its streams are then in $room/out and $room/err
says() {
  want=$1
  shift
  "$motcl" "$@" >"$room/out" 2>"$room/err" </dev/null
  got=$?
  test "$got" = "$want" || fail "motcl $(echo "$*" | cut -c 1-100): exit status $got, not $want"
}

# merged ARGS...: runs motcl with both streams in $room/both, and once more with each for itself; its pictures go
merged() {
  "$motcl" "$@" >"$room/both" 2>&1 </dev/null || fail "motcl $*"
  rm -f ./*.png
  says 0 "$@"
  rm -f ./*.png
}

# begun PATTERN FILE PID: waits until the pattern is in the file, or the process has ended
begun() {
  while ! grep -q -a -e "$1" "$2" 2>/dev/null && kill -0 "$3" 2>/dev/null; do
    sleep 0.05
  done
}

# catches PID: waits until it catches SIGINT, which what runs in the background begins with ignoring, or has ended
catches() {
  while test -r "/proc/$1/status" && ! grep -q '^SigCgt:.*[2367abef]$' "/proc/$1/status" 2>/dev/null; do
    sleep 0.05
  done
}

# one_sentence ARGS: stderr is one line of motcl's
one_sentence() {
  lines=$(wc -l <"$room/err")
  test "$lines" = 1 && grep -q '^motcl: .' "$room/err" ||
    fail "not one sentence on stderr, $lines lines: $(echo "$*" | cut -c 1-100)"
}

# refused STATUS PATTERN ARGS...: motcl fails with one sentence that fits, prints nothing, leaves
# nothing
refused() {
  status=$1
  pattern=$2
  shift 2
  ls -a >"$room/before"
  says "$status" "$@"
  ls -a >"$room/after"
  one_sentence "$@"
  grep -q -e "$pattern" "$room/err" || fail "the sentence lacks '$pattern': $(echo "$*" | cut -c 1-100)"
  test ! -s "$room/out" || fail "something on stdout: $(echo "$*" | cut -c 1-100)"
  cmp -s "$room/before" "$room/after" || fail "files are left: $(ls -a | tr '\n' ' ')"
  # for tests/sentences.sh
  test -z "${SENTENCES:-}" || printf '%s\t%s\t%s\n' "$status" "$*" "$(cat "$room/err")" >>"$SENTENCES"
}

# holds FILE PATTERN: some line fits
holds() {
  grep -q -a -e "$2" "$1" || fail "$(basename "$1") lacks '$2'"
}

lacks() {
  ! grep -q -a -e "$2" "$1" || fail "$(basename "$1") has '$2'"
}

is_png() {
  test "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a || fail "$1 is no PNG"
}

is_jpeg() {
  test "$(head -c 3 "$1" | od -An -tx1 | tr -d ' \n')" = ffd8ff || fail "$1 is no JPEG"
}

is_webp() {
  test "$(head -c 4 "$1")" = RIFF && test "$(tail -c +9 "$1" | head -c 4)" = WEBP || fail "$1 is no WebP"
}

finish() {
  exit $failed
}
