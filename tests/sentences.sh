#!/bin/sh
# sentences.sh BUILD - lists bad inputs and the sentences they get: command lines, folders and files of
# tests/cli with their exit statuses, then every error that the corpus of the fuzz targets leads to.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "${1:?name a build folder}" || exit 1
SENTENCES=$(pwd)/sentences.tmp
export SENTENCES
trap 'rm -f "$SENTENCES"' EXIT
failed=0

# Tabs to the columns of a table, in which bars must not stand by themselves.
rows() { cut -c 1-400 | sed 's/|/\\|/g; s/\t/ | /g; s/^/| /; s/$/ |/'; }

printf '| test | exit | motcl ... | sentence |\n| --- | --- | --- | --- |\n'
for test in $(cd "$top" && grep -l '^ *refused ' tests/cli/*.sh); do
  case $test in
  */lib.sh) continue ;;
  esac
  : >"$SENTENCES"
  srcdir=$top sh "$top/$test" >/dev/null || failed=1
  sed "s|$(pwd)/||g; s|^|$(basename "$test" .sh)\t|" "$SENTENCES" | rows
done
printf '\n| fuzz target | code | sentence |\n| --- | --- | --- |\n'
for corpus in "$top"/tests/fuzz/corpus/*; do
  target=$(basename "$corpus")
  tests/fuzz/"$target" --print "$corpus"/* >"$SENTENCES" || failed=1
  LC_ALL=C sort -u "$SENTENCES" | sed "s|fuzz_[A-Za-z0-9]*/||g; s|^|$target\t|" | rows
done
exit $failed
