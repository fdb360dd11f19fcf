/* saved_requests.h - what is asked for by tests that save and resume: small requests of every kind. */
#ifndef MCL_TESTS_SAVED_REQUESTS_H
#define MCL_TESTS_SAVED_REQUESTS_H

#include <string.h>

#include "motcl.h"

enum { SAVED_OUTPUTS = 5, SAVED_CASES = 10, SAVED_SIDE = 40 };

/* The picture that some of them have, and what they point to. */
static uint8_t *saved_png;
static size_t saved_png_bytes;
static motcl_part saved_part[SAVED_CASES][2];
static motcl_output saved_output[SAVED_CASES][SAVED_OUTPUTS];

/** For a group's setup: make the picture, to be freed with motcl_free. */
static inline int saved_picture(void) {
  static uint8_t rgb[SAVED_SIDE * SAVED_SIDE * 3];
  const motcl_picture p = {.rgb = rgb, .width = SAVED_SIDE, .height = SAVED_SIDE};
  for (size_t i = 0; i < sizeof rgb; i++)
    rgb[i] = (uint8_t)(i * 37 % 251);
  return motcl_picture_encode(&saved_png, &saved_png_bytes, &p, MOTCL_PNG, NULL);
}

/* The last of them. */
static inline void saved_in_order(motcl_request *r) {
  static motcl_settings own;
  static motcl_item item[7];
  own = r->settings;
  own.vae_sample = own.think = true;
  own.temperature = 0.9;
  const motcl_item all[] = {
      {.part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5}},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_PICTURE},
      {.part = {.kind = MOTCL_PART_SYSTEM, .data = "be brief", .size = 8}},
      {.part = {.kind = MOTCL_PART_PICTURE, .data = saved_png, .size = saved_png_bytes}},
      {.kind = MOTCL_ITEM_OUTPUT,
       .output = MOTCL_OUTPUT_PICTURE,
       .settings = &own,
       .seeded = true,
       .seed = 5},
      {.part = {.kind = MOTCL_PART_TEXT, .data = "and now?", .size = 8}},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_TEXT, .settings = &own}};
  memcpy(item, all, sizeof all);
  r->item = item;
  r->items = 7;
}

/* All that changes which tokens are drawn; some text is held for a stop text, and one is come to. */
static inline void saved_sampled(motcl_settings *s) {
  static const char *const stop[] = {"e?", "o", "@@@@", "\xef\xbf\xbd\xef\xbf\xbd!"};
  s->temperature = 1;
  s->top_k = 300;
  s->top_p = 0.97;
  s->min_p = 0.001;
  s->repeat_penalty = 1.3;
  s->stop = stop;
  s->stops = 4;
  s->max_tokens = 12;
}

/* Texts and pictures by turns: each text asks for one, or none does. */
static inline void saved_until_done(motcl_request *r, bool asks) {
  r->outputs = 5;
  r->settings.protocol =
      asks ? "{\"name\": \"a\", \"until_done\": {\"end\": [\"no such words\"]}}"
           : "{\"name\": \"b\", \"until_done\": {\"picture\": [\"no such words\"]}}";
}

/** A drawing; an edit with sampled latents; an answer; a thought and a picture; an answer about a
 * picture that is sampled by lot; an answer, a thought with a picture, and an answer after it; a
 * picture and an answer with more said between them, each with what is its own; an answer, a thought
 * with a picture and an answer by all that sampling has; and what goes on until the model is done, after
 * two pictures and after none. */
static inline motcl_request saved_request(int i) {
  const motcl_part text = {.kind = MOTCL_PART_TEXT, .data = "a cat, and what then?", .size = 21};
  const motcl_part picture = {
      .kind = MOTCL_PART_PICTURE, .data = saved_png, .size = saved_png_bytes};
  bool edit = i == 1 || i == 4;
  motcl_request r = motcl_request_default(edit);
  saved_part[i][0] = edit ? picture : text;
  saved_part[i][1] = text;
  r.part = saved_part[i];
  r.parts = edit ? 2 : 1;
  r.output = saved_output[i];
  r.outputs = i == 5 || i == 7 ? 3 : 1;
  saved_output[i][0] =
      i == 2 || i == 4 || i == 5 || i >= 7 ? MOTCL_OUTPUT_TEXT : MOTCL_OUTPUT_PICTURE;
  saved_output[i][1] = i >= 8 ? MOTCL_OUTPUT_PICTURE_IF_ASKED : MOTCL_OUTPUT_PICTURE;
  saved_output[i][2] = saved_output[i][4] = MOTCL_OUTPUT_TEXT;
  saved_output[i][3] = MOTCL_OUTPUT_PICTURE_IF_ASKED;
  r.seed = 11 + (uint64_t)i;
  r.settings.timesteps = 4;
  r.settings.width = r.settings.height = i == 1 ? 0 : 32;
  r.settings.max_tokens = 6;
  r.settings.max_think = 4;
  r.settings.think = i == 3 || i == 5 || i == 7;
  r.settings.vae_sample = i == 1 || i == 5;
  r.settings.temperature = i == 4 || i == 5 ? 0.9 : 0;
  r.settings.negative = i == 3 ? "dogs" : NULL;
  if (i == 6)
    saved_in_order(&r);
  if (i == 7)
    saved_sampled(&r.settings);
  if (i >= 8)
    saved_until_done(&r, i == 8);
  return r;
}

#endif
