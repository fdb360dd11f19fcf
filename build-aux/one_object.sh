#!/bin/sh
# one_object.sh COMMAND... - runs the command that links libmotcl.la; then joins what the static library is made of
# to one object, whose only global names are those of libmotcl.names. A shared library hides its private names by
# itself; in an archive they are all there, to clash with names of the program.
#
# Groups of sections are dissolved, as in a program: else another object's copy of a group might be taken for ours,
# which local names cannot reach. If anything fails, libmotcl.la is not made.
set -u
"$@" || exit
archive=.libs/libmotcl.a
test -f "$archive" || exit 0
object=.libs/motcl.o
trap 'test $? = 0 || rm -f libmotcl.la' EXIT
set -e
# tools come with options
# shellcheck disable=SC2086
$LD -r --force-group-allocation -o "$object" --whole-archive "$archive"
$OBJCOPY --keep-global-symbols=libmotcl.names "$object"
rm -f "$archive"
$AR cr "$archive" "$object"
$RANLIB "$archive"
rm -f "$object"
