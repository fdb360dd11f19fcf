#!/bin/sh
# run.sh - what the motcl command computes, held against what the official code computed: every case
# of cases.list, a line a case, on the devices that are named as `motcl -d` takes them.
#     srcdir=SOURCE sh SOURCE/tests/golden/run.sh DEVICE...
# Runs in a build folder, where motcl and tests/golden/ are; on whatever OpenCL platforms the
# environment offers (OCL_ICD_VENDORS).
set -u
test $# -ge 1 || {
  echo "run.sh: no device was named" >&2
  exit 2
}
devices=$*
here=$(cd "${srcdir:-.}/tests/golden" && pwd) || exit 1
build=$PWD
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
count=0

CAT='A red cat; 你好 café!
'
WALL='Now paint the wall blue.'
WHAT='What is in this picture?'

# Word by word into "$@"; then the command runs, its arrays go to $work/dump, its text to $work/out.
run() {
  words=$*
  set --
  for word in $words; do
    case $word in
    CAT) word=$CAT ;;
    WALL) word=$WALL ;;
    WHAT) word=$WHAT ;;
    *.png) word=$data/$word ;;
    *_*) word=$(echo "$word" | tr _ ' ') ;;
    esac
    set -- "$@" "$word"
  done
  rm -rf "$work/dump" "$work/picture.png"
  case $1 in
  draw | edit) set -- "$@" -o "$work/picture.png" ;;
  run) case $words in *--draw*) set -- "$@" -o "$work/picture.png" ;; esac ;;
  esac
  # a build with the leak checker looks for leaks on ref: it cannot always stop a runtime's threads
  case $device in ref) leaks=1 ;; *) leaks=0 ;; esac
  ASAN_OPTIONS=detect_leaks=$leaks "$build/motcl" "$@" -m "$work/model" -d "$device" --dump "$work/dump" -q \
    >"$work/out" 2>"$work/err"
}

# Arrays of the dump by the names that the recorder gave them in this case.
rename() {
  case $1 in
  prefill) mv "$work/dump/logits_0.npy" "$work/dump/logits.npy" ;;
  prefill_2)
    mv "$work"/dump/segment_1/* "$work/dump" &&
      mv "$work/dump/logits_1.npy" "$work/dump/logits.npy"
    ;;
  vit) mv "$work"/dump/picture_0/* "$work/dump" ;;
  esac
}

# Names of the recorded arrays that a command's dump has: all but sizes, bytes and ids on the way.
recorded() {
  for file in "$data"/*.npy; do
    name=${file##*/}
    case ${name%.npy} in
    ids | vae_resized | vit_resized | position_index) ;;
    *) printf '%s ' "${name%.npy}" ;;
    esac
  done
}

# compared: holds the dump against the recorded arrays; what is to be said is then in $work/said
compared() {
  # names are words
  # shellcheck disable=SC2046
  "$build/tests/golden/compare" -q "$data" "$work/dump" $(recorded) >"$work/said"
}

check() {
  data=$here/data/$model/$case
  result=FAIL
  if ! run "$@"; then
    said="the command failed: $(tail -n 1 "$work/err")"
  elif ! rename "$case" 2>"$work/err"; then
    said="arrays are missing: $(tail -n 1 "$work/err")"
  elif ! compared; then
    said=$(cat "$work/said")
  else
    result=ok
    said=$(cat "$work/said")
  fi
  test $result = ok || failed=$((failed + 1))
  count=$((count + 1))
  printf '%-4s %s %s %s: %s\n' "$result" "$device" "$model" "$case" "$said"
}

# make NAME OPTION...: the folder that the next cases run on
make() {
  model=$1
  shift
  rm -rf "${work:?}/model"
  # the options are words
  # shellcheck disable=SC2046
  "$build/tests/golden/make_hashed" $(cat "$here/data/$model/options") "$@" "$work/model" >/dev/null ||
    exit 1
}

while read -r case command; do
  # a command is words, and so are devices
  # shellcheck disable=SC2086
  case $case in
  '' | '#'*) ;;
  model) make $command ;;
  *)
    for device in $devices; do
      check $command </dev/null
    done
    ;;
  esac
done <"$here/cases.list"
test "$count" -ge 40 || {
  echo "only $count cases in cases.list"
  failed=$((failed + 1))
}
echo "$count cases, $failed failed"
test "$failed" = 0
