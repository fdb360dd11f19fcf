#!/bin/sh
# bash.sh - what bash offers where a command line of motcl is completed.
. "${srcdir:-.}/tests/cli/lib.sh"
if ! bash -c 'test ${BASH_VERSINFO[0]} -ge 4' 2>/dev/null; then
  echo "skip: no bash of version 4 or above"
  exit 77
fi

# offered WORD...: what completion of the last word offers, in order
offered() {
  bash --norc -c '. "$0" && COMP_WORDS=(motcl "$@") && COMP_CWORD=$# && _motcl &&
    printf "%s\n" "${COMPREPLY[@]}"' "$build/completion/bash/motcl" "$@" 2>"$room/err" | LC_ALL=C sort
  test ! -s "$room/err" || fail "bash complains: $*"
}

# offers ANSWER WORD...
offers() {
  want=$1
  shift
  got=$(offered "$@" | tr '\n' ' ' | sed 's/ $//')
  test "$got" = "$want" || fail "motcl $*: '$got', not '$want'"
}

mkdir folder pics
: >pic.png
: >PIC.JPG
: >pic.txt
: >'pi c.jpeg'
: >pack.webp
: >j.pb
: >n.npy

says 0 --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$room/out")
test -n "$commands" || fail "no commands in the help text"
for command in $commands; do
  offers "$command" "$command"
  says 0 $command --help
  sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' "$room/out" | LC_ALL=C sort >"$room/options"
  offered "$command" -- >"$room/got"
  cmp -s "$room/options" "$room/got" || fail "the options of $command"
done

offers draw dr
offers '--help --help-all' --he
offers --size draw --si
offers --size draw cat --si
offers '' ask --si
offers text-channel draw --cfg-renorm te
offers text-channel draw --cfg-renorm = te
offers 'channel global none text-channel' draw --cfg-renorm =
offers 'cpu' ask -d c
offers '' draw --seed ''
offers '' draw ''
offers 'pi c.jpeg pic.png pics' edit pi
offers 'PIC.JPG' edit PI
offers 'pack.webp' ask pa
offers 'pic.png pics' run -t cat -i pic
offers 'pic.png pics' draw cat -o pic
offers 'j.pb' run --job j
offers 'j.pb' ask why --save-job = j
offers 'n.npy' draw --noise n
offers folder inspect f
offers folder ask -m f
offers 'folder pics' tokenize --model ''
offers 'ask draw edit run' plan ''
offers 'pic.png pics' plan edit pic
offers --size plan draw --si
offers '' plan draw --xyz
offers '' draw -- --si
offers 'pic.png pics' edit -- pic
presets
offers 'fast fine' draw cat --preset f
offers 'fast' chat --preset = fa
offers '' frobnicate ''
offers '' frobnicate --si
offers '' 'a$(touch made)' ''
test ! -e made || fail "a word was run"

finish
