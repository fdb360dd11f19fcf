/* tuning.c - looking up stored choices of numeric classes. */
#include "plan/tuning.h"

#include <stdio.h>
#include <string.h>

#include "cl/kernels.h"
#include "drivers/registry.h"

#define TABLE "tune/classes.csv"
#define COLUMNS 4

/* A band of text inside a longer one. */
typedef struct word {
  const char *at;
  size_t n;
} word;

static bool is(word w, const char *text) {
  return strlen(text) == w.n && !memcmp(w.at, text, w.n);
}

/* Text up to the separator or the end of the line; *from moves behind it. */
static word cut(const char **from, char separator) {
  word w = {*from, 0};
  while (w.at[w.n] && w.at[w.n] != separator && w.at[w.n] != '\n')
    w.n++;
  *from = w.at + w.n + (w.at[w.n] == separator);
  return w;
}

/* The user's class for an op: the last that is named counts. */
static word from_user(const char *use, const char *op) {
  word found = {"", 0};
  while (use && *use) {
    const char *pair = use, *end;
    word whole = cut(&use, ',');
    word key = cut(&pair, '=');
    end = whole.at + whole.n;
    if (pair <= end && is(key, op))
      found = (word){pair, (size_t)(end - pair)};
  }
  return found;
}

/* How well a row's device fits: 3 by name, 2 by kind, 1 for all, 0 not. */
static int rank(const mcl_device_info *info, word device) {
  const char *kind = info->kind == 'c' ? "cpu" : info->kind == 'g' ? "gpu" : "accel";
  return is(device, info->name) ? 3 : is(device, kind) ? 2 : is(device, "*") ? 1 : 0;
}

static const mcl_kernel_source *table(void) {
  for (size_t i = 0; i < mcl_kernel_source_count; i++)
    if (!strcmp(mcl_kernel_sources[i].name, TABLE))
      return &mcl_kernel_sources[i];
  return NULL;
}

static word from_table(const mcl_device *dev, const char *op) {
  const mcl_kernel_source *t = table();
  word found = {"", 0};
  int best = 0;
  for (size_t i = 0; t && i < t->count; i++) {
    const char *at = t->lines[i];
    word column[COLUMNS];
    if (*at == '#')
      continue;
    for (int c = 0; c < COLUMNS; c++)
      column[c] = cut(&at, ',');
    int r = rank(&dev->info, column[1]);
    if (is(column[0], dev->driver->name) && is(column[2], op) && r > best) {
      best = r;
      found = column[3];
    }
  }
  return found;
}

size_t mcl_tuning_class(const mcl_device *dev, mcl_op op, const char *use, const char **name) {
  const char *text = mcl_op_get(op)->name;
  word w = from_user(use, text);
  if (!w.n)
    w = from_table(dev, text);
  *name = w.at;
  return w.n;
}

static bool has_class(const mcl_device *dev, mcl_op op, word class) {
  const mcl_variant *v;
  for (size_t i = 0; (v = mcl_device_variant(dev, op, i)); i++)
    if (is(class, v->numeric))
      return true;
  return false;
}

static int no_class(const mcl_device *dev, mcl_op op, word class, motcl_err *err) {
  char have[256] = "";
  const mcl_variant *v;
  for (size_t i = 0; (v = mcl_device_variant(dev, op, i)); i++) {
    size_t used = strlen(have);
    if (!strstr(have, v->numeric))
      snprintf(have + used, sizeof have - used, "%s%s", used ? ", " : "", v->numeric);
  }
  return mcl_fail(err, MOTCL_EINVAL, "%s on this device has no class '%.*s'; there is %s",
                  mcl_op_get(op)->name, (int)class.n, class.at, have);
}

int mcl_tuning_check(const mcl_device *dev, const char *use, motcl_err *err) {
  while (use && *use) {
    const char *pair = use;
    word whole = cut(&use, ','), key = cut(&pair, '=');
    word class = {pair, pair <= whole.at + whole.n ? (size_t)(whole.at + whole.n - pair) : 0};
    int op = 0;
    while (op < MCL_OP_COUNT && !is(key, mcl_op_get((mcl_op)op)->name))
      op++;
    if (op == MCL_OP_COUNT)
      return mcl_fail(err, MOTCL_EINVAL, "there is no op '%.*s'; a plan lists those there are",
                      (int)key.n, key.at);
    if (!has_class(dev, (mcl_op)op, class))
      return no_class(dev, (mcl_op)op, class, err);
  }
  return MOTCL_OK;
}
