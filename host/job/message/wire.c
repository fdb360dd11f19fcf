/* wire.c - messages from bytes and to bytes: a look over the bytes before protobuf-c reads them,
 * and the memory it takes. */
#include "job/message/wire.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

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

/* A look over bytes; `fields` counts those of all depths. */
typedef struct scan {
  const mcl_wire_kind *kind;
  const uint8_t *at, *end;
  size_t *fields;
  motcl_err *err;
} scan;

static int cut_at(const char *where, const scan *l, const char *what) {
  return mcl_fail_at(l->err, MOTCL_EFORMAT, 0, where,
                     "the %s is no %s message, or a broken one: %s; write it again", l->kind->noun,
                     l->kind->descriptor->name, what);
}
#define cut(...) cut_at(__func__, __VA_ARGS__)

static bool read_varint(scan *l, uint64_t *out) {
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

static int check_string(const scan *l, const ProtobufCFieldDescriptor *f, size_t n) {
  size_t bad;
  if (!n)
    return MOTCL_OK;
  if (memchr(l->at, 0, n))
    return mcl_fail(l->err, MOTCL_EFORMAT, "the %s's field '%s' holds a NUL; take it out",
                    l->kind->noun, f->name);
  if (!mcl_utf8_valid((const char *)l->at, n, &bad))
    return mcl_fail(l->err, MOTCL_EFORMAT,
                    "the %s's field '%s' is no UTF-8 (byte %zu); convert it first", l->kind->noun,
                    f->name, bad + 1);
  return MOTCL_OK;
}

static int check_message(const ProtobufCMessageDescriptor *d, scan *l);

static int check_bytes(const ProtobufCFieldDescriptor *f, scan *l) {
  uint64_t n;
  int rc = MOTCL_OK;
  if (!read_varint(l, &n) || n > (size_t)(l->end - l->at))
    return cut(l, "it ends within a field");
  if (f && f->type == PROTOBUF_C_TYPE_STRING)
    rc = check_string(l, f, (size_t)n);
  if (f && f->type == PROTOBUF_C_TYPE_MESSAGE) {
    scan inner = {l->kind, l->at, l->at + n, l->fields, l->err};
    rc = check_message(f->descriptor, &inner);
  }
  l->at += n;
  return rc;
}

static int check_field(const ProtobufCFieldDescriptor *f, unsigned wire, scan *l) {
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
static int check_message(const ProtobufCMessageDescriptor *d, scan *l) {
  uint64_t tag, seen = 0;
  int rc = MOTCL_OK;
  while (l->at < l->end && rc == MOTCL_OK) {
    if (!read_varint(l, &tag) || tag >> 3 == 0 || tag >> 32 != 0)
      return cut(l, "a field has no number");
    if (++*l->fields > MCL_JOB_MAX_FIELDS)
      return mcl_fail(l->err, MOTCL_EFORMAT, "the %s has more than %d fields; ask for less",
                      l->kind->noun, MCL_JOB_MAX_FIELDS);
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

static int scan_message(const mcl_wire_kind *kind, const uint8_t *bytes, size_t n, motcl_err *err) {
  size_t fields = 0;
  if (n > MOTCL_MAX_MESSAGE)
    return mcl_fail(err, MOTCL_EFORMAT, "the %s is %zu bytes long; %zu is the most", kind->noun, n,
                    MOTCL_MAX_MESSAGE);
  if (!n)
    return MOTCL_OK;
  scan l = {kind, bytes, bytes + n, &fields, err};
  return check_message(kind->descriptor, &l);
}

/* Memory has run out, or protobuf-c refuses what was looked over, which it should not. */
static int parse(const mcl_wire_kind *kind, motcl_store *s, const uint8_t *bytes, size_t n,
                 motcl_err *err) {
  bool failed = false;
  ProtobufCAllocator from = {give, take_back, &failed};
  s->message = protobuf_c_message_unpack(kind->descriptor, &from, n, bytes);
  if (s->message)
    return MOTCL_OK;
  if (failed)
    return mcl_fail_nomem(err, n);
  return mcl_fail(err, MOTCL_EFORMAT, "the %s is no %s message, or a broken one; write it again",
                  kind->noun, kind->descriptor->name);
}

int mcl_wire_read(const mcl_wire_kind *kind, motcl_store **out, const uint8_t *bytes, size_t n,
                  motcl_err *err) {
  int rc = scan_message(kind, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  motcl_store *s = mcl_zalloc(1, sizeof *s);
  if (!s)
    return mcl_fail_nomem(err, sizeof *s);
  rc = parse(kind, s, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = mcl_message_check(s->message, kind->noun, MOTCL_EFORMAT, err);
  if (rc == MOTCL_OK)
    *out = s;
  else
    mcl_store_free(s);
  return rc;
}

int mcl_wire_write(const mcl_wire_kind *kind, const ProtobufCMessage *m, uint8_t **bytes, size_t *n,
                   motcl_err *err) {
  int rc = mcl_message_check(m, kind->noun, MOTCL_EINVAL, err);
  if (rc != MOTCL_OK)
    return rc;
  size_t size = protobuf_c_message_get_packed_size(m);
  if (size > MOTCL_MAX_MESSAGE)
    return mcl_fail(err, MOTCL_EINVAL, "the %s would be %zu bytes long; %zu is the most",
                    kind->noun, size, MOTCL_MAX_MESSAGE);
  uint8_t *p = mcl_alloc(size, 1);
  if (!p)
    return mcl_fail_nomem(err, size);
  *n = protobuf_c_message_pack(m, p);
  *bytes = p;
  return MOTCL_OK;
}

void *mcl_store_take(motcl_store *s, size_t n, size_t size) {
  void *list = (void *)s->block;
  if (!mcl_grow(&list, &s->cap, s->blocks, sizeof *s->block))
    return NULL;
  s->block = list;
  void *p = mcl_zalloc(n, size);
  if (p)
    s->block[s->blocks++] = p;
  return p;
}

int mcl_store_list(motcl_store *s, size_t n, size_t size, void **all, void **list, motcl_err *err) {
  *all = mcl_store_take(s, n, size);
  *list = mcl_store_take(s, n, sizeof(void *));
  return *all && *list ? MOTCL_OK : mcl_fail_nomem(err, n * size);
}

void mcl_store_free(motcl_store *s) {
  ProtobufCAllocator from = {give, take_back, NULL};
  if (!s)
    return;
  protobuf_c_message_free_unpacked(s->message, &from);
  mcl_store_empty(s);
  mcl_free(s);
}

void mcl_store_empty(motcl_store *s) {
  for (size_t i = 0; i < s->blocks; i++)
    mcl_free(s->block[i]);
  mcl_free((void *)s->block);
  s->block = NULL;
  s->blocks = s->cap = 0;
}

char *mcl_wire_string(const char *s) {
  char *p;
  memcpy(&p, &s, sizeof p);
  return p;
}

ProtobufCBinaryData mcl_wire_bytes(const void *data, size_t n) {
  ProtobufCBinaryData b = {.len = n};
  memcpy(&b.data, &data, sizeof data);
  return b;
}

void mcl_wire_keep(ProtobufCMessage *to, const ProtobufCMessage *was) {
  to->n_unknown_fields = was->n_unknown_fields;
  to->unknown_fields = was->unknown_fields;
}
