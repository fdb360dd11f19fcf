#!/bin/sh
# queue.sh - jobs at a daemon: submitting, following, fetching and changing them, what is said where there is no
# daemon, and one that lies. The daemon is tests/daemon/fake.py, which makes up what comes of a job.
. "${srcdir:-.}/tests/cli/lib.sh"
. "$srcdir/tests/daemon/fake.sh"

# listed PATTERN [ARGS...]: a line of the table
listed() {
  pattern=$1
  shift
  says 0 jobs "$@"
  holds "$room/out" "$pattern"
}

# No daemon, or no socket.
MOTCL_SOCKET=$sockets/good
export MOTCL_SOCKET
for command in 'submit draw cat' jobs 'wait a' 'cancel a' 'hold a' 'release a' 'fetch a' 'forget a' 'draw cat --daemon'; do
  # words are words
  # shellcheck disable=SC2086
  refused 1 "no daemon listens at '$sockets/good'; 'motcld --socket $sockets/good" $command
done
refused 1 "no daemon listens at 'elsewhere'" jobs --socket elsewhere
refused 2 'cannot be a socket' jobs --socket "$(printf '%0200d' 0)"
touch plain
refused 1 "no daemon listens at 'plain'" jobs --socket plain
(
  unset MOTCL_SOCKET
  XDG_RUNTIME_DIR=$room/runtime
  export XDG_RUNTIME_DIR
  refused 1 "no daemon listens at '.*/runtime/motcl/socket'" jobs
  exit $failed
) || failed=1

fake good
silent=$sockets/silence
fake silence silence
"$motcl" jobs --socket "$silent" >"$room/silent.out" 2>"$room/silent.err" &
waits=$!

# A picture, step by step.
says 0 submit draw 'a star' --id star-1 --seed 7 --size 40x24 --label for=me --priority 3
test "$(cat "$room/out")" = star-1 || fail 'submit prints no id'
holds "$room/err" '^seed 7$'
says 0 wait star-1
test ! -s "$room/out" || fail 'wait without -o prints something of a picture'
test "$(echo ./*.png)" = './*.png' || fail 'wait without -o writes a picture'
says 0 wait star-1 -o waited.png
test "$(cat "$room/out")" = waited.png || fail 'wait -o prints no name'
is_png waited.png
says 0 fetch star-1
test "$(cat "$room/out")" = motcl-7.png || fail 'fetch names the picture otherwise than draw'
cmp -s motcl-7.png waited.png || fail 'the picture is not what came'
says 0 inspect motcl-7.png --json
holds "$room/out" '"width": 40'
refused 1 'exists already' fetch star-1
says 0 fetch star-1 --force
says 0 fetch star-1 -o star.jpg --quality 50
is_jpeg star.jpg
says 0 inspect star.jpg --json
holds "$room/out" '"Software": "motcl"'
says 0 fetch star-1 -o bare.png --no-metadata
says 0 inspect bare.png --json
lacks "$room/out" Software
says 0 fetch star-1 -o 'a-%s.png'
test -s a-7.png || fail 'fetch has no patterns'
mkdir folder
says 0 fetch star-1 -o folder
test -s folder/motcl-7.png || fail 'fetch has no folders'
"$motcl" fetch star-1 -o - -q >piped.png || fail 'fetch -o -'
cmp -s piped.png waited.png || fail 'fetch -o - prints something else'
refused 2 'must end in .png, .jpg or .webp' fetch star-1 -o star.gif
says 2 fetch star-1 -o - --json
holds "$room/err" 'both want stdout'
refused 1 'there is no job' fetch nothing
listed '^star-1  *done  *draw 40x24 '
listed 'for=me' star-1 -v
holds "$room/out" '^    priority 3$'

# The same line again is the same job, another one is not.
says 0 submit draw cat --id twice
says 0 submit draw cat --id twice
holds "$room/err" "job 'twice' was there before"
refused 1 'is another' submit draw dog --id twice
refused 1 "there is no model 'other'" submit draw cat -m other
refused 1 'the queue is full' submit draw cat --label act=busy
refused 2 'is a folder; a daemon has names' submit draw cat -m ./model
says 0 submit draw cat -m nano
says 0 submit draw cat -n 3 --id many --seed 5
test "$(tr '\n' ' ' <"$room/out")" = 'many-1 many-2 many-3 ' || fail 'submit -n has other ids'
says 0 wait many-1 many-2 many-3 -o 'many-%s.png'
test "$(echo many-*.png)" = 'many-5.png many-6.png many-7.png' || fail 'submit -n has other seeds'
refused 2 'is for one job' wait many-1 many-2 -o many.png

# What is submitted is what --save-job stores.
says 0 submit run -t 'a cat' --draw -t 'bluer' --draw --seed 3 --id stored
says 0 run -t 'a cat' --draw -t 'bluer' --draw --seed 3 --save-job stored.pb
says 0 submit run --job stored.pb --id again --wait -o 'two-%n.png'
test -s two-1.png && test -s two-2.png || fail 'submit --wait -o does not write two pictures'
turns="-t cat --until-done --max-pictures 1 --protocol thinkmorph --size 32x32"
# words are words
# shellcheck disable=SC2086
says 0 run $turns --seed 3 --save-job turns.pb
# shellcheck disable=SC2086
says 0 submit run $turns --seed 3 --id turns --wait -o 'turn-%n.png'
is_png turn-1.png
test "$(grep -c '^It is a red star.$' "$room/out")" = 2 || fail 'an answer with pictures has not both of its texts'
says 0 submit run --job turns.pb --id turns
holds "$room/err" "job 'turns' was there before"
# shellcheck disable=SC2086
says 0 run $turns --daemon -o 'here-%n.png'
is_png here-1.png
echo 'a prompt' | "$motcl" submit draw - >"$room/out" 2>"$room/err" || fail 'submit does not read stdin'

# Texts.
says 0 submit ask what --wait
test "$(tail -n 1 "$room/out")" = 'It is a red star.' || fail 'an answer is not printed'
test "$(wc -l <"$room/out")" = 2 || fail 'an id and an answer are not two lines'
says 0 submit ask what --id asked --wait -q
says 0 fetch asked
test "$(cat "$room/out")" = 'It is a red star.' || fail 'fetch prints no text'
says 0 wait asked
test "$(cat "$room/out")" = 'It is a red star.' || fail 'wait after the end prints no text'
says 0 submit ask what --label act=twice --wait -q --id a1
test "$(tail -n +2 "$room/out")" = 'It is a red star.' || fail 'words that were told twice are printed twice'
says 0 submit ask what --label act=other --wait -q --id a2
test "$(tail -n 1 "$room/out")" = 'Something else.' || fail 'an answer that became another is not printed whole'
says 0 submit ask what --label act=leave --wait --id a3
test "$(tail -n +2 "$room/out")" = 'It is a red star.' || fail 'an answer over a lost connection is not whole'
holds "$room/err" 'waiting for it to come back'
says 0 submit ask what --label act=cut --id a4
says 0 wait a4
says 0 fetch a4
test "$(head -n 1 "$room/err")" = '<think>it may be</thi' || fail 'the end of a thought that was cut off is not told'
test "$(cat "$room/out")" = '' || fail 'a thought that was cut off is an answer'

# No ceremony, and nothing stays.
says 0 draw 'a star' --daemon -o mine.png --seed 9
test "$(cat "$room/out")" = mine.png || fail 'draw --daemon prints no name'
holds "$room/err" '^seed 9, 32x24, '
says 0 draw 'a star' --daemon -n 2 -o 'pair-%n.png'
test -s pair-1.png && test -s pair-2.png || fail 'draw --daemon -n'
says 0 ask what --daemon
test "$(cat "$room/out")" = 'It is a red star.' || fail 'ask --daemon'
says 0 edit mine.png blue --daemon -o blue.jpg
is_jpeg blue.jpg
says 0 draw cat --daemon --seed 1 -o seen.png --preview-file before.png
is_png before.png
says 0 jobs
lacks "$room/out" "$(printf 'a star')"
refused 1 'exists already' draw cat --daemon -o mine.png
refused 2 'does not go with --daemon' draw cat --daemon -d cpu
refused 2 'does not go with --daemon' draw cat --daemon --save-job x.pb
refused 2 'add --daemon' draw cat --socket x
refused 2 'leave --daemon out' plan draw cat --daemon
refused 2 'add --wait' submit draw cat -o x.png
refused 2 "option of 'motcl draw'" submit draw cat -d cpu
refused 2 "option of 'motcl draw'" submit ask cat --size 16x16
refused 2 'is no job; submit draw' submit devices
refused 2 'what is to be done is missing' submit
refused 2 'takes a key and a value' submit draw cat --label x
refused 2 'a time from now, as 90s' submit draw cat --deadline soon
refused 2 'a time from now, as 90s' submit draw cat --deadline 2030-13-01T00:00
refused 2 'from -1000000 to 1000000' submit draw cat --priority high
refused 2 'which stdout is not' jobs --watch
refused 1 'there is no job' wait nothing
refused 1 "there is no job 'nothing'; 'motcl jobs' lists them" jobs nothing

# Deadlines are moments.
says 0 submit draw cat --deadline 2030-12-24T18:00 --json
holds "$room/out" '"deadline_ms": 1924365600000'
says 0 submit draw cat --deadline 2000-02-29T00:00:01Z --json
holds "$room/out" '"deadline_ms": 951782401000'
says 0 submit draw cat --deadline 2h --json
then=$(sed -n 's/.*"deadline_ms": \([0-9]*\)000,*$/\1/p' "$room/out")
now=$(date +%s)
test "$then" -gt $((now + 7100)) && test "$then" -le $((now + 7200)) || fail "2h from now is $then at $now"

# How it failed is how waiting ends.
says 1 submit draw cat --label act=fail --id f1 --wait
holds "$room/err" "^motcl: job 'f1' failed: it was to fail"
says 3 submit draw cat --label act=fail --label code=7 --wait
says 2 submit draw cat --label act=fail --label code=1 --wait
says 1 fetch f1
says 1 wait asked f1 asked
test "$(wc -l <"$room/out")" = 2 || fail 'a job that failed ends the waiting for others'
listed 'it was to fail' f1

# Changes.
says 0 submit draw cat --hold --id held-1
listed '^held-1  *held' --open
refused 1 'has not ended' fetch held-1
refused 1 'has not ended' forget held-1
says 0 release held-1
says 0 wait held-1 -q
refused 1 'not so that this can be' release held-1
says 0 forget held-1 f1
refused 1 "no job 'held-1'" forget held-1
says 0 submit draw cat --label act=slow --id slow-1
says 0 hold slow-1
listed '^slow-1  *held'
says 0 release slow-1
"$motcl" wait slow-1 >"$room/out" 2>"$room/err" &
job=$!
sleep 0.5
says 0 cancel slow-1
wait $job
test $? = 4 || fail 'waiting for a job that is cancelled does not end as cancelled'
says 4 wait slow-1
holds "$room/err" "^motcl: job 'slow-1' was cancelled"
says 1 cancel nothing slow-1 other
test "$(wc -l <"$room/err")" = 3 || fail 'each job that cannot be cancelled is not told'

# Ctrl-C ends the waiting, not the job.
says 0 submit draw cat --label act=slow --id slow-2
"$motcl" wait slow-2 >"$room/out" 2>"$room/err" &
job=$!
catches $job
sleep 0.5
kill -INT $job
wait $job
test $? = 4 || fail 'interrupted waiting does not end as cancelled'
holds "$room/err" "job 'slow-2' goes on, 'motcl wait slow-2' waits for it again and 'motcl cancel slow-2' gives it up"
listed '^slow-2  *running' --open
says 0 cancel slow-2

# Words that would steer a terminal do not reach it from a table; a pipe gets answers as they are.
says 0 submit ask x --id "$(printf 'id\033[31m')"
says 0 jobs
lacks "$room/out" "$(printf '\033')"

# Many.
says 0 submit draw cat --hold -n 1200 --id much -q
says 0 jobs --open
test "$(grep -c '^much-' "$room/out")" = 1200 || fail 'more than a page of jobs is not listed'
says 0 jobs --open --json
test "$(grep -c '"id": "much-' "$room/out")" = 1200 || fail 'more than a page of jobs is not told'

# On a terminal.
printf 'wait much-1200 \ntype \\x03\n' | python3 "$srcdir/tests/cli/screen.py" 100x20 "$motcl" jobs --open --watch \
  >"$room/screen" || fail 'jobs --watch does not end well'
holds "$room/screen" '^ID  *STATE  *PLACE'

# A daemon that lies.
for lie in oversized endless garbage number kind early half; do
  fake $lie $lie
done
refused 1 'makes no sense' submit draw cat --socket "$sockets/kind"
for lie in oversized endless garbage; do
  refused 1 'makes no sense' jobs --socket "$sockets/$lie"
  refused 1 'makes no sense' submit draw cat --socket "$sockets/$lie"
done
refused 1 'has ended the connection' jobs --socket "$sockets/early"
refused 1 'has ended the connection' wait x --socket "$sockets/early"
for lie in number half; do
  "$motcl" wait x --socket "$sockets/$lie" >"$room/out" 2>"$room/err" &
  job=$!
  catches $job
  sleep 0.3
  kill -INT $job
  wait $job
  test $? = 4 || fail "a daemon that is $lie cannot be left"
done
wait $waits
test $? = 1 || fail 'a daemon that is silent does not end the waiting'
holds "$room/silent.err" 'does not answer'
test ! -s "$room/fake-good" || fail "the fake says $(tail -n 1 "$room/fake-good")"
finish
