/* npy.c - see npy.h. The format: magic, version, header length, then a Python dictionary of
 * 'descr', 'fortran_order' and 'shape' as text, then the values. */
#include "io/npy.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/file.h"

static const char magic[6] = "\x93NUMPY";

/* NumPy's name of a type we write, or NULL. */
static const char *descr_of(motcl_array_type t) {
  switch (t) {
  case MOTCL_F32:
    return "<f4";
  case MOTCL_I32:
    return "<i4";
  case MOTCL_U8:
    return "|u1";
  default:
    return NULL;
  }
}

/* Room for the header of any array we write: 8 lengths of 20 digits and the rest. */
enum { HEADER_SIZE = 512 };

/* A header of version 1 in `out`; its length, a multiple of 64 as the format asks for. */
static size_t make_header(char out[HEADER_SIZE], const char *descr, int rank, const size_t *dim) {
  enum { PREFIX = 10 };
  char shape[256] = "";
  size_t n = 0;
  for (int i = 0; i < rank; i++)
    n += (size_t)snprintf(shape + n, sizeof shape - n, i > 0 ? ", %zu" : "%zu", dim[i]);
  n = PREFIX;
  n += (size_t)snprintf(out + n, HEADER_SIZE - n,
                        "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }", descr, shape,
                        rank == 1 ? "," : "");
  while ((n + 1) % 64 != 0)
    out[n++] = ' ';
  out[n++] = '\n';
  memcpy(out, magic, sizeof magic);
  out[6] = 1;
  out[7] = 0;
  out[8] = (char)((n - PREFIX) & 0xff);
  out[9] = (char)((n - PREFIX) >> 8);
  return n;
}

int mcl_npy_write(const char *path, const motcl_array *a, motcl_err *err) {
  char header[HEADER_SIZE];
  const char *descr = descr_of(a->type);
  if (!descr || a->rank < 0 || a->rank > MCL_NPY_MAX_RANK)
    return mcl_fail(err, MOTCL_EINVAL, "'%s' cannot be written: no .npy of that type or rank",
                    path);
  size_t bytes = a->type == MOTCL_U8 ? 1 : 4;
  for (int i = 0; i < a->rank; i++)
    if (!mcl_mul_ok(bytes, a->dim[i], &bytes))
      return mcl_fail(err, MOTCL_EINVAL, "'%s' cannot be written: its array is too large", path);
  mcl_outfile *f;
  int rc = mcl_outfile_open(&f, path, true, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_outfile_write(f, header, make_header(header, descr, a->rank, a->dim), err);
  if (rc == MOTCL_OK)
    rc = mcl_outfile_write(f, a->data, bytes, err);
  if (rc == MOTCL_OK)
    return mcl_outfile_commit(f, err);
  mcl_outfile_abort(f);
  return rc;
}

/* Reader of the dictionary's text, which is not NUL-terminated. */
typedef struct text {
  const char *p, *end;
} text;

/* The dictionary's content; each key must come once. */
typedef struct header {
  bool has_descr, has_order, has_shape;
  bool is_f32, fortran;
  int rank;
  size_t dim[MCL_NPY_MAX_RANK];
} header;

static void skip_space(text *t) {
  while (t->p < t->end && strchr(" \t\r\n", *t->p) && *t->p)
    t->p++;
}

/* Take the word if it comes next, after any space. */
static bool take(text *t, const char *word) {
  size_t n = strlen(word);
  skip_space(t);
  if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0)
    return false;
  t->p += n;
  return true;
}

/* Take a quoted string without escapes; *s and *n are what stands between the quotes. */
static bool take_string(text *t, const char **s, size_t *n) {
  const char *quote = take(t, "'") ? "'" : take(t, "\"") ? "\"" : NULL;
  if (!quote)
    return false;
  const char *stop = memchr(t->p, *quote, (size_t)(t->end - t->p));
  if (!stop || memchr(t->p, '\\', (size_t)(stop - t->p)))
    return false;
  *s = t->p;
  *n = (size_t)(stop - t->p);
  t->p = stop + 1;
  return true;
}

static bool take_size(text *t, size_t *out) {
  size_t v = 0;
  skip_space(t);
  const char *start = t->p;
  for (; t->p < t->end && *t->p >= '0' && *t->p <= '9'; t->p++)
    if (!mcl_mul_ok(v, 10, &v) || !mcl_add_ok(v, (size_t)(*t->p - '0'), &v))
      return false;
  *out = v;
  return t->p > start;
}

/* A tuple: (), (3,) or (3, 4) with or without a comma at its end. */
static bool take_shape(text *t, header *h) {
  if (!take(t, "("))
    return false;
  while (!take(t, ")")) {
    if (h->rank == MCL_NPY_MAX_RANK || !take_size(t, &h->dim[h->rank]))
      return false;
    h->rank++;
    if (take(t, ","))
      continue;
    return h->rank > 1 && take(t, ")");
  }
  return true;
}

static bool is(const char *s, size_t n, const char *word) {
  return n == strlen(word) && memcmp(s, word, n) == 0;
}

/* One `key: value` of the dictionary. */
static bool take_entry(text *t, header *h) {
  const char *key, *descr;
  size_t n;
  if (!take_string(t, &key, &n) || !take(t, ":"))
    return false;
  if (is(key, n, "descr") && !h->has_descr) {
    h->has_descr = take_string(t, &descr, &n);
    h->is_f32 = h->has_descr && is(descr, n, "<f4");
    return h->has_descr;
  }
  if (is(key, n, "fortran_order") && !h->has_order) {
    h->fortran = take(t, "True");
    h->has_order = h->fortran || take(t, "False");
    return h->has_order;
  }
  if (is(key, n, "shape") && !h->has_shape) {
    h->has_shape = take_shape(t, h);
    return h->has_shape;
  }
  return false;
}

static bool read_dictionary(text *t, header *h) {
  if (!take(t, "{"))
    return false;
  while (!take(t, "}")) {
    if (!take_entry(t, h))
      return false;
    if (take(t, ","))
      continue;
    if (!take(t, "}"))
      return false;
    break;
  }
  skip_space(t);
  return t->p == t->end && h->has_descr && h->has_order && h->has_shape;
}

/* Find the text between the prefix and the values. */
static bool find_text(text *t, const unsigned char *b, size_t n) {
  if (n < 12 || memcmp(b, magic, sizeof magic) != 0 || b[6] < 1 || b[6] > 3)
    return false;
  bool short_length = b[6] == 1;
  size_t start = short_length ? 10 : 12;
  size_t length = (size_t)b[8] | (size_t)b[9] << 8;
  if (!short_length)
    length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
  if (length > n - start)
    return false;
  t->p = (const char *)b + start;
  t->end = t->p + length;
  return true;
}

/* Number of elements, refused above `max`. */
static int count_elements(size_t *count, const header *h, size_t max, const char *what,
                          motcl_err *err) {
  size_t n = 1;
  for (int i = 0; i < h->rank; i++)
    if (!mcl_mul_ok(n, h->dim[i], &n))
      return mcl_fail(err, MOTCL_EFORMAT, "'%s' states an impossible shape", what);
  if (n > max || n > SIZE_MAX / sizeof(float))
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' has %zu values, more than the %zu allowed here", what,
                    n, max);
  *count = n;
  return MOTCL_OK;
}

int mcl_npy_parse_f32(float **data, int *rank, size_t dim[MCL_NPY_MAX_RANK], const void *bytes,
                      size_t n, const char *what, size_t max_elements, motcl_err *err) {
  text t;
  header h = {0};
  size_t count = 0;
  if (!find_text(&t, bytes, n))
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is not a .npy file", what);
  const char *values = t.end;
  if (!read_dictionary(&t, &h))
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is a .npy file with a header that is not understood",
                    what);
  if (!h.is_f32 || h.fortran)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "'%s' is not float32 in C order; store it as "
                    "numpy.ascontiguousarray(a, dtype='<f4')",
                    what);
  int rc = count_elements(&count, &h, max_elements, what, err);
  if (rc != MOTCL_OK)
    return rc;
  size_t have = n - (size_t)(values - (const char *)bytes);
  if (have != count * sizeof(float))
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' has %zu bytes of values instead of %zu", what, have,
                    count * sizeof(float));
  float *copy = mcl_alloc(count, sizeof *copy);
  if (!copy)
    return mcl_fail_nomem(err, count * sizeof *copy);
  memcpy(copy, values, count * sizeof *copy);
  *data = copy;
  *rank = h.rank;
  for (int i = 0; i < MCL_NPY_MAX_RANK; i++)
    dim[i] = i < h.rank ? h.dim[i] : 1;
  return MOTCL_OK;
}

int mcl_npy_read_f32(float **data, int *rank, size_t dim[MCL_NPY_MAX_RANK], const char *path,
                     size_t max_elements, motcl_err *err) {
  mcl_map m;
  int rc = mcl_map_open(&m, path, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_npy_parse_f32(data, rank, dim, m.data, m.size, path, max_elements, err);
  mcl_map_close(&m);
  return rc;
}
