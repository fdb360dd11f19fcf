/* err.c - error records and the names of status codes. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

#include "base/name.h"

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

static bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Up to the quote that ends what the one at `open` begins, or to the end of a sentence that was cut.
 * An apostrophe has a letter on both sides. */
static size_t quoted(const char *text, size_t open) {
  size_t n = 0;
  for (const char *s = text + open + 1; s[n] && !(s[n] == '\'' && !is_alnum(s[n + 1]));)
    n++;
  return n;
}

static bool is_clean(const char *s, size_t n) {
  for (size_t i = 0, length; i < n; i += length) {
    length = mcl_printable(s + i);
    if (!length)
      return false;
  }
  return true;
}

/* Sentences quote names out of files and from users. What is no text, or would steer a terminal, becomes
 * a question mark; but a name between quotes is written as a shell takes it back. */
static void clean(char *dst, size_t size, const char *text) {
  size_t used = 0, length;
  for (size_t i = 0; text[i] && used + 1 < size; i += length) {
    size_t n = text[i] == '\'' && (i == 0 || !is_alnum(text[i - 1])) ? quoted(text, i) : 0;
    if (n && !is_clean(text + i + 1, n)) {
      mcl_name_quote(dst + used, size - used, text + i + 1, n);
      used += strlen(dst + used);
      length = n + 1 + (text[i + 1 + n] != 0);
      continue;
    }
    length = mcl_printable(text + i);
    if (used + length >= size)
      break;
    dst[used] = '?';
    memcpy(dst + used, text + i, length);
    used += length ? length : 1;
    length = length ? length : 1;
  }
  dst[used] = 0;
}

void mcl_sentence(char *dst, size_t size, const char *fmt, va_list ap) {
  int n = vsnprintf(dst, size, fmt, ap);
  if (n < 0)
    dst[0] = '\0';
  else if ((size_t)n >= size)
    trim_utf8(dst);
  char text[sizeof((motcl_err *)0)->text];
  if (is_clean(dst, strlen(dst)) || size > sizeof text)
    return;
  memcpy(text, dst, strlen(dst) + 1);
  clean(dst, size, text);
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
