/* fuzz.c - see fuzz.h. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

#define MOST_FILES 16

bool fuzz_prints;
static char folder[16];
static char files[MOST_FILES][64];
static size_t count;

_Noreturn void fuzz_wrong(const char *what) {
  fprintf(stderr, "wrong: %s\n", what);
  abort();
}

void fuzz_outcome(int rc, const motcl_err *err) {
  size_t bad;
  if (rc == MOTCL_OK)
    return;
  switch (rc) {
  case MOTCL_EINVAL:
  case MOTCL_EIO:
  case MOTCL_EFORMAT:
  case MOTCL_EMODEL:
  case MOTCL_EFIT:
  case MOTCL_EUNSUPPORTED:
    break;
  default:
    fuzz_wrong(motcl_status_name(rc));
  }
  if (err->code != rc)
    fuzz_wrong("the error has another code");
  if (!*err->text || !err->where)
    fuzz_wrong("an error without a sentence");
  if (!mcl_utf8_valid(err->text, strlen(err->text), &bad))
    fuzz_wrong("a sentence that is no UTF-8");
  if (fuzz_prints)
    printf("%s\t%s\n", motcl_status_name(rc), err->text);
}

static void clean(void) {
  for (size_t i = 0; i < count; i++)
    unlink(files[i]);
  rmdir(folder);
}

const char *fuzz_folder(void) {
  if (*folder)
    return folder;
  strcpy(folder, "fuzz_XXXXXX");
  if (!mkdtemp(folder))
    fuzz_wrong("no folder can be made here");
  atexit(clean);
  return folder;
}

/* A file is remembered, to be removed at the end. */
const char *fuzz_path(const char *name) {
  char path[sizeof files[0]];
  snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
  for (size_t i = 0; i < count; i++)
    if (!strcmp(files[i], path))
      return files[i];
  if (count == MOST_FILES)
    fuzz_wrong("too many files");
  strcpy(files[count], path);
  return files[count++];
}

void fuzz_put(const char *name, const void *data, size_t size) {
  FILE *f = fopen(fuzz_path(name), "wb");
  if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0)
    fuzz_wrong("a file cannot be written");
}

void fuzz_put_parts(const char *const *name, size_t names, const uint8_t *data, size_t size) {
  for (size_t i = 0; i < names; i++) {
    const uint8_t *cut = i + 1 < names && size ? memchr(data, 0x1e, size) : NULL;
    size_t n = cut ? (size_t)(cut - data) : size;
    if (n)
      fuzz_put(name[i], data, n);
    else
      unlink(fuzz_path(name[i]));
    n += cut != NULL;
    data = n ? data + n : data;
    size -= n;
  }
}
