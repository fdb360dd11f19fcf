/* compare.c - holds the arrays of one folder against those of another, within the bounds that motcl
 * promises for float32: one line an array, and a last line with the worst of them. */
#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npy_read.h"

static const char usage[] =
    "usage: compare [-q] REFERENCE OTHER [NAME...]\n"
    "Compares every .npy of the folder REFERENCE, or those NAMEd, with OTHER's of the same name.\n"
    "Exit status 0 if all are within bounds, 1 if not, 2 if there was nothing to compare.\n";

/* What an array's name says about how close it must be; the first rule that matches counts. */
typedef struct rule {
  const char *name; /* a * at its end stands for any rest */
  enum { NRMS, LARGEST } measure;
  double bound;
} rule;

static const rule float_rules[] = {{"noise", LARGEST, 4e-6},
                                   {"vae_eps_*", LARGEST, 4e-6},
                                   {"seed*", LARGEST, 4e-6},
                                   {"t", LARGEST, 1e-6},
                                   {"x", NRMS, 3e-4},
                                   {"v", NRMS, 3e-4},
                                   {"v_parts_*", NRMS, 3e-4},
                                   {"latent", NRMS, 3e-4},
                                   {"vae_latent_*", NRMS, 3e-4},
                                   {"encode_*", NRMS, 3e-4},
                                   {"image_f", NRMS, 3e-4},
                                   {"y", NRMS, 3e-4},
                                   {"*", NRMS, 1e-4}};

/* Pictures that a model made may differ by one in one place of two hundred; other bytes not. */
static const char made_picture[] = "image";
static const double made_share = 0.005;

/* A row of logits is left over when a text runs to its length: the reference computes it, though
 * nothing is done with it. */
static const char may_be_shorter[] = "text_logits";

typedef struct verdict {
  bool ok;
  double nrms, largest;
  size_t places; /* bytes and integers that differ */
  const char *wrong;
} verdict;

static bool matches(const char *name, const char *pattern) {
  const size_t n = strlen(pattern);
  return pattern[n - 1] == '*' ? strncmp(name, pattern, n - 1) == 0 : strcmp(name, pattern) == 0;
}

static const rule *rule_of(const char *name) {
  const rule *r = float_rules;
  while (!matches(name, r->name)) {
    r++;
  }
  return r;
}

static bool same_shape(const char *name, const npy *a, const npy *b) {
  if (a->type != b->type || a->rank != b->rank) {
    return false;
  }
  for (size_t i = 0; i < a->rank; i++) {
    const bool one_less = i == 0 && strcmp(name, may_be_shorter) == 0 && b->dim[0] + 1 == a->dim[0];
    if (a->dim[i] != b->dim[i] && !one_less) {
      return false;
    }
  }
  return true;
}

static void measure(verdict *v, const npy *a, const npy *b) {
  double squares = 0.0, difference = 0.0;
  for (size_t i = 0; i < b->count; i++) {
    const double d = fabs(a->at[i] - b->at[i]);
    /* not a number anywhere must not pass as no difference */
    v->largest = d <= v->largest ? v->largest : (isnan(d) ? INFINITY : d);
    squares += a->at[i] * a->at[i];
    difference += d * d;
    v->places += d != 0.0;
  }
  v->nrms = difference == 0.0 ? 0.0 : sqrt(difference / squares);
}

static verdict judge(const char *name, const npy *a, const npy *b) {
  verdict v = {0};
  if (!same_shape(name, a, b)) {
    v.wrong = "has another type or shape";
    return v;
  }
  measure(&v, a, b);
  if (a->type == 'f') {
    const rule *r = rule_of(name);
    v.ok = (r->measure == NRMS ? v.nrms : v.largest) <= r->bound;
  } else if (a->type == 'u' && strcmp(name, made_picture) == 0) {
    v.ok = v.largest <= 1.0 && (double)v.places <= made_share * (double)a->count;
  } else {
    v.ok = v.places == 0;
  }
  return v;
}

static void report(const char *name, const npy *a, const verdict *v) {
  printf("%s %s: ", v->ok ? "  ok" : "FAIL", name);
  if (v->wrong) {
    printf("%s\n", v->wrong);
  } else if (a->type == 'f') {
    printf("nrms %.1e, largest difference %.1e\n", v->nrms, v->largest);
  } else {
    printf("%zu of %zu differ, by %.0f at most\n", v->places, a->count, v->largest);
  }
}

static verdict compare(const char *reference, const char *other, const char *name, bool quiet) {
  char path[2][4096];
  npy a = {0}, b = {0};
  verdict v = {0};
  snprintf(path[0], sizeof path[0], "%s/%s.npy", reference, name);
  snprintf(path[1], sizeof path[1], "%s/%s.npy", other, name);
  v.wrong = npy_read(&a, path[0]);
  if (!v.wrong) {
    v.wrong = npy_read(&b, path[1]);
  }
  if (!v.wrong) {
    v = judge(name, &a, &b);
  }
  if (!quiet || !v.ok) {
    report(name, &a, &v);
  }
  if (a.type != 'f') {
    v.nrms = 0.0;
  }
  npy_free(&a);
  npy_free(&b);
  return v;
}

/* The totals over arrays. */
typedef struct tally {
  size_t seen, failed;
  double worst;
  char worst_name[256];
} tally;

static void count(tally *t, const char *name, const verdict *v) {
  t->seen++;
  t->failed += !v->ok;
  if (v->nrms > t->worst) {
    t->worst = v->nrms;
    snprintf(t->worst_name, sizeof t->worst_name, "%s", name);
  }
}

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_array(const struct dirent *e) {
  const size_t n = strlen(e->d_name);
  return n > 4 && strcmp(e->d_name + n - 4, ".npy") == 0;
}

static void compare_all(tally *t, const char *reference, const char *other, bool quiet) {
  struct dirent **entries = NULL;
  const int n = scandir(reference, &entries, is_array, by_name);
  for (int i = 0; i < n; i++) {
    entries[i]->d_name[strlen(entries[i]->d_name) - 4] = '\0';
    const verdict v = compare(reference, other, entries[i]->d_name, quiet);
    count(t, entries[i]->d_name, &v);
    free(entries[i]);
  }
  free(entries);
}

int main(int argc, char **argv) {
  const bool quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
  char **arg = argv + 1 + quiet;
  tally t = {0};
  if (argc - quiet < 3) {
    fputs(usage, stderr);
    return 2;
  }
  if (argc - quiet == 3) {
    compare_all(&t, arg[0], arg[1], quiet);
  }
  for (char **name = arg + 2; *name; name++) {
    const verdict v = compare(arg[0], arg[1], *name, quiet);
    count(&t, *name, &v);
  }
  printf("%zu arrays, %zu failed, worst nrms %.1e%s%s\n", t.seen, t.failed, t.worst,
         t.worst > 0.0 ? " in " : "", t.worst_name);
  return t.seen == 0 ? 2 : t.failed > 0;
}
