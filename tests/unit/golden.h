/* golden.h - for tests against the goldens: a hash-made model folder, recorded arrays, nrms. Makes
 * the folder below the one the test runs in, and removes it at the end. */
#ifndef MCL_TESTS_GOLDEN_H
#define MCL_TESTS_GOLDEN_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "tests/golden/npy_read.h"

#define GOLDEN_PATH 512

/** A model in a folder of its own. */
typedef struct golden {
  mcl_model *model;
  char folder[32];
} golden;

/* Stop the test program: what it needs cannot be had. */
static inline void golden_die(const char *what) {
  fprintf(stderr, "golden: %s\n", what);
  abort();
}

/** Path of tests/golden/data/NAME in the source folder; good until the next call. */
static inline const char *golden_path(const char *name) {
  static char path[GOLDEN_PATH];
  const char *src = getenv("srcdir");
  snprintf(path, sizeof path, "%s/tests/golden/data/%s", src ? src : ".", name);
  return path;
}

/** The model that the goldens of `kind` (a folder of tests/golden/data) were made on. */
static inline golden golden_model(const char *kind) {
  char command[2 * GOLDEN_PATH], options[64];
  golden g = {NULL, "mcl_model_XXXXXX"};
  motcl_err err = {0};
  if (!mkdtemp(g.folder))
    golden_die("no folder for a model");
  snprintf(options, sizeof options, "%s/options", kind);
  snprintf(command, sizeof command, "tests/golden/make_hashed $(cat '%s') %s/model >/dev/null",
           golden_path(options), g.folder);
  if (system(command) != 0)
    golden_die("tests/golden/make_hashed failed; build it first");
  snprintf(command, sizeof command, "%s/model", g.folder);
  if (mcl_model_open(&g.model, command, &err) != MOTCL_OK)
    golden_die(err.text);
  return g;
}

/** Close a model of golden_model and remove its folder. */
static inline void golden_model_close(golden *g) {
  char command[64];
  mcl_model_close(g->model);
  snprintf(command, sizeof command, "rm -rf %s", g->folder);
  if (system(command) != 0)
    golden_die("the model folder cannot be removed");
}

/** A recorded array, CASE/NAME.npy ("mot/vae", "moments"); give back with npy_free. */
static inline npy golden_array(const char *folder, const char *name) {
  char file[128];
  npy a;
  snprintf(file, sizeof file, "%s/%s.npy", folder, name);
  const char *wrong = npy_read(&a, golden_path(file));
  if (wrong) {
    fprintf(stderr, "golden: %s %s\n", file, wrong);
    abort();
  }
  return a;
}

/** rms(got - want) / rms(want) over all of a recorded array; infinity if got holds no number. */
static inline double golden_nrms(const float *got, const npy *want) {
  double off = 0, all = 0;
  for (size_t i = 0; i < want->count; i++) {
    double d = (double)got[i] - want->at[i];
    off += d * d;
    all += want->at[i] * want->at[i];
  }
  double r = sqrt(off / all);
  return isfinite(r) ? r : (double)INFINITY;
}

#endif
