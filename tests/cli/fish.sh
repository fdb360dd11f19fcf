#!/bin/sh
# fish.sh - what fish offers where a command line of motcl is completed.
. "${srcdir:-.}/tests/cli/lib.sh"
if ! command -v fish >/dev/null 2>&1; then
  echo "skip: no fish"
  exit 77
fi
HOME=$room
export HOME
unset XDG_CONFIG_HOME XDG_DATA_HOME

# offered LINE: what completion at its end offers, in order
offered() {
  fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$build/completion/fish/motcl.fish" "$1" \
    2>"$room/err" | cut -f 1 | LC_ALL=C sort
  test ! -s "$room/err" || fail "fish complains: $1"
}

# offers ANSWER LINE
offers() {
  got=$(offered "$2" | tr '\n' ' ' | sed 's/ $//')
  test "$got" = "$1" || fail "$2: '$got', not '$1'"
}

mkdir folder pics
: >pic.png
: >j.pb

says 0 --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$room/out")
test -n "$commands" || fail "no commands in the help text"
for command in $commands; do
  offers "$command" "motcl $command"
  says 0 $command --help
  sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' "$room/out" | LC_ALL=C sort >"$room/options"
  offered "motcl $command --" | sed 's/=$//' >"$room/got"
  cmp -s "$room/options" "$room/got" || fail "the options of $command"
done

offers draw 'motcl dr'
offers '--size' 'motcl draw cat --si'
offers '' 'motcl ask --si'
offers text-channel 'motcl draw --cfg-renorm te'
offers '--cfg-renorm=text-channel' 'motcl draw --cfg-renorm=te'
offers cpu 'motcl ask -d c'
offers '' 'motcl draw '
offers '' 'motcl draw --seed '
offers 'pic.png pics/' 'motcl edit pi'
offers 'j.pb' 'motcl run --job j'
offers 'folder/' 'motcl inspect f'
offers 'folder/' 'motcl ask -m f'
offers 'ask draw edit run' 'motcl plan '
XDG_CONFIG_HOME=$room/config
export XDG_CONFIG_HOME
offers '' 'motcl draw cat --preset f'
presets
offers 'fast fine' 'motcl draw cat --preset f'

finish
