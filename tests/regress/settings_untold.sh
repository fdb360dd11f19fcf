#!/bin/sh
# settings_untold.sh - whether a picture told of a setting depended on what others were: who read the file had to
# know what is usual in this version. All of them are told.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# tells ARGS...: of how each is set
tells() {
  says 0 inspect a.png --json
  for setting in size timesteps shift cfg-text cfg-image cfg-interval cfg-renorm cfg-renorm-min "$@"; do
    holds "$room/out" "^      \"$setting"
  done
}

says 0 draw cat $quick -o a.png
tells 'think": false' 'max-think-tokens": 1000' 'temperature": 0.0' 'vae-sample": false' 'no-auto-orient": false'
rm a.png
says 0 draw cat $quick --max-think-tokens 7 --temperature 0.5 -o a.png
tells 'think": false' 'max-think-tokens": 7' 'temperature": 0.5'
mv a.png b.png
says 0 edit b.png blue $quick --think --max-think-tokens 2 --vae-sample --no-auto-orient -o a.png
tells 'think": true' 'max-think-tokens": 2' 'temperature": 0.0' 'vae-sample": true' 'no-auto-orient": true'
finish
