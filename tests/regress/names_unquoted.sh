#!/bin/sh
# names_unquoted.sh - some sentences had names without quotes, so that one that is no text lost letters in them, and
# one with blanks could not be told from the words around. Seen by: whoever has such files or folders. What
# was the matter: only what stands between quotes is written as a shell takes it back.
. "${srcdir:-.}/tests/cli/lib.sh"
small
odd=$(printf 'caf\351.png')
make_model "$room/second" --kind dense
says 0 draw cat $quick --size 16x16 -o "$odd"
says 0 run --like "$odd" -d ref -m "$room/second" -o other.png
holds "$room/err" "^\$'caf.351.png' was made by another model"
says 0 run --like "$odd" -d ref --unfused -o again.png
holds "$room/err" "^\$'caf.351.png' was made with another version, device or plan"
"$motcl" run --like - -d ref --unfused -o read.png <"$odd" >"$room/out" 2>"$room/err" || fail '--like -'
holds "$room/err" '^the picture was made with another'

if keeps_kernels; then
  XDG_CACHE_HOME=$room/$(printf 'c\351')
  export XDG_CACHE_HOME
  says 0 ask what --max-tokens 2
  chmod 0777 "$XDG_CACHE_HOME/motcl"
  rm "$XDG_CACHE_HOME/motcl"/*
  says 0 ask what --max-tokens 2
  holds "$room/err" "^motcl: \$'.*c.351/motcl' is not used, as others"
  POCL_CACHE_DIR=$room/$(printf 'p\351')
  export POCL_CACHE_DIR
  mkdir -m 0777 "$POCL_CACHE_DIR"
  chmod 0777 "$POCL_CACHE_DIR"
  says 0 ask what --max-tokens 2
  holds "$room/err" "others than you can write to \$'.*p.351', where"
fi
finish
