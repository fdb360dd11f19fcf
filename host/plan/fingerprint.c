/* fingerprint.c - hashing a plan's numeric choices and what carries them out. */
#include "plan/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/version.h"
#include "cl/cache.h"
#include "cl/kernels.h"

void mcl_fingerprint_text(mcl_fingerprint *f, const char *text) {
  mcl_cache_key key = {{f->hash[0], f->hash[1]}};
  mcl_cache_key_add(&key, text);
  f->hash[0] = key.hash[0];
  f->hash[1] = key.hash[1];
}

static void put_number(mcl_fingerprint *f, long n) {
  char text[24];
  snprintf(text, sizeof text, "%ld", n);
  mcl_fingerprint_text(f, text);
}

mcl_fingerprint mcl_fingerprint_of(const mcl_device *device) {
  mcl_cache_key start = mcl_cache_key_init();
  mcl_fingerprint f = {{start.hash[0], start.hash[1]}};
  mcl_fingerprint_text(&f, mcl_version);
  for (size_t i = 0; i < mcl_kernel_source_count; i++) {
    mcl_fingerprint_text(&f, mcl_kernel_sources[i].name);
    for (size_t j = 0; j < mcl_kernel_sources[i].count; j++)
      mcl_fingerprint_text(&f, mcl_kernel_sources[i].lines[j]);
  }
  mcl_fingerprint_text(&f, device->driver->name);
  put_number(&f, (long)device->driver->version);
  mcl_fingerprint_text(&f, device->info.name);
  mcl_fingerprint_text(&f, device->info.platform);
  mcl_fingerprint_text(&f, device->info.version);
  return f;
}

void mcl_fingerprint_plan(mcl_fingerprint *f, const mcl_plan *plan) {
  mcl_fingerprint_text(f, mcl_graph_name(plan->graph));
  for (size_t i = 0; i < plan->steps; i++) {
    const mcl_step *s = &plan->step[i];
    mcl_fingerprint_text(f, mcl_op_get(s->node.op)->name);
    put_number(f, (long)s->node.expert);
    put_number(f, s->node.layer);
    mcl_fingerprint_text(f, s->numeric);
  }
}

void mcl_fingerprint_print(const mcl_fingerprint *f, char out[MCL_FINGERPRINT_SIZE]) {
  snprintf(out, MCL_FINGERPRINT_SIZE, "%016" PRIx64 "%016" PRIx64, f->hash[0], f->hash[1]);
}
