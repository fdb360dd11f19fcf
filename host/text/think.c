/* think.c - cutting a written text at the names of its markers. */
#include "text/think.h"

#include <string.h>

static const char start_name[] = "<|im_start|>", end_name[] = "<|im_end|>";

/* Where name stands in text[from .. n), or n. */
static size_t find(const char *text, size_t from, size_t n, const char *name) {
  size_t len = strlen(name);
  for (size_t i = from; i + len <= n; i++) {
    if (memcmp(text + i, name, len) == 0)
      return i;
  }
  return n;
}

size_t mcl_think_length(const char *text, size_t n) {
  return find(text, 0, find(text, 0, n, end_name), start_name);
}

bool mcl_think_cut(const char *text, size_t n, size_t *at, size_t *len) {
  size_t end = find(text, 0, n, end_name);
  size_t start = find(text, 0, end, start_name);
  if (start == end)
    return false;
  start += sizeof start_name - 1;
  *at = start;
  *len = mcl_think_length(text + start, end - start);
  return true;
}
