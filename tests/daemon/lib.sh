# lib.sh - for the scripts beside it: what tests/cli/lib.sh has, and stock protobuf with our messages. Read by
# `. "$srcdir/tests/daemon/lib.sh"` in the build folder.
. "${srcdir:-.}/tests/cli/lib.sh"
motcld=$build/motcld
test -x "$motcld" || {
  echo "skip: built without the daemon"
  exit 77
}
python_with google.protobuf
test -n "$python" || {
  echo "skip: no Python with protobuf"
  exit 77
}
small
protoc=
for tool in protoc protoc-c; do
  command -v $tool >/dev/null 2>&1 && protoc=$tool && break
done
test -n "$protoc" || fail "neither protoc nor protoc-c is there, and motcl is built with one"
(cd "$srcdir/proto" && $protoc --include_imports --descriptor_set_out="$room/here/set.desc" motcl/v1/*.proto) ||
  fail "no descriptors"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

# clients SCRIPT [OPTION...]: runs a Python script beside this one, with a daemon of its own
clients() {
  script=$1
  shift
  mkdir -p "$room/$script"
  "$python" "$srcdir/tests/daemon/$script.py" "$motcld" set.desc "$MOTCL_MODEL" "$room/$script" "$@" || {
    fail "$script"
    tail -n 20 "$room/$script"/log "$room/$script"/*/log 2>/dev/null
  }
}
