/* model_check.c - tests of host/model/check.h on the hash-made miniature: what is found in a weight
 * that was changed, what is not found in one that was not, and what was read. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/types.h>

#include <sha2.h>

#include "model/check.h"
#include "model/store.h"
#include "weights.h"

#define LAYER "language_model.model.layers.1."
#define NAN_BITS 0x7FC00000u
#define ONE_BITS 0x3F800000u
#define HALF_BITS 0x3F000000u

static mcl_model *open_model(void) {
  const mcl_finding *f;
  motcl_err err = {0};
  mcl_model *m = NULL;
  size_t n;
  if (mcl_model_inspect(&m, tmp_name, &f, &n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return m;
}

/* How many findings of a check are errors, or remarks, that have a text in them; NULL: any. */
static size_t found(bool error, const char *text) {
  mcl_model *m = open_model();
  mcl_check c = {0};
  motcl_err err = {0};
  size_t n, count = 0;
  if (mcl_model_check(&c, m, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  const mcl_finding *f = mcl_model_findings(m, &n);
  for (size_t i = 0; i < n; i++)
    count += f[i].error == error && (!text || strstr(f[i].text, text));
  mcl_check_finish(&c);
  mcl_model_close(m);
  return count;
}

static void a_good_model(void **state) {
  (void)state;
  assert_int_equal(found(true, NULL), 0);
  assert_int_equal(found(false, NULL), 0);
}

static void what_is_wrong_is_named(void **state) {
  static const struct {
    const char *file, *name;
    uint32_t bits;
    bool all, error;
    const char *text;
  } tries[] = {
      {"ema.safetensors", LAYER "mlp.up_proj.weight", NAN_BITS, false, true,
       "'" LAYER "mlp.up_proj.weight' holds 1 NaN, at [0, 5]"},
      {"ae.safetensors", "decoder.conv_in.bias", 0x7F800000u, false, true,
       "'decoder.conv_in.bias' holds 1 infinity, at [5]"},
      {"ema.safetensors", LAYER "self_attn.o_proj.weight", 0, true, true,
       "'" LAYER "self_attn.o_proj.weight' is all zero"},
      {"ema.safetensors", "llm2vae.weight", HALF_BITS, true, true,
       "'llm2vae.weight' holds one number only, 0.5"},
      {"ema.safetensors", LAYER "input_layernorm.weight", 0, true, true,
       "'" LAYER "input_layernorm.weight' is all zero"},
      {"ema.safetensors", LAYER "self_attn.q_proj.bias", HALF_BITS, true, true,
       "holds one number only, 0.5"},
      {"ema.safetensors", LAYER "self_attn.q_proj.bias", 0, true, false, "1 bias or norm is"},
      {"ema.safetensors", LAYER "input_layernorm.weight", ONE_BITS, true, false,
       "1 bias or norm is"},
      {"ae.safetensors", "encoder.mid.block_1.conv2.weight", 0, true, true,
       "'encoder.mid.block_1.conv2.weight' is all zero"},
      {"ae.safetensors", "encoder.mid.block_1.conv2.weight", ONE_BITS, true, true,
       "holds one number only, 1"}};
  (void)state;
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    weights_patch p = weights_begin(tries[i].file, tries[i].name);
    if (tries[i].all)
      weights_fill(&p, tries[i].bits);
    else
      weights_set(&p, 5, tries[i].bits);
    if (found(tries[i].error, tries[i].text) != 1 || found(tries[i].error, NULL) != 1 ||
        found(!tries[i].error, NULL) != 0)
      fail_msg("%s, changed, is not told as: %s", tries[i].name, tries[i].text);
    weights_put_back(&p);
  }
}

/* A block of the autoencoder may be switched off, by all its matrices. */
static void a_block_is_switched_off(void **state) {
  static const char *const names[] = {"encoder.mid.attn_1.q.weight", "encoder.mid.attn_1.k.weight",
                                      "encoder.mid.attn_1.v.weight",
                                      "encoder.mid.attn_1.proj_out.weight"};
  weights_patch p[4];
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    p[i] = weights_begin("ae.safetensors", names[i]);
    weights_fill(&p[i], i % 2 ? 0x80000000u : 0);
    assert_int_equal(found(true, "is all zero"), i < 3 ? i + 1 : 0);
  }
  assert_int_equal(found(false, "4 matrices of the autoencoder are all zero"), 1);
  for (size_t i = 0; i < 4; i++)
    weights_put_back(&p[i]);
}

/* Half a file of zeros: very much is wrong, and that there is more is told. */
static void half_a_file(void **state) {
  weights_patch all = weights_begin("ema.safetensors", "connector.fc1.bias");
  (void)state;
  assert_int_equal(fseek(all.f, 0, SEEK_END), 0);
  long end = ftell(all.f), middle = end / 2;
  unsigned char *was = weights_read(all.f, middle, (size_t)(end - middle));
  unsigned char *zeros = mcl_zalloc((size_t)(end - middle), 1);
  assert_non_null(zeros);
  weights_write(all.f, middle, zeros, (size_t)(end - middle));
  assert_true(found(true, "is all zero") > 5);
  weights_write(all.f, middle, was, (size_t)(end - middle));
  mcl_free(was);
  mcl_free(zeros);
  weights_put_back(&all);
  assert_int_equal(found(true, NULL), 0);
}

/* However much else was noted before, an error counts, and is listed in front. */
static void errors_among_remarks(void **state) {
  motcl_err err = {0};
  size_t n;
  (void)state;
  mcl_store *s = mcl_store_create();
  assert_non_null(s);
  for (unsigned i = 0; i < 300; i++)
    mcl_store_note(s, false, "remark %u", i);
  assert_true(mcl_store_usable(s));
  assert_int_equal(mcl_store_check(s, "m", &err), MOTCL_OK);
  for (unsigned i = 0; i < 300; i++) {
    mcl_store_note(s, true, "error %u", i);
    assert_false(mcl_store_usable(s));
    assert_int_equal(mcl_store_check(s, "m", &err), MOTCL_EMODEL);
    assert_memory_equal(err.text, "'m': error 0", strlen("'m': error 0"));
  }
  assert_non_null(strstr(err.text, "and 299 more"));
  const mcl_finding *f = mcl_store_findings(s, &n);
  assert_int_equal(n, 402);
  for (size_t i = 0; i < n; i++)
    assert_int_equal(f[i].error, i < 201);
  assert_string_equal(f[199].text, "error 199");
  assert_non_null(strstr(f[200].text, "more errors"));
  assert_string_equal(f[201].text, "remark 0");
  assert_non_null(strstr(f[401].text, "more remarks"));
  mcl_store_destroy(s);
}

/* What was looked through for who is to blame. */
static void the_first_that_is_wrong(void **state) {
  weights_patch dead = weights_begin("ema.safetensors", LAYER "self_attn.q_proj.weight");
  weights_patch odd = weights_begin("ae.safetensors", "decoder.conv_out.weight");
  char text[MCL_FAULT_TEXT];
  const mcl_weight *bad;
  (void)state;
  mcl_model *m = open_model();
  assert_int_equal(mcl_model_look(m, 60, &bad, text), MCL_WEIGHTS_GOOD);
  assert_int_equal(mcl_model_look(m, -1, &bad, text), MCL_WEIGHTS_UNKNOWN);
  mcl_model_close(m);
  weights_fill(&dead, 0);
  m = open_model();
  assert_int_equal(mcl_model_look(m, 60, &bad, text), MCL_WEIGHTS_BAD);
  assert_string_equal(bad->name, LAYER "self_attn.q_proj.weight");
  mcl_model_close(m);
  weights_set(&odd, 0, NAN_BITS);
  m = open_model();
  assert_int_equal(mcl_model_look(m, 60, &bad, text), MCL_WEIGHTS_BAD);
  assert_string_equal(bad->name, "decoder.conv_out.weight");
  assert_string_equal(text, "holds 1 NaN, at [0, 0]");
  mcl_model_close(m);
  weights_put_back(&dead);
  weights_put_back(&odd);
}

/* ---- what was read ---- */

typedef struct heard {
  uint64_t done, of;
  unsigned calls, stop;
} heard;

static bool on_progress(void *user, uint64_t done, uint64_t of) {
  heard *h = user;
  assert_true(done > h->done && done <= of);
  assert_true(!h->calls || h->of == of);
  h->done = done;
  h->of = of;
  return ++h->calls != h->stop;
}

static void every_byte_is_read(void **state) {
  mcl_model *m = open_model();
  mcl_check c = {0};
  heard h = {0};
  uint64_t bytes = 0;
  (void)state;
  assert_int_equal(mcl_model_check(&c, m, on_progress, &h, NULL), MOTCL_OK);
  assert_int_equal(c.files, 2);
  assert_int_equal(h.done, h.of);
  assert_int_equal(h.of, c.bytes);
  for (size_t i = 0; i < c.files; i++) {
    char want[65];
    assert_non_null(SHA256File(c.file[i].path, want));
    assert_string_equal(c.file[i].sha256, want);
    bytes += c.file[i].bytes;
  }
  assert_int_equal(bytes, c.bytes);
  assert_true(c.tensors > 300);
  mcl_check_finish(&c);
  mcl_model_close(m);
}

static void it_ends_when_it_is_told_to(void **state) {
  mcl_model *m = open_model();
  mcl_check c = {0};
  (void)state;
  for (unsigned stop = 1; stop < 400; stop += 57) {
    heard h = {.stop = stop};
    assert_int_equal(mcl_model_check(&c, m, on_progress, &h, NULL), MOTCL_ECANCELLED);
    assert_int_equal(h.calls, stop);
    assert_null(c.file);
  }
  mcl_model_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_model),
      cmocka_unit_test(what_is_wrong_is_named),
      cmocka_unit_test(a_block_is_switched_off),
      cmocka_unit_test(half_a_file),
      cmocka_unit_test(errors_among_remarks),
      cmocka_unit_test(the_first_that_is_wrong),
      cmocka_unit_test(every_byte_is_read),
      cmocka_unit_test(it_ends_when_it_is_told_to),
  };
  return cmocka_run_group_tests(tests, tmpdir_model, tmpdir_drop);
}
