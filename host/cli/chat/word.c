/* word.c - see word.h. */
#include "cli/chat/word.h"

#include <string.h>

/* Where the name is read, and where what it says is written, which is never ahead. */
typedef struct reader {
  const char *from;
  char *to;
} reader;

static int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Up to `most` digits of a base; without one, what stands there is left. */
static bool take_number(reader *r, unsigned base, unsigned most) {
  unsigned value = 0, n = 0;
  for (; n < most && (unsigned)digit(r->from[n]) < base; n++)
    value = value * base + (unsigned)digit(r->from[n]);
  r->from += n;
  if (n)
    *r->to++ = (char)value;
  return n > 0;
}

/* Behind a backslash between $' and '. False for a NUL. */
static bool take_escape(reader *r) {
  static const char names[] = "abefnrtv", bytes[] = "\a\b\033\f\n\r\t\v";
  const char *name = *r->from ? strchr(names, *r->from) : NULL;
  char *before = r->to;
  if (name) {
    *r->to++ = bytes[name - names];
    r->from++;
  } else if (*r->from >= '0' && *r->from <= '7') {
    take_number(r, 8, 3);
  } else if (*r->from == 'x') {
    r->from++;
    if (!take_number(r, 16, 2))
      *r->to++ = 'x';
  } else {
    *r->to++ = *r->from++;
  }
  return r->to == before || r->to[-1] != 0;
}

/* Behind a quote, up to the one that ends it; `kind` is ', " or $. False if none does. */
static bool take_quoted(reader *r, char kind) {
  char end = '\'';
  if (kind == '"')
    end = '"';
  while (*r->from && *r->from != end) {
    bool escape = *r->from == '\\' && r->from[1];
    if (kind == '$' && escape) {
      r->from++;
      if (!take_escape(r))
        return false;
      continue;
    }
    r->from += kind == '"' && escape && strchr("\"\\$`", r->from[1]);
    *r->to++ = *r->from++;
  }
  return *r->from && r->from++;
}

int mcl_chat_unquote(char *name, motcl_err *err) {
  reader r = {name, name};
  bool ended = true;
  while (*r.from && ended) {
    char kind = *r.from;
    if (kind == '\'' || kind == '"') {
      r.from++;
      ended = take_quoted(&r, kind);
    } else if (kind == '$' && r.from[1] == '\'') {
      r.from += 2;
      ended = take_quoted(&r, kind);
    } else {
      r.from += kind == '\\' && r.from[1];
      *r.to++ = *r.from++;
    }
  }
  *r.to = 0;
  if (ended)
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EINVAL,
                    "a quote has no end; a name goes between two, or has a \\ in front of it");
}
