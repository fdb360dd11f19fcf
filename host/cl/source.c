/* source.c - the text of a program, from the embedded table or from a folder. */
#include "cl/source.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
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
static int own(mcl_source *s, char *text, motcl_err *err) {
  void *p = s->owned;
  if (!text || !mcl_grow(&p, &s->owned_cap, s->owned_count, sizeof *s->owned)) {
    mcl_free(text);
    return mcl_fail_nomem(err, MAX_FILE);
  }
  s->owned = p;
  s->owned[s->owned_count++] = text;
  return MOTCL_OK;
}

static int add_line_mark(mcl_source *s, size_t line, const char *name, motcl_err *err) {
  char mark[160];
  snprintf(mark, sizeof mark, "#line %zu \"%s\"\n", line, name);
  char *text = mcl_strdup(mark);
  int rc = own(s, text, err);
  return rc == MOTCL_OK ? add(s, text, err) : rc;
}

static int read_file(mcl_source *s, char **out, const char *dir, const char *name, motcl_err *err) {
  size_t size = strlen(dir) + strlen(name) + 2, n;
  char *path = mcl_alloc(size, 1), *text = NULL;
  if (!path)
    return mcl_fail_nomem(err, size);
  snprintf(path, size, "%s/%s", dir, name);
  int rc = mcl_file_read(&text, &n, path, MAX_FILE, err);
  mcl_free(path);
  if (rc == MOTCL_OK)
    rc = own(s, text, err);
  if (rc == MOTCL_OK)
    *out = text;
  return rc;
}

static const mcl_kernel_source *find(const char *name) {
  for (size_t i = 0; i < mcl_kernel_source_count; i++)
    if (!strcmp(mcl_kernel_sources[i].name, name))
      return &mcl_kernel_sources[i];
  return NULL;
}

/* The file that a line puts in its place, or NULL for any other line. */
static const mcl_kernel_source *included(const char *line) {
  static const char word[] = "#include \"";
  char name[80];
  size_t n = 0;
  if (strncmp(line, word, sizeof word - 1) != 0)
    return NULL;
  for (const char *p = line + sizeof word - 1;
       *p && *p != '"' && *p != '\n' && n + 1 < sizeof name;)
    name[n++] = *p++;
  name[n] = '\0';
  return find(name);
}

static int add_source(mcl_source *s, const char *dir, const mcl_kernel_source *k, bool top,
                      motcl_err *err);

/* What an include line stands for; `line` is its number in `name`. */
static int add_included(mcl_source *s, const char *dir, const mcl_kernel_source *k,
                        const char *name, size_t line, motcl_err *err) {
  int rc = add_source(s, dir, k, false, err);
  return rc == MOTCL_OK ? add_line_mark(s, line + 1, name, err) : rc;
}

/* A whole file in one string, which is cut where others are included. */
static int add_text(mcl_source *s, const char *dir, const char *name, char *text, bool top,
                    motcl_err *err) {
  int rc = add(s, text, err);
  size_t number = 1;
  for (char *line = text; rc == MOTCL_OK && top && *line; number++) {
    const mcl_kernel_source *k = included(line);
    char *next = strchr(line, '\n');
    next = next ? next + 1 : line + strlen(line);
    if (k) {
      *line = '\0';
      rc = add_included(s, dir, k, name, number, err);
      if (rc == MOTCL_OK)
        rc = add(s, next, err);
    }
    line = next;
  }
  return rc;
}

/* top: the file may include others, which may not. */
static int add_source(mcl_source *s, const char *dir, const mcl_kernel_source *k, bool top,
                      motcl_err *err) {
  int rc = add_line_mark(s, 1, k->name, err);
  if (rc == MOTCL_OK && dir) {
    char *text = NULL;
    rc = read_file(s, &text, dir, k->name, err);
    return rc == MOTCL_OK ? add_text(s, dir, k->name, text, top, err) : rc;
  }
  for (size_t i = 0; rc == MOTCL_OK && i < k->count; i++) {
    const mcl_kernel_source *other = top ? included(k->lines[i]) : NULL;
    rc = other ? add_included(s, dir, other, k->name, i + 1, err) : add(s, k->lines[i], err);
  }
  return rc;
}

int mcl_source_init(mcl_source *s, const char *dir, const char *name, motcl_err *err) {
  const mcl_kernel_source *top = find(name);
  int rc = MOTCL_OK;
  memset(s, 0, sizeof *s);
  if (!top)
    return mcl_fail(err, MOTCL_EINTERNAL, "there is no kernel file %s", name);
  for (size_t i = 0; rc == MOTCL_OK && i < mcl_kernel_source_count; i++)
    if (!strncmp(mcl_kernel_sources[i].name, "common/", 7))
      rc = add_source(s, dir, &mcl_kernel_sources[i], false, err);
  if (rc == MOTCL_OK)
    rc = add_source(s, dir, top, true, err);
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
