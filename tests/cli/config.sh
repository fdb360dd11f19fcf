#!/bin/sh
# config.sh - the configuration: options that need not be typed, presets, what goes over what, and what cannot stand
# there. What an option comes to is seen in a stored job and in a picture.
. "${srcdir:-.}/tests/cli/lib.sh"
small
file=$XDG_CONFIG_HOME/motcl/config

# job NAME ARGS...: what is asked for, by a draw with these, stored in that file
job() {
  stored=$1
  shift
  says 0 draw 'a cat' --seed 7 "$@" --force --save-job "$stored"
}

# same WHY, other WHY: the jobs in the files got and want
same() {
  cmp -s got want || fail "$1"
}
other() {
  ! cmp -s got want || fail "$1"
}

# An option from the file is as one that is typed, however its line is written.
job plain
job want --timesteps 9 --negative "it's # dark" --think --size 64x32 --cfg-text 3 --shift 2
{
  printf '\357\273\277# mine\r\n\r\n  timesteps = 9\r\nnegative="it'"'"'s # dark"   # a comment\r\n'
  printf '\tthink\r\n--size 64x32\r\ncfg-text=3#no comment is\r\n'
} | configure
refused 2 "motcl/config, line 7: --cfg-text takes a number from 0 to 1000, not '3#no comment is'" draw cat
sed 's/#no.*//' "$file" >lines
printf 'shift 2' >>lines # the last line has no end
configure <lines
job got
same 'a setting of the file is not as one that is typed'
job got --config lines
same '--config reads another'
printf 'not a setting\n' | configure
job got --config lines
same '--config reads both'
job got --no-config --timesteps 9 --negative "it's # dark" --think --size 64x32 --cfg-text 3 --shift 2
same '--no-config reads it'
refused 2 'does not go with --no-config' draw cat --no-config --config lines
refused 1 'cannot be read' draw cat --config nowhere
refused 2 'name a file' draw cat --config -
says 0 draw --help
says 0 draw --version
rm "$file"
XDG_CONFIG_HOME=/dev/null "$motcl" draw 'a cat' --seed 7 --force --save-job got >"$room/out" 2>&1 || fail '/dev/null for a folder'
cmp -s got plain || fail 'settings come from nowhere'

# It stands below HOME where the variable is not set.
mkdir -p "$room/own/.config/motcl"
echo 'timesteps = 9' >"$room/own/.config/motcl/config"
(unset XDG_CONFIG_HOME && HOME=$room/own "$motcl" draw 'a cat' --seed 7 --force --save-job got) >"$room/out" 2>&1 || fail HOME
job want --timesteps 9
same 'not read below HOME'

# What is typed goes over it, and so do presets, in order.
configure <<'END'
timesteps = 9
think
quiet
seed = 7
temperature = 1
stop = one
stop = two
[preset fast]
timesteps = 4
think = off
stop = three
[preset bright]
timesteps = 5
negative = dark
END
job want --no-config --timesteps 20 --temperature 1
job got --timesteps=20 --think=off
same 'what is typed is not what holds'
job want --no-config --timesteps 4 --temperature 1
job got --preset fast
same 'a preset does not go over the file'
job want --no-config --timesteps 5 --temperature 1 --negative dark
job got --preset fast --preset bright
same 'the later preset does not go over the earlier'
job want --no-config --timesteps 6 --temperature 1 --negative dark --think
job got --timesteps 6 --think --preset fast --preset bright
same 'a preset goes over what is typed'
for stops in '--stop one --stop two:' '--stop three:--preset fast' '--stop four:--stop four' \
  '--stop four:--preset fast --stop four'; do
  says 0 ask what --seed 7 --no-config --temperature 1 --think ${stops%:*} --force --save-job want
  says 0 ask what --seed 7 --think ${stops#*:} --force --save-job got
  same "stop texts of $stops"
done
says 0 draw 'a cat' --no-config --timesteps 9 --think --temperature 1 --seed 7 --force --save-job want
says 0 draw 'a cat' --force --save-job got
same 'a seed of the file is none'
refused 2 "no preset 'brigth'; did you mean 'bright'" draw cat --preset brigth
refused 2 "no preset 'none' in '.*motcl/config'; there is fast, bright" draw cat --preset none
refused 2 "option of 'motcl draw'" devices --preset fast
refused 2 'does not go with --no-config' draw cat --preset fast --no-config
says 0 devices -v
holds "$room/err" "^settings are read from '.*motcl/config'"
says 0 devices
test ! -s "$room/err" || fail 'quiet is not quiet'

# A picture says by what it was drawn, and is drawn again by that; the file is below it, a preset above.
says 0 draw 'a cat' -d ref --size 32x32 --preset fast -o cat.png
says 0 inspect cat.png
holds "$room/out" '^timesteps  *4$'
says 0 run --like cat.png -d ref -o again.png
cmp -s cat.png again.png || fail 'the file goes over a picture that is drawn again'
says 0 run --like cat.png -d ref --preset bright -o bright.png
says 0 inspect bright.png
holds "$room/out" '^timesteps  *5$'
holds "$room/out" '^negative  *dark$'
says 0 run --job got --json -d ref -o job.png
says 0 inspect job.png
holds "$room/out" '^timesteps  *9$'
says 0 run --job got -d ref --preset bright --force -o job.png
says 0 inspect job.png
holds "$room/out" '^timesteps  *5$'
says 0 plan draw cat -d ref --json --preset fast
holds "$room/out" '"count": 1'
printf '/set timesteps\n/set think\n/set temperature\n/seed\n' >lines
"$motcl" chat -d ref --preset fast <lines >"$room/out" 2>"$room/err" || fail chat
holds "$room/out" '^  timesteps 4 '
holds "$room/out" '^  think off '
holds "$room/out" '^  temperature 1 '
holds "$room/out" '^7$'

# What has no use here is no mistake there, as it would be if it were typed.
printf 'quality = 50\npreview\ntimesteps = 3\ndevice = ref\nsize = 32x32\n' | configure
says 0 draw 'a cat' --seed 7 -o small.png
lacks "$room/err" 'no preview here'
says 0 draw 'a cat' --seed 7 --save-job got --force
says 0 ask what --max-tokens 2
refused 2 'is that of a JPEG' draw cat --quality 50 -o no.png

# The model: that of the environment goes over the file's, and a preset's over both.
printf 'model = ~/one\n[preset two]\nmodel = %s/two\n' "$room" | configure
HOME=$room/own
export HOME
refused 1 "'$room/model" draw cat -d "$room/no" -m "$room/model/no"
refused 1 "'$room/two" draw cat --preset two
mv "$room/model" "$room/kept"
refused 1 "'$room/model" draw cat
unset MOTCL_MODEL
refused 1 "'$room/own/one" draw cat
mv "$room/kept" "$room/model"
MOTCL_MODEL=$room/model
export MOTCL_MODEL

# wrong PATTERN LINE: refused wherever it is read
wrong() {
  printf '\n%s\n' "$2" | configure
  refused 2 "motcl/config, line 2: .*$1" devices
}
wrong "no option '--sise'; did you mean '--size'" 'sise = 3x3'
wrong 'here it is --timesteps N' 'steps = 3'
wrong "no option '--xyzzy'" 'xyzzy'
wrong "no option '--'" '= 3'
wrong "'size' needs its WxH" 'size'
wrong "'negative' needs its TEXT" 'negative = # nothing'
wrong 'on, off, or stands alone' 'quiet ='
wrong "takes on, off or nothing, not 'maybe'" 'quiet = maybe'
wrong 'a quote has no end' "negative = don't"
wrong "begins with \[preset NAME\]" '[fast]'
wrong "begins with \[preset NAME\]" '[preset]'
wrong "begins with \[preset NAME\]" '[preset a b]'
wrong "begins with \[preset NAME\]" '[preset a'
wrong "'preset' cannot stand here" 'preset = fast'
printf 'quiet\nsi\001ze' | configure
refused 1 'motcl/config holds a control character.*line 2 column 3' devices
mkdir no && rm "$file" && mkdir "$file"
refused 1 'motcl/config' devices
rmdir "$file" && mkfifo "$file"
refused 1 'motcl/config' devices
rm "$file"

# Whoever else can write to it must not say what is done here.
echo quiet | configure
chmod o+w "$file"
refused 2 'others can write' devices
says 0 devices --config "$file"
says 0 devices --no-config
chmod o-w "$file"
if test "$(id -u)" = 0; then
  chown 12345 "$file"
  refused 2 'belongs to somebody else' devices
fi
rm "$file"

# Every option can stand there, or is refused with a reason.
"$motcl" run --help-all --no-config >all
for command in draw chat inspect tokenize; do "$motcl" $command --help-all; done >>all
sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}--\([a-z-]*\).*/\2/p' all | sort -u >options
test "$(wc -l <options)" -ge 50 || fail 'few options: this test looks in the wrong place'
while read -r option; do
  echo "$option" | configure
  "$motcl" devices >"$room/out" 2>"$room/err" </dev/null ||
    grep -q 'cannot stand here: \| needs its ' "$room/err" || fail "$option is neither taken nor refused"
done <options
for option in text picture system draw write job like output preview-file dump dump-layers trace save-job noise check \
  count decode json help help-all version build-only store-kernels preset config no-config; do
  echo "$option = 1" | configure
  refused 2 "'$option' cannot stand here" devices
done

finish
