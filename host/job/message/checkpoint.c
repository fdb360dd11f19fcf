/* checkpoint.c - a saved task, to and from a Checkpoint message. */
#include "job/message/checkpoint.h"

#include <string.h>

#include "base/mem.h"
#include "job/message/codec.h"
#include "motcl/v1/checkpoint.pb-c.h"

const mcl_wire_kind mcl_wire_checkpoint = {&motcl__v1__checkpoint__descriptor, "saved task"};

enum { FORMAT = 1 };

void mcl_saved_task_finish(mcl_saved_task *t) {
  mcl_free(t->job);
  mcl_checkpoint_finish(&t->state);
  memset(t, 0, sizeof *t);
}

/* 32-bit values with the lowest byte first, whatever the machine has. */
static void to_wire(uint8_t *out, const void *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint32_t v;
    memcpy(&v, (const char *)values + 4 * i, sizeof v);
    for (unsigned k = 0; k < 4; k++)
      out[4 * i + k] = (uint8_t)(v >> (8 * k));
  }
}

static void from_wire(void *values, const uint8_t *in, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint32_t v = 0;
    for (unsigned k = 0; k < 4; k++)
      v |= (uint32_t)in[4 * i + k] << (8 * k);
    memcpy((char *)values + 4 * i, &v, sizeof v);
  }
}

/* ---- writing ---- */

static void put_generator(Motcl__V1__Generator *m, const mcl_rng *rng) {
  motcl__v1__generator__init(m);
  m->n_word = MCL_RNG_WORDS;
  m->word = (uint32_t *)(uintptr_t)rng->word; /* only read */
  m->has_next = true;
  m->next = rng->next;
  m->has_normal = rng->has_normal != 0;
  m->normal = m->has_normal ? rng->normal : 0;
}

static int put_saved(Motcl__V1__Saved *m, const mcl_saved *e, motcl_store *memory, motcl_err *err) {
  size_t n = mcl_saved_bytes(e);
  uint8_t *data = e->data;
  motcl__v1__saved__init(m);
  if (e->kind != MCL_SAVED_PICTURE) {
    data = mcl_store_take(memory, n, 1);
    if (!data)
      return mcl_fail_nomem(err, n);
    to_wire(data, e->data, e->count);
  }
  m->has_kind = m->has_index = m->has_data = true;
  m->kind = (Motcl__V1__SavedKind)((int)e->kind + 1);
  m->index = e->index;
  m->has_step = e->kind == MCL_SAVED_DENOISE;
  m->step = e->step;
  m->has_width = m->has_height = e->kind == MCL_SAVED_PICTURE;
  m->width = e->width;
  m->height = e->height;
  m->data = mcl_wire_bytes(data, n);
  return MOTCL_OK;
}

static int put_all(Motcl__V1__Checkpoint *m, const mcl_checkpoint *c, motcl_store *memory,
                   motcl_err *err) {
  void *all, *list;
  int rc = mcl_store_list(memory, c->count, sizeof(Motcl__V1__Saved), &all, &list, err);
  if (rc != MOTCL_OK)
    return rc;
  m->saved = list;
  m->n_saved = c->count;
  for (size_t i = 0; i < c->count && rc == MOTCL_OK; i++) {
    m->saved[i] = (Motcl__V1__Saved *)all + i;
    rc = put_saved(m->saved[i], &c->saved[i], memory, err);
  }
  return rc;
}

int mcl_saved_task_pack(const mcl_saved_task *t, uint8_t **bytes, size_t *n, motcl_err *err) {
  Motcl__V1__Checkpoint m;
  Motcl__V1__Generator noise, words;
  motcl_store memory = {0};
  motcl__v1__checkpoint__init(&m);
  m.has_format = m.has_job = m.has_model = m.has_at = m.has_of = true;
  m.format = FORMAT;
  m.job = mcl_wire_bytes(t->job, t->job_bytes);
  m.model = mcl_wire_bytes(t->model.byte, sizeof t->model.byte);
  m.fingerprint = mcl_wire_string(t->fingerprint);
  m.at = t->state.at;
  m.of = t->state.phases;
  if (t->state.at) {
    put_generator(&noise, &t->state.rng);
    put_generator(&words, &t->state.rng_text);
    m.noise = &noise;
    m.words = &words;
  }
  int rc = put_all(&m, &t->state, &memory, err);
  if (rc == MOTCL_OK)
    rc = mcl_wire_write(&mcl_wire_checkpoint, &m.base, bytes, n, err);
  mcl_store_empty(&memory);
  return rc;
}

/* ---- reading ---- */

static int malformed(motcl_err *err, const char *what) {
  return mcl_fail(err, MOTCL_EFORMAT, "the saved task %s; submit the request again", what);
}

static int take_generator(mcl_rng *rng, const Motcl__V1__Generator *m, motcl_err *err) {
  memset(rng, 0, sizeof *rng);
  if (!m || m->n_word != MCL_RNG_WORDS)
    return malformed(err, "lacks the state of a generator");
  memcpy(rng->word, m->word, sizeof rng->word);
  rng->next = m->next;
  rng->has_normal = m->has_normal != 0;
  rng->normal = m->has_normal ? m->normal : 0;
  return mcl_rng_check(rng, err);
}

static int take_saved(mcl_checkpoint *c, const Motcl__V1__Saved *m, motcl_err *err) {
  if (!m->has_kind || (int)m->kind < MOTCL__V1__SAVED_KIND__SAVED_TEXT ||
      (int)m->kind > MOTCL__V1__SAVED_KIND__SAVED_DENOISE)
    return malformed(err, "holds something that this version does not know");
  mcl_saved e = {.kind = (mcl_saved_kind)((int)m->kind - 1),
                 .index = m->index,
                 .step = m->step,
                 .width = m->width,
                 .height = m->height,
                 .data = m->data.data,
                 .count = m->data.len};
  if (e.kind != MCL_SAVED_PICTURE) {
    if (m->data.len % 4)
      return malformed(err, "was cut short");
    e.count = m->data.len / 4;
  }
  int rc = mcl_checkpoint_add(c, &e, m->data.len, err);
  if (rc == MOTCL_OK && e.kind != MCL_SAVED_PICTURE)
    from_wire(c->saved[c->count - 1].data, m->data.data, e.count);
  return rc;
}

static int take_job(mcl_saved_task *t, const Motcl__V1__Checkpoint *m, motcl_err *err) {
  if (!m->job.len)
    return malformed(err, "lacks its request");
  t->job = (uint8_t *)mcl_strndup((const char *)m->job.data, m->job.len);
  t->job_bytes = m->job.len;
  return t->job ? MOTCL_OK : mcl_fail_nomem(err, m->job.len);
}

static int take(mcl_saved_task *t, const Motcl__V1__Checkpoint *m, motcl_err *err) {
  if (m->format != FORMAT)
    return malformed(err, "is of another version of motcl");
  if (m->model.len != sizeof t->model.byte)
    return malformed(err, "does not say which model it is of");
  if (m->fingerprint && strlen(m->fingerprint) >= sizeof t->fingerprint)
    return malformed(err, "has a fingerprint that is none");
  memcpy(t->model.byte, m->model.data, sizeof t->model.byte);
  if (m->fingerprint)
    memcpy(t->fingerprint, m->fingerprint, strlen(m->fingerprint) + 1);
  t->state.at = m->at;
  t->state.phases = m->of;
  int rc = take_job(t, m, err);
  if (rc == MOTCL_OK && m->at)
    rc = take_generator(&t->state.rng, m->noise, err);
  if (rc == MOTCL_OK && m->at)
    rc = take_generator(&t->state.rng_text, m->words, err);
  for (size_t i = 0; i < m->n_saved && rc == MOTCL_OK; i++)
    rc = take_saved(&t->state, m->saved[i], err);
  return rc;
}

int mcl_saved_task_unpack(mcl_saved_task *out, const uint8_t *bytes, size_t n, motcl_err *err) {
  mcl_saved_task t = {0};
  motcl_store *store;
  int rc = mcl_wire_read(&mcl_wire_checkpoint, &store, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = take(&t, (const Motcl__V1__Checkpoint *)(const void *)store->message, err);
  mcl_store_free(store);
  if (rc == MOTCL_OK)
    *out = t;
  else
    mcl_saved_task_finish(&t);
  return rc;
}
