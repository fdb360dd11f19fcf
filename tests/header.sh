#!/bin/sh
# header.sh - motcl.h compiles alone, twice in one file, as C11 and as C++, without a warning; and a C++
# program of it is linked and runs, and finds header and library to be of one version.
set -u
work=header-test.$$
trap 'rm -rf "$work"' EXIT
mkdir "$work" || exit 1
printf '#include "motcl.h"\n#include "motcl.h"\nint main(void) { return motcl_version() == 0; }\n' \
  >"$work/t.c"
cat >"$work/t.cc" <<'END'
#include "motcl.h"
#include "motcl.h"
#include <cstdio>
#include <cstring>
int main() {
  char version[32];
  std::snprintf(version, sizeof version, "%d.%d.%d", MOTCL_VERSION_MAJOR, MOTCL_VERSION_MINOR, MOTCL_VERSION_PATCH);
  if (std::strcmp(version, motcl_version()) != 0 || motcl_version_number() != MOTCL_VERSION_NUMBER)
    return 2;
  unsigned major, minor, patch;
  if (std::sscanf(motcl_version(), "%u.%u.%u", &major, &minor, &patch) != 3 ||
      motcl_version_number() != major * 1000000 + minor * 1000 + patch)
    return 3;
  motcl *m = nullptr;
  motcl_worker *w = nullptr;
  motcl_err err;
  motcl_worker_options options = {};
  options.model = "there/is/no/such/folder";
  if (motcl_open(&m, nullptr, &err) != MOTCL_OK)
    return 1;
  int rc = motcl_worker_open(&w, m, &options, &err);
  motcl_request request = motcl_request_default(true);
  if (rc == MOTCL_OK)
    rc = motcl_worker_run(w, &request, nullptr, 1, &err);
  motcl_worker_close(w);
  motcl_close(m);
  return rc == MOTCL_OK;
}
END
failed=0
${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -I"${srcdir:-.}/host" -c "$work/t.c" \
  -o "$work/c.o" || { echo "motcl.h does not compile alone as C11"; failed=1; }
${CXX:-c++} -std=c++11 -Wall -Wextra -Wpedantic -Werror -I"${srcdir:-.}/host" -c "$work/t.cc" \
  -o "$work/cc.o" || { echo "motcl.h does not compile alone as C++11"; failed=1; }
# the C compiler links, as it knows of the build's sanitizers
# shellcheck disable=SC2086
./libtool --silent --tag=CC --mode=link ${CC:-cc} ${LDFLAGS-} "$work/cc.o" libmotcl.la -lstdc++ \
  -o "$work/program" || { echo "a C++ program cannot be linked"; failed=1; }
"$work/program"
case $? in
0) ;;
2) echo "motcl.h and the library are of two versions" && failed=1 ;;
3) echo "the version's number is not that of its text" && failed=1 ;;
*) echo "a C++ program does not run" && failed=1 ;;
esac
exit $failed
