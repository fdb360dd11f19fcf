/* model_protocol.c - tests of host/model/protocol.h: what ships, what is refused, which one a folder has,
 * and when a text asks for a picture. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/protocol.h"
#include "tmpdir.h"

/* FNV-1a, so that the test does not repeat the texts. */
static uint32_t sum(const char *s) {
  uint32_t h = 2166136261u;
  for (; *s; s++)
    h = (h ^ (unsigned char)*s) * 16777619u;
  return h;
}

static mcl_protocol *open(const char *text) {
  mcl_protocol *p = NULL;
  motcl_err err = {0};
  if (mcl_protocol_open(&p, text, &err) != MOTCL_OK)
    fail_msg("%s: %s", text, err.text);
  return p;
}

static void bagel_is_as_published(void **state) {
  (void)state;
  mcl_protocol *p = open("bagel");
  motcl_settings usual = motcl_request_default(true).settings, s = usual;
  assert_string_equal(p->thought[0], "<think>");
  assert_string_equal(p->thought[1], "</think>");
  assert_int_equal(strlen(p->think[MOTCL_OUTPUT_TEXT]), 227);
  assert_int_equal(sum(p->think[MOTCL_OUTPUT_TEXT]), 0x6DAC5004u);
  assert_int_equal(strlen(p->think[MOTCL_OUTPUT_PICTURE]), 209);
  assert_int_equal(sum(p->think[MOTCL_OUTPUT_PICTURE]), 0xF03D4F17u);
  assert_false(p->until_done || p->answers_guide || p->vae.longest || p->vit.longest);
  mcl_protocol_settings(p, true, &s);
  assert_memory_equal(&s, &usual, sizeof s);
  mcl_protocol_close(p);
}

static void those_that_ship_can_be_read(void **state) {
  (void)state;
  size_t n = 0;
  assert_string_equal(mcl_protocol_name_at(0), "bagel");
  for (; mcl_protocol_name_at(n); n++) {
    mcl_protocol *p = open(mcl_protocol_name_at(n));
    assert_string_equal(p->name, mcl_protocol_name_at(n));
    assert_true(*p->about && json_object_get(p->json, "source"));
    mcl_protocol_close(p);
  }
  assert_true(n >= 5);
}

static void settings_stand_over_those_there(void **state) {
  (void)state;
  mcl_protocol *p = open("sensenova-vision");
  motcl_settings s = motcl_request_default(false).settings;
  s.timesteps = 7;
  mcl_protocol_settings(p, false, &s);
  assert_true(s.guidance.renorm_min > 0.99 && s.shift < 3.01 && s.timesteps == 7);
  mcl_protocol_settings(p, true, &s);
  assert_true(s.shift > 3.99);
  mcl_protocol_close(p);
}

static void refused(const char *text, int code, const char *why) {
  mcl_protocol *p = NULL;
  motcl_err err = {0};
  int rc = mcl_protocol_open(&p, text, &err);
  if (rc != code || !strstr(err.text, why))
    fail_msg("%.100s: %d, %s", text, rc, err.text);
  assert_null(p);
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  static const char *const bad[][2] = {
      {"{", "line"},
      {"{}", "\"name\" is missing"},
      {"{\"name\":\"A b\"}", "small letters"},
      {"{\"name\":\"\"}", "small letters"},
      {"{\"name\":\"a\",\"colour\":1}", "member \"colour\""},
      {"{\"name\":\"a\",\"name\":\"b\"}", "name"},
      {"{\"name\":\"a\",\"think\":\"\"}", "empty"},
      {"{\"name\":\"a\",\"think\":{\"text\":\"x\"}}", "\"picture\" is missing"},
      {"{\"name\":\"a\",\"think\":{\"text\":\"x\",\"picture\":\"\"}}", "empty"},
      {"{\"name\":\"a\",\"think\":3}", "no object"},
      {"{\"name\":\"a\",\"thought\":[\"x\"]}", "no list of two words"},
      {"{\"name\":\"a\",\"thought\":[\"x\",\"a b\"]}", "blanks"},
      {"{\"name\":\"a\",\"thought\":[\"x\",\"1234567890123456\"]}", "15 bytes"},
      {"{\"name\":\"a\",\"until_done\":{}}", "one of the two"},
      {"{\"name\":\"a\",\"until_done\":{\"picture\":[\"a\"],\"end\":[\"b\"]}}", "one of the two"},
      {"{\"name\":\"a\",\"until_done\":{\"picture\":[]}}", "no list of 1 to 8"},
      {"{\"name\":\"a\",\"until_done\":{\"picture\":[\"\"]}}", "1 to 256 bytes"},
      {"{\"name\":\"a\",\"until_done\":{\"picture\":[7]}}", "1 to 256 bytes"},
      {"{\"name\":\"a\",\"until_done\":{\"picture\":[\"a\"],\"system\":\"\"}}", "empty"},
      {"{\"name\":\"a\",\"until_done\":{\"most\":1}}", "member \"most\""},
      {"{\"name\":\"a\",\"picture\":{\"vae\":{\"longest\":8}}}", "\"shortest\" is missing"},
      {"{\"name\":\"a\",\"picture\":{\"vit\":{\"longest\":8,\"shortest\":9,\"stride\":1}}}",
       "above"},
      {"{\"name\":\"a\",\"picture\":{\"vit\":{\"longest\":8,\"shortest\":8,\"stride\":0}}}",
       "outside"},
      {"{\"name\":\"a\",\"picture\":{\"dit\":1}}", "member \"dit\""},
      {"{\"name\":\"a\",\"settings\":{\"timesteps\":1}}", "outside 2 to 10000"},
      {"{\"name\":\"a\",\"settings\":{\"cfg-interval\":[1,0]}}", "two times"},
      {"{\"name\":\"a\",\"settings\":{\"cfg-renorm\":\"most\"}}", "no renormalisation"},
      {"{\"name\":\"a\",\"edit\":{\"seed\":1}}", "member \"seed\""},
      {"{\"name\":\"a\",\"answers_guide\":1}", "true or false"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    refused(bad[i][0], MOTCL_EFORMAT, bad[i][1]);
  refused("", MOTCL_EINVAL, "there are bagel, ");
  refused("a\nb", MOTCL_EINVAL, "neither the name");
  refused("Bagel", MOTCL_EINVAL, "there is no protocol 'Bagel'");
  refused("[]", MOTCL_EINVAL, "begins with a brace");
  char *large = malloc(MOTCL_MAX_PROTOCOL + 2);
  memset(large, ' ', MOTCL_MAX_PROTOCOL + 1);
  large[MOTCL_MAX_PROTOCOL + 1] = 0;
  refused(large, MOTCL_EINVAL, "longer than 65536 bytes");
  free(large);
}

static void texts_ask(void **state) {
  (void)state;
  static const struct {
    const char *protocol, *text;
    bool asks;
  } each[] = {
      {"bagel", "<image_start>", false},
      {"thinkmorph", "so <think>a</think><image_start>", true},
      {"thinkmorph", "<image_star", false},
      {"thinkmorph", "", false},
      {"zebra-cot", "THOUGHT 1: look", true},
      {"zebra-cot", "", true},
      {"zebra-cot", "so Final Answer: 3", false},
      {"zebra-cot", "<answer>3", false},
      {"zebra-cot", "final answer: 3", true},
  };
  for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
    mcl_protocol *p = open(each[i].protocol);
    assert_int_equal(mcl_protocol_asks(p, each[i].text, strlen(each[i].text)), each[i].asks);
    mcl_protocol_close(p);
  }
}

/* Whose file is `ours`, or has none; the folder's name is what tmpdir.h made, and `below` it. */
static void folder_has(const char *ours, const char *below, const char *name, const char *why) {
  char path[4096];
  const char *told;
  mcl_protocol *p;
  motcl_err err = {0};
  assert_int_equal(tmpdir_make(NULL), 0);
  if (ours)
    tmpdir_put("motcl.json", ours, strlen(ours));
  snprintf(path, sizeof path, "%s/%s", tmp_name, below);
  if (mcl_protocol_of(&p, &told, path, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_string_equal(p->name, name);
  assert_non_null(strstr(told, why));
  mcl_protocol_close(p);
  tmpdir_drop(NULL);
}

static void folders_tell(void **state) {
  (void)state;
  folder_has(NULL, "BAGEL-7B-MoT", "bagel", "nothing");
  folder_has(NULL, "ThinkMorph-7B/", "thinkmorph", "name");
  folder_has(NULL, "models--multimodal-reasoning-lab--Bagel-Zebra-CoT/snapshots/123abc",
             "zebra-cot", "name");
  folder_has(NULL, "ThinkMorph-7B/x", "bagel", "nothing");
  folder_has("{\"name\":\"my thinkmorph\"}", ".", "thinkmorph", "name");
  folder_has("{\"name\":\"my thinkmorph\",\"protocol\":\"bagel\"}", ".", "bagel", "motcl.json");
  folder_has("{\"protocol\":{\"name\":\"own\",\"settings\":{\"shift\":1.1}}}", ".", "own",
             "motcl.json");
}

static void sizes_are_the_models_own_first(void **state) {
  (void)state;
  mcl_config c = {.vision.patch = 14, .vae.levels = 4};
  mcl_resize_rule vae, vit;
  c.picture = (mcl_picture_config){
      .vae = {1024, 512, 16, 9}, .vit = {980, 224, 14, 9}, .own_vit = true, .patch = 2};
  mcl_protocol *p = open("sensenova-3d");
  assert_int_equal(mcl_protocol_rules(p, &c, &vae, &vit, NULL), MOTCL_OK);
  assert_int_equal(vae.longest, 512);
  assert_int_equal(vit.longest, 980);
  c.picture.own_vit = false;
  assert_int_equal(mcl_protocol_rules(p, &c, &vae, &vit, NULL), MOTCL_OK);
  assert_int_equal(vit.longest, 448);
  c.vision.patch = c.picture.vit.stride = 16;
  assert_int_equal(mcl_protocol_rules(p, &c, &vae, &vit, NULL), MOTCL_EINVAL);
  mcl_protocol_close(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bagel_is_as_published),
      cmocka_unit_test(those_that_ship_can_be_read),
      cmocka_unit_test(settings_stand_over_those_there),
      cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(texts_ask),
      cmocka_unit_test(folders_tell),
      cmocka_unit_test(sizes_are_the_models_own_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
