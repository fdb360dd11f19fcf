/* nfc.c - decompose, order the marks, compose. utf8proc has the tables and composes; the ordering
 * is ours, because its own takes time quadratic in a run of marks, and text is not trusted. */
#include "text/nfc.h"

#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/utf8.h"

static const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;

/* Every character below U+0300 (bytes CC 80) is its own normal form and composes with nothing
 * before it. */
static bool is_plain(const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if ((unsigned char)text[i] >= 0xCC)
      return false;
  }
  return true;
}

static unsigned class_of(utf8proc_int32_t cp) {
  return (unsigned)utf8proc_get_property(cp)->combining_class & 0xFF;
}

/* Stable sort of a run of marks by class: counted, so that no run is slow. */
static void sort_run(utf8proc_int32_t *run, size_t n, utf8proc_int32_t *scratch) {
  size_t at[256] = {0}, sum = 0;
  for (size_t i = 0; i < n; i++)
    at[class_of(run[i])]++;
  for (size_t c = 0; c < 256; c++) {
    size_t count = at[c];
    at[c] = sum;
    sum += count;
  }
  for (size_t i = 0; i < n; i++)
    scratch[at[class_of(run[i])]++] = run[i];
  memcpy(run, scratch, n * sizeof *run);
}

static void order_marks(utf8proc_int32_t *cp, size_t n, utf8proc_int32_t *scratch) {
  for (size_t i = 0; i < n; i++) {
    size_t start = i;
    unsigned last = 0, class;
    bool sorted = true;
    while (i < n && (class = class_of(cp[i])) != 0) {
      sorted = sorted && class >= last;
      last = class;
      i++;
    }
    if (!sorted)
      sort_run(cp + start, i - start, scratch);
  }
}

/* Decomposed characters into a new array with room for one more; *count of them. */
static int decompose(utf8proc_int32_t **out, size_t *count, const char *text, size_t n,
                     motcl_err *err) {
  utf8proc_int32_t *cp = NULL;
  size_t cap = 0, len = 0;
  for (size_t at = 0; at < n;) {
    /* A character becomes four at most; one place stays free behind the last. */
    if (!mcl_grow((void **)&cp, &cap, len + 5, sizeof *cp)) {
      mcl_free(cp);
      return mcl_fail_nomem(err, cap * 2 * sizeof *cp);
    }
    utf8proc_int32_t c = (utf8proc_int32_t)mcl_utf8_next(text, &at);
    utf8proc_ssize_t put =
        utf8proc_decompose_char(c, cp + len, (utf8proc_ssize_t)(cap - len), options, NULL);
    if (put < 0 || (size_t)put > cap - len - 1) {
      mcl_free(cp);
      return mcl_fail(err, MOTCL_EINTERNAL, "utf8proc cannot decompose U+%04lX: %s",
                      (unsigned long)c, put < 0 ? utf8proc_errmsg(put) : "too long");
    }
    len += (size_t)put;
  }
  *out = cp;
  *count = len;
  return MOTCL_OK;
}

int mcl_nfc(char **out, size_t *len, const char *text, size_t n, motcl_err *err) {
  if (is_plain(text, n)) {
    char *copy = mcl_strndup(text, n);
    if (!copy)
      return mcl_fail_nomem(err, n);
    *out = copy;
    *len = n;
    return MOTCL_OK;
  }
  utf8proc_int32_t *cp = NULL, *scratch = NULL;
  size_t count = 0;
  int rc = decompose(&cp, &count, text, n, err);
  if (rc)
    return rc;
  scratch = mcl_alloc(count, sizeof *scratch);
  if (!scratch) {
    rc = mcl_fail_nomem(err, count * sizeof *scratch);
    goto done;
  }
  order_marks(cp, count, scratch);
  utf8proc_ssize_t bytes = utf8proc_reencode(cp, (utf8proc_ssize_t)count, options);
  if (bytes < 0) {
    rc = mcl_fail(err, MOTCL_EINTERNAL, "utf8proc cannot compose the text: %s",
                  utf8proc_errmsg(bytes));
    goto done;
  }
  /* The characters were re-encoded in place. */
  *out = (char *)cp;
  *len = (size_t)bytes;
  cp = NULL;
done:
  mcl_free(scratch);
  mcl_free(cp);
  return rc;
}
