/* source.c - the text of a program, from the embedded table or from a folder. */
#include "cl/source.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cl/kernels.h"

#define MAX_FILE ((size_t)1 << 20)

static int add(mcl_source *s, const char *text, motcl_err *err) {
  void *p = s->text;
  if (!mcl_grow(&p, &s->cap, s->count, sizeof *s->text))
    return mcl_fail_nomem(err, s->count * sizeof *s->text);
  s->text = p;
  s->text[s->count++] = text;
  return MOTCL_OK;
}

/* Takes over `text`, also on failure. */
static int add_owned(mcl_source *s, char *text, motcl_err *err) {
  void *p = s->owned;
  if (!text || !mcl_grow(&p, &s->owned_cap, s->owned_count, sizeof *s->owned)) {
    mcl_free(text);
    return mcl_fail_nomem(err, MAX_FILE);
  }
  s->owned = p;
  s->owned[s->owned_count++] = text;
  return add(s, text, err);
}

static int add_line_mark(mcl_source *s, const char *name, motcl_err *err) {
  char mark[160];
  snprintf(mark, sizeof mark, "#line 1 \"%s\"\n", name);
  return add_owned(s, mcl_strdup(mark), err);
}

static int add_file(mcl_source *s, const char *dir, const char *name, motcl_err *err) {
  size_t size = strlen(dir) + strlen(name) + 2, n = 0;
  char *path = mcl_alloc(size, 1), *text = mcl_zalloc(MAX_FILE + 1, 1);
  FILE *f = NULL;
  if (path) {
    snprintf(path, size, "%s/%s", dir, name);
    f = fopen(path, "rb");
  }
  mcl_free(path);
  if (f && text)
    n = fread(text, 1, MAX_FILE, f);
  bool whole = f && !ferror(f) && feof(f);
  if (f)
    fclose(f);
  if (text && !whole) {
    mcl_free(text);
    return mcl_fail(err, MOTCL_EIO, "could not read the kernel file %s/%s", dir, name);
  }
  if (text)
    text[n] = '\0';
  return add_owned(s, text, err);
}

static int add_source(mcl_source *s, const char *dir, const mcl_kernel_source *k, motcl_err *err) {
  int rc = add_line_mark(s, k->name, err);
  if (rc == MOTCL_OK && dir)
    return add_file(s, dir, k->name, err);
  for (size_t i = 0; rc == MOTCL_OK && i < k->count; i++)
    rc = add(s, k->lines[i], err);
  return rc;
}

static const mcl_kernel_source *find(const char *name) {
  for (size_t i = 0; i < mcl_kernel_source_count; i++)
    if (!strcmp(mcl_kernel_sources[i].name, name))
      return &mcl_kernel_sources[i];
  return NULL;
}

int mcl_source_init(mcl_source *s, const char *dir, const char *name, motcl_err *err) {
  const mcl_kernel_source *own = find(name);
  int rc = MOTCL_OK;
  memset(s, 0, sizeof *s);
  if (!own)
    return mcl_fail(err, MOTCL_EINTERNAL, "there is no kernel file %s", name);
  for (size_t i = 0; rc == MOTCL_OK && i < mcl_kernel_source_count; i++)
    if (!strncmp(mcl_kernel_sources[i].name, "common/", 7))
      rc = add_source(s, dir, &mcl_kernel_sources[i], err);
  if (rc == MOTCL_OK)
    rc = add_source(s, dir, own, err);
  if (rc != MOTCL_OK)
    mcl_source_finish(s);
  return rc;
}

void mcl_source_finish(mcl_source *s) {
  for (size_t i = 0; i < s->owned_count; i++)
    mcl_free(s->owned[i]);
  mcl_free(s->owned);
  mcl_free(s->text);
  memset(s, 0, sizeof *s);
}
