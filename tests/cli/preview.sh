#!/bin/sh
# preview.sh - previews of a picture in the making: in a file, in a terminal, and that the picture
# is the same with them.
. "${srcdir:-.}/tests/cli/lib.sh"
small
XDG_CACHE_HOME=$room/cache
export XDG_CACHE_HOME
plain="draw cat $quick --no-metadata"

# The fit is planned, once.
says 0 plan draw cat -d ref -v
lacks "$room/out" preview
says 0 plan draw cat -d ref --preview -v
holds "$room/out" 'preview, encoding'
holds "$room/out" 'preview, decoding'
says 0 plan draw cat -d ref --preview --json
need=$(sed -n 's/^    "memory": \([0-9]*\),*$/\1/p' "$room/out" | tail -n 1)
says 0 plan draw cat -d ref --json
least=$(sed -n 's/^    "memory": \([0-9]*\),*$/\1/p' "$room/out" | tail -n 1)
test "$need" -gt "$least" || fail "previews need $need bytes, which is not above $least"
refused 3 'needs' $plain --memory $((need - 1)) --preview-file s.png -o no.png

# in a file
says 0 $plain -o a.png
says 0 $plain --preview-file s.png -v -o b.png
holds "$room/err" 'the correlation of previews'
cmp -s a.png b.png || fail "previews change the picture"
is_png s.png
says 0 inspect s.png
holds "$room/out" '^preview  *1 of 2$'
holds "$room/out" 'cannot be made again'
says 0 $plain --preview-file s.png --memory $((need - 1)) -v -o c.png
cmp -s a.png c.png || fail "previews change the picture"
holds "$room/err" 'the correlation of previews'
says 0 plan draw cat -d ref --preview -v
lacks "$room/out" preview
says 0 $plain --preview-file s.jpg -o d.png
is_jpeg s.jpg
says 0 $plain --preview-file s.webp -o y.png
is_webp s.webp
says 0 $plain --preview-file s.webp -o z.png
says 0 $plain -n 2 --preview-file s.png -o e.png
cmp -s a.png e-7.png || fail "previews change the first of two pictures"
test "$(ls | wc -l)" = 11 || fail "something is left: $(ls | tr '\n' ' ')"

# a file that is no preview stays
cp a.png kept
echo 'no picture' >text.png
for file in a.png text.png; do
  refused 1 'is no preview' $plain --preview-file $file -o no.png
done
cmp -s a.png kept || fail "a picture was changed"
mkdir dir.png
refused 1 'is no preview' $plain --preview-file dir.png -o no.png
ln -s s.png link.png
refused 1 'is no preview' $plain --preview-file link.png -o no.png
refused 1 nowhere $plain --preview-file nowhere/s.png -o no.png
refused 2 'must end in' $plain --preview-file s.gif -o no.png
refused 2 'name two files' $plain --preview-file x.png -o x.png
refused 2 'option of' ask what --preview
refused 2 'does not go with --save-job' draw cat --preview --save-job x.pb
says 0 draw cat --timesteps 3 --seed 7 --save-job x.pb
says 0 run --job x.pb -d ref --preview-file s.png --no-metadata -o f.png
cmp -s a.png f.png || fail "previews change the picture of a job"
rm -f x.pb

# in a terminal
says 0 $plain --preview -v -o t0.png
holds "$room/err" 'no preview here'
lacks "$room/err" "$(printf '\033')"
cmp -s a.png t0.png || fail "--preview changes the picture"
command -v script >/dev/null 2>&1 || finish
n=0
# shows VARIABLE=VALUE...: what a terminal of this kind shows
shows() {
  n=$((n + 1))
  env -u NO_COLOR -u COLORTERM -u LC_ALL -u LC_CTYPE LANG=C.UTF-8 TERM=xterm-256color "$@" \
    script -qc "$motcl $plain --preview -v -o t$n.png" /dev/null </dev/null >"$room/out" 2>"$room/err"
  cmp -s a.png t$n.png || fail "--preview changes the picture: $*"
}
block=$(printf '\342\226\200')
esc=$(printf '\033')
shows
holds "$room/out" "${esc}\[38;5;[0-9]*;48;5;[0-9]*m$block"
holds "$room/out" "${esc}\[0m"
shows COLORTERM=truecolor
holds "$room/out" "${esc}\[38;2;[0-9]*;[0-9]*;[0-9]*;48;2;[0-9]*;[0-9]*;[0-9]*m$block"
shows LC_ALL=en_US.utf8 LANG=C
holds "$room/out" "$block"
for why in NO_COLOR=1 TERM=dumb TERM=xterm LANG=C LC_ALL=C; do
  shows $why
  lacks "$room/out" "$block"
  holds "$room/out" 'no preview here'
done

finish
