/* safetensors.c - see safetensors.h: sets of tensors over one or several mapped files. */
#include "io/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/json.h"
#include "io/st_header.h"

static const size_t max_index = 100000000;

/* A mapped file, with what its tensors point to. */
typedef struct shard {
  mcl_map map;
  json_t *header;
  char *path;
} shard;

struct mcl_st {
  shard *shards;
  size_t shard_count;
  mcl_st_tensor *tensors; /* sorted by name */
  size_t tensor_count;
};

static void shard_close(shard *s) {
  json_decref(s->header);
  mcl_map_close(&s->map);
  mcl_free(s->path);
  *s = (shard){0};
}

/* Open a file and list its tensors, an array that the caller frees. Takes over `path`. */
static int shard_open(shard *s, mcl_st_tensor **tensors, size_t *n, char *path, motcl_err *err) {
  shard got = {.path = path};
  int rc = mcl_map_open(&got.map, path, err);
  if (rc == MOTCL_OK)
    rc = mcl_st_parse(&got.header, tensors, n, got.map.data, got.map.size, path, err);
  if (rc == MOTCL_OK)
    *s = got;
  else
    shard_close(&got);
  return rc;
}

void mcl_st_close(mcl_st *st) {
  if (!st)
    return;
  for (size_t i = 0; i < st->shard_count; i++)
    shard_close(&st->shards[i]);
  mcl_free(st->shards);
  mcl_free(st->tensors);
  mcl_free(st);
}

/* An empty set with room for that many files and tensors. */
static mcl_st *set_new(size_t shards, size_t tensors) {
  mcl_st *st = mcl_alloc(1, sizeof *st);
  if (!st)
    return NULL;
  *st = (mcl_st){.shards = mcl_zalloc(shards, sizeof *st->shards),
                 .tensors = mcl_zalloc(tensors, sizeof *st->tensors)};
  if (st->shards && st->tensors)
    return st;
  mcl_st_close(st);
  return NULL;
}

int mcl_st_open(mcl_st **out, const char *path, motcl_err *err) {
  mcl_st *st = set_new(1, 0);
  char *copy = mcl_strdup(path);
  if (!st || !copy) {
    mcl_st_close(st);
    mcl_free(copy);
    return mcl_fail_nomem(err, strlen(path) + sizeof *st);
  }
  mcl_st_tensor *all;
  int rc = shard_open(&st->shards[0], &all, &st->tensor_count, copy, err);
  if (rc != MOTCL_OK) {
    mcl_st_close(st);
    return rc;
  }
  mcl_free(st->tensors);
  st->tensors = all;
  st->shard_count = 1;
  *out = st;
  return MOTCL_OK;
}

static int name_against(const void *name, const void *tensor) {
  return strcmp(name, ((const mcl_st_tensor *)tensor)->name);
}

static const mcl_st_tensor *find(const mcl_st_tensor *t, size_t n, const char *name) {
  return n > 0 ? bsearch(name, t, n, sizeof *t, name_against) : NULL;
}

const mcl_st_tensor *mcl_st_find(const mcl_st *st, const char *name) {
  return find(st->tensors, st->tensor_count, name);
}

bool mcl_st_file_at(const mcl_st *st, size_t i, mcl_st_file *out) {
  if (i >= st->shard_count)
    return false;
  const shard *s = &st->shards[i];
  *out = (mcl_st_file){s->path, s->map.data, s->map.size};
  return true;
}

const char *mcl_st_metadata(const mcl_st *st, const char *key) {
  const json_t *metadata =
      st->shard_count ? json_object_get(st->shards[0].header, "__metadata__") : NULL;
  return json_string_value(json_object_get(metadata, key));
}

size_t mcl_st_count(const mcl_st *st) {
  return st->tensor_count;
}

const mcl_st_tensor *mcl_st_at(const mcl_st *st, size_t i) {
  return i < st->tensor_count ? &st->tensors[i] : NULL;
}

/* An entry of the index's weight map; both strings belong to the parsed index. */
typedef struct mapped {
  const char *tensor, *file;
} mapped;

static int by_file(const void *a, const void *b) {
  const mapped *x = a, *y = b;
  int files = strcmp(x->file, y->file);
  return files ? files : strcmp(x->tensor, y->tensor);
}

static int by_name(const void *a, const void *b) {
  const mcl_st_tensor *x = a, *y = b;
  return strcmp(x->name, y->name);
}

int mcl_st_drop_prefix(mcl_st *st, const char *prefix, motcl_err *err) {
  const size_t n = strlen(prefix);
  for (size_t i = 0; i < st->tensor_count; i++) {
    mcl_st_tensor *t = &st->tensors[i];
    if (!strncmp(t->name, prefix, n) && t->name[n])
      t->name += n;
  }
  if (st->tensor_count)
    qsort(st->tensors, st->tensor_count, sizeof *st->tensors, by_name);
  for (size_t i = 1; i < st->tensor_count; i++)
    if (!strcmp(st->tensors[i - 1].name, st->tensors[i].name))
      return mcl_fail(err, MOTCL_EFORMAT, "'%s' holds '%s' twice, once behind '%s'",
                      st->tensors[i].file, st->tensors[i].name, prefix);
  return MOTCL_OK;
}

static bool plain_name(const char *s) {
  return *s && !strchr(s, '/') && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

/* The weight map sorted by file, as an array that the caller frees. */
static int read_map(mapped **map, size_t *n, json_t *root, motcl_err *err) {
  const json_t *weights;
  const char *tensor;
  json_t *file;
  size_t used = 0;
  int rc = mcl_json_object(root, "weight_map", &weights, err);
  if (rc != MOTCL_OK)
    return rc;
  mapped *m = mcl_alloc(json_object_size(weights), sizeof *m);
  if (!m)
    return mcl_fail_nomem(err, json_object_size(weights) * sizeof *m);
  json_t *entries = json_object_get(root, "weight_map");
  json_object_foreach(entries, tensor, file) {
    const char *name = json_string_value(file);
    if (!name || !plain_name(name)) {
      mcl_free(m);
      return mcl_fail(err, MOTCL_EFORMAT, "\"weight_map\" gives '%s' no plain file name", tensor);
    }
    m[used++] = (mapped){.tensor = tensor, .file = name};
  }
  qsort(m, used, sizeof *m, by_file);
  *map = m;
  *n = used;
  return MOTCL_OK;
}

/* Path of `file` in the folder that `beside` lies in, or NULL. */
static char *path_beside(const char *beside, const char *file) {
  const char *slash = strrchr(beside, '/');
  size_t dir = slash ? (size_t)(slash - beside) + 1 : 0;
  size_t rest = strlen(file) + 1;
  char *path = mcl_alloc(dir + rest, 1);
  if (!path)
    return NULL;
  memcpy(path, beside, dir);
  memcpy(path + dir, file, rest);
  return path;
}

/* Open one file of the set and take over the n tensors that the map says are in it. */
static int add_shard(mcl_st *st, const mapped *map, size_t n, const char *index, motcl_err *err) {
  mcl_st_tensor *all;
  size_t count;
  char *path = path_beside(index, map[0].file);
  if (!path)
    return mcl_fail_nomem(err, strlen(index) + strlen(map[0].file) + 1);
  int rc = shard_open(&st->shards[st->shard_count], &all, &count, path, err);
  if (rc != MOTCL_OK)
    return rc;
  st->shard_count++;
  for (size_t i = 0; i < n; i++) {
    const mcl_st_tensor *t = find(all, count, map[i].tensor);
    if (!t) {
      rc = mcl_fail(err, MOTCL_EFORMAT,
                    "'%s' does not hold '%s', which '%s' says it does; is a "
                    "file of another release among them?",
                    path, map[i].tensor, index);
      break;
    }
    st->tensors[st->tensor_count++] = *t;
  }
  mcl_free(all);
  return rc;
}

/* How many files there are; those that are not there in one sentence: who fetches them wants to do it once. */
static int check_there(const mapped *map, size_t n, const char *index, size_t *files,
                       motcl_err *err) {
  char missing[700] = "";
  size_t gone = 0, told = 0, at = 0;
  *files = 0;
  for (size_t i = 0; i < n; i++) {
    if (i && !strcmp(map[i].file, map[i - 1].file))
      continue;
    char *path = path_beside(index, map[i].file);
    if (!path)
      return mcl_fail_nomem(err, strlen(index) + strlen(map[i].file) + 1);
    const bool there = access(path, F_OK) == 0;
    mcl_free(path);
    ++*files;
    if (there)
      continue;
    if (told == gone && at + strlen(map[i].file) + 3 < sizeof missing) {
      at += (size_t)snprintf(missing + at, sizeof missing - at, "%s%s", gone ? ", " : "",
                             map[i].file);
      told++;
    }
    gone++;
  }
  if (!gone)
    return MOTCL_OK;
  return mcl_fail(
      err, MOTCL_EIO,
      "'%s' lists %zu files, and %zu of them %s missing: %s%s; download %s into its folder", index,
      *files, gone, gone == 1 ? "is" : "are", missing, told < gone ? ", ..." : "",
      gone == 1 ? "it" : "them");
}

int mcl_st_open_index(mcl_st **out, const char *index_json, motcl_err *err) {
  json_t *root = NULL;
  mapped *map = NULL;
  mcl_st *st = NULL;
  size_t n = 0, files = 0, last;
  int rc = mcl_json_load_file(&root, index_json, max_index, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = read_map(&map, &n, root, err);
  if (rc != MOTCL_OK) {
    rc = mcl_err_prefix(err, rc, "'%s'", index_json);
    goto done;
  }
  rc = check_there(map, n, index_json, &files, err);
  if (rc != MOTCL_OK)
    goto done;
  st = set_new(files, n);
  if (!st) {
    rc = mcl_fail_nomem(err, n * sizeof *st->tensors);
    goto done;
  }
  for (size_t i = 0; i < n && rc == MOTCL_OK; i = last) {
    for (last = i + 1; last < n && strcmp(map[last].file, map[i].file) == 0;)
      last++;
    rc = add_shard(st, map + i, last - i, index_json, err);
  }
  if (rc != MOTCL_OK)
    goto done;
  qsort(st->tensors, n, sizeof *st->tensors, by_name);
  *out = st;
  st = NULL;
done:
  mcl_st_close(st);
  mcl_free(map);
  json_decref(root);
  return rc;
}
