/* golden_inputs.c - what stands before the model, against tests/golden/data: ids of texts, sizes
 * and bytes of pictures, noise. The arrays that the motcl command's --dump does not hold. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/file.h"
#include "io/picture.h"
#include "tests/unit/golden.h"
#include "text/tokenizer.h"

#define MOST_FILE ((size_t)1 << 20)

static golden mot;
static json_t *recorded; /* the cases of index.json */

static int open_all(void **state) {
  json_error_t e;
  (void)state;
  mot = golden_model("mot");
  json_t *root = json_load_file(golden_path("mot/index.json"), JSON_ALLOW_NUL, &e);
  recorded = json_incref(json_object_get(root, "cases"));
  json_decref(root);
  return recorded ? 0 : -1;
}

static int close_all(void **state) {
  (void)state;
  json_decref(recorded);
  golden_model_close(&mot);
  return 0;
}

/* Ids of a text, begin and end marker around them where `marked`. */
static void check_ids(const mcl_tok *tok, const json_t *text, const json_t *ids, bool marked) {
  uint32_t *got = NULL, begin = 0, end = 0;
  size_t n = 0, at = marked ? 1 : 0;
  motcl_err err = {0};
  if (mcl_tok_encode(tok, json_string_value(text), json_string_length(text), &got, &n, &err) ||
      mcl_tok_id(tok, "<|im_start|>", &begin, &err) || mcl_tok_id(tok, "<|im_end|>", &end, &err))
    fail_msg("%s", err.text);
  assert_int_equal(json_array_size(ids), n + 2 * at);
  for (size_t i = 0; i < n; i++)
    assert_int_equal(json_integer_value(json_array_get(ids, i + at)), got[i]);
  if (marked) {
    assert_int_equal(json_integer_value(json_array_get(ids, 0)), begin);
    assert_int_equal(json_integer_value(json_array_get(ids, n + 1)), end);
  }
  mcl_free(got);
}

static void check_decoded(const mcl_tok *tok, const json_t *row) {
  const json_t *ids = json_object_get(row, "ids"), *want = json_object_get(row, "decoded");
  size_t n = json_array_size(ids), bytes;
  uint32_t *id = mcl_alloc(n + 1, sizeof *id);
  char *text;
  assert_non_null(id);
  for (size_t i = 0; i < n; i++)
    id[i] = (uint32_t)json_integer_value(json_array_get(ids, i));
  assert_int_equal(mcl_tok_decode(tok, id, n, &text, &bytes, NULL), MOTCL_OK);
  assert_int_equal(bytes, json_string_length(want));
  assert_memory_equal(text, json_string_value(want), bytes);
  mcl_free(text);
  mcl_free(id);
}

static void check_texts(const char *folder) {
  mcl_tok *tok;
  motcl_err err = {0};
  const json_t *rows = json_object_get(json_object_get(recorded, "tok"), "rows"), *row;
  size_t i;
  if (mcl_tok_open(&tok, folder, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(json_array_size(rows), 36);
  json_array_foreach(rows, i, row) {
    check_ids(tok, json_object_get(row, "text"), json_object_get(row, "ids"), false);
    check_decoded(tok, row);
  }
  static const char *const prefilled[] = {"prefill", "prefill_2", "greedy"};
  for (i = 0; i < 3; i++) {
    const json_t *c = json_object_get(recorded, prefilled[i]);
    const json_t *segment = json_array_get(json_object_get(c, "text_segments"), 0);
    check_ids(tok, json_object_get(c, "text"), json_object_get(segment, "ids"), true);
  }
  mcl_tok_close(tok);
}

static void ids_by_vocabulary_and_merges(void **state) {
  (void)state;
  char folder[64];
  snprintf(folder, sizeof folder, "%s/model", mot.folder);
  check_texts(folder);
}

static void ids_by_one_file(void **state) {
  (void)state;
  char command[256], folder[64];
  snprintf(folder, sizeof folder, "%s/one", mot.folder);
  snprintf(command, sizeof command,
           "tests/golden/make_hashed --one-tokenizer %s >/dev/null && test ! -e %s/merges.txt",
           folder, folder);
  assert_int_equal(system(command), 0);
  check_texts(folder);
}

static void noise_as_pytorch(void **state) {
  (void)state;
  static const unsigned seed[] = {0, 42, 1234567}, draw[] = {7, 16, 37, 100};
  for (size_t i = 0; i < 12; i++) {
    char name[2][32];
    mcl_rng rng;
    snprintf(name[0], sizeof name[0], "seed%u_n%u", seed[i / 4], draw[i % 4]);
    snprintf(name[1], sizeof name[1], "seed%u_n%u_next", seed[i / 4], draw[i % 4]);
    mcl_rng_seed(&rng, seed[i / 4]);
    for (size_t k = 0; k < 2; k++) {
      float got[100];
      npy want = golden_array("mot/rng", name[k]);
      assert_int_equal(want.count, k ? 20 : draw[i % 4]);
      mcl_rng_randn(&rng, got, want.count);
      for (size_t j = 0; j < want.count; j++)
        if (!(fabs(got[j] - want.at[j]) <= 4e-6))
          fail_msg("%s, value %zu is %g, not %g", name[k], j, (double)got[j], want.at[j]);
      npy_free(&want);
    }
  }
}

static void check_sizes(const mcl_resize_rule *rule, const char *from, const char *to) {
  npy in = golden_array("mot/sizes", from), out = golden_array("mot/sizes", to);
  assert_int_equal(in.count, out.count);
  assert_int_equal(in.dim[0], 110);
  for (size_t i = 0; i < in.count; i += 2) {
    uint32_t w, h;
    assert_int_equal(
        mcl_resize_size(rule, (uint32_t)in.at[i], (uint32_t)in.at[i + 1], &w, &h, NULL), 0);
    if (w != out.at[i] || h != out.at[i + 1])
      fail_msg("%s: %g x %g became %u x %u", to, in.at[i], in.at[i + 1], w, h);
  }
  npy_free(&in);
  npy_free(&out);
}

static void sizes_as_official(void **state) {
  (void)state;
  static const mcl_resize_rule vae = {1024, 512, 16, MCL_RESIZE_MAX_PIXELS},
                               vit = {980, 224, 14, MCL_RESIZE_MAX_PIXELS};
  const mcl_picture_config *own = &mot.model->config.picture;
  check_sizes(&vae, "source", "release_vae");
  check_sizes(&vae, "release_vae", "release_vae_again");
  check_sizes(&vit, "release_vae", "release_vit_of_vae");
  check_sizes(&vit, "source", "release_vit");
  check_sizes(&own->vae, "source", "small_vae");
  check_sizes(&own->vae, "small_vae", "small_vae_again");
  check_sizes(&own->vit, "small_vae", "small_vit_of_vae");
  check_sizes(&own->vit, "source", "small_vit");
}

static mcl_image read_rgb(const char *file) {
  char *bytes = NULL;
  size_t n = 0;
  mcl_image im = {0};
  motcl_err err = {0};
  if (mcl_file_read(&bytes, &n, golden_path(file), MOST_FILE, &err) ||
      mcl_picture_read(&im, bytes, n, NULL, true, NULL, &err) || mcl_image_to_rgb(&im, &err))
    fail_msg("%s: %s", file, err.text);
  mcl_free(bytes);
  return im;
}

static void check_bytes(const mcl_image *im, const char *folder, const char *name) {
  npy want = golden_array(folder, name);
  assert_int_equal(want.dim[0], im->height);
  assert_int_equal(want.dim[1], im->width);
  assert_int_equal(want.dim[2], im->channels);
  for (size_t i = 0; i < want.count; i++)
    if (im->px[i] != want.at[i])
      fail_msg("%s/%s, byte %zu is %u, not %g", folder, name, i, im->px[i], want.at[i]);
  npy_free(&want);
}

/* The two resizes of the reference, the second on top of the first. */
static void check_resized(mcl_image *im, const char *folder, const char *vae, const char *vit) {
  assert_int_equal(mcl_image_fit(im, &mot.model->config.picture.vae, NULL), MOTCL_OK);
  check_bytes(im, folder, vae);
  assert_int_equal(mcl_image_fit(im, &mot.model->config.picture.vit, NULL), MOTCL_OK);
  check_bytes(im, folder, vit);
}

static void pictures_as_pillow(void **state) {
  (void)state;
  for (unsigned i = 0; i < 10; i++) {
    char file[32], rgb[16], vae[16], vit[16];
    snprintf(file, sizeof file, "mot/pre/%u.%s", i, i < 6 ? "png" : "jpg");
    snprintf(rgb, sizeof rgb, "%u_rgb", i);
    snprintf(vae, sizeof vae, "%u_vae", i);
    snprintf(vit, sizeof vit, "%u_vit", i);
    mcl_image im = read_rgb(file);
    if (i != 6) /* too large to be kept in full */
      check_bytes(&im, "mot/pre", rgb);
    if (i == 0 || i == 4 || i == 6)
      check_resized(&im, "mot/pre", vae, vit);
    mcl_image_finish(&im);
  }
}

/* What the vision encoder is given. */
static void a_picture_before_the_vision_encoder(void **state) {
  (void)state;
  mcl_image im = read_rgb("mot/vit/input_0.png");
  check_resized(&im, "mot/vit", "vae_resized", "vit_resized");
  mcl_image_finish(&im);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ids_by_vocabulary_and_merges),
      cmocka_unit_test(ids_by_one_file),
      cmocka_unit_test(noise_as_pytorch),
      cmocka_unit_test(sizes_as_official),
      cmocka_unit_test(pictures_as_pillow),
      cmocka_unit_test(a_picture_before_the_vision_encoder),
  };
  return cmocka_run_group_tests(tests, open_all, close_all);
}
