/* word.c - see word.h. */
#include "cli/word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/memory.h"

/* Where the name is read, and where what it says is written, which is never ahead.
 *
 * kind      what the piece at hand begins with: a quote, $ before one, or else
 * comments  it is a line's rest: `end` is behind the last of it that is no blank outside of quotes, and
 *           a # ends it that has a `blank` before it
 */
typedef struct reader {
  const char *from;
  char *to, *end;
  bool comments, blank;
  char kind;
} reader;

typedef enum word_fault { NONE, NO_END, BAD_ESCAPE } word_fault;

static int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Up to `most` digits of a base; false for a byte that is none, or NUL. */
static bool take_number(reader *r, unsigned base, unsigned most) {
  unsigned value = 0, n = 0;
  for (; n < most && (unsigned)digit(r->from[n]) < base; n++)
    value = value * base + (unsigned)digit(r->from[n]);
  r->from += n;
  *r->to++ = (char)value;
  return value > 0 && value < 256;
}

/* At a backslash between $' and '. False for one that is not understood. */
static bool take_escape(reader *r) {
  static const char names[] = "abeEfnrtv\\'\"?", bytes[] = "\a\b\033\033\f\n\r\t\v\\'\"?";
  char c = *++r->from;
  const char *name = c ? strchr(names, c) : NULL;
  if (name) {
    *r->to++ = bytes[name - names];
    r->from++;
    return true;
  }
  if (c == 'x') {
    r->from++;
    return take_number(r, 16, 2);
  }
  return take_number(r, 8, 3);
}

/* Behind a quote, up to the one that ends it; `kind` is ', " or $. */
static word_fault take_quoted(reader *r, char kind) {
  char end = kind == '"' ? '"' : '\'';
  while (*r->from && *r->from != end) {
    bool escape = *r->from == '\\' && r->from[1];
    if (kind == '$' && escape) {
      if (!take_escape(r))
        return BAD_ESCAPE;
      continue;
    }
    r->from += kind == '"' && escape && strchr("\"\\$`", r->from[1]);
    *r->to++ = *r->from++;
  }
  if (!*r->from)
    return NO_END;
  r->from++;
  return NONE;
}

/* A character outside of quotes. Blanks at the end of a line of a file are none of it. */
static void take_plain(reader *r) {
  bool escape = *r->from == '\\' && r->from[1];
  r->from += escape;
  r->blank = !escape && (*r->from == ' ' || *r->from == '\t');
  *r->to++ = *r->from++;
}

static word_fault take(reader *r) {
  char kind = *r->from;
  word_fault fault = NONE;
  r->kind = kind;
  if (kind == '\'' || kind == '"') {
    r->from++;
    fault = take_quoted(r, kind);
    r->blank = false;
  } else if (kind == '$' && r->from[1] == '\'') {
    r->from += 2;
    fault = take_quoted(r, kind);
    r->blank = false;
  } else {
    take_plain(r);
  }
  if (!r->blank)
    r->end = r->to;
  return fault;
}

static word_fault take_all(reader *r) {
  word_fault fault = NONE;
  while (*r->from && fault == NONE && !(r->comments && r->blank && *r->from == '#'))
    fault = take(r);
  *(r->comments ? r->end : r->to) = 0;
  return fault;
}

static int unquote(reader *r, motcl_err *err) {
  word_fault fault = take_all(r);
  if (fault == BAD_ESCAPE)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "behind \\ between $ and quotes goes one of abeEfnrtv\\\"?, a quote, or a byte from 1 to "
        "255 as x41 or 101");
  if (fault == NO_END)
    return motcl_fail(err, MOTCL_EINVAL,
                      "a quote has no end; a name goes between two, or has a \\ in front of it");
  return MOTCL_OK;
}

int mcl_unquote(char *name, motcl_err *err) {
  return unquote(&(reader){.from = name, .to = name, .end = name}, err);
}

int mcl_unquote_line(char *rest, motcl_err *err) {
  return unquote(&(reader){.from = rest, .to = rest, .end = rest, .comments = true, .blank = true},
                 err);
}

bool mcl_unquote_begun(char *name, char *quote) {
  reader r = {.from = name, .to = name, .end = name};
  word_fault fault = take_all(&r);
  *quote = fault == NO_END ? r.kind : 0;
  return fault != BAD_ESCAPE;
}

bool mcl_begins_at_home(const char *word) {
  return *word == '~' && (!word[1] || word[1] == '/');
}

int mcl_home_name(char **out, const char *name, const char *home, motcl_err *err) {
  size_t n = home ? strlen(home) + strlen(name) : 0;
  char *copy = home ? malloc(n) : NULL;
  if (!home)
    return motcl_fail(err, MOTCL_EINVAL, "HOME is not set, which ~ stands for");
  if (!copy)
    return mcl_no_memory(err);
  snprintf(copy, n, "%s%s", home, name + 1);
  *out = copy;
  return MOTCL_OK;
}
