/* throughput_store.c - throughput of devices in a file. */
#include "job/throughput_store.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/json.h"

enum { FORMAT = 1, MOST_DEVICES = 16, MOST_GRAPHS = 64, MOST_BYTES = 1 << 20 };
static const char *const words[2] = {"bytes", "flops"};

void mcl_throughput_store_finish(mcl_throughput_store *r) {
  mcl_free(r->rate);
  memset(r, 0, sizeof *r);
}

static char *path_of(const char *dir) {
  size_t n = strlen(dir) + sizeof MCL_THROUGHPUT_FILE + 1;
  char *path = mcl_alloc(n, 1);
  if (path)
    snprintf(path, n, "%s/%s", dir, MCL_THROUGHPUT_FILE);
  return path;
}

/* The whole file, if it is one of ours; else NULL. */
static json_t *load(const char *dir) {
  uint32_t format = 0;
  json_t *all = NULL;
  char *text;
  size_t n;
  if (mcl_file_read_own(&text, &n, dir, MCL_THROUGHPUT_FILE, false, MOST_BYTES, NULL) != MOTCL_OK)
    return NULL;
  int rc = mcl_json_parse(&all, text, n, MCL_THROUGHPUT_FILE, NULL);
  mcl_free(text);
  if (rc != MOTCL_OK)
    return NULL;
  if (mcl_json_u32(all, "format", FORMAT, FORMAT, &format, NULL) == MOTCL_OK &&
      json_is_object(json_object_get(all, "devices")))
    return all;
  json_decref(all);
  return NULL;
}

static mcl_throughput_entry *rate_of(mcl_throughput_store *r, const char *graph) {
  void *p = r->rate;
  for (size_t i = 0; i < r->count; i++)
    if (!strcmp(r->rate[i].graph, graph))
      return &r->rate[i];
  if (r->count == MOST_GRAPHS || !mcl_grow(&p, &r->cap, r->count, sizeof *r->rate))
    return NULL;
  r->rate = p;
  mcl_throughput_entry *rate = &r->rate[r->count++];
  memset(rate, 0, sizeof *rate);
  snprintf(rate->graph, sizeof rate->graph, "%s", graph);
  return rate;
}

static void read_rates(mcl_throughput_store *r, json_t *device) {
  const char *graph;
  json_t *value;
  json_object_foreach(device, graph, value) {
    mcl_throughput_entry *rate = strlen(graph) < sizeof rate->graph ? rate_of(r, graph) : NULL;
    for (int many = 0; rate && many < 2; many++)
      if (mcl_json_f64_or(value, words[many], 0, 1e30, 0, &rate->rate[many], NULL) != MOTCL_OK)
        rate->rate[many] = 0;
  }
}

void mcl_throughput_store_load(mcl_throughput_store *r, const char *dir, const char *device) {
  json_t *all = dir ? load(dir) : NULL;
  memset(r, 0, sizeof *r);
  if (all)
    read_rates(r, json_object_get(json_object_get(all, "devices"), device));
  json_decref(all);
}

static json_t *device_json(const mcl_throughput_store *r) {
  json_t *all = json_object();
  for (size_t i = 0; i < r->count; i++)
    json_object_set_new(
        all, r->rate[i].graph,
        json_pack("{s:f, s:f}", words[0], r->rate[i].rate[0], words[1], r->rate[i].rate[1]));
  return all;
}

/* The device comes last, so that those that were not used for long are the first to go. */
static char *text_with(const mcl_throughput_store *r, const char *dir, const char *device) {
  json_t *all = load(dir);
  if (!all)
    all = json_pack("{s:i, s:{}}", "format", FORMAT, "devices");
  json_t *devices = json_object_get(all, "devices");
  json_object_del(devices, device);
  while (json_object_size(devices) >= MOST_DEVICES)
    json_object_del(devices, json_object_iter_key(json_object_iter(devices)));
  json_object_set_new(devices, device, device_json(r));
  char *text = mcl_json_print(all, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
  json_decref(all);
  return text;
}

bool mcl_throughput_store_save(const mcl_throughput_store *r, const char *dir, const char *device) {
  char *path = dir ? path_of(dir) : NULL;
  char *text = path ? text_with(r, dir, device) : NULL;
  if (text)
    mkdir(dir, 0700);
  bool ok = text && mcl_file_write(path, text, strlen(text), true, NULL) == MOTCL_OK;
  ok = ok && chmod(path, 0600) == 0; /* whatever the umask: who else may write is not believed */
  mcl_free(text);
  mcl_free(path);
  return ok;
}

void mcl_throughput_store_learn(mcl_throughput_store *r, const mcl_throughput *m) {
  for (size_t i = 0; i < m->count; i++) {
    mcl_throughput_entry *known = rate_of(r, m->row[i].graph);
    for (int many = 0; known && many < 2; many++) {
      double fresh = mcl_throughput_rate(&m->row[i].kind[many]), *rate = &known->rate[many];
      if (!(fresh > 0 && fresh < 1e30))
        continue;
      *rate = fresh > 1.5 * *rate ? fresh : 0.75 * *rate + 0.25 * fresh;
    }
  }
}

double mcl_throughput_store_seconds(const mcl_throughput_store *r, const mcl_plan *plan,
                                    const uint32_t *dims, uint64_t rows, double keys) {
  char name[64];
  bool many;
  double work = mcl_throughput_work(plan, dims, rows, keys, &many);
  mcl_throughput_name(name, plan);
  for (size_t i = 0; i < r->count; i++)
    if (!strcmp(r->rate[i].graph, name) && r->rate[i].rate[many] > 0)
      return work / r->rate[i].rate[many];
  return 0;
}
