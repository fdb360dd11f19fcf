#!/bin/sh
# merged_output.sh - 'motcl ask ... >log 2>&1' had 'a red starseed 7, 0.4 s' on a line, and an empty line after it.
# Seen by: whoever keeps both streams in one file. What was the matter: the newline behind an answer waited in
# its buffer while messages were written.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# whole_lines ARGS...: what stdout has alone are lines of both
whole_lines() {
  merged "$@"
  while IFS= read -r line; do
    grep -aFqx -e "$line" "$room/both" || fail "not a line of its own: $line"
  done <"$room/out"
  ! grep -q '^$' "$room/both" || fail "an empty line: motcl $*"
}
whole_lines ask what -d ref --max-tokens 4
whole_lines ask what -d ref --max-tokens 4 --temperature 1 --seed 7
whole_lines run $quick --size 32x32 --max-tokens 4 -t a --write --draw --write
finish
