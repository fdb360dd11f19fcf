/* utf8.c - one automaton for both jobs: a sequence is grown byte by byte, and a byte that cannot
 * follow ends it as bad. */
#include "base/utf8.h"

#include <string.h>

/* Bytes of the sequence that this byte starts, 0 if none does. */
static unsigned length_of(unsigned char lead) {
  if (lead < 0x80)
    return 1;
  if (lead < 0xC2)
    return 0;
  if (lead < 0xE0)
    return 2;
  if (lead < 0xF0)
    return 3;
  return lead < 0xF5 ? 4 : 0;
}

/* May b be the byte `at` (1 to 3) of a sequence that starts with lead? The second byte is the one
 * that tells overlong forms, surrogates and what is above U+10FFFF. */
static bool may_follow(unsigned char lead, unsigned at, unsigned char b) {
  unsigned char lo = 0x80, hi = 0xBF;
  if (at == 1) {
    if (lead == 0xE0)
      lo = 0xA0;
    else if (lead == 0xED)
      hi = 0x9F;
    else if (lead == 0xF0)
      lo = 0x90;
    else if (lead == 0xF4)
      hi = 0x8F;
  }
  return b >= lo && b <= hi;
}

size_t mcl_utf8_length(const char *s, size_t n) {
  const unsigned char *p = (const unsigned char *)s;
  unsigned len = n ? length_of(p[0]) : 0, have = 1;
  while (have < len && have < n && may_follow(p[0], have, p[have]))
    have++;
  return have < len ? 0 : len;
}

bool mcl_utf8_valid(const char *s, size_t n, size_t *bad_at) {
  for (size_t at = 0, length; at < n; at += length) {
    length = mcl_utf8_length(s + at, n - at);
    if (!length && bad_at)
      *bad_at = at;
    if (!length)
      return false;
  }
  return true;
}

uint32_t mcl_utf8_next(const char *s, size_t *at) {
  const unsigned char *p = (const unsigned char *)s + *at;
  unsigned len = length_of(p[0]);
  uint32_t cp = len < 2 ? p[0] : p[0] & (0xFFu >> (len + 1));
  for (unsigned i = 1; i < len; i++)
    cp = cp << 6 | (p[i] & 0x3Fu);
  *at += len ? len : 1;
  return cp;
}

static size_t put_replacement(char *out) {
  static const char u_fffd[3] = {'\xEF', '\xBF', '\xBD'};
  memcpy(out, u_fffd, sizeof u_fffd);
  return sizeof u_fffd;
}

size_t mcl_utf8_bound(size_t n) {
  /* Each byte is at worst a sequence of its own, and a held one may turn out bad as well. */
  return n > SIZE_MAX / 3 - 1 ? SIZE_MAX : 3 * (n + 1);
}

size_t mcl_utf8_push(mcl_utf8_stream *u, const char *s, size_t n, char *out) {
  size_t put = 0, i = 0;
  while (i < n) {
    unsigned char b = (unsigned char)s[i];
    if (u->len && !may_follow(u->held[0], u->len, b)) {
      put += put_replacement(out + put);
      u->len = 0;
      continue;
    }
    i++;
    if (!u->len && !length_of(b)) {
      put += put_replacement(out + put);
      continue;
    }
    u->held[u->len++] = b;
    if (u->len == length_of(u->held[0])) {
      memcpy(out + put, u->held, u->len);
      put += u->len;
      u->len = 0;
    }
  }
  return put;
}

size_t mcl_utf8_finish(mcl_utf8_stream *u, char out[3]) {
  size_t put = u->len ? put_replacement(out) : 0;
  u->len = 0;
  return put;
}
