/* err.c - error records and the names of status codes. */
#include "base/err.h"

#include <stdarg.h>
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

static void format(char *dst, size_t size, const char *fmt, va_list ap) {
  int n = vsnprintf(dst, size, fmt, ap);
  if (n < 0)
    dst[0] = '\0';
  else if ((size_t)n >= size)
    trim_utf8(dst);
}

int mcl_fail_at(motcl_err *err, int code, int cl, const char *where, const char *fmt, ...) {
  if (err) {
    va_list ap;
    va_start(ap, fmt);
    err->code = code;
    err->cl = cl;
    err->where = where;
    format(err->text, sizeof err->text, fmt, ap);
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
    format(err->text, sizeof err->text, fmt, ap);
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
