#!/bin/sh
# force.sh - --force: pictures, previews, traces and stored jobs replace files that are there, and an old one is
# whole until the new one is. Without it nothing is replaced, and the sentence names it.
. "${srcdir:-.}/tests/cli/lib.sh"
small
plain="draw cat $quick --no-metadata"
hint="with --force it is"
says 0 $plain -o cat.png
says 0 draw dog $quick --no-metadata -o dog.png

# pictures: one, of a name of its own, several, in and out by one name
cp dog.png a.png
refused 1 "'a.png' exists already.*$hint" $plain -o a.png
cmp -s dog.png a.png || fail "a picture is replaced without --force"
says 0 $plain -o a.png --force
cmp -s cat.png a.png || fail "a picture is not replaced"
cp dog.png motcl-7.png
says 0 $plain --force
cmp -s cat.png motcl-7.png || fail "a picture is not replaced by its own name"
cp dog.png n-8.png
refused 1 "n-8.png.*$hint" $plain -n 2 -o n.png
says 0 $plain -n 2 -o n.png --force
cmp -s cat.png n-7.png || fail "the first of two is another"
cmp -s dog.png n-8.png && fail "the second of two is not replaced"
cp cat.png own.png
says 0 edit own.png red $quick --no-metadata -o own.png --force
says 0 edit cat.png red $quick --no-metadata -o edited.png
cmp -s own.png edited.png || fail "a picture is not edited in place"

# a link is replaced, and what it leads to stays
ln -s dog.png link.png
says 0 $plain -o link.png --force
test ! -h link.png || fail "a link is written through"
cmp -s cat.png link.png || fail "a link is not replaced"
cmp -s cat.png dog.png && fail "what a link leads to is replaced"

# traces, stored jobs, previews
echo old >t.json
refused 1 "t.json.*$hint" $plain -o x.png --trace t.json
says 0 $plain -o x.png --trace t.json --force
holds t.json traceEvents
echo old >j.pb
refused 1 "j.pb.*$hint" draw cat --save-job j.pb
says 0 draw cat --timesteps 3 --seed 7 --save-job j.pb --force
says 0 run --job j.pb -d ref --no-metadata -o j.png
cmp -s cat.png j.png || fail "a stored job is not replaced"
says 0 $plain -o y.png --preview-file x.png --force
says 0 inspect x.png
holds "$room/out" '^preview '
echo old >talk.pb
printf '/system be brief\n/save talk.pb\n' >script
"$motcl" chat -d ref <script >"$room/out" 2>"$room/err"
holds "$room/err" "talk.pb.*$hint"
test "$(cat talk.pb)" = old || fail "a conversation is saved over a file"
"$motcl" chat -d ref --force <script >"$room/out" 2>"$room/err" || fail "a conversation is not saved over a file"
test "$(cat talk.pb)" != old || fail "a conversation is not saved"

# what no file can replace
mkdir folder.json
says 1 $plain -o z.png --trace folder.json
lacks "$room/err" force
refused 2 'is a folder' $plain -o z.png --trace folder.json --force
refused 1 nowhere $plain -o nowhere/z.png --force

# one name for two results
refused 2 "the picture and --trace are both to go to 'z.png'" $plain -o z.png --trace z.png --force
refused 2 "the picture and --preview-file are" $plain --preview-file motcl-7.png --force
refused 2 "the preview and --trace are" $plain --preview-file p.png --trace p.png -o z.png --force

# Where the new one comes to nothing the old one stays: a full disk, a failure, a cancel.
cp dog.png a.png
(
  ulimit -f 1
  exec "$motcl" draw cat $quick -o a.png --force -q
) >"$room/out" 2>"$room/err" </dev/null
test $? = 1 || fail "a full disk: exit status"
one_sentence draw
cmp -s dog.png a.png || fail "a full disk takes the old picture"
refused 3 100 $plain --memory 100 -o a.png --force
cmp -s dog.png a.png || fail "a failure takes the old picture"
"$motcl" draw cat -d ref --timesteps 10000 --seed 1 -o a.png --force -v >"$room/out" 2>"$room/err" </dev/null &
pid=$!
begun '^drawing' "$room/err" $pid
kill -INT $pid
wait $pid
test $? = 4 || fail "it was not cancelled"
cmp -s dog.png a.png || fail "a cancel takes the old picture"
test -z "$(ls -A | grep '^\.motcl')" || fail "files are left: $(ls -A)"

# it says what becomes of results, and does not go into a job
says 0 draw cat --timesteps 3 --seed 7 --save-job k.pb
cmp -s j.pb k.pb || fail "--force is in the job"
refused 2 'option of' inspect cat.png --force
finish
