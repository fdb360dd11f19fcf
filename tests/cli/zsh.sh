#!/bin/sh
# zsh.sh - what zsh makes of keys typed at a command line of motcl.
. "${srcdir:-.}/tests/cli/lib.sh"
if ! zsh -fc 'zmodload zsh/zpty' 2>/dev/null; then
  echo "skip: no zsh"
  exit 77
fi
zsh -n "$build/completion/zsh/_motcl" 2>"$room/err" || fail "zsh cannot read the completion"

presets
mkdir folder
: >pic.png
: >pic.txt
: >j.pb
: >n.npy

# Each line: keys to type, with | for the tab key, and the words that the shell then runs.
cat >keys <<'END'
draw| cat = draw cat
draw --siz|16x16 cat = draw --size=16x16 cat
draw --cfg-renorm=t| = draw --cfg-renorm=text-channel
draw --cfg-renorm-m|1 = draw --cfg-renorm-min=1
draw --no-m| = draw --no-metadata
draw 'a cat' --noi|n| = draw a cat --noise=n.npy
ask -d ge| = ask -d generic
ask why -m f| = ask why -m folder
edit pic| blue = edit pic.png blue
run --job=j| = run --job=j.pb
run -t a -i pi| -t b --dr| = run -t a -i pic.png -t b --draw
run -t a --draw --write --dr| = run -t a --draw --write --draw
inspect f| = inspect folder
plan ed| pi| = plan edit pic.png
draw cat --preset fi| = draw cat --preset fine
devices --js| = devices --json
frob pi| = frob pi
END
# Keys typed before the line editor is there would not be its own, so it says so; reading waits.
cat >type.zsh <<'END'
zmodload zsh/zpty
tab=$'\t'
zpty shell env TERM=vt100 zsh -f -i
zpty -w shell 'PS1= PS2= RPS1='
zpty -w shell "fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; zstyle ':completion:*' insert-tab false"
zpty -w shell 'motcl() { print -r -- "<ran $*>" }'
zpty -w shell 'zle-line-init() { print -n -- "<ed""its>" }; zle -N zle-line-init'
while IFS= read -r line; do
  zpty -r shell text '*<edits>*' || exit 1
  zpty -w -n shell "motcl ${${line%% = *}//\|/$tab}"$'\n'
  zpty -r shell text '*<ran *>*' || exit 1
  print -r -- ${${text##*<ran }%%>*}
done
zpty -d shell
END
sed 's/.* = //' keys >want
zsh -f type.zsh "$build/completion/zsh" <keys >got 2>"$room/err" || fail "zsh does not answer"
cmp -s want got || {
  fail "other words than those that should run:"
  diff want got
}

finish
