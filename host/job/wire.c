/* wire.c - checks of a Job message: its bytes before protobuf-c reads them, its lengths and numbers
 * after. */
#include "job/wire.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "text/utf8.h"

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5, MOST_VARINT = 10 };

static void *give(void *failed, size_t bytes) {
  void *p = mcl_alloc(bytes, 1);
  if (!p)
    *(bool *)failed = true;
  return p;
}

static void take_back(void *failed, void *p) {
  (void)failed;
  mcl_free(p);
}

ProtobufCAllocator mcl_wire_allocator(bool *failed) {
  *failed = false;
  return (ProtobufCAllocator){give, take_back, failed};
}

/* A look over bytes; `fields` counts those of all depths. */
typedef struct look {
  const uint8_t *at, *end;
  size_t *fields;
  motcl_err *err;
} look;

static int cut(const look *l, const char *what) {
  return mcl_fail(l->err, MOTCL_EFORMAT,
                  "the job is no motcl.v1.Job message, or a broken one: %s; write it again", what);
}

static bool read_varint(look *l, uint64_t *out) {
  uint64_t v = 0;
  for (unsigned i = 0; i < MOST_VARINT && l->at < l->end; i++) {
    uint8_t b = *l->at++;
    v |= (uint64_t)(b & 0x7f) << (7 * i);
    if (!(b & 0x80)) {
      *out = v;
      return i + 1 < MOST_VARINT || b <= 1;
    }
  }
  return false;
}

static bool fits(const ProtobufCFieldDescriptor *f, unsigned wire) {
  switch (f->type) {
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_BYTES:
  case PROTOBUF_C_TYPE_MESSAGE:
    return wire == WIRE_BYTES;
  case PROTOBUF_C_TYPE_FLOAT:
    return wire == WIRE_32 || wire == WIRE_BYTES;
  case PROTOBUF_C_TYPE_DOUBLE:
    return wire == WIRE_64;
  default:
    return wire == WIRE_VARINT || (f->label == PROTOBUF_C_LABEL_REPEATED && wire == WIRE_BYTES);
  }
}

static int check_string(const look *l, const ProtobufCFieldDescriptor *f, size_t n) {
  size_t bad;
  if (!n)
    return MOTCL_OK;
  if (memchr(l->at, 0, n))
    return mcl_fail(l->err, MOTCL_EFORMAT, "the job's field '%s' holds a NUL; take it out",
                    f->name);
  if (!mcl_utf8_valid((const char *)l->at, n, &bad))
    return mcl_fail(l->err, MOTCL_EFORMAT,
                    "the job's field '%s' is no UTF-8 (byte %zu); convert it first", f->name,
                    bad + 1);
  return MOTCL_OK;
}

static int check_message(const ProtobufCMessageDescriptor *d, look *l);

static int check_bytes(const ProtobufCFieldDescriptor *f, look *l) {
  uint64_t n;
  int rc = MOTCL_OK;
  if (!read_varint(l, &n) || n > (size_t)(l->end - l->at))
    return cut(l, "it ends within a field");
  if (f && f->type == PROTOBUF_C_TYPE_STRING)
    rc = check_string(l, f, (size_t)n);
  if (f && f->type == PROTOBUF_C_TYPE_MESSAGE) {
    look inner = {l->at, l->at + n, l->fields, l->err};
    rc = check_message(f->descriptor, &inner);
  }
  l->at += n;
  return rc;
}

static int check_field(const ProtobufCFieldDescriptor *f, unsigned wire, look *l) {
  uint64_t v;
  size_t n = wire == WIRE_64 ? 8 : 4;
  if (f && !fits(f, wire))
    return cut(l, "a field is of another type");
  if (wire == WIRE_BYTES)
    return check_bytes(f, l);
  if (wire == WIRE_VARINT)
    return read_varint(l, &v) ? MOTCL_OK : cut(l, "it ends within a number");
  if (wire != WIRE_64 && wire != WIRE_32)
    return cut(l, "it has a group, or a field of no type");
  if ((size_t)(l->end - l->at) < n)
    return cut(l, "it ends within a number");
  l->at += n;
  return MOTCL_OK;
}

/* Messages hold no messages of their own kind, so the depth is that of the .proto. Field numbers of
 * single messages are small: `seen` has a bit for each. */
static int check_message(const ProtobufCMessageDescriptor *d, look *l) {
  uint64_t tag, seen = 0;
  int rc = MOTCL_OK;
  while (l->at < l->end && rc == MOTCL_OK) {
    if (!read_varint(l, &tag) || tag >> 3 == 0 || tag >> 32 != 0)
      return cut(l, "a field has no number");
    if (++*l->fields > MCL_JOB_MAX_FIELDS)
      return mcl_fail(l->err, MOTCL_EFORMAT, "the job has more than %d fields; ask for less",
                      MCL_JOB_MAX_FIELDS);
    unsigned number = (unsigned)(tag >> 3);
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d, number);
    if (f && f->type == PROTOBUF_C_TYPE_MESSAGE && f->label != PROTOBUF_C_LABEL_REPEATED) {
      if (seen >> (number & 63) & 1)
        return cut(l, "something is there twice");
      seen |= (uint64_t)1 << (number & 63);
    }
    rc = check_field(f, (unsigned)(tag & 7), l);
  }
  return rc;
}

int mcl_wire_check(const ProtobufCMessageDescriptor *d, const uint8_t *bytes, size_t n,
                   motcl_err *err) {
  size_t fields = 0;
  if (!n)
    return MOTCL_OK;
  look l = {bytes, bytes + n, &fields, err};
  return check_message(d, &l);
}

static int too_long(motcl_err *err, int code, const char *what, size_t n, size_t most) {
  return mcl_fail(err, code, "the job's %s is %zu bytes long; %zu is the most", what, n, most);
}

static int check_length(const char *s, size_t most, const char *what, int code, motcl_err *err) {
  size_t n = s ? strlen(s) : 0;
  return n > most ? too_long(err, code, what, n, most) : MOTCL_OK;
}

static int check_count(size_t n, size_t most, const char *what, int code, motcl_err *err) {
  if (n <= most)
    return MOTCL_OK;
  return mcl_fail(err, code, "the job has %zu %s; %zu is the most", n, what, most);
}

static int check_part(const Motcl__V1__Part *p, size_t place, int code, motcl_err *err) {
  if (p->content_case == MOTCL__V1__PART__CONTENT_PICTURE)
    return p->picture.len > MCL_JOB_MAX_PICTURE
               ? too_long(err, code, "picture", p->picture.len, MCL_JOB_MAX_PICTURE)
               : MOTCL_OK;
  if (p->content_case != MOTCL__V1__PART__CONTENT_TEXT)
    return mcl_fail(err, code, "part %zu of the job is neither a text nor a picture", place);
  if (!*p->text)
    return mcl_fail(err, code, "part %zu of the job is an empty text; say what is wanted", place);
  return check_length(p->text, MCL_JOB_MAX_TEXT, "text", code, err);
}

static int check_label(const Motcl__V1__Label *l, int code, motcl_err *err) {
  int rc = check_length(l->key, MCL_JOB_MAX_KEY, "label's key", code, err);
  return rc == MOTCL_OK ? check_length(l->value, MCL_JOB_MAX_VALUE, "label's value", code, err)
                        : rc;
}

static int check_numbers(const Motcl__V1__Settings *s, int code, motcl_err *err) {
  const struct {
    const char *what;
    double x;
  } list[] = {{"shift", s->shift},
              {"cfg_text", s->cfg_text},
              {"cfg_image", s->cfg_image},
              {"cfg_from", s->cfg_from},
              {"cfg_to", s->cfg_to},
              {"cfg_renorm_min", s->cfg_renorm_min},
              {"temperature", s->temperature}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (!isfinite(list[i].x))
      return mcl_fail(err, code, "the job's %s is no finite number", list[i].what);
  for (size_t i = 0; i < s->n_noise; i++)
    if (!isfinite(s->noise[i]))
      return mcl_fail(err, code, "value %zu of the job's noise is no finite number", i + 1);
  return MOTCL_OK;
}

static int check_settings(const Motcl__V1__Settings *s, int code, motcl_err *err) {
  int rc = check_length(s->negative, MCL_JOB_MAX_TEXT, "negative text", code, err);
  if (rc == MOTCL_OK)
    rc = check_count(s->n_noise, MCL_JOB_MAX_NOISE, "values of noise", code, err);
  return rc == MOTCL_OK ? check_numbers(s, code, err) : rc;
}

int mcl_wire_limits(const Motcl__V1__Job *m, int code, motcl_err *err) {
  int rc = check_count(m->n_part, MCL_JOB_MAX_PARTS, "parts", code, err);
  if (rc == MOTCL_OK)
    rc = check_count(m->n_label, MCL_JOB_MAX_LABELS, "labels", code, err);
  if (rc == MOTCL_OK)
    rc = check_length(m->id, MCL_JOB_MAX_ID, "id", code, err);
  if (rc == MOTCL_OK)
    rc = check_length(m->model, MCL_JOB_MAX_MODEL, "name of the model", code, err);
  for (size_t i = 0; i < m->n_part && rc == MOTCL_OK; i++)
    rc = check_part(m->part[i], i + 1, code, err);
  for (size_t i = 0; i < m->n_label && rc == MOTCL_OK; i++)
    rc = check_label(m->label[i], code, err);
  return rc == MOTCL_OK && m->settings ? check_settings(m->settings, code, err) : rc;
}
