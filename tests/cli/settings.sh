#!/bin/sh
# settings.sh - settings that cannot be are refused before any work, with what would do.
. "${srcdir:-.}/tests/cli/lib.sh"
small

for value in nan NaN inf -inf -1 1e9 abc '' 0x ' 3' 3x; do
  refused 2 'takes a number from 0.001 to 1000' draw cat --shift "$value"
done
for option in cfg-text cfg-image temperature; do
  for value in nan inf -0.5 1001 1e300 '' x; do
    refused 2 "--$option takes a number from 0 to 1000" draw cat --$option "$value"
  done
done
for value in nan -0.1 1.1 x; do
  refused 2 'takes a number from 0 to 1' draw cat --cfg-renorm-min "$value"
done
for value in 0 1 -5 10001 4294967298 99999999999999999999 2.5 many; do
  refused 2 'takes a whole number from 2 to 10000' draw cat --timesteps "$value"
done
for value in -1 18446744073709551616 1e3 seven '' ' 1' +1; do
  refused 2 '--seed takes a whole number' draw cat --seed "$value"
done
for value in 0 -1 100001 x; do
  refused 2 '--count takes' draw cat -n "$value"
done
for value in 0 1048577 -1 x; do
  refused 2 '--max-tokens takes' ask cat --max-tokens "$value"
  refused 2 '--max-think-tokens takes' draw cat --max-think-tokens "$value"
done
for value in 0 x 64 64x 64x0 0x64 64x-16 64x64x64 70000x64 nanxnan 99999999999999999999x16; do
  refused 2 '--size takes width and height' draw cat --size "$value"
done
for value in 1 1:0 0:2 -1:1 nan:1 0:nan 0:1:2 ''; do
  refused 2 '--cfg-interval takes two times' draw cat --cfg-interval "$value"
done
refused 2 'global, channel, text-channel or none' draw cat --cfg-renorm most
for value in 0 -1 4X 4GX 1.5 x 99999999999T; do
  refused 2 'takes a number of bytes' draw cat --memory "$value"
  refused 2 'takes a number of bytes' draw cat --max-buffer "$value"
done
refused 2 'temperature' draw cat --temperature 1e-9 -d ref

# an option without an argument, taken back
says 0 draw cat --seed 7 --think --think=on --save-job thinks.pb
says 0 draw cat --seed 7 --think --think=off --save-job plain.pb
says 0 draw cat --seed 7 --save-job usual.pb
cmp -s plain.pb usual.pb || fail '--think=off does not take --think back'
cmp -s thinks.pb usual.pb && fail '--think=on changes nothing'

# what only the model knows
for size in 100x64 64x100 17x17 8x8; do
  refused 2 'must be multiples of 16' draw cat --size $size -d ref
done
refused 2 'sides go up to 1024' draw cat --size 1040x64 -d ref
refused 2 'sides go up to 1024' draw cat --size 64x65536 -d ref

# texts
refused 2 'empty' draw ''
refused 2 'empty' ask ''
refused 2 'empty' run -t '' --write
bad=$(printf 'a\377b')
refused 1 'no UTF-8' draw "$bad" -d ref
refused 1 'no UTF-8' ask "$bad" -d ref
refused 1 'negative text is no UTF-8' draw cat --negative "$bad" -d ref
refused 2 'only one part can be -' ask - - -d ref

# memory and devices
refused 3 'may take 1K' draw cat --memory 1K -d ref
enough=$(sed -n 's/.* needs \([0-9]*[KMG]*\) .*/\1/p' "$room/err")
says 0 draw cat $quick --memory "$enough" -o enough.png
rm enough.png
refused 3 'no device fits.*(-d names a device' draw cat -d no-such-device
refused 3 'no device fits' ask cat -d 9:9

# noise
refused 1 'missing.npy' draw cat --noise missing.npy -d ref
echo this is no array >noise.npy
refused 1 'noise.npy' draw cat --noise noise.npy -d ref
says 0 draw cat $quick --size 32x32 --dump d -o a.png
refused 2 'noise has' draw cat $quick --size 64x32 --noise d/noise.npy -o b.png

finish
