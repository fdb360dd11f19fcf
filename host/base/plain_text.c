/* plain_text.c - see plain_text.h. */
#include "base/plain_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

/* ---- places ---- */

mcl_place mcl_text_place(const char *s, size_t at) {
  mcl_place p = {1, 1};
  for (size_t i = 0; i < at; i++) {
    bool cr = s[i] == '\r' && !(i + 1 < at && s[i + 1] == '\n');
    if (s[i] == '\n' || cr)
      p = (mcl_place){p.line + 1, 1};
    else if (((unsigned char)s[i] & 0xC0) != 0x80)
      p.column++;
  }
  return p;
}

/* ---- other encodings ---- */

/* Their marks; that of UTF-32 begins with that of UTF-16, and is looked for first. */
static const struct {
  const char *mark, *name;
  size_t n;
} marks[] = {
    {"\xff\xfe\0", "UTF-32", 4},
    {"\0\0\xfe\xff", "UTF-32", 4},
    {"\xff\xfe", "UTF-16", 2},
    {"\xfe\xff", "UTF-16", 2},
};

/* Of most scripts every other byte is the upper one of a character and below 32, of Latin ones a NUL:
 * in three of four places of one parity, and in few of the other. */
static const char *seems_utf16(const char *s, size_t n) {
  size_t low[2] = {0, 0};
  for (size_t i = 0; i < n; i++)
    low[i % 2] += (unsigned char)s[i] < 32 && s[i] != '\t' && s[i] != '\n' && s[i] != '\r';
  size_t more = low[0] > low[1] ? low[0] : low[1], less = low[0] + low[1] - more;
  if (more < 2 || more < n / 8 * 3 || less > more / 2)
    return NULL;
  return low[0] > low[1] ? "UTF-16BE" : "UTF-16LE";
}

static const char *other_encoding(const char *s, size_t n) {
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (n >= marks[i].n && !memcmp(s, marks[i].mark, marks[i].n))
      return marks[i].name;
  return seems_utf16(s, n);
}

/* ---- checking ---- */

/* Whether a control character stands at s[i], of C0 or, in two bytes, of C1; DEL is one. */
static bool is_control(const char *s, size_t n, size_t i) {
  unsigned char c = (unsigned char)s[i];
  if (c == 0xC2 && i + 1 < n)
    return (unsigned char)s[i + 1] < 0xA0;
  return c == 0x7F || (c < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

static size_t find_control(const char *s, size_t n) {
  size_t i = 0;
  while (i < n && !is_control(s, n, i))
    i++;
  return i;
}

static int fail_control(const char *s, size_t at, const char *what, size_t line, motcl_err *err) {
  mcl_place p = mcl_text_place(s, at);
  unsigned c = (unsigned char)s[at] == 0xC2 ? (unsigned char)s[at + 1] : (unsigned char)s[at];
  return mcl_fail(err, MOTCL_EFORMAT,
                  "%s holds a control character, U+%04X%s (line %zu column %zu); take it out", what,
                  c, c ? "" : ", a NUL", p.line + line - 1, p.column);
}

static int fail_bytes(const char *s, size_t at, const char *what, size_t line, motcl_err *err) {
  mcl_place p = mcl_text_place(s, at);
  return mcl_fail(err, MOTCL_EFORMAT,
                  "%s is no UTF-8 (byte 0x%02X at line %zu column %zu); save it as UTF-8", what,
                  (unsigned)(unsigned char)s[at], p.line + line - 1, p.column);
}

static int fail_encoding(const char *name, const char *what, motcl_err *err) {
  return mcl_fail(err, MOTCL_EFORMAT,
                  "%s is %s, not UTF-8; save it as UTF-8, or convert it: iconv -f %s -t UTF-8",
                  what, name, name);
}

int mcl_text_check_utf8(const char *s, size_t n, const char *what, motcl_err *err) {
  size_t bad;
  return mcl_utf8_valid(s, n, &bad) ? MOTCL_OK : fail_bytes(s, bad, what, 1, err);
}

/* The first thing that is wrong is told, unless all of it is another encoding. */
int mcl_text_check(const char *s, size_t n, const char *what, size_t line, motcl_err *err) {
  size_t bad = n, control = find_control(s, n);
  bool utf8 = mcl_utf8_valid(s, n, &bad);
  if (utf8 && control == n)
    return MOTCL_OK;
  const char *other = other_encoding(s, n);
  if (other)
    return fail_encoding(other, what, err);
  return !utf8 && bad <= control ? fail_bytes(s, bad, what, line, err)
                                 : fail_control(s, control, what, line, err);
}

/* ---- making it plain ---- */

/* Line ends become LF, but for a CR at the end, of which a reader of lines, or the shell, took the rest. */
static size_t unify_ends(char *s, size_t n) {
  size_t to = 0;
  n -= n && s[n - 1] == '\r';
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n')
      continue;
    s[to++] = s[i] == '\r' ? '\n' : s[i];
  }
  return to;
}

int motcl_text_plain(char *text, size_t *n, const char *what, size_t line, motcl_err *err) {
  if (line == 1 && *n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
    *n -= 3;
    memmove(text, text + 3, *n);
  }
  int rc = mcl_text_check(text, *n, what, line, err);
  if (rc == MOTCL_OK)
    *n = unify_ends(text, *n);
  text[*n] = 0;
  return rc;
}
