/* result.c - what came of a job, to and from a Result message. */
#include "job/message/codec.h"

#include <limits.h>
#include <string.h>

const mcl_wire_kind mcl_wire_result = {&motcl__v1__result__descriptor, "result"};

static bool known(int code) {
  return protobuf_c_enum_descriptor_get_value(&motcl__v1__code__descriptor, code) != NULL;
}

/* The messages' codes are the numbers of motcl_status without their signs. */
void mcl_failure_put(Motcl__V1__Failure *m, int status, const char *sentence) {
  motcl__v1__failure__init(m);
  m->has_code = true;
  m->code = status < 0 && status > -INT_MAX && known(-status) ? (Motcl__V1__Code)-status
                                                              : MOTCL__V1__CODE__CODE_EINTERNAL;
  m->sentence = mcl_wire_string(sentence);
}

int mcl_failure_status(const Motcl__V1__Failure *m) {
  return known((int)m->code) ? -(int)m->code : MOTCL_EINTERNAL;
}

/* A message being put together. */
typedef struct draft {
  Motcl__V1__Result result;
  Motcl__V1__Failure failure;
  motcl_store memory;
  const Motcl__V1__Result *was;
} draft;

/* Of an answer, its place in the message and in the message it was read from, or NULL. */
static void put_answer(Motcl__V1__Answer *m, Motcl__V1__Picture *p, const motcl_answer *a,
                       const Motcl__V1__Answer *was) {
  motcl__v1__answer__init(m);
  if (was)
    mcl_wire_keep(&m->base, &was->base);
  m->thought = mcl_wire_string(a->thought);
  if (a->kind == MOTCL_OUTPUT_TEXT) {
    m->content_case = MOTCL__V1__ANSWER__CONTENT_TEXT;
    m->text = mcl_wire_string(a->text ? a->text : "");
    return;
  }
  motcl__v1__picture__init(p);
  if (was && was->content_case == MOTCL__V1__ANSWER__CONTENT_PICTURE)
    mcl_wire_keep(&p->base, &was->picture->base);
  m->content_case = MOTCL__V1__ANSWER__CONTENT_PICTURE;
  m->picture = p;
  p->has_file = p->has_width = p->has_height = true;
  p->file = mcl_wire_bytes(a->file, a->bytes);
  p->width = a->width;
  p->height = a->height;
}

static int put_answers(draft *d, const motcl_result *r, motcl_err *err) {
  size_t n = r->answers;
  Motcl__V1__Answer *m = mcl_store_take(&d->memory, n, sizeof *m);
  Motcl__V1__Picture *p = mcl_store_take(&d->memory, n, sizeof *p);
  Motcl__V1__Answer **list = mcl_store_take(&d->memory, n, sizeof(void *));
  if (!m || !p || !list)
    return mcl_fail_nomem(err, n * sizeof *m);
  for (size_t i = 0; i < n; i++) {
    list[i] = &m[i];
    put_answer(&m[i], &p[i], &r->answer[i],
               d->was && d->was->n_answer == n ? d->was->answer[i] : NULL);
  }
  d->result.n_answer = n;
  d->result.answer = list;
  return MOTCL_OK;
}

static void put_failure(draft *d, const motcl_result *r) {
  if (r->code == MOTCL_OK)
    return;
  mcl_failure_put(&d->failure, r->code, r->sentence);
  if (d->was && d->was->failure)
    mcl_wire_keep(&d->failure.base, &d->was->failure->base);
  d->result.failure = &d->failure;
}

int motcl_result_pack(const motcl_result *r, uint8_t **bytes, size_t *n, motcl_err *err) {
  draft d = {.was = NULL};
  Motcl__V1__Result *m = &d.result;
  motcl__v1__result__init(m);
  if (r->store) {
    d.was = (const Motcl__V1__Result *)r->store->message;
    mcl_wire_keep(&m->base, &d.was->base);
  }
  m->job = mcl_wire_string(r->job);
  m->has_seed = m->has_seconds = true;
  m->seed = r->seed;
  m->seconds = r->seconds;
  m->fingerprint = mcl_wire_string(r->fingerprint);
  m->device = mcl_wire_string(r->device);
  m->driver = mcl_wire_string(r->driver);
  m->version = mcl_wire_string(r->version);
  put_failure(&d, r);
  int rc = put_answers(&d, r, err);
  if (rc == MOTCL_OK)
    rc = mcl_wire_write(&mcl_wire_result, &m->base, bytes, n, err);
  mcl_store_empty(&d.memory);
  return rc;
}

static int read_answer(motcl_answer *a, const Motcl__V1__Answer *m, size_t place, motcl_err *err) {
  a->thought = m->thought;
  switch (m->content_case) {
  case MOTCL__V1__ANSWER__CONTENT_TEXT:
    a->kind = MOTCL_OUTPUT_TEXT;
    a->text = m->text;
    return MOTCL_OK;
  case MOTCL__V1__ANSWER__CONTENT_PICTURE:
    a->kind = MOTCL_OUTPUT_PICTURE;
    a->bytes = m->picture->file.len;
    a->file = a->bytes ? m->picture->file.data : (const uint8_t *)"";
    a->width = m->picture->width;
    a->height = m->picture->height;
    return MOTCL_OK;
  default:
    return mcl_fail(err, MOTCL_EFORMAT, "answer %zu of the result is neither a text nor a picture",
                    place);
  }
}

static int read_answers(motcl_result *r, const Motcl__V1__Result *m, motcl_err *err) {
  motcl_answer *answer = mcl_store_take(r->store, m->n_answer, sizeof *answer);
  int rc = answer ? MOTCL_OK : mcl_fail_nomem(err, m->n_answer * sizeof *answer);
  for (size_t i = 0; i < m->n_answer && rc == MOTCL_OK; i++)
    rc = read_answer(&answer[i], m->answer[i], i + 1, err);
  r->answer = answer;
  r->answers = m->n_answer;
  return rc;
}

static int read_result(motcl_result *r, motcl_err *err) {
  const Motcl__V1__Result *m = (const Motcl__V1__Result *)r->store->message;
  r->job = m->job;
  r->seed = m->seed;
  r->fingerprint = m->fingerprint;
  r->seconds = m->seconds;
  r->device = m->device;
  r->driver = m->driver;
  r->version = m->version;
  if (m->failure) {
    r->code = mcl_failure_status(m->failure);
    r->sentence = m->failure->sentence ? m->failure->sentence : motcl_status_text(r->code);
  }
  return read_answers(r, m, err);
}

int motcl_result_unpack(motcl_result *out, const uint8_t *bytes, size_t n, motcl_err *err) {
  motcl_result r = {0};
  int rc = mcl_wire_read(&mcl_wire_result, &r.store, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = read_result(&r, err);
  if (rc == MOTCL_OK)
    *out = r;
  else
    mcl_store_free(r.store);
  return rc;
}

void motcl_result_finish(motcl_result *result) {
  mcl_store_free(result->store);
  memset(result, 0, sizeof *result);
}
