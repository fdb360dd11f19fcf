#!/bin/sh
# layers.sh - reads every #include "..." of host/ and drivers/ and holds it against the order of the
# rooms: includes point down the list only, what serves any graph knows nothing of the model, and the
# command sees of the library what everybody sees. And the library names no option of the command.
set -u
cd "${srcdir:-.}" || exit 1

find host drivers -name '*.[ch]' | sort | xargs "${AWK:-awk}" '
function room(path, part) {
  split(path, part, "/")
  return part[1] == "host" ? part[2] : part[1]
}
function bad(why) {
  printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
  failed = 1
}
function check(  from, target, r) {
  if (to == "config.h" || to == "motcl.h")
    return
  # messages are made by the build; who writes and reads them is job and what stands above it
  if (to ~ /^motcl\/.*\.pb-c\.h$/) {
    if (rank[room(FILENAME)] < rank["job"])
      bad("messages are for job and above")
    return
  }
  target = to ~ /^drivers\// ? to : "host/" to
  if (to !~ /\//)
    return bad("write the path from host/, as in \"base/err.h\"")
  if ((getline r < target) < 0)
    return bad("there is no such file")
  close(target)
  from = room(FILENAME)
  r = room(target)
  if (!(r in rank))
    return bad("no room of the list")
  if (rank[r] > rank[from])
    bad("the room " r " stands above " from)
  if ((from in blind) && (r in hidden))
    bad("the room " from " must not know " r)
  if (from == "cli" && r != "cli")
    bad("the command knows motcl.h and the messages only")
}
BEGIN {
  n = split("base image io text graph model flow cl drivers plan exec session job api cli", list, " ")
  for (i = 1; i <= n; i++)
    rank[list[i]] = i
  rank["daemon"] = rank["cli"]
  split("graph cl drivers plan exec", list, " ")
  for (i in list)
    blind[list[i]]
  split("model flow text image io", list, " ")
  for (i in list)
    hidden[list[i]]
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
  to = $0
  sub(/^[^"]*"/, "", to)
  sub(/".*$/, "", to)
  seen++
  check()
}
# what is said where the command is not known must not speak of its options
(/"[^"]*[ (](--[a-z]|-[dm][ ";,)])/ && !/ulimit/) || /"[^"]*motcl (draw|edit|ask|run|chat|plan|inspect|tokenize|devices)/ {
  if (room(FILENAME) != "cli" && room(FILENAME) != "daemon")
    bad("the command in a sentence of the library")
}
END {
  if (seen < 5) {
    print "only " seen + 0 " includes found: this test looks in the wrong place"
    failed = 1
  }
  exit failed
}
'
