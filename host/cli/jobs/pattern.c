/* pattern.c - see pattern.h. */
#include "cli/jobs/pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

int mcl_pattern_check(const char *pattern, motcl_err *err) {
  for (const char *c = last_part(pattern); (c = strchr(c, '%')); c += 2)
    if (!c[1] || !strchr("sn%", c[1]))
      return motcl_fail(
          err, MOTCL_EINVAL,
          "-o '%.200s': %%s is the seed, %%n the number of the picture, %%%% a percent "
          "sign, and nothing else stands behind a %%",
          pattern);
  return MOTCL_OK;
}

bool mcl_pattern_varies(const char *pattern) {
  for (const char *c = last_part(pattern); (c = strchr(c, '%')); c += 2)
    if (c[1] != '%')
      return true;
  return false;
}

bool mcl_pattern_fill(char *name, size_t cap, const char *pattern, uint64_t seed, uint64_t number) {
  const char *c = last_part(pattern);
  int n = snprintf(name, cap, "%.*s", (int)(c - pattern), pattern);
  size_t used = n < 0 ? cap : (size_t)n;
  for (; *c && used < cap; c++) {
    if (*c == '%' && *++c != '%')
      n = snprintf(name + used, cap - used, "%" PRIu64, *c == 's' ? seed : number);
    else
      n = snprintf(name + used, cap - used, "%c", *c);
    used = n < 0 ? cap : used + (size_t)n;
  }
  return used < cap;
}
