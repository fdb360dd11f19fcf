/* vocab.c - tokens in one block of bytes, a table by id and a hash table by bytes. */
#include "text/vocab.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define NONE UINT32_MAX

/* Printable bytes stand for themselves; the 68 others, in order, are U+0100 and on. Returns the
 * byte, or -1. */
static int byte_of(uint32_t c) {
  if ((c >= 0x21 && c <= 0x7E) || (c >= 0xA1 && c <= 0xAC) || (c >= 0xAE && c <= 0xFF))
    return (int)c;
  if (c < 0x100 || c >= 0x100 + 68)
    return -1;
  int n = (int)c - 0x100;
  if (n <= 0x20)
    return n;
  return n < 67 ? 0x7F + (n - 0x21) : 0xAD;
}

size_t mcl_vocab_unmap(const char *name, size_t n, char *out) {
  size_t put = 0;
  for (size_t at = 0; at < n;) {
    int b = byte_of(mcl_utf8_next(name, &at));
    if (b < 0)
      return SIZE_MAX;
    out[put++] = (char)b;
  }
  return put;
}

static size_t place_of(const mcl_vocab *v, const char *bytes, size_t n) {
  uint64_t h = n;
  for (size_t i = 0; i < n; i++) {
    h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x9E3779B97F4A7C15);
    h ^= h >> 29;
  }
  size_t at = (size_t)(h ^ h >> 32) & (v->places - 1);
  for (; v->place[at] != NONE; at = (at + 1) & (v->places - 1)) {
    const mcl_vocab_entry *e = &v->entry[v->place[at]];
    if (e->kind == MCL_VOCAB_BYTES && e->n == n && memcmp(v->bytes + e->at, bytes, n) == 0)
      break;
  }
  return at;
}

bool mcl_vocab_find(const mcl_vocab *v, const char *bytes, size_t n, uint32_t *id) {
  uint32_t found = v->places ? v->place[place_of(v, bytes, n)] : NONE;
  if (found == NONE)
    return false;
  *id = found;
  return true;
}

static int grow_places(mcl_vocab *v, motcl_err *err) {
  size_t many = v->places ? v->places : 64, was = v->places;
  uint32_t *old = v->place;
  if (v->places && !mcl_mul_ok(v->places, 2, &many))
    return mcl_fail_nomem(err, SIZE_MAX);
  uint32_t *place = mcl_alloc(many, sizeof *place);
  if (!place)
    return mcl_fail_nomem(err, many * sizeof *place);
  memset(place, 0xFF, many * sizeof *place);
  v->place = place;
  v->places = many;
  for (size_t i = 0; i < was; i++) {
    if (old[i] != NONE) {
      const mcl_vocab_entry *e = &v->entry[old[i]];
      place[place_of(v, v->bytes + e->at, e->n)] = old[i];
    }
  }
  mcl_free(old);
  return MOTCL_OK;
}

/* Make entry[id] exist. */
static int reach(mcl_vocab *v, uint32_t id, motcl_err *err) {
  if (id >= MCL_VOCAB_ID_LIMIT)
    return mcl_fail(err, MOTCL_EFORMAT, "a token has the id %lu; ids end at %lu", (unsigned long)id,
                    (unsigned long)MCL_VOCAB_ID_LIMIT - 1);
  if (!mcl_grow((void **)&v->entry, &v->entry_cap, id, sizeof *v->entry))
    return mcl_fail_nomem(err, ((size_t)id + 1) * sizeof *v->entry);
  for (; v->count <= id; v->count++)
    v->entry[v->count] = (mcl_vocab_entry){0};
  return MOTCL_OK;
}

/* Room for n more bytes behind v->len. */
static int reserve_bytes(mcl_vocab *v, size_t n, motcl_err *err) {
  size_t want;
  if (!mcl_add_ok(v->len, n, &want) || want > UINT32_MAX)
    return mcl_fail(err, MOTCL_EFORMAT, "the tokens have more than 4 GiB of names");
  if (!mcl_grow((void **)&v->bytes, &v->cap, want, 1))
    return mcl_fail_nomem(err, want);
  return MOTCL_OK;
}

/* Shown in errors: a name may be long, and the sentence must still end. */
static int shown(size_t n) {
  return n < 60 ? (int)n : 60;
}

int mcl_vocab_put(mcl_vocab *v, const char *name, size_t n, uint32_t id, motcl_err *err) {
  int rc = n ? reach(v, id, err) : mcl_fail(err, MOTCL_EFORMAT, "a token has an empty name");
  if (!rc)
    rc = reserve_bytes(v, n, err);
  if (!rc && v->used >= v->places / 2)
    rc = grow_places(v, err);
  if (rc)
    return rc;
  if (v->entry[id].kind != MCL_VOCAB_NONE)
    return mcl_fail(err, MOTCL_EFORMAT, "two tokens have the id %lu, one is \"%.*s\"",
                    (unsigned long)id, shown(n), name);
  mcl_vocab_entry e = {.at = (uint32_t)v->len, .n = (uint32_t)n, .kind = MCL_VOCAB_BYTES};
  size_t bytes = mcl_vocab_unmap(name, n, v->bytes + v->len);
  if (bytes == SIZE_MAX) {
    memcpy(v->bytes + v->len, name, n);
    e.kind = MCL_VOCAB_TEXT;
  } else {
    e.n = (uint32_t)bytes;
  }
  if (e.kind == MCL_VOCAB_BYTES) {
    size_t place = place_of(v, v->bytes + e.at, e.n);
    if (v->place[place] != NONE)
      return mcl_fail(err, MOTCL_EFORMAT, "the token \"%.*s\" is there twice", shown(n), name);
    v->place[place] = id;
    v->used++;
  }
  v->entry[id] = e;
  v->len += e.n;
  return MOTCL_OK;
}

/* May the added token of this name have this id? Not if the id or the name is another token's. */
static int check_added(const mcl_vocab *v, const char *name, size_t n, uint32_t id, char *scratch,
                       motcl_err *err) {
  const mcl_vocab_entry *e = &v->entry[id];
  size_t bytes = mcl_vocab_unmap(name, n, scratch);
  uint32_t other = id;
  bool same = e->kind == MCL_VOCAB_NONE;
  if (e->kind == MCL_VOCAB_BYTES)
    same = e->n == bytes && memcmp(v->bytes + e->at, scratch, bytes) == 0;
  else if (e->kind != MCL_VOCAB_NONE)
    same = e->n == n && memcmp(v->bytes + e->at, name, n) == 0;
  if (!same)
    return mcl_fail(err, MOTCL_EFORMAT, "the added token \"%.*s\" has the id %lu of another token",
                    shown(n), name, (unsigned long)id);
  if (bytes != SIZE_MAX && mcl_vocab_find(v, scratch, bytes, &other) && other != id)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the added token \"%.*s\" has the id %lu, and %lu in the vocabulary", shown(n),
                    name, (unsigned long)id, (unsigned long)other);
  return MOTCL_OK;
}

int mcl_vocab_put_added(mcl_vocab *v, const char *name, size_t n, uint32_t id, motcl_err *err) {
  int rc = reach(v, id, err);
  if (!rc)
    rc = reserve_bytes(v, n, err);
  if (!rc)
    rc = check_added(v, name, n, id, v->bytes + v->len, err);
  if (rc)
    return rc;
  memcpy(v->bytes + v->len, name, n);
  v->entry[id] =
      (mcl_vocab_entry){.at = (uint32_t)v->len, .n = (uint32_t)n, .kind = MCL_VOCAB_ADDED};
  v->len += n;
  return MOTCL_OK;
}

void mcl_vocab_free(mcl_vocab *v) {
  mcl_free(v->bytes);
  mcl_free(v->entry);
  mcl_free(v->place);
  memset(v, 0, sizeof *v);
}
