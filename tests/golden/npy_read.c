/* npy_read.c - the few forms of .npy that NumPy and motcl write: float32, int32 and uint8, C order,
 * little-endian. */
#include "npy_read.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 28 };

static unsigned char *whole_file(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  unsigned char *data = NULL;
  if (f && fseek(f, 0, SEEK_END) == 0) {
    const long n = ftell(f);
    rewind(f);
    if (n >= 0 && n <= LONGEST) {
      data = malloc((size_t)n + 1);
      *size = (size_t)n;
    }
    if (data && fread(data, 1, *size, f) != *size) {
      free(data);
      data = NULL;
    }
  }
  if (f) {
    (void)fclose(f);
  }
  return data;
}

/* The type and shape of a header like {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
 */
static const char *parse_header(npy *a, const char *text) {
  static const struct {
    const char *descr;
    char type;
  } types[] = {{"'<f4'", 'f'}, {"'<i4'", 'i'}, {"'|u1'", 'u'}};
  const char *shape = strstr(text, "'shape':");
  a->type = 0;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (strstr(text, types[i].descr)) {
      a->type = types[i].type;
    }
  }
  shape = shape ? strchr(shape, '(') : NULL;
  if (!a->type || !shape || !strstr(text, "'fortran_order': False")) {
    return "is no array of float32, int32 or uint8 in C order";
  }
  a->rank = 0;
  a->count = 1;
  for (const char *p = shape + 1; *p && *p != ')';) {
    char *end;
    const unsigned long n = strtoul(p, &end, 10);
    if (end == p || a->rank == NPY_RANK || n > LONGEST) {
      return "has a shape that cannot be read";
    }
    a->dim[a->rank++] = n;
    a->count = a->count > LONGEST ? a->count : a->count * n;
    p = end + strspn(end, ", ");
  }
  return a->count > LONGEST ? "is too large" : NULL;
}

static double value(const unsigned char *p, char type) {
  uint32_t u;
  float f;
  int32_t i;
  if (type == 'u') {
    return p[0];
  }
  u = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
  memcpy(&f, &u, sizeof f);
  memcpy(&i, &u, sizeof i);
  return type == 'f' ? (double)f : (double)i;
}

static const char *parse(npy *a, unsigned char *data, size_t size) {
  if (size < 12 || memcmp(data, "\x93NUMPY", 6) != 0) {
    return "is no .npy file";
  }
  const size_t start = data[6] == 1 ? 10 : 12;
  size_t length = (size_t)data[8] | (size_t)data[9] << 8;
  if (data[6] != 1) {
    length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
  }
  if (length == 0 || length > size - start) {
    return "ends inside its header";
  }
  data[start + length - 1] = '\0';
  const char *wrong = parse_header(a, (const char *)data + start);
  if (wrong) {
    return wrong;
  }
  const size_t width = a->type == 'u' ? 1 : 4;
  if (size - start - length != a->count * width) {
    return "has another length than its shape says";
  }
  a->at = malloc((a->count + 1) * sizeof *a->at);
  if (!a->at) {
    return "does not fit into memory";
  }
  for (size_t i = 0; i < a->count; i++) {
    a->at[i] = value(data + start + length + i * width, a->type);
  }
  return NULL;
}

const char *npy_read(npy *a, const char *path) {
  size_t size = 0;
  unsigned char *data = whole_file(path, &size);
  memset(a, 0, sizeof *a);
  if (!data) {
    return "cannot be read";
  }
  const char *wrong = parse(a, data, size);
  free(data);
  return wrong;
}

void npy_free(npy *a) {
  free(a->at);
  a->at = NULL;
}
