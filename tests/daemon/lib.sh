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

# A socket's name is short, and other users come to it: the build's folder may be anywhere.
daemons=$(mktemp -d) && chmod 711 "$daemons" || exit 1
trap 'rm -rf "$daemons"; cd "$build" && rm -rf "$room"' EXIT

# clients SCRIPT [OPTION...]: runs a Python script beside this one, with a daemon of its own
clients() {
  script=$1
  shift
  "$python" "$srcdir/tests/daemon/$script.py" "$motcld" "$room/set.desc" "$MOTCL_MODEL" "$daemons/$script" "$@" || {
    fail "$script"
    tail -n 20 "$daemons/$script"/log "$daemons/$script"/*/log 2>/dev/null
  }
}
