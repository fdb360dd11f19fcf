# lib.sh - for the scripts beside it: what tests/cli/lib.sh has, and stock protobuf with our messages. Read by
# `. "$srcdir/tests/daemon/lib.sh"` in the build folder.
. "${srcdir:-.}/tests/cli/lib.sh"
motcld=$build/motcld
test -x "$motcld" || {
  echo "skip: built without the daemon"
  exit 77
}
stock_protobuf
small

# clients SCRIPT [OPTION...]: runs a Python script beside this one, with a daemon of its own
clients() {
  script=$1
  shift
  mkdir -p "$room/$script"
  "$python" "$srcdir/tests/daemon/$script.py" "$motcld" "$room/set.desc" "$MOTCL_MODEL" "$room/$script" "$@" || {
    fail "$script"
    tail -n 20 "$room/$script"/log "$room/$script"/*/log 2>/dev/null
  }
}
