/* fingerprint.c - hashing a plan's numeric choices and what carries them out. */
#include "plan/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "cl/kernels.h"

/* Two unlike 64-bit hashes side by side: FNV-1a, and a rotating multiply. A fingerprint notices a
 * mix-up; it keeps nobody out who means harm. */
void mcl_fingerprint_text(mcl_fingerprint *f, const char *text) {
  uint64_t a = f->hash[0], b = f->hash[1];
  for (size_t i = 0, n = strlen(text) + 1; i < n; i++) {
    const unsigned char byte = (unsigned char)text[i];
    a = (a ^ byte) * UINT64_C(0x100000001B3);
    b ^= byte;
    b = ((b << 23) | (b >> 41)) * UINT64_C(0x9E3779B97F4A7C15);
  }
  f->hash[0] = a;
  f->hash[1] = b;
}

static void put_number(mcl_fingerprint *f, long n) {
  char text[24];
  snprintf(text, sizeof text, "%ld", n);
  mcl_fingerprint_text(f, text);
}

mcl_fingerprint mcl_fingerprint_of(const mcl_device *device) {
  /* any numbers do, and others would change every fingerprint */
  mcl_fingerprint f = {{UINT64_C(0xFB2FBF10B01DDA8F), UINT64_C(0x8676E47DC17219C1)}};
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
