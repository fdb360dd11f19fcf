#!/bin/sh
# quality.sh - --quality: smaller files of less, nothing else that changes, and where nothing is lost, no quality.
. "${srcdir:-.}/tests/cli/lib.sh"
small
plain="draw cat $quick --no-metadata"

bytes() {
  wc -c <"$1"
}
says 0 $plain -o a.jpg
says 0 $plain -o a.webp
for quality in 1 50 95 100; do
  says 0 $plain -o q$quality.jpg --quality $quality
  is_jpeg q$quality.jpg
  says 0 $plain -o q$quality.webp --quality $quality
  is_webp q$quality.webp
  holds q$quality.webp 'VP8 '
done
says 0 $plain -o former.jpg --jpeg-quality 50
cmp -s former.jpg q50.jpg || fail "the former name of --quality means something else"
cmp -s a.jpg q95.jpg || fail "the quality is not 95 without being asked for"
holds a.webp VP8L
for kind in jpg webp; do
  test "$(bytes q1.$kind)" -lt "$(bytes q50.$kind)" && test "$(bytes q50.$kind)" -lt "$(bytes q95.$kind)" &&
    test "$(bytes q95.$kind)" -lt "$(bytes q100.$kind)" || fail "files .$kind do not grow with their quality"
done

# where several are drawn it is that of all, and no loss to what comes after
two="run $quick --size 48x32 -t a --draw --draw"
says 0 $two -o t.png
says 0 $two -o t.jpg --no-metadata --quality 10
says 0 run --like t-8.png -i t-7.png -d ref --no-metadata -o like.jpg --quality 10
cmp -s like.jpg t-8.jpg || fail "the second picture is drawn from what the first file lost"
says 0 $two -o best-%n.jpg --no-metadata --quality 100
for n in 1 2; do
  test "$(bytes t-$((n + 6)).jpg)" -lt "$(bytes best-$n.jpg)" || fail "picture $n has another quality"
done

# it is no part of how a picture is made
says 0 draw cat $quick -o m.jpg --quality 30
says 0 inspect m.jpg
lacks "$room/out" quality
says 0 run --like m.jpg -d ref --no-metadata -o again.jpg
cmp -s a.jpg again.jpg || fail "a picture of less quality is not drawn again"

for line in '' '-o x.png' '-o -' '-o .' '--preview-file x.jpg'; do
  refused 2 'none is written' $plain $line --quality 80
done
refused 2 'none is written' run -t a --write -d ref --quality 80 -o x.jpg
refused 2 'from 1 to 100' $plain -o x.jpg --quality 0
refused 2 'from 1 to 100' $plain -o x.jpg --quality 101
refused 2 'option of' ask what --quality 80
refused 2 'does not go with --save-job' draw cat --save-job x.pb --quality 80
finish
