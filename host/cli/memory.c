/* memory.c - memory of the command's own. */
#include "cli/memory.h"

#include <stdlib.h>
#include <string.h>

int mcl_no_memory(motcl_err *err) {
  return motcl_fail(err, MOTCL_ENOMEM, "memory is out; close other programs");
}

int mcl_one_more(void **p, size_t *cap, size_t len, size_t size, motcl_err *err) {
  size_t want = *cap ? 2 * *cap : 8;
  if (len < *cap)
    return MOTCL_OK;
  void *q = want > SIZE_MAX / size ? NULL : realloc(*p, want * size);
  if (!q)
    return mcl_no_memory(err);
  *p = q;
  *cap = want;
  return MOTCL_OK;
}

int mcl_append(char **text, size_t *n, size_t *cap, const char *bytes, size_t more,
               motcl_err *err) {
  if (more > *cap - *n) {
    size_t half = *n + more;
    char *p = half < SIZE_MAX / 2 ? realloc(*text, 2 * half) : NULL;
    if (!p)
      return mcl_no_memory(err);
    *text = p;
    *cap = 2 * half;
  }
  if (more)
    memcpy(*text + *n, bytes, more);
  *n += more;
  return MOTCL_OK;
}

int mcl_copy_text(char **out, const char *text, motcl_err *err) {
  size_t n = strlen(text) + 1;
  char *copy = malloc(n);
  if (!copy)
    return mcl_no_memory(err);
  memcpy(copy, text, n);
  *out = copy;
  return MOTCL_OK;
}

int mcl_fail_about(motcl_err *err, int code, const char *prefix) {
  motcl_err old;
  char name[sizeof old.text / 2];
  if (!err)
    return code;
  old = *err;
  motcl_name_text(name, sizeof name, prefix, false);
  int rc = motcl_fail(err, code, "%s: %s", name, old.text);
  err->cl = old.cl;
  err->where = old.where;
  return rc;
}
