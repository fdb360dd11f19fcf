/* err.c - error records and the names of status codes. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

const char *motcl_status_name(int code) {
  switch (code) {
#define CASE(name, value, text)                                                                    \
  case value:                                                                                      \
    return #name;
    MOTCL_STATUS_LIST(CASE)
#undef CASE
  default:
    return "?";
  }
}

const char *motcl_status_text(int code) {
  switch (code) {
#define CASE(name, value, text)                                                                    \
  case value:                                                                                      \
    return text;
    MOTCL_STATUS_LIST(CASE)
#undef CASE
  default:
    return "unknown status";
  }
}

/* A sentence that was cut must not end inside a UTF-8 sequence: it may go into JSON. */
static void trim_utf8(char *s) {
  size_t n = strlen(s), start = n;
  while (start > 0 && n - start < 4 && ((unsigned char)s[start - 1] & 0xC0) == 0x80)
    start--;
  if (start == 0)
    return;
  unsigned char lead = (unsigned char)s[start - 1];
  size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (n - (start - 1) < want)
    s[start - 1] = '\0';
}

/* Bytes of the well-formed, printable UTF-8 character at s; 0 if there is none. */
static size_t printable(const unsigned char *s) {
  static const uint32_t least[] = {0, 0, 0xA0, 0x800, 0x10000};
  if (s[0] < 0x80)
    return (s[0] >= 0x20 && s[0] != 0x7F) || s[0] == '\n' || s[0] == '\t';
  size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC0 || s[0] > 0xF4)
    return 0;
  uint32_t c = s[0] & (0x7Fu >> n);
  for (size_t i = 1; i < n; i++) {
    if ((s[i] & 0xC0) != 0x80)
      return 0;
    c = c << 6 | (s[i] & 0x3Fu);
  }
  return c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : n;
}

/* Sentences quote names out of files and from users: what is no text, or would steer a terminal,
 * becomes a question mark. */
static void clean(char *text) {
  unsigned char *s = (unsigned char *)text;
  while (*s) {
    size_t n = printable(s);
    if (n == 0)
      *s = '?';
    s += n ? n : 1;
  }
}

void mcl_sentence(char *dst, size_t size, const char *fmt, va_list ap) {
  int n = vsnprintf(dst, size, fmt, ap);
  if (n < 0)
    dst[0] = '\0';
  else if ((size_t)n >= size)
    trim_utf8(dst);
  clean(dst);
}

static void record(motcl_err *err, int code, int cl, const char *where, const char *fmt,
                   va_list ap) {
  err->code = code;
  err->cl = cl;
  err->where = where;
  mcl_sentence(err->text, sizeof err->text, fmt, ap);
}

int motcl_fail(motcl_err *err, int code, const char *fmt, ...) {
  if (err) {
    va_list ap;
    va_start(ap, fmt);
    record(err, code, 0, "", fmt, ap);
    va_end(ap);
  }
  return code;
}

int mcl_fail_at(motcl_err *err, int code, int cl, const char *where, const char *fmt, ...) {
  if (err) {
    va_list ap;
    va_start(ap, fmt);
    record(err, code, cl, where, fmt, ap);
    va_end(ap);
  }
  return code;
}

int mcl_err_prefix(motcl_err *err, int code, const char *fmt, ...) {
  if (err) {
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list ap;
    va_start(ap, fmt);
    mcl_sentence(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    size_t n = strlen(err->text);
    if (n + 3 < sizeof err->text) {
      int put = snprintf(err->text + n, sizeof err->text - n, ": %s", old);
      if (put < 0 || (size_t)put >= sizeof err->text - n)
        trim_utf8(err->text);
    }
  }
  return code;
}

int mcl_fail_nomem_at(motcl_err *err, size_t bytes, const char *where) {
  return mcl_fail_at(
      err, MOTCL_ENOMEM, 0, where,
      "cannot allocate %zu bytes of memory; close other programs or use a smaller size", bytes);
}
