/* name.c - see name.h. */
#include "base/name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "motcl.h"

size_t mcl_printable(const char *s) {
  size_t at = 0, length = mcl_utf8_length(s, strnlen(s, 4));
  uint32_t c = length ? mcl_utf8_next(s, &at) : 0;
  bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
  return control ? 0 : length;
}

/* The text so far: `used` bytes of [size], and how many it would be; `keep` are left for its end. */
typedef struct writer {
  char *out;
  size_t size, used, all, keep;
  bool full;
} writer;

static void put(writer *w, const char *s, size_t n) {
  w->all += n;
  w->full = w->full || w->used + n + w->keep >= w->size;
  if (w->full)
    return;
  memcpy(w->out + w->used, s, n);
  w->used += n;
}

static size_t end(writer *w) {
  w->out[w->used] = 0;
  return w->all;
}

/* The characters of names between quotes; newline and tab too would not come back as they are from
 * every line that they are pasted to. */
static void put_quoted(writer *w, const char *name, size_t n) {
  for (size_t i = 0; i < n;) {
    size_t length = mcl_printable(name + i);
    char escape[5] = {'\\', name[i]};
    if (!length || name[i] == '\n' || name[i] == '\t') {
      snprintf(escape + 1, 4, "%03o", (unsigned)(unsigned char)name[i]);
      put(w, escape, 4);
      i++;
    } else if (name[i] == '\'' || name[i] == '\\') {
      put(w, escape, 2);
      i++;
    } else {
      put(w, name + i, length);
      i += length;
    }
  }
}

size_t mcl_name_quote(char *out, size_t size, const char *name, size_t n) {
  writer w = {.out = out, .size = size, .keep = size > 3};
  put(&w, "$'", 2);
  put_quoted(&w, name, n);
  w.keep = 0;
  w.full = size <= 3;
  put(&w, "'", 1);
  return end(&w);
}

static bool is_text(const char *name, size_t n) {
  for (size_t i = 0, length; i < n; i += length) {
    length = mcl_printable(name + i);
    if (!length || name[i] == '\n' || name[i] == '\t')
      return false;
  }
  return true;
}

/* Letters, digits and what no shell takes for anything else; a character outside ASCII is one of
 * them. */
static bool is_word(const char *name, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char c = name[i];
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!plain && (unsigned char)c < 0x80 && !strchr("_-./,:+@%", c))
      return false;
  }
  return n > 0;
}

size_t mcl_name_text(char *out, size_t size, const char *name, size_t n, bool word) {
  writer w = {.out = out, .size = size};
  bool quotes = word && !is_word(name, n);
  if (!is_text(name, n) || (quotes && memchr(name, '\'', n)))
    return mcl_name_quote(out, size, name, n);
  put(&w, "'", quotes);
  for (size_t i = 0, length; i < n; i += length) {
    length = mcl_printable(name + i);
    put(&w, name + i, length);
  }
  put(&w, "'", quotes);
  return end(&w);
}

size_t motcl_name_text(char *out, size_t size, const char *name, bool word) {
  return mcl_name_text(out, size, name, strlen(name), word);
}
