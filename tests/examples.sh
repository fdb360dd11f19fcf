#!/bin/sh
# examples.sh - the programs of examples/ do what they say, with a miniature; and what they make, the
# command takes up.
set -u
. "${srcdir:-.}/tests/cli/lib.sh"
small
model=$room/model

# example STATUS NAME ARGS...: its streams are then in $room/out and $room/err
example() {
  want=$1
  program=$2
  shift 2
  "$build/examples/$program" "$@" >"$room/out" 2>"$room/err" </dev/null
  got=$?
  test "$got" = "$want" || fail "$program $(echo "$*" | cut -c 1-100): exit status $got, not $want"
}

# same FILE MOTCL-ARGS...: the command makes the same picture
same() {
  file=$1
  shift
  says 0 "$@" -d ref -o same.png
  cmp -s "$file" same.png || fail "motcl $*: another picture than $file"
  rm -f same.png
}

example 0 draw "$model" 'a red fox in the snow' fox.png ref
same fox.png run --like fox.png

example 0 edit "$model" fox.png 'make it evening' evening.png ref
holds "$room/out" ' at most, 0 now'
holds "$room/err" '^on plain C by the driver ref'
says 0 inspect evening.png

example 0 ask "$model" ref 'What is this?' fox.png evening.png
cp "$room/out" answer
holds "$room/err" '^this takes [0-9.]* MB of plain C'
says 0 ask fox.png evening.png 'What is this?' -d ref --max-tokens 40
cmp -s "$room/out" answer || fail "motcl ask answers otherwise"

example 0 job "$model" job.pb lighthouse.png ref
holds "$room/out" '^lighthouse-1: started on plain C'
holds "$room/out" '^lighthouse-1: denoise is done'
holds "$room/out" '^lighthouse-1: 64x48 in '
same lighthouse.png run --job job.pb

example 0 interleaved "$model" . ref
holds "$room/out" '^> What is it looking at?'
for n in 1 2 3 4 5 6; do
  test -s $n.png || fail "interleaved: picture $n is missing"
done
cmp -s 1.png 4.png || fail "interleaved: by hand the first picture is another"
cmp -s 2.png 5.png && fail "interleaved: settings of its own change nothing"
cmp -s 5.png 6.png && fail "interleaved: another seed draws the same"
says 0 run --job talk.pb -d ref -o talk.png --no-metadata
cmp -s 4.png talk-1.png && cmp -s 5.png talk-3.png || fail "interleaved: what was stored draws something else"

# Python takes the shared library, which a build may lack, and its structures are those of motcl.h; of
# the one that may grow, the members that it knows.
if test -e "$build/.libs/libmotcl.so"; then
  LD_LIBRARY_PATH=$build/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  PYTHONPATH=$srcdir/examples PYTHONDONTWRITEBYTECODE=1
  export LD_LIBRARY_PATH PYTHONPATH PYTHONDONTWRITEBYTECODE
  python3 "$srcdir/examples/motcl.py" "$model" 'a red fox in the snow' python.png 'What is this?' ref \
    >"$room/out" 2>"$room/err" || fail "motcl.py"
  cp "$room/out" answer
  same python.png draw 'a red fox in the snow' --seed 7 --timesteps 20 --no-metadata
  says 0 ask python.png 'What is this?' -d ref --seed 7 --max-tokens 40
  cmp -s "$room/out" answer || fail "motcl.py is answered otherwise"
  python3 "$srcdir/examples/motcl.py" nowhere text python.png question >"$room/out" 2>"$room/err" &&
    fail "motcl.py draws without a model"
  holds "$room/err" "^motcl.py: cannot open 'nowhere'"

  python3 -c '
import ctypes, motcl
print("#include <motcl.h>\n_Static_assert(1")
for name, struct in vars(motcl).items():
    if isinstance(struct, type) and issubclass(struct, ctypes.Structure) and struct is not ctypes.Structure:
        for member, *_ in struct._fields_:
            field = getattr(struct, member)
            print(f"&& offsetof({name}, {member}) == {field.offset} && sizeof(({name}){{0}}.{member}) == {field.size}")
        if name != "motcl_worker_options":
            print(f"&& sizeof({name}) == {ctypes.sizeof(struct)}")
print(", \"\");")' >structures.c
  test "$(wc -l <structures.c)" -ge 50 || fail "motcl.py has hardly any structures"
  ${CC:-cc} -std=c11 -I"$srcdir/host" -fsyntax-only structures.c || fail "motcl.py and motcl.h are at odds"
fi

# Clients of the daemon, which need nothing of motcl but its messages.
. "$srcdir/tests/daemon/fake.sh"
fake daemon
example 0 client "$sockets/daemon" client.png 'a red fox in the snow'
holds "$room/out" '^submitted as job-1$'
holds "$room/out" '^step 10 of 10$'
is_png client.png
example 1 client "$sockets/nowhere" client.png 'a red fox'
holds "$room/err" '^client: no daemon listens there'
by_python() {
  "$python" "$srcdir/examples/client.py" "$room/set.desc" "$sockets/daemon" "$@" >"$room/out" 2>"$room/err"
}
by_python python-client.png 'a red fox in the snow' || fail client.py
cmp -s client.png python-client.png || fail 'client.py fetches another picture than client'
by_python - 'What is this?' || fail 'client.py asks nothing'
holds "$room/out" '^It is a red star.$'
test "$(wc -l <"$srcdir/examples/client.py")" -lt 100 || fail 'client.py has a hundred lines'

# what is wrong is said
for program in ask draw edit interleaved job; do
  example 2 $program
  holds "$room/err" "^usage: $program "
  example 1 $program nowhere nowhere nowhere nowhere nowhere
  holds "$room/err" "^$program: "
done

finish
