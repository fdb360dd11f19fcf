/* st_header.c - see st_header.h. The format: 8 bytes little-endian header length, a JSON object
 * from tensor name to {dtype, shape, data_offsets}, then the data the offsets count in. */
#include "io/st_header.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/foreign.h"
#include "io/json.h"

static const size_t max_header = 100000000; /* as in the format's own library */

/* Bits of an element of every type the format knows; motcl computes with few of them. */
static const struct {
  const char *name;
  unsigned bits;
} dtypes[] = {
    {"BOOL", 8},        {"U8", 8},          {"I8", 8},      {"F8_E4M3", 8}, {"F8_E5M2", 8},
    {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F8_E8M0", 8}, {"F4", 4},      {"F6_E2M3", 6},
    {"F6_E3M2", 6},     {"I16", 16},        {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},        {"F32", 32},    {"I64", 64},    {"U64", 64},
    {"F64", 64},        {"C64", 64},
};

/* Bits of an element; 0 for a type that no one knows. */
static unsigned dtype_bits(const char *name) {
  for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
    if (strcmp(dtypes[i].name, name) == 0)
      return dtypes[i].bits;
  return 0;
}

/* Read "shape", with the number of elements in *count. */
static int read_shape(mcl_st_tensor *t, size_t *count, const json_t *entry, motcl_err *err) {
  const json_t *shape;
  int rc = mcl_json_array(entry, "shape", &shape, err);
  if (rc != MOTCL_OK)
    return rc;
  size_t rank = json_array_size(shape), n = 1;
  for (size_t i = 0; i < rank; i++) {
    const json_t *v = json_array_get(shape, i);
    json_int_t d = json_integer_value(v);
    if (!json_is_integer(v) || d < 0)
      return mcl_fail(err, MOTCL_EFORMAT, "length %zu of its shape is none", i + 1);
    if (i < MCL_ST_DIMS)
      t->dim[i] = (uint64_t)d;
    if ((uint64_t)d > SIZE_MAX || !mcl_mul_ok(n, (size_t)d, &n))
      return mcl_fail(err, MOTCL_EFORMAT, "its shape has more elements than can be counted");
  }
  t->rank = (int)rank;
  *count = n;
  return MOTCL_OK;
}

/* Read "data_offsets": where the tensor lies in the `area` bytes of data that start at `base`. */
static int read_place(mcl_st_tensor *t, const unsigned char *base, size_t area, const json_t *entry,
                      motcl_err *err) {
  const json_t *pair;
  int rc = mcl_json_array(entry, "data_offsets", &pair, err);
  if (rc != MOTCL_OK)
    return rc;
  const json_t *from = json_array_get(pair, 0), *to = json_array_get(pair, 1);
  if (json_array_size(pair) != 2 || !json_is_integer(from) || !json_is_integer(to))
    return mcl_fail(err, MOTCL_EFORMAT, "its data_offsets are not two integers");
  json_int_t begin = json_integer_value(from), end = json_integer_value(to);
  if (begin < 0 || end < begin || (uint64_t)end > area)
    return mcl_fail(
        err, MOTCL_EFORMAT,
        "its data_offsets %lld to %lld leave the %zu bytes of data; the file is cut short "
        "or damaged: download it again",
        (long long)begin, (long long)end, area);
  t->data = base + begin;
  t->bytes = (size_t)(end - begin);
  return MOTCL_OK;
}

/* Fill in a tensor from its entry of the header, and hold its size against its shape. */
static int read_tensor(mcl_st_tensor *t, const unsigned char *base, size_t area,
                       const json_t *entry, motcl_err *err) {
  size_t count = 0, bits;
  int rc = mcl_json_str(entry, "dtype", &t->type_name, err);
  if (rc == MOTCL_OK)
    rc = read_shape(t, &count, entry, err);
  if (rc == MOTCL_OK)
    rc = read_place(t, base, area, entry, err);
  if (rc != MOTCL_OK)
    return rc;
  t->type = MCL_TYPE_COUNT;
  t->type_known = mcl_type_parse(t->type_name, &t->type);
  unsigned each = dtype_bits(t->type_name);
  if (each == 0)
    return MOTCL_OK;
  if (!mcl_mul_ok(count, each, &bits) || bits % 8 != 0 || bits / 8 != t->bytes)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "it has %zu bytes, but its shape of %zu elements and type "
                    "%s ask for another number",
                    t->bytes, count, t->type_name);
  return MOTCL_OK;
}

static int by_place(const void *a, const void *b) {
  const mcl_st_tensor *x = a, *y = b;
  if (x->data != y->data)
    return (const char *)x->data < (const char *)y->data ? -1 : 1;
  return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static int by_name(const void *a, const void *b) {
  const mcl_st_tensor *x = a, *y = b;
  return strcmp(x->name, y->name);
}

/* The tensors must cover the data from its first to its last byte, each byte once. */
static int check_cover(mcl_st_tensor *t, size_t n, const unsigned char *base, size_t area,
                       const char *path, motcl_err *err) {
  const unsigned char *at = base;
  qsort(t, n, sizeof *t, by_place);
  for (size_t i = 0; i < n; i++) {
    const unsigned char *begin = t[i].data;
    if (begin != at)
      return mcl_fail(err, MOTCL_EFORMAT, "'%s': tensor '%s' %s", path, t[i].name,
                      begin < at ? "overlaps another" : "has unused bytes before it");
    at += t[i].bytes;
  }
  if ((size_t)(at - base) != area)
    return mcl_fail(err, MOTCL_EFORMAT, "'%s': %zu bytes after the last tensor belong to none",
                    path, area - (size_t)(at - base));
  return MOTCL_OK;
}

/* All tensors of a parsed header. */
static int read_tensors(mcl_st_tensor **tensors, size_t *n, json_t *root, const unsigned char *base,
                        size_t area, const char *path, motcl_err *err) {
  const char *name;
  json_t *entry;
  size_t used = 0, cap = json_object_size(root);
  mcl_st_tensor *t = mcl_zalloc(cap, sizeof *t);
  if (!t)
    return mcl_fail(err, MOTCL_ENOMEM, "out of memory for the %zu tensors of '%s'", cap, path);
  int rc = MOTCL_OK;
  json_object_foreach(root, name, entry) {
    if (strcmp(name, "__metadata__") == 0)
      continue;
    t[used].name = name;
    t[used].file = path;
    rc = read_tensor(&t[used++], base, area, entry, err);
    if (rc != MOTCL_OK) {
      rc = mcl_err_prefix(err, rc, "'%s': tensor '%s'", path, name);
      goto done;
    }
  }
  rc = check_cover(t, used, base, area, path, err);
  if (rc != MOTCL_OK)
    goto done;
  qsort(t, used, sizeof *t, by_name);
  *tensors = t;
  *n = used;
  t = NULL;
done:
  mcl_free(t);
  return rc;
}

/* The header as JSON. It may begin with blanks, as its own library lets it. A NUL that is written as
 * an escape would end a string early: U+FFFD, which is written as long, takes its place. */
static int parse_header(json_t **root, const char *text, size_t n, const char *path,
                        motcl_err *err) {
  static const char nul[] = "\\u0000", other[] = "\\ufffd";
  char *copy = NULL;
  size_t blanks = 0;
  while (blanks < n && memchr(" \t\n\r", text[blanks], 4))
    blanks++;
  if (blanks == n || text[blanks] != '{')
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is no safetensors file", path);
  for (size_t i = 0; i + 6 <= n; i++) {
    if (text[i] != '\\')
      continue;
    if (memcmp(text + i, nul, 6) != 0) {
      i++; /* what is escaped is no escape itself */
      continue;
    }
    if (!copy && !(copy = mcl_strndup(text, n)))
      return mcl_fail_nomem(err, n + 1);
    memcpy(copy + i, other, 6);
  }
  int rc = mcl_json_parse(root, copy ? copy : text, n, path, err);
  mcl_free(copy);
  return rc;
}

int mcl_st_parse(json_t **root, mcl_st_tensor **tensors, size_t *n, const void *data, size_t size,
                 const char *path, motcl_err *err) {
  const unsigned char *bytes = data;
  uint64_t length = 0;
  json_t *header = NULL;
  const char *other = mcl_foreign_weights(data, size);
  if (other)
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is %s", path, other);
  if (size < 8)
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is too short to be a safetensors file", path);
  for (int i = 7; i >= 0; i--)
    length = length << 8 | bytes[i];
  if (length == 0 || length > max_header)
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is no safetensors file", path);
  if (length > size - 8)
    return mcl_fail(
        err, MOTCL_EFORMAT,
        "'%s' is no safetensors file, or one that is cut short in its header: download it "
        "again",
        path);
  size_t head = (size_t)length;
  int rc = parse_header(&header, (const char *)bytes + 8, head, path, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = read_tensors(tensors, n, header, bytes + 8 + head, size - 8 - head, path, err);
  if (rc == MOTCL_OK)
    *root = header;
  else
    json_decref(header);
  return rc;
}
