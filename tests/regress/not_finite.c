/* not_finite.c - one NaN or infinity among the weights gave a black picture and exit status 0, on
 * every driver: latents and pixels were looked at by nobody. And where logits were not finite, the
 * device counted as lost, which ended every other task too. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/mini.h"
#include "tests/unit/weights.h"

/* A task of each kind of request ends as it should: with the bytes of the undamaged model, or with a
 * sentence that names the weight; whether any did the latter. */
static bool is_noticed(const char *name) {
  bool any = false;
  mcl_worker *w = mini_open(0, NULL);
  for (unsigned kind = 0; kind < MINI_KINDS; kind++) {
    mcl_task *t = mini_task(w, kind, 0);
    mini_steps(w);
    if (mcl_task_status(t, NULL) == MOTCL_OK) {
      mini_is_done(t, 0, kind);
    } else {
      mini_has_failed(t, 0, MOTCL_ENUMERIC, name);
      any = true;
    }
    mcl_task_close(t);
  }
  mini_close(w);
  return any;
}

#define LAYER "language_model.model.layers.1."
#define VISION "vit_model.vision_model."

static void one_number_of_a_weight(void **state) {
  static const struct {
    const char *file, *name;
  } weights[] = {{"ema.safetensors", LAYER "self_attn.k_proj.weight"},
                 {"ema.safetensors", LAYER "self_attn.q_norm_moe_gen.weight"},
                 {"ema.safetensors", LAYER "self_attn.k_proj_moe_gen.bias"},
                 {"ema.safetensors", LAYER "mlp_moe_gen.down_proj.weight"},
                 {"ema.safetensors", LAYER "mlp.gate_proj.weight"},
                 {"ema.safetensors", "language_model.model.norm_moe_gen.weight"},
                 {"ema.safetensors", "language_model.lm_head.weight"},
                 {"ema.safetensors", "time_embedder.mlp.0.bias"},
                 {"ema.safetensors", "llm2vae.bias"},
                 {"ema.safetensors", VISION "encoder.layers.0.mlp.fc1.weight"},
                 {"ema.safetensors", "connector.fc2.bias"},
                 {"ae.safetensors", "encoder.conv_in.weight"},
                 {"ae.safetensors", "encoder.conv_out.bias"},
                 {"ae.safetensors", "decoder.mid.block_1.norm1.weight"},
                 {"ae.safetensors", "decoder.conv_out.weight"}};
  static const uint32_t odd[] = {0x7FC00000u, 0x7F800000u, 0xFF800000u};
  (void)state;
  for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
    weights_patch p = weights_begin(weights[i].file, weights[i].name);
    weights_set(&p, i % 2 ? p.n / 8 : 0, odd[i % 3]);
    if (!is_noticed(weights[i].name))
      fail_msg("nobody noticed %s", weights[i].name);
    weights_put_back(&p);
  }
}

/* A drawing that is lost says in which step, and how many numbers. */
static void a_lost_picture_says_where(void **state) {
  weights_patch p = weights_begin("ema.safetensors", "llm2vae.bias");
  (void)state;
  weights_set(&p, 0, 0x7FC00000u);
  mcl_worker *w = mini_open(0, NULL);
  mcl_task *t = mini_task(w, 0, 0);
  mini_steps(w);
  mini_has_failed(t, 0, MOTCL_ENUMERIC, "step 1 of 2");
  mini_has_failed(t, 0, MOTCL_ENUMERIC, "holds 1 NaN, at [0]");
  mcl_task_close(t);
  mini_close(w);
  weights_put_back(&p);
}

/* A token's row in the embedding is NaN: whoever says it ends, the others get what they get alone. */
static void others_go_on(void **state) {
  static const unsigned kinds[] = {0, 1, 3};
  motcl_request r = mini_request(1);
  motcl_part odd = mini_text("~");
  (void)state;
  r.part = &odd;
  mcl_worker *w = mini_open(0, NULL);
  uint32_t *ids = NULL;
  size_t n = 0;
  assert_int_equal(mcl_tok_encode(w->tok, "~", 1, &ids, &n, NULL), MOTCL_OK);
  assert_int_equal(n, 1);
  size_t hidden = w->model->config.decoder.hidden, row = ids[0] * hidden;
  mcl_free(ids);
  mini_close(w);
  weights_patch p = weights_begin("ema.safetensors", "language_model.model.embed_tokens.weight");
  weights_set(&p, row, 0x7FC00000u);
  w = mini_open(0, NULL);
  mcl_task *good[3];
  memset(&mini_hears[3], 0, sizeof mini_hears[3]);
  mcl_task *bad = mini_submit(w, &r, &mini_hears[3], NULL, NULL);
  for (size_t i = 0; i < 3; i++)
    good[i] = mini_task(w, kinds[i], i);
  mini_steps(w);
  mini_has_failed(bad, 3, MOTCL_ENUMERIC, "token 1");
  for (size_t i = 0; i < 3; i++) {
    mini_is_done(good[i], i, kinds[i]);
    mcl_task_close(good[i]);
  }
  mcl_task_close(bad);
  mini_close(w);
  weights_put_back(&p);
}

/* Half a file of zeros, as a download that broke off leaves it, wrote "!!!!". */
static void a_head_of_zeros(void **state) {
  weights_patch p = weights_begin("ema.safetensors", "language_model.lm_head.weight");
  (void)state;
  weights_fill(&p, 0);
  mcl_worker *w = mini_open(0, NULL);
  mcl_task *t = mini_task(w, 1, 0);
  mini_steps(w);
  mini_has_failed(t, 0, MOTCL_ENUMERIC,
                  "'language_model.lm_head.weight' is all zero; the model is damaged: download it "
                  "again");
  mcl_task_close(t);
  mini_close(w);
  weights_put_back(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(one_number_of_a_weight, mini_fresh),
      cmocka_unit_test_setup(a_lost_picture_says_where, mini_fresh),
      cmocka_unit_test_setup(others_go_on, mini_fresh),
      cmocka_unit_test_setup(a_head_of_zeros, mini_fresh),
  };
  return cmocka_run_group_tests(tests, mini_tasks_set_up, mini_tear_down);
}
