/* field_limits.c - one table of the limits of all messages, and the walk that holds a message against it.
 */
#include "job/message/field_limits.h"

#include <math.h>
#include <string.h>

#include "motcl/v1/checkpoint.pb-c.h"
#include "motcl/v1/daemon.pb-c.h"
#include "motcl/v1/device_process.pb-c.h"
#include "motcl/v1/event.pb-c.h"
#include "motcl/v1/job.pb-c.h"
#include "motcl/v1/plan.pb-c.h"
#include "base/utf8.h"

/* `what` is the field in a sentence: "the job's WHAT is ... long", "the job has 5 WHAT". */
typedef struct limit {
  const ProtobufCMessageDescriptor *of;
  uint32_t field;
  size_t most;
  const char *what;
} limit;

static const limit limits[] = {
    {&motcl__v1__job__descriptor, 1, MCL_JOB_MAX_ID, "id"},
    {&motcl__v1__job__descriptor, 2, MCL_JOB_MAX_MODEL, "name of the model"},
    {&motcl__v1__job__descriptor, 3, MCL_JOB_MAX_PARTS, "parts"},
    {&motcl__v1__job__descriptor, 4, MCL_JOB_MAX_OUTPUTS, "outputs"},
    {&motcl__v1__job__descriptor, 9, MCL_JOB_MAX_LABELS, "labels"},
    {&motcl__v1__job__descriptor, 10, MCL_JOB_MAX_ITEMS, "items"},
    {&motcl__v1__wanted__descriptor, 4, MCL_JOB_MAX_MADE, "parts of an output"},
    {&motcl__v1__part__descriptor, 1, MCL_JOB_MAX_TEXT, "text"},
    {&motcl__v1__part__descriptor, 2, MCL_JOB_MAX_PICTURE, "picture"},
    {&motcl__v1__part__descriptor, 3, MCL_JOB_MAX_TEXT, "answer"},
    {&motcl__v1__part__descriptor, 4, MCL_JOB_MAX_TEXT, "system text"},
    {&motcl__v1__label__descriptor, 1, MCL_JOB_MAX_KEY, "label's key"},
    {&motcl__v1__label__descriptor, 2, MCL_JOB_MAX_VALUE, "label's value"},
    {&motcl__v1__settings__descriptor, 12, MCL_JOB_MAX_TEXT, "negative text"},
    {&motcl__v1__settings__descriptor, 13, MCL_JOB_MAX_NOISE, "values of noise"},
    {&motcl__v1__settings__descriptor, 24, MOTCL_MAX_STOPS, "stop texts"},
    {&motcl__v1__settings__descriptor, 25, MOTCL_MAX_PROTOCOL, "protocol"},

    {&motcl__v1__checkpoint__descriptor, 2, MOTCL_MAX_MESSAGE, "request"},
    {&motcl__v1__checkpoint__descriptor, 3, 32, "model"},
    {&motcl__v1__checkpoint__descriptor, 4, MCL_MAX_WORD, "fingerprint"},
    {&motcl__v1__checkpoint__descriptor, 9, 4096, "saved entries"},
    {&motcl__v1__generator__descriptor, 1, 624, "words of a generator"},
    {&motcl__v1__saved__descriptor, 6, MCL_JOB_MAX_PICTURE, "saved data"},
    {&motcl__v1__saved_job__descriptor, 2, MCL_JOB_MAX_ID, "id"},
    {&motcl__v1__saved_job__descriptor, 3, MOTCL_MAX_MESSAGE, "task"},
    {&motcl__v1__saved_job__descriptor, 6, MCL_JOB_MAX_OUTPUTS, "outputs"},
    {&motcl__v1__saved_output__descriptor, 1, MCL_JOB_MAX_TEXT, "words"},

    {&motcl__v1__event__descriptor, 1, MCL_JOB_MAX_ID, "job's id"},
    {&motcl__v1__started__descriptor, 1, MCL_MAX_NAME, "device"},
    {&motcl__v1__started__descriptor, 2, MCL_MAX_WORD, "driver"},
    {&motcl__v1__text_delta__descriptor, 1, MCL_EVENT_MAX_TEXT, "text"},

    {&motcl__v1__result__descriptor, 1, MCL_JOB_MAX_ID, "job's id"},
    {&motcl__v1__result__descriptor, 2, MCL_JOB_MAX_OUTPUTS, "answers"},
    {&motcl__v1__result__descriptor, 5, MCL_MAX_WORD, "fingerprint"},
    {&motcl__v1__result__descriptor, 7, MCL_MAX_NAME, "device"},
    {&motcl__v1__result__descriptor, 8, MCL_MAX_WORD, "driver"},
    {&motcl__v1__result__descriptor, 9, MCL_MAX_WORD, "version"},
    {&motcl__v1__answer__descriptor, 1, MCL_JOB_MAX_TEXT, "text"},
    {&motcl__v1__answer__descriptor, 3, MCL_JOB_MAX_TEXT, "thought"},
    {&motcl__v1__picture__descriptor, 1, MCL_JOB_MAX_PICTURE, "picture"},
    {&motcl__v1__failure__descriptor, 2, MCL_MAX_SENTENCE, "sentence"},

    {&motcl__v1__device__descriptor, 1, MCL_MAX_WORD, "driver"},
    {&motcl__v1__device__descriptor, 2, MCL_MAX_WORD, "kind"},
    {&motcl__v1__device__descriptor, 3, MCL_MAX_NAME, "name"},
    {&motcl__v1__device__descriptor, 4, MCL_MAX_NAME, "platform"},
    {&motcl__v1__device__descriptor, 5, MCL_MAX_NAME, "version"},

    {&motcl__v1__submit__descriptor, 1, MOTCL_MAX_MESSAGE, "job"},
    {&motcl__v1__which_job__descriptor, 1, MCL_JOB_MAX_ID, "id"},
    {&motcl__v1__response__descriptor, 5, MOTCL_MAX_MESSAGE, "event"},
    {&motcl__v1__response__descriptor, 6, MOTCL_MAX_MESSAGE, "result"},
    {&motcl__v1__refused__descriptor, 3, MCL_MAX_SENTENCE, "sentence"},
    {&motcl__v1__job_status__descriptor, 1, MCL_JOB_MAX_ID, "id"},
    {&motcl__v1__job_status__descriptor, 5, MCL_MAX_WORD, "words for what is asked"},
    {&motcl__v1__job_status__descriptor, 6, MCL_JOB_MAX_MODEL, "name of the model"},
    {&motcl__v1__job_status__descriptor, 12, MCL_MAX_WORD, "phase"},
    {&motcl__v1__job_status__descriptor, 16, MCL_MAX_NAME, "device"},
    {&motcl__v1__job_status__descriptor, 20, MCL_MAX_SENTENCE, "sentence"},
    {&motcl__v1__job_status__descriptor, 23, MCL_JOB_MAX_LABELS, "labels"},
    {&motcl__v1__job_label__descriptor, 1, MCL_JOB_MAX_KEY, "label's key"},
    {&motcl__v1__job_label__descriptor, 2, MCL_JOB_MAX_VALUE, "label's value"},
    {&motcl__v1__job_list__descriptor, 1, 1000, "jobs"},
    {&motcl__v1__daemon_status__descriptor, 1, MCL_MAX_WORD, "version"},
    {&motcl__v1__daemon_status__descriptor, 6, 256, "models"},
    {&motcl__v1__daemon_status__descriptor, 7, MCL_MAX_WORD, "devices"},
    {&motcl__v1__daemon_status__descriptor, 8, MCL_MAX_SENTENCE, "trouble"},
    {&motcl__v1__daemon_device__descriptor, 1, MCL_MAX_NAME, "device's option"},
    {&motcl__v1__daemon_device__descriptor, 2, MCL_MAX_NAME, "device"},
    {&motcl__v1__daemon_device__descriptor, 3, MCL_MAX_WORD, "driver"},
    {&motcl__v1__daemon_device__descriptor, 7, MCL_MAX_SENTENCE, "trouble"},

    {&motcl__v1__run_job__descriptor, 2, 4096, "folder of the model"},
    {&motcl__v1__run_job__descriptor, 3, MOTCL_MAX_MESSAGE, "job"},
    {&motcl__v1__run_job__descriptor, 4, MOTCL_MAX_MESSAGE, "saved job"},
    {&motcl__v1__report__descriptor, 3, MOTCL_MAX_MESSAGE, "event"},
    {&motcl__v1__report__descriptor, 4, MOTCL_MAX_MESSAGE, "saved job"},
    {&motcl__v1__report__descriptor, 5, MOTCL_MAX_MESSAGE, "result"},
    {&motcl__v1__report__descriptor, 7, MCL_MAX_SENTENCE, "reason"},
    {&motcl__v1__device_ready__descriptor, 1, MCL_MAX_NAME, "device"},
    {&motcl__v1__device_ready__descriptor, 2, MCL_MAX_WORD, "driver"},

    {&motcl__v1__plan__descriptor, 2, MCL_MAX_WORD, "fingerprint"},
    {&motcl__v1__plan__descriptor, 3, 65536, "graphs"},
    {&motcl__v1__estimate__descriptor, 3, MCL_MAX_WORD, "phases"},
    {&motcl__v1__phase_work__descriptor, 1, MCL_MAX_WORD, "phase"},
    {&motcl__v1__graph_plan__descriptor, 1, MCL_MAX_WORD, "graph's name"},
    {&motcl__v1__graph_plan__descriptor, 5, MCL_MAX_WORD, "sizes of a batch"},
    {&motcl__v1__graph_plan__descriptor, 7, 1024, "rows"},
    {&motcl__v1__size__descriptor, 1, MCL_MAX_WORD, "size's name"},
    {&motcl__v1__plan_row__descriptor, 1, MCL_MAX_WORD, "op"},
    {&motcl__v1__plan_row__descriptor, 2, MCL_MAX_WORD, "expert"},
    {&motcl__v1__plan_row__descriptor, 3, MCL_MAX_WORD, "variant"},
    {&motcl__v1__plan_row__descriptor, 4, MCL_MAX_WORD, "class"},
};

/* Of each value of a repeated string; how many there are is above. */
static const limit each[] = {
    {&motcl__v1__daemon_status__descriptor, 6, MCL_JOB_MAX_MODEL, "name of a model"},
    {&motcl__v1__settings__descriptor, 24, MOTCL_MAX_STOP_TEXT, "stop text"},
};

static const limit *find_in(const limit *list, size_t n, const ProtobufCMessageDescriptor *d,
                            uint32_t field) {
  for (size_t i = 0; i < n; i++)
    if (list[i].of == d && list[i].field == field)
      return &list[i];
  return NULL;
}

static const limit *find(const ProtobufCMessageDescriptor *d, uint32_t field) {
  return find_in(limits, sizeof limits / sizeof *limits, d, field);
}

static const limit *find_each(const ProtobufCMessageDescriptor *d, uint32_t field) {
  return find_in(each, sizeof each / sizeof *each, d, field);
}

size_t mcl_field_limit(const ProtobufCMessageDescriptor *d, uint32_t field) {
  const limit *l = find(d, field);
  return l ? l->most : 0;
}

size_t mcl_field_limit_each(const ProtobufCMessageDescriptor *d, uint32_t field) {
  const limit *l = find_each(d, field);
  return l ? l->most : 0;
}

typedef struct walk {
  const char *noun;
  int code;
  motcl_err *err;
} walk;

static int check_length(const walk *w, const limit *l, size_t n) {
  if (!l || n <= l->most)
    return MOTCL_OK;
  return mcl_fail(w->err, w->code, "the %s's %s is %zu bytes long; %zu is the most", w->noun,
                  l->what, n, l->most);
}

static int check_string(const walk *w, const ProtobufCFieldDescriptor *f, const limit *l,
                        const char *s) {
  size_t n = s ? strlen(s) : 0, bad;
  int rc = check_length(w, l, n);
  if (rc != MOTCL_OK || !n || mcl_utf8_valid(s, n, &bad))
    return rc;
  return mcl_fail(w->err, w->code, "the %s's field '%s' is no UTF-8 (byte %zu); convert it first",
                  w->noun, f->name, bad + 1);
}

static int check_walk(const walk *w, const ProtobufCMessage *m);

/* One value of a field, at `at` in protobuf-c's form. */
static int check_value(const walk *w, const ProtobufCFieldDescriptor *f, const limit *l,
                       const void *at, size_t place) {
  double x = 0;
  switch (f->type) {
  case PROTOBUF_C_TYPE_MESSAGE: {
    const ProtobufCMessage *inner = *(const ProtobufCMessage *const *)at;
    return inner ? check_walk(w, inner) : MOTCL_OK;
  }
  case PROTOBUF_C_TYPE_STRING:
    return check_string(w, f, l, *(const char *const *)at);
  case PROTOBUF_C_TYPE_BYTES:
    return check_length(w, l, ((const ProtobufCBinaryData *)at)->len);
  case PROTOBUF_C_TYPE_DOUBLE:
    x = *(const double *)at;
    break;
  case PROTOBUF_C_TYPE_FLOAT:
    x = (double)*(const float *)at;
    break;
  default:
    break;
  }
  if (isfinite(x))
    return MOTCL_OK;
  if (place)
    return mcl_fail(w->err, w->code, "value %zu of the %s's %s is no finite number", place, w->noun,
                    f->name);
  return mcl_fail(w->err, w->code, "the %s's %s is no finite number", w->noun, f->name);
}

/* Bytes from one value of a repeated field to the next; 0: of a type that needs no look. */
static size_t size_of(ProtobufCType type) {
  switch (type) {
  case PROTOBUF_C_TYPE_MESSAGE:
  case PROTOBUF_C_TYPE_STRING:
    return sizeof(void *);
  case PROTOBUF_C_TYPE_BYTES:
    return sizeof(ProtobufCBinaryData);
  case PROTOBUF_C_TYPE_FLOAT:
    return sizeof(float);
  case PROTOBUF_C_TYPE_DOUBLE:
    return sizeof(double);
  default:
    return 0;
  }
}

static int check_repeated(const walk *w, const ProtobufCFieldDescriptor *f, const limit *l,
                          size_t n, const char *values) {
  size_t size = size_of(f->type);
  int rc = MOTCL_OK;
  if (l && n > l->most)
    return mcl_fail(w->err, w->code, "the %s has %zu %s; %zu is the most", w->noun, n, l->what,
                    l->most);
  for (size_t i = 0; size && i < n && rc == MOTCL_OK; i++)
    rc = check_value(w, f, l ? find_each(l->of, f->id) : NULL, values + i * size, i + 1);
  return rc;
}

static int check_walk(const walk *w, const ProtobufCMessage *m) {
  const ProtobufCMessageDescriptor *d = m->descriptor;
  int rc = MOTCL_OK;
  for (unsigned i = 0; i < d->n_fields && rc == MOTCL_OK; i++) {
    const ProtobufCFieldDescriptor *f = &d->fields[i];
    const char *at = (const char *)m + f->offset,
               *quantity = (const char *)m + f->quantifier_offset;
    const limit *l = find(d, f->id);
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
      rc = check_repeated(w, f, l, *(const size_t *)(const void *)quantity,
                          *(const char *const *)(const void *)at);
    else if (!(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
             *(const uint32_t *)(const void *)quantity == f->id)
      rc = check_value(w, f, l, at, 0);
  }
  return rc;
}

int mcl_message_check(const ProtobufCMessage *m, const char *noun, int code, motcl_err *err) {
  walk w = {noun, code, err};
  return check_walk(&w, m);
}
