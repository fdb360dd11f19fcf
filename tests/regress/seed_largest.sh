#!/bin/sh
# seed_largest.sh - the largest seed was refused as "too large for 1 pictures": the range was counted to
# one past the last picture. And of several results the seeds after the largest began again at 0.
. "${srcdir:-.}/tests/cli/lib.sh"
small
most=18446744073709551615
draws="-d ref --timesteps 2 --size 32x32"

says 0 draw cat $draws --seed $most
is_png motcl-$most.png
holds "$room/err" "^seed $most, 32x32"
says 0 run --like motcl-$most.png -d ref -o again.png
cmp -s again.png motcl-$most.png || fail 'it is not drawn again'
says 0 ask cat -d ref --max-tokens 2 --temperature 1 --seed $most
says 0 draw cat $draws --seed 18446744073709551614 -n 2 -o two.png
is_png two-18446744073709551614.png
is_png two-$most.png
says 0 run $draws --seed 18446744073709551614 -t cat --draw --draw -o three.png
is_png three-18446744073709551614.png
is_png three-$most.png
says 0 run $draws --seed $most -t cat --draw --draw --seed 7 -o own.png
is_png own-7.png
refused 2 "too large for -n 2: each picture takes one more" draw cat $draws --seed $most -n 2
refused 2 "too large for -n 3" plan draw cat $draws --seed 18446744073709551614 -n 3
refused 2 'seeds for only 1 of the results' run $draws --seed $most -t cat --draw -t dog --write
refused 2 'seeds for only 2 of the results' run --seed 18446744073709551614 -t cat --write --write --write -d ref
refused 2 'seeds for only 1 of' run --seed $most -t cat --write --write --save-job no.pb
finish
