/* store.c - weights found in files by name and shape, and what was missing. */
#include "model/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define NAME_BYTES 256
#define PAGE_BYTES 4096u
/* Errors, and as many remarks; a folder of another model would list thousands. */
#define MOST_NOTES 200

typedef struct mapping {
  mcl_mapping info;
  const char *file; /* NULL for computed tables, whose memory is ours */
} mapping;

struct mcl_store {
  mcl_st **set;
  mcl_weight **weight;
  mapping **mapping;
  mcl_finding *finding; /* the errors, then the remarks */
  size_t sets, set_cap, weights, weight_cap, mappings, mapping_cap, findings, finding_cap;
  size_t errors, remarks; /* noted; of each, MOST_NOTES are listed, and that there are more */
  bool no_memory;
};

mcl_store *mcl_store_create(void) {
  return mcl_zalloc(1, sizeof(mcl_store));
}

void mcl_store_destroy(mcl_store *s) {
  if (!s)
    return;
  for (size_t i = 0; i < s->mappings; i++) {
    if (!s->mapping[i]->file)
      mcl_free((void *)(uintptr_t)s->mapping[i]->info.data);
    mcl_free(s->mapping[i]);
  }
  for (size_t i = 0; i < s->weights; i++)
    mcl_free(s->weight[i]);
  for (size_t i = 0; i < s->findings; i++)
    mcl_free(s->finding[i].text);
  for (size_t i = 0; i < s->sets; i++)
    mcl_st_close(s->set[i]);
  mcl_free(s->mapping);
  mcl_free(s->weight);
  mcl_free(s->finding);
  mcl_free(s->set);
  mcl_free(s);
}

int mcl_store_add(mcl_store *s, mcl_st *set, motcl_err *err) {
  void *p = s->set;
  if (!mcl_grow(&p, &s->set_cap, s->sets, sizeof(mcl_st *)))
    return mcl_fail_nomem(err, sizeof(mcl_st *));
  s->set = p;
  s->set[s->sets++] = set;
  return MOTCL_OK;
}

const mcl_st_tensor *mcl_store_find(const mcl_store *s, const char *name) {
  for (size_t i = 0; i < s->sets; i++) {
    const mcl_st_tensor *t = mcl_st_find(s->set[i], name);
    if (t)
      return t;
  }
  return NULL;
}

bool mcl_store_has(const mcl_store *s, const char *fmt, ...) {
  char name[NAME_BYTES];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(name, sizeof name, fmt, ap);
  va_end(ap);
  return mcl_store_find(s, name) != NULL;
}

bool mcl_store_has_vision(const mcl_store *s) {
  return mcl_store_has(s, "connector.fc1.weight") ||
         mcl_store_has(s, "vit_model.vision_model.post_layernorm.weight");
}

const char *mcl_store_metadata(const mcl_store *s, const char *key) {
  return s->sets ? mcl_st_metadata(s->set[0], key) : NULL;
}

void mcl_store_note(mcl_store *s, bool error, const char *fmt, ...) {
  char text[1024];
  motcl_err plain; /* as errors are: whatever names files hold, it can be printed */
  size_t *noted = error ? &s->errors : &s->remarks;
  if (++*noted > MOST_NOTES + 1 || s->no_memory)
    return;
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (*noted > MOST_NOTES)
    snprintf(text, sizeof text, "there are more %s, which are not listed",
             error ? "errors" : "remarks");
  mcl_fail(&plain, MOTCL_EMODEL, "%s", text);
  void *p = s->finding;
  char *copy = mcl_strdup(plain.text);
  if (!copy || !mcl_grow(&p, &s->finding_cap, s->findings, sizeof *s->finding)) {
    mcl_free(copy);
    s->no_memory = true;
    return;
  }
  s->finding = p;
  size_t at = error ? s->errors - 1 : s->findings;
  memmove(s->finding + at + 1, s->finding + at, (s->findings - at) * sizeof *s->finding);
  s->finding[at] = (mcl_finding){error, copy};
  s->findings++;
}

void mcl_store_no_memory(mcl_store *s) {
  s->no_memory = true;
}

static mapping *new_mapping(mcl_store *s) {
  void *p = (void *)s->mapping;
  mapping *h = mcl_zalloc(1, sizeof *h);
  if (!h || !mcl_grow(&p, &s->mapping_cap, s->mappings, sizeof(mapping *))) {
    mcl_free(h);
    s->no_memory = true;
    return NULL;
  }
  s->mapping = (mapping **)p;
  return s->mapping[s->mappings++] = h;
}

/* The stretch of a file that holds tensors, from the page its first one lies in: maps begin at
 * pages. */
static const mcl_mapping *buffer_of(mcl_store *s, const mcl_st_tensor *t) {
  for (size_t i = 0; i < s->mappings; i++)
    if (s->mapping[i]->file && !strcmp(s->mapping[i]->file, t->file))
      return &s->mapping[i]->info;
  mapping *h = new_mapping(s);
  if (!h)
    return NULL;
  const unsigned char *lo = t->data, *hi = t->data;
  for (size_t i = 0; i < s->sets; i++)
    for (size_t k = 0; k < mcl_st_count(s->set[i]); k++) {
      const mcl_st_tensor *o = mcl_st_at(s->set[i], k);
      const unsigned char *p = o->data;
      if (strcmp(o->file, t->file) != 0)
        continue;
      lo = p < lo ? p : lo;
      hi = p + o->bytes > hi ? p + o->bytes : hi;
    }
  lo -= (uintptr_t)lo % PAGE_BYTES;
  h->file = t->file;
  h->info = (mcl_mapping){t->file, lo, (size_t)(hi - lo), false};
  return &h->info;
}

static mcl_weight *new_weight(mcl_store *s) {
  void *p = (void *)s->weight;
  mcl_weight *w = mcl_zalloc(1, sizeof *w);
  if (!w || !mcl_grow(&p, &s->weight_cap, s->weights, sizeof(mcl_weight *))) {
    mcl_free(w);
    s->no_memory = true;
    return NULL;
  }
  s->weight = (mcl_weight **)p;
  return s->weight[s->weights++] = w;
}

static bool has_shape(const mcl_st_tensor *t, uint32_t rows, uint32_t cols, uint32_t kernel) {
  if (kernel)
    return t->rank == 4 && t->dim[0] == rows && t->dim[1] == cols && t->dim[2] == kernel &&
           t->dim[3] == kernel;
  if (!rows)
    return t->rank == 1 && t->dim[0] == cols;
  return t->rank == 2 && t->dim[0] == rows && t->dim[1] == cols;
}

static void shape_text(char *out, size_t size, const mcl_st_tensor *t) {
  size_t at = 0;
  out[0] = '\0';
  for (int i = 0; i < t->rank && i < MCL_ST_DIMS && at < size; i++) {
    int n = snprintf(out + at, size - at, "%s%llu", i ? ", " : "", (unsigned long long)t->dim[i]);
    at += n > 0 ? (size_t)n : 0;
  }
  if (t->rank > MCL_ST_DIMS && at < size)
    snprintf(out + at, size - at, ", ...");
}

static void note_shape(mcl_store *s, const mcl_st_tensor *t, uint32_t rows, uint32_t cols,
                       uint32_t kernel) {
  char have[128], want[64];
  shape_text(have, sizeof have, t);
  if (kernel)
    snprintf(want, sizeof want, "%u, %u, %u, %u", rows, cols, kernel, kernel);
  else if (rows)
    snprintf(want, sizeof want, "%u, %u", rows, cols);
  else
    snprintf(want, sizeof want, "%u", cols);
  mcl_store_note(s, true, "'%s' is [%s], the configuration asks for [%s]", t->name, have, want);
}

/* kernel 0: no convolution; rows 0: a vector. */
static const mcl_weight *get(mcl_store *s, uint32_t rows, uint32_t cols, uint32_t kernel,
                             const char *fmt, va_list ap) {
  char name[NAME_BYTES];
  vsnprintf(name, sizeof name, fmt, ap);
  const mcl_st_tensor *t = mcl_store_find(s, name);
  if (!t) {
    mcl_store_note(s, true, "'%s' is missing", name);
    return NULL;
  }
  if (!t->type_known || (t->type != MCL_F32 && t->type != MCL_BF16 && t->type != MCL_F16)) {
    mcl_store_note(s, true, "'%s' is %s; F32, BF16 and F16 can be computed with", name,
                   t->type_name);
    return NULL;
  }
  if (!has_shape(t, rows, cols, kernel)) {
    note_shape(s, t, rows, cols, kernel);
    return NULL;
  }
  uint32_t taps = kernel ? kernel * kernel : 1;
  const mcl_mapping *h = buffer_of(s, t);
  mcl_weight *w = h ? new_weight(s) : NULL;
  if (w)
    *w = (mcl_weight){t->name, t->type, rows ? rows : 1, cols * taps, kernel ? kernel : 1,
                      t->data, h};
  return w;
}

const mcl_weight *mcl_store_matrix(mcl_store *s, uint32_t rows, uint32_t cols, const char *fmt,
                                   ...) {
  va_list ap;
  va_start(ap, fmt);
  const mcl_weight *w = get(s, rows, cols, 0, fmt, ap);
  va_end(ap);
  return w;
}

const mcl_weight *mcl_store_vector(mcl_store *s, uint32_t cols, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const mcl_weight *w = get(s, 0, cols, 0, fmt, ap);
  va_end(ap);
  return w;
}

const mcl_weight *mcl_store_conv(mcl_store *s, uint32_t rows, uint32_t cols, uint32_t kernel,
                                 const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const mcl_weight *w = get(s, rows, cols, kernel, fmt, ap);
  va_end(ap);
  return w;
}

const mcl_weight *mcl_store_computed(mcl_store *s, const char *name, uint32_t rows, uint32_t cols,
                                     void *data) {
  mapping *h = new_mapping(s);
  if (!h) {
    mcl_free(data);
    return NULL;
  }
  h->info = (mcl_mapping){name, data, (size_t)rows * cols * sizeof(float), true};
  mcl_weight *w = new_weight(s);
  if (w)
    *w = (mcl_weight){name, MCL_F32, rows, cols, 1, data, &h->info};
  return w;
}

bool mcl_store_file_at(const mcl_store *s, size_t i, mcl_st_file *out) {
  for (size_t k = 0; k < s->sets; k++)
    for (size_t f = 0; mcl_st_file_at(s->set[k], f, out); f++)
      if (i-- == 0)
        return true;
  return false;
}

const mcl_st_tensor *mcl_store_tensor_at(const mcl_store *s, size_t k) {
  for (size_t i = 0; i < s->sets; i++) {
    size_t n = mcl_st_count(s->set[i]);
    if (k < n)
      return mcl_st_at(s->set[i], k);
    k -= n;
  }
  return NULL;
}

const mcl_weight *mcl_store_weight_of(const mcl_store *s, const mcl_st_tensor *t) {
  for (size_t i = 0; i < s->weights; i++)
    if (s->weight[i]->name == t->name)
      return s->weight[i];
  return NULL;
}

void mcl_store_note_unused(mcl_store *s) {
  size_t unused = 0;
  const char *first = NULL;
  for (size_t i = 0; i < s->sets; i++)
    for (size_t k = 0; k < mcl_st_count(s->set[i]); k++) {
      const mcl_st_tensor *t = mcl_st_at(s->set[i], k);
      if (mcl_store_weight_of(s, t))
        continue;
      first = first ? first : t->name;
      unused++;
    }
  if (unused)
    mcl_store_note(s, false, "%zu tensor%s not used, '%s' the first", unused,
                   unused == 1 ? " is" : "s are", first);
}

const mcl_finding *mcl_store_findings(const mcl_store *s, size_t *n) {
  *n = s->findings;
  return s->finding;
}

size_t mcl_store_weights(const mcl_store *s) {
  return s->weights;
}

const mcl_weight *mcl_store_weight_at(const mcl_store *s, size_t i) {
  return s->weight[i];
}

int mcl_store_whole(const mcl_store *s, motcl_err *err) {
  return s->no_memory ? mcl_fail_nomem(err, sizeof(mcl_weight)) : MOTCL_OK;
}

bool mcl_store_usable(const mcl_store *s) {
  return s->errors == 0;
}

int mcl_store_check(const mcl_store *s, const char *dir, motcl_err *err) {
  if (mcl_store_usable(s))
    return MOTCL_OK;
  if (s->no_memory)
    return mcl_store_whole(s, err);
  return s->errors == 1 ? mcl_fail(err, MOTCL_EMODEL, "'%s': %s", dir, s->finding->text)
                        : mcl_fail(err, MOTCL_EMODEL, "'%s': %s, and %zu more faults", dir,
                                   s->finding->text, s->errors - 1);
}
