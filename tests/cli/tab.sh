#!/bin/sh
# tab.sh - the Tab key in a conversation: it completes commands, options, what they take, and files with any quotes, and
# lists what there is where it cannot. And ~ is the user's own folder.
. "${srcdir:-.}/tests/cli/lib.sh"
grep -q '^#define HAVE_LIBEDIT' "$build/config.h" || {
  echo "skip: no libedit"
  exit 77
}
small
says 0 draw cat $quick --size 16x16 -o a.png
mkdir own own/pics sub 'a long folder with blanks'
HOME=$PWD/own
export HOME
cp a.png own/pics/h.png
cp a.png "it's one.png"
cp a.png sub/two.png
cp a.png sub/twin.jpg
cp a.png .hidden.png
cp a.png "$(printf 'caf\351.png')"
cp a.png 'a long folder with blanks/first.png'
cp a.png 'a long folder with blanks/fourth.png'
: >sub/note.txt
: >talk.pb
: >talk.txt

# screen COLUMNS: stdin says what is typed, as screen.py takes it, before Ctrl-D; $room/out what then stood there
screen() {
  { echo 'wait >' && cat && printf 'type \\x04\n'; } >"$room/steps"
  TERM=xterm LC_ALL=C.UTF-8 XDG_STATE_HOME=$room/state python3 "$srcdir/tests/cli/screen.py" "$1x60" \
    "$motcl" chat -d ref --seed 7 <"$room/steps" >"$room/out" 2>"$room/err" || fail "a conversation: $(cat "$room/steps")"
}

# row TEXT: a row of the screen is that; rows FIRST SECOND...: they stand below each other
row() {
  grep -q -F -x -e "$1" "$room/out" || fail "no row '$1' on the screen"
}
rows() {
  printf '%s\n' "$@" >"$room/rows"
  awk 'NR == FNR { want[n++] = $0; next } { at = $0 == want[at] ? at + 1 : $0 == want[0]; if (at == n) { found = 1; exit } }
    END { exit !found }' "$room/rows" "$room/out" || fail "not these rows on the screen: $*"
}

screen 300 <<'END'
type /im\t
wait > /image
type it\t\r
wait one.png' is shown\n>
type /image 'it\t
wait one.png'
type \r
wait '\\''s one.png'\n'it's one.png' is shown\n>
type /image "sub/tw\t
wait twin.jpg  two.png
type o\t\r
wait two.png' is shown\n>
type /image ~\t
wait > /image ~/
type \t
wait ~/pics/
type \t\r
wait pics/h.png' is shown\n>
type /image s\t
wait > /image sub/
type \t
wait > /image sub/tw
type \x15/image .\t
wait .hidden.png
type \x15/image c\t
type \x15/save t\t
wait > /save talk.pb
type \x15/save ~/x.pb\r
wait own/x.pb\n>
END
row '> /image it\'"'"'s one.png'
row "> /image 'it'\\''s one.png'"
rows '> /image "sub/tw' 'twin.jpg  two.png' '> /image "sub/two.png"'
row "'sub/two.png' is shown"
row '> /image ~/pics/h.png'
row '> /save ~/x.pb'
lacks "$room/out" 'note.txt'
test -s own/x.pb || fail 'not saved below ~'

screen 300 <<'END'
type /se\t
wait /seed  /set
type t cfg-ren\t
wait > /set cfg-renorm
type \t
wait cfg-renorm  cfg-renorm-min
type  te\t\r
wait cfg-renorm text-channel\ncfg-renorm text-channel\n>
type /set --th\tof\t\r
wait \nthink off\n>
type /think \t
wait > /think o
type \t
wait off  on
type n\r
wait \nthink on\n>
type /set timest\t
wait > /set timesteps
type d\t\r
wait \ntimesteps 50\n>
type /seed\t
type \t
type \r
wait \n7\n>
END
rows '> /se' '/seed  /set' '> /set cfg-renorm' 'cfg-renorm  cfg-renorm-min' '> /set cfg-renorm text-channel'
row '> /set --think off'
row '> /set timesteps default'

# Where the line takes two rows of the screen, it is shown again right below the list.
screen 24 <<'END'
type /image a\t
wait a.png
type  \t
wait blanks/
type \t
wait ith blanks/f
type \t
wait fourth.png
type \r
wait ectory\n>
END
rows '> /image a long folder w' 'ith blanks/f' 'first.png  fourth.png' '> /image a long folder w' 'ith blanks/f'

# A text is nobody's to complete.
screen 300 <<'END'
type /draw\t
type \t
type \x15say \t
type \x15/nonsense \t
type \x15/seed\r
wait \n7\n>
END
lacks "$room/out" 'a.png'
finish
