# fake.sh - for scripts that need a daemon to talk to, read behind cli/lib.sh: fake.py, as often as they like.
# They exit 77 where Python has no protobuf.
stock_protobuf
fake_python=$python

# A socket's name is short, and the build's folder may not be.
sockets=$(mktemp -d) || exit 1
fakes=
trap 'kill $fakes 2>/dev/null; rm -rf "$sockets"; cd "$build" && rm -rf "$room"' EXIT

# fake NAME [LIE]: a daemon that listens at $sockets/NAME
fake() {
  "$fake_python" "$srcdir/tests/daemon/fake.py" "$room/set.desc" "$sockets/$1" ${2:+"$2"} >"$room/fake-$1" 2>&1 &
  fakes="$fakes $!"
  tries=0
  while ! test -S "$sockets/$1" && test $tries -lt 100; do
    tries=$((tries + 1))
    sleep 0.1
  done
}
