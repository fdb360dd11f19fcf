#!/bin/sh
# same.sh - the same request gives the same bytes, in the picture, in the text and in every inner
# array: with one thread and two, from run to run, with the program cache empty, full or absent, in
# any rows of a pass and of a chunk, and fused or not.
#     same.sh [DEVICE...]    else those of tests/devices.list
set -u
# devices are words
# shellcheck disable=SC2046
test $# -gt 0 || set -- $(sed 's/[ \t]*#.*//' "${srcdir:-.}/tests/devices.list")
data=$(cd "${srcdir:-.}/tests/golden/data/mot" && pwd) || exit 1
motcl=$PWD/motcl
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
count=0
tests/golden/make_hashed "$work/model" >/dev/null || exit 1
# other programs' caches stay; ours begins empty
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME
POCL_MAX_PTHREAD_COUNT=2
export POCL_MAX_PTHREAD_COUNT
# a leak checker cannot always stop a runtime's threads; ref.sh looks for leaks
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS

# requests NAME SETTINGS OPTION...: three requests that meet every part of the model, into $work/NAME,
# with these settings of the environment and options
requests() {
  name=$1
  settings=$2
  shift 2
  mkdir "$work/$name" || exit 1
  (
    cd "$work/$name" || exit 1
    # settings are words
    # shellcheck disable=SC2086,SC2163
    test -z "$settings" || export $settings
    set -- -m ../model -d "$device" --seed 3 -q --dump-layers "$@"
    "$motcl" edit "$data/edit/input_0.png" 'Now paint the wall blue.' --timesteps 3 --vae-sample \
      -o edit.png --dump edit "$@" &&
      "$motcl" draw 'A red cat on a wall, and a dog.' --size 48x32 --timesteps 4 --cfg-image 1.5 \
        --think --max-think-tokens 6 --temperature 0.8 -o draw.png --dump draw "$@" &&
      "$motcl" ask "$data/edit/input_0.png" 'What is in this picture?' --max-tokens 9 \
        --temperature 1 --dump ask "$@" >ask.txt
  ) >"$work/said" 2>"$work/err" || {
    echo "FAIL $device, $name: $(tail -n 1 "$work/err")"
    failed=$((failed + 1))
    return 1
  }
}

# same NAME SETTINGS OPTION...: the requests once more, to the same bytes as the first time
same() {
  count=$((count + 1))
  requests "$@" || return
  # a plan that is not fused has another fingerprint, which pictures tell; their bytes are arrays too
  if diff -r ${unfused:+-x '*.png'} "$work/first" "$work/$name" >"$work/said"; then
    echo "ok   $device, $name"
  else
    echo "FAIL $device, $name: $(wc -l <"$work/said") files differ, as $(head -n 1 "$work/said")"
    failed=$((failed + 1))
  fi
  rm -rf "${work:?}/$name"
}

# What is compared does depend on the request.
other_seed() {
  requests other '' --seed 4 || return
  for name in edit/x draw/image ask/text_ids; do
    ! cmp -s "$work/first/$name.npy" "$work/other/$name.npy" || {
      echo "FAIL $device: another seed gives the same $name"
      failed=$((failed + 1))
    }
  done
  rm -rf "$work/other"
}

unfused=
for device in "$@"; do
  requests first '' || continue
  test "$(find "$work/first" -type f | wc -l)" -ge 60 || {
    echo "FAIL $device: only $(find "$work/first" -type f | wc -l) files to compare"
    failed=$((failed + 1))
  }
  other_seed
  same again ''
  same one-thread POCL_MAX_PTHREAD_COUNT=1
  same no-cache 'XDG_CACHE_HOME= HOME='
  same few-rows-a-pass '' --pass-rows 4
  same few-rows-a-chunk '' --chunk-rows 3
  same both-with-one-thread POCL_MAX_PTHREAD_COUNT=1 --pass-rows 7 --chunk-rows 5
  unfused=yes
  same unfused '' --unfused
  unfused=
  rm -rf "$work/first"
done
echo "$count repetitions, $failed failed"
test "$failed" = 0
