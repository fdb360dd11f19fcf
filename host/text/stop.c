/* stop.c - finding stop texts, a byte at a time: what was held and the byte are either the end of one,
 * or go through up to what may still become one. */
#include "text/stop.h"

#include <string.h>

size_t mcl_stop_bound(size_t n) {
  return n + MOTCL_MAX_STOP_TEXT;
}

static bool ends_with(const mcl_stop *t, const char *text, size_t n) {
  return n <= t->helds && !memcmp(t->held + t->helds - n, text, n);
}

/* The longest stop text that what is held ends with; 0 if there is none. */
static size_t complete(const mcl_stop *t) {
  size_t longest = 0;
  for (size_t i = 0; i < t->stops; i++) {
    size_t n = strlen(t->stop[i]);
    if (n > longest && ends_with(t, t->stop[i], n))
      longest = n;
  }
  return longest;
}

/* The longest beginning of a stop text that what is held ends with. */
static size_t begun(const mcl_stop *t) {
  size_t longest = 0;
  for (size_t i = 0; i < t->stops; i++)
    for (size_t n = strlen(t->stop[i]) - 1; n > longest; n--)
      if (ends_with(t, t->stop[i], n))
        longest = n;
  return longest;
}

static size_t pass(mcl_stop *t, size_t n, char *out) {
  memcpy(out, t->held, n);
  t->helds -= n;
  memmove(t->held, t->held + n, t->helds);
  t->passed += n;
  return n;
}

size_t mcl_stop_push(mcl_stop *t, const char *s, size_t n, char *out) {
  size_t len = 0;
  for (size_t i = 0; i < n && !t->found; i++) {
    t->held[t->helds++] = s[i];
    size_t stop = complete(t);
    len += pass(t, t->helds - (stop ? stop : begun(t)), out + len);
    t->found = stop != 0;
  }
  return len;
}

size_t mcl_stop_finish(mcl_stop *t, char *out) {
  return t->found ? 0 : pass(t, t->helds, out);
}
