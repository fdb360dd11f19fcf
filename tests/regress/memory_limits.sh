#!/bin/sh
# memory_limits.sh - where a process may take little memory (a control group's limit, ulimit -v or -d) the
# job was taken all the same and killed by the system, or aborted inside the OpenCL runtime. Anybody could
# see it in a small container. Only what the device said it had was asked for.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# limited STATUSES ARGS...: motcl under the limit that $set puts on a shell ends with one of the exit
# statuses, and says why if it is not 0
limited() {
  statuses=$1
  shift
  sh -c "$set"' && shift && exec "$@"' sh x "$motcl" "$@" >"$room/out" 2>"$room/err" </dev/null
  got=$?
  case " $statuses " in
  *" $got "*) ;;
  *) fail "$set: exit status $got, not $statuses: $*" ;;
  esac
  test $got = 0 || one_sentence "$@"
}

# A compiler's address sanitizer takes terabytes of addresses.
if ! (ulimit -v 4000000 && "$motcl" --version >/dev/null 2>&1); then
  "$motcl" --version >"$room/out" 2>&1 || fail "motcl does not start"
else
  for limit in v d; do
    for mb in 200 400 500 550 600 700 1000; do
      set="ulimit -$limit $((mb * 1024))"
      mkdir -p "$room/kernels"
      POCL_CACHE_DIR=$room/kernels limited '0 3' ask what --max-tokens 2 -q
      rm -rf "$room/kernels"
    done
    test $got = 0 || continue
    "$motcl" ask what --max-tokens 2 -q >"$room/want" 2>"$room/err" || fail "without a limit"
    cmp -s "$room/out" "$room/want" || fail "ulimit -$limit: another answer"
  done

  # as much as it takes to start, and not as much as the job needs
  set='ulimit -v 300000'
  limited 3 draw cat -d ref -s 1024x1024 --timesteps 2 -o a.png -q
  holds "$room/err" 'limit of address space (ulimit -v)'
  limited 3 plan draw cat -d ref -s 1024x1024
  set='ulimit -d 150000'
  limited 3 draw cat -d ref -s 1024x1024 --timesteps 2 -o a.png -q
  holds "$room/err" 'limit of data (ulimit -d)'
  set='ulimit -v 300000'
  limited 0 draw cat $quick -o a.png -q
  "$motcl" draw cat $quick -o b.png -q >"$room/out" 2>"$room/err" || fail "a picture"
  cmp -s a.png b.png || fail "another picture under a limit"
  rm -f ./*
fi

# Control groups, where we may make some: the limit is that of the group above.
for tree in /sys/fs/cgroup/memory /sys/fs/cgroup; do
  group=$tree/motcl-test-$$
  mkdir -p "$group/inner" 2>/dev/null || continue
  for file in memory.limit_in_bytes memory.max; do
    test ! -e "$group/$file" || echo 268435456 2>/dev/null >"$group/$file" || continue
    test -e "$group/$file" && test -e "$group/inner/$file" || continue
    set="echo \$\$ >$group/inner/cgroup.procs"
    limited 3 draw cat -d ref -s 1024x1024 --timesteps 2 -o a.png -q
    holds "$room/err" 'control group'
    limited 0 draw cat $quick -o a.png -q
  done
  sleep 0.1
  rmdir "$group/inner" "$group"
done

finish
