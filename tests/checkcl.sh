#!/bin/sh
# checkcl.sh - every op and variant on every device of tests/devices.list, against plain C. A build
# with the sanitizers, where host code is what is looked at, takes the tiny cases.
set -u
list=${srcdir:-.}/tests/devices.list
options=
test -f config.status && ./config.status --config | grep -q -e --enable-asan && options=--quick
failed=0
count=0
for device in $(sed 's/[ \t]*#.*//' "$list"); do
  count=$((count + 1))
  # a leak checker cannot always stop a runtime's threads; ref has none
  case $device in ref) leaks=1 ;; *) leaks=0 ;; esac
  ASAN_OPTIONS=detect_leaks=$leaks tests/checkcl/checkcl -d "$device" $options </dev/null || {
    echo "checkcl -d $device failed"
    failed=1
  }
done
test "$count" -ge 2 || {
  echo "only $count devices in $list"
  failed=1
}
exit $failed
