/* look.c - what motcl makes of files: reads names from standard input, a line each, and prints for
 * each its name, what came of it, and the sentence or remark that came with it, with tabs between.
 * A picture is its size and the sum of its pixels as RGB; weights are their number and the sum of
 * names, types, shapes and data; "-" is a file that is refused. For check.py. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "io/picture.h"
#include "io/safetensors.h"

/* 64-bit FNV-1a, continued. */
static uint64_t sum(uint64_t h, const void *data, size_t n) {
  const uint8_t *p = data;
  for (size_t i = 0; i < n; i++)
    h = (h ^ p[i]) * UINT64_C(0x100000001b3);
  return h;
}
static const uint64_t nothing = UINT64_C(0xcbf29ce484222325);

static int look_at_picture(const char *name, motcl_err *err) {
  char *bytes;
  size_t n;
  mcl_image im;
  const char *remark = NULL;
  int rc = mcl_file_read(&bytes, &n, name, 1 << 20, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_picture_read(&im, bytes, n, NULL, true, &remark, err);
  mcl_free(bytes);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_image_to_rgb(&im, err);
  if (rc == MOTCL_OK)
    printf("%s\t%ux%u %016" PRIx64 "\t%s\n", name, im.width, im.height,
           sum(nothing, im.px, (size_t)im.width * im.height * 3), remark ? remark : "");
  mcl_image_finish(&im);
  return rc;
}

static uint64_t sum_tensor(uint64_t h, const mcl_st_tensor *t) {
  h = sum(h, t->name, strlen(t->name) + 1);
  h = sum(h, t->type_name, strlen(t->type_name) + 1);
  for (int i = 0; i < t->rank && i < MCL_ST_DIMS; i++) {
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64 ",", t->dim[i]);
    h = sum(h, text, (size_t)n);
  }
  return sum(sum(h, "", 1), t->data, t->bytes);
}

static int look_at_weights(const char *name, motcl_err *err) {
  mcl_st *st;
  uint64_t h = nothing;
  int rc = mcl_st_open(&st, name, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t i = 0; i < mcl_st_count(st); i++)
    h = sum_tensor(h, mcl_st_at(st, i));
  printf("%s\t%zu %016" PRIx64 "\t\n", name, mcl_st_count(st), h);
  mcl_st_close(st);
  return MOTCL_OK;
}

int main(void) {
  char name[512];
  while (fgets(name, sizeof name, stdin)) {
    motcl_err err = {0};
    name[strcspn(name, "\n")] = 0;
    const char *dot = strrchr(name, '.');
    int rc = dot && !strcmp(dot, ".safetensors") ? look_at_weights(name, &err)
                                                 : look_at_picture(name, &err);
    if (rc != MOTCL_OK)
      printf("%s\t-\t%s\n", name, err.text);
  }
  return 0;
}
