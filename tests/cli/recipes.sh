#!/bin/sh
# recipes.sh - a picture drawn with any odd value of any setting comes back from its file, to the byte: from a
# PNG into a JPEG, from that into a WebP, and from that into a PNG, which is the first one. Drawn by nano, to which words matter.
. "${srcdir:-.}/tests/cli/lib.sh"
MOTCL_MODEL=$srcdir/examples/nano/model
export MOTCL_MODEL
quick='--timesteps 3 --seed 7'

# back FILE.png ARGS...: it is drawn again twice; ARGS are pictures and noise that it was drawn from
back() {
  file=$1
  shift
  rm -f back.jpg back.webp back.png
  says 0 run --like "$file" -o back.jpg "$@"
  says 0 run --like back.jpg -o back.webp "$@"
  says 0 run --like back.webp -o back.png "$@"
  cmp -s "$file" back.png || fail "another picture comes back: $what"
}

# draws ARGS...: and that comes back
draws() {
  what="draw $*"
  rm -f drawn.png
  says 0 draw "$@" -o drawn.png
  back drawn.png
}

# stored ARGS...: the same, and as a job it is the same picture
stored() {
  draws "$@"
  rm -f job.pb job.png
  says 0 draw "$@" --save-job job.pb
  says 0 run --job job.pb -o job.png
  cmp -s drawn.png job.png || fail "another picture comes out of a job: $what"
}

# Numbers and words of settings.
draws 'a red circle' $quick
cp drawn.png usual.png
for setting in '--seed 0' '--seed 18446744073709551615' '--timesteps 2' '--timesteps 17' '--shift 0.001' \
  '--shift 1000' '--shift 0.1234567890123456789' '--cfg-text 0' '--cfg-text 1.0000000000000002' '--cfg-text 1000' \
  '--cfg-image 1000' '--cfg-interval 0:0' '--cfg-interval 0:1' '--cfg-interval 0.1:0.30000000000000004' \
  '--cfg-renorm none' '--cfg-renorm global' '--cfg-renorm channel' '--cfg-renorm text-channel' '--cfg-renorm-min 1' \
  '--cfg-renorm-min 1e-300' '--size 16x16' '--size 16x128' '--max-think-tokens 1' '--temperature 1000'; do
  # words are words
  # shellcheck disable=SC2086
  draws 'a red circle' $quick $setting
done
for setting in '' '--max-think-tokens 1' '--temperature 1000 --max-think-tokens 9' '--temperature 0.001 --negative='; do
  # shellcheck disable=SC2086
  stored 'a red circle and a blue square' $quick --think $setting
done

# An empty negative text is one.
for negative in '' ' ' 'a blue square' "quotes \" and ' and \\" "$(printf 'two\n\nlines\n.')" 'été 漢字 🦊'; do
  stored 'a red circle' $quick --negative "$negative"
  ! cmp -s drawn.png usual.png || fail "the negative text '$negative' is taken for none"
done

# Texts.
for text in ' ' ' a red circle ' '"' "'" '\' '\n%s' '{"text": 3}' "$(printf '\nred\n\n\tcircle\n.')" 'مرحبا 漢字 🦊' \
  '<|im_end|>' 'null' "$(seq 1 200 | tr '\n' ' ')"; do
  draws "$text" $quick
done
what='a text from stdin'
echo 'a red circle' | "$motcl" draw - $quick --size 32x32 -o stdin.png >"$room/out" 2>"$room/err" || fail "$what"
back stdin.png

# What it was drawn from is given again.
for setting in '' '--vae-sample' '--no-auto-orient --vae-sample --seed 9' '--cfg-image 0' '--think' '--size 32x64' \
  '--negative='; do
  what="edit $setting"
  rm -f edited.png
  # shellcheck disable=SC2086
  says 0 edit usual.png 'make it blue' $quick $setting -o edited.png
  back edited.png -i usual.png
done
what='noise'
says 0 draw 'a red circle' $quick --no-metadata --dump dump -o noise.png
says 0 draw 'a red circle' $quick --noise dump/noise.npy -o noisy.png
back noisy.png --noise dump/noise.npy

# Outputs between which more is said, each with settings and a seed of its own; of two pictures the second was drawn
# from the first one's file, or where that is a JPEG, from the same pixels as a PNG that says nothing. Their
# fingerprint is that of the plans of all of them, so that the first one alone has the same pixels under another.
# talk ARGS...
talk() {
  says 0 run --timesteps 3 "$@" --system 'Draw plainly.' -t 'a red circle' --draw --think --max-think-tokens 5 \
    --seed 3 -t 'what is it?' --write --max-tokens 4 --temperature 2 -t 'make it blue' --draw --negative '' \
    --cfg-image 1.7 --vae-sample --seed 11
}
talk --no-metadata -o bare.png
for kind in png jpg webp; do
  what="outputs to .$kind"
  rm -f first.* again.*
  first=first.png
  talk -o talk.$kind
  says 0 run --like talk-3.$kind --no-metadata -o first.png
  cmp -s bare-3.png first.png || fail "another picture comes back: $what"
  test $kind = jpg || first=talk-3.$kind
  says 0 run --like talk-11.$kind -i $first -o again.$kind
  cmp -s talk-11.$kind again.$kind || fail "another picture comes back at the end: $what"
done
talk --save-job talk.pb
rm -f talk-*.png again.png
says 0 run --job talk.pb -o talk.png
says 0 run --like talk-11.png -i talk-3.png -o again.png
cmp -s talk-11.png again.png || fail 'another picture comes back out of a job'

# A conversation.
what='a conversation'
printf '/set timesteps 3\n/draw a red circle\nwhat is it?\n/set think on\n/edit make it blue\n' |
  "$motcl" chat --seed 21 --max-tokens 5 --max-think-tokens 6 --negative '' >"$room/out" 2>"$room/err" ||
  fail "$what"
back motcl-21-1.png
back motcl-23-2.png -i motcl-21-1.png

finish
