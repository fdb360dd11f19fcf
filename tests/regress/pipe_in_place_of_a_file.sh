#!/bin/sh
# pipe_in_place_of_a_file.sh - a pipe that nobody writes stood where a file was looked for: motcl waited
# for ever, and passed over the first signal. Anybody could see it who unpacked a model with such a thing
# in it. Files were opened as if they could be nothing else, and reads went on after any signal.
. "${srcdir:-.}/tests/cli/lib.sh"
small
"$motcl" draw cat $quick -o "$room/cat.png" -q >"$room/out" || fail "a picture"
"$motcl" draw cat --save-job "$room/cat.pb" >"$room/out" || fail "a job"

# soon ARGS...: motcl ends by itself, within half a minute; its exit status is then in $got
soon() {
  timeout -k 1 30 "$motcl" "$@" >"$room/out" 2>"$room/err" </dev/null
  got=$?
  test $got != 124 && test $got != 137 || fail "waits for ever: $*"
}

# told ARGS...: it fails with one sentence that says what is there
told() {
  soon "$@"
  test $got = 1 || test $got = 2 || fail "exit status $got: $*"
  one_sentence "$@"
  holds "$room/err" 'a pipe\|no regular file'
}

# each file of a model
for file in "$room/model"/*; do
  test -f "$file" || continue
  mv "$file" "$room/kept" && mkfifo "$file"
  case $file in
  */llm_config.json | */vit_config.json | */tokenizer_config.json | */vocab.json | */merges.txt | *.safetensors)
    told draw cat $quick -o a.png -q
    ;;
  *) soon draw cat $quick -o a.png -q ;;
  esac
  soon inspect "$room/model"
  rm -f "$file" a.png && mv "$room/kept" "$file"
done
mkfifo "$room/pipe.json"
ln -s "$room/pipe.json" "$room/model/model.safetensors.index.json"
soon inspect "$room/model"
rm -f "$room/model/model.safetensors.index.json"

# what is named on the line
mkfifo in.png out.png out.json
told edit in.png 'a hat' $quick -o a.png
told ask in.png what -d ref
told draw cat --noise in.png $quick -o a.png
told run --job in.png -d ref -o a.png
told run --like in.png -d ref -o a.png
told inspect in.png
told chat --job in.png -d ref
soon draw cat $quick -o out.png
test $got = 1 || fail "a picture to a pipe: exit status $got"
soon draw cat $quick -o a.png --trace out.json
test $got = 1 || fail "a trace to a pipe: exit status $got"
soon draw cat $quick -o a.png --preview-file in.png
test $got = 1 || fail "previews to a pipe: exit status $got"
test "$(ls -A | tr '\n' ' ')" = 'in.png out.json out.png ' || fail "files are left: $(ls -A)"
rm -f ./*

# a picture of another command is read all the same where the shell makes a stream of it
"$motcl" ask /dev/fd/3 what -d ref --max-tokens 2 3<"$room/cat.png" >"$room/want" 2>"$room/err" ||
  fail "an open file"
cat "$room/cat.png" | { "$motcl" ask /dev/fd/3 what -d ref --max-tokens 2 3<&0 </dev/null; } \
  >"$room/out" 2>"$room/err" || fail "an open pipe"
cmp -s "$room/out" "$room/want" || fail "a picture through a pipe is another one"

# what is kept between runs
for file in rates.json; do
  mkdir -p "$room/cache/motcl"
  rm -f "$room/cache/motcl/$file" && mkfifo "$room/cache/motcl/$file"
  XDG_CACHE_HOME=$room/cache soon draw cat $quick -o a.png -q
  test $got = 0 || fail "a pipe in place of $file: exit status $got"
  rm -f a.png
done

# kernels out of a folder
mkdir -p "$room/kernels" && cp -R "$srcdir/kernels/." "$room/kernels"
chmod -R u+w "$room/kernels"
rm "$room/kernels/common/base.clh" && mkfifo "$room/kernels/common/base.clh"
MOTCL_KERNEL_DIR=$room/kernels soon draw cat --timesteps 2 -o a.png -q
test $got = 1 || test $got = 3 || fail "a pipe in place of a kernel: exit status $got"
test $got = 3 || holds "$room/err" 'a pipe'

# one signal is enough while stdin is waited for
for signal in INT TERM HUP; do
  mkfifo "$room/never"
  sleep 60 >"$room/never" &
  writer=$!
  "$motcl" draw - -d ref -o a.png <"$room/never" >"$room/out" 2>"$room/err" &
  pid=$!
  sleep 0.5
  kill -$signal $pid
  wait $pid
  got=$?
  test $got = 4 || fail "SIG$signal while stdin is read: exit status $got"
  one_sentence draw -
  kill $writer 2>/dev/null
  rm -f "$room/never"
done

finish
