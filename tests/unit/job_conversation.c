/* job_conversation.c - tests of host/job/conversation.h: a session by hand gives what the same
 * request gives, and what was undone, refused, cancelled or saved in between leaves no trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "job/task.h"
#include "job/conversation.h"
#include "still.h"
#include "tmpdir.h"

/* Everything a sink was told but for the steps. */
typedef struct heard {
  uint8_t byte[1 << 16];
  size_t n, pictures;
  uint32_t last_output;
} heard;

static mcl_device_list devices;
static uint8_t *png;
static size_t png_bytes;

static void put(heard *h, const void *p, size_t n) {
  assert_true(h->n + n <= sizeof h->byte);
  if (n)
    memcpy(h->byte + h->n, p, n);
  h->n += n;
}

static void hear(void *user, const motcl_event *e) {
  heard *h = user;
  h->last_output = e->output;
  if (e->kind == MOTCL_EVENT_TEXT || e->kind == MOTCL_EVENT_THOUGHT)
    put(h, e->text, e->size);
  if (e->kind != MOTCL_EVENT_PICTURE)
    return;
  put(h, &e->width, sizeof e->width);
  put(h, e->rgb, (size_t)3 * e->width * e->height);
  h->pictures++;
}

static heard *fresh(void) {
  heard *h = mcl_zalloc(1, sizeof *h);
  assert_non_null(h);
  return h;
}

static void same(heard *a, heard *b) {
  assert_true(a->n > 0);
  assert_int_equal(a->n, b->n);
  assert_int_equal(a->pictures, b->pictures);
  assert_memory_equal(a->byte, b->byte, a->n);
}

static motcl_part text(const char *s) {
  return (motcl_part){.kind = MOTCL_PART_TEXT, .data = s, .size = strlen(s)};
}

static motcl_part picture(void) {
  return (motcl_part){.kind = MOTCL_PART_PICTURE, .data = png, .size = png_bytes, .name = "png"};
}

static motcl_settings brief(void) {
  motcl_settings s = motcl_request_default(true).settings;
  s.timesteps = 3;
  s.max_tokens = 9;
  s.max_think = 6;
  s.width = s.height = 32;
  return s;
}

static mcl_worker *open_worker(const char *device, uint64_t memory) {
  mcl_worker *w = NULL;
  motcl_err err = {0};
  mcl_worker_options o = {
      .model = tmp_name, .devices = &devices, .device = device, .plan = {.memory = memory}};
  if (mcl_worker_open(&w, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static mcl_conversation *open_talk(mcl_worker *w, const motcl_settings *s, uint64_t seed,
                                   heard *h) {
  mcl_conversation *t = NULL;
  motcl_err err = {0};
  motcl_sink sink = {.user = h, .event = hear};
  if (mcl_conversation_open(&t, w, s, seed, &sink, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return t;
}

static void say(mcl_conversation *t, motcl_part part) {
  motcl_err err = {0};
  if (mcl_conversation_say(t, &part, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void ask(mcl_conversation *t, motcl_output output) {
  motcl_err err = {0};
  if (mcl_conversation_ask(t, output, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void run(mcl_worker *w, const motcl_request *r, heard *h) {
  motcl_err err = {0};
  motcl_sink sink = {.user = h, .event = hear};
  if (mcl_worker_run(w, r, &sink, 1, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

/* The parts and outputs as a request, and by hand: on a worker each. */
static void compare(const char *device, const motcl_part *part, size_t parts,
                    const motcl_output *output, size_t outputs, const motcl_settings *s) {
  motcl_request r = {.part = part,
                     .parts = parts,
                     .output = output,
                     .outputs = outputs,
                     .seed = 5,
                     .settings = *s};
  heard *at_once = fresh(), *by_hand = fresh();
  mcl_worker *w = open_worker(device, 0);
  run(w, &r, at_once);
  assert_int_equal(at_once->last_output, outputs - 1);
  mcl_worker_close(w);
  w = open_worker(device, 0);
  mcl_conversation *t = open_talk(w, s, 5, by_hand);
  for (size_t i = 0; i < parts; i++)
    say(t, part[i]);
  for (size_t i = 0; i < outputs; i++)
    ask(t, output[i]);
  same(at_once, by_hand);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(at_once);
  mcl_free(by_hand);
}

#define WRITE MOTCL_OUTPUT_TEXT
#define DRAW MOTCL_OUTPUT_PICTURE

static void by_hand_is_as_at_once(const char *device) {
  const motcl_part draw[] = {text("a red square")}, edit[] = {picture(), text("make it blue")};
  const motcl_part mixed[] = {text("this"), picture(), text("and that"), text("are two")};
  motcl_settings s = brief(), thinking = brief();
  thinking.think = true;
  thinking.negative = "dogs";
  thinking.width = thinking.height = 0;
  compare(device, draw, 1, (motcl_output[]){DRAW}, 1, &s);
  compare(device, draw, 1, (motcl_output[]){WRITE}, 1, &s);
  compare(device, edit, 2, (motcl_output[]){WRITE}, 1, &s);
  compare(device, edit, 2, (motcl_output[]){DRAW}, 1, &thinking);
  compare(device, edit, 2, (motcl_output[]){WRITE, DRAW, WRITE}, 3, &s);
  compare(device, mixed, 4, (motcl_output[]){DRAW, WRITE, DRAW, DRAW}, 4, &thinking);
  s.vae_sample = true;
  s.temperature = 1;
  compare(device, edit, 2, (motcl_output[]){DRAW, WRITE, DRAW}, 3, &s);
}

static void by_hand_on_ref(void **state) {
  (void)state;
  by_hand_is_as_at_once("ref");
}

static void by_hand_on_the_default(void **state) {
  (void)state;
  by_hand_is_as_at_once(NULL);
}

static motcl_item in(motcl_part part) {
  return (motcl_item){.kind = MOTCL_ITEM_INPUT, .part = part};
}

static motcl_item out(motcl_output output, const motcl_settings *settings) {
  return (motcl_item){.kind = MOTCL_ITEM_OUTPUT, .output = output, .settings = settings};
}

static motcl_item seeded(motcl_item item, uint64_t seed) {
  item.seeded = true;
  item.seed = seed;
  return item;
}

/* A conversation in which a system text stands between, and outputs differ in what can differ. */
enum { LONG_TALK = 13 };
static motcl_settings own[4];
static void long_talk(motcl_item item[LONG_TALK]) {
  for (size_t i = 0; i < 4; i++)
    own[i] = brief();
  own[0].think = true;
  own[1].width = 48;
  own[1].vae_sample = true;
  own[1].negative = "dogs";
  own[2].timesteps = 4;
  own[2].guidance.text_scale = 2;
  own[3].temperature = 1;
  const motcl_item all[LONG_TALK] = {in(text("a red square")),
                                     out(DRAW, NULL),
                                     in(text("now in blue")),
                                     out(DRAW, &own[0]),
                                     in((motcl_part){.kind = MOTCL_PART_SYSTEM, "Be brief.", 9}),
                                     in(picture()),
                                     in(text("what is it?")),
                                     seeded(out(WRITE, &own[3]), 77),
                                     seeded(out(DRAW, &own[1]), 5),
                                     out(DRAW, &own[2]),
                                     in(text("and now?")),
                                     out(WRITE, NULL),
                                     seeded(out(DRAW, &own[2]), UINT64_MAX)};
  memcpy(item, all, sizeof all);
}

/* The same by hand: settings and seed are set before each output. */
static void say_item(mcl_conversation *t, const motcl_item *item, const motcl_settings *usual,
                     uint64_t seed) {
  *mcl_conversation_settings(t) = *usual;
  if (item->kind == MOTCL_ITEM_INPUT) {
    say(t, item->part);
    return;
  }
  if (item->settings)
    *mcl_conversation_settings(t) = *item->settings;
  *mcl_conversation_seed(t) = item->seeded ? item->seed : seed;
  ask(t, item->output);
}

static mcl_conversation *talk_long(mcl_worker *w, const motcl_settings *usual, heard *h) {
  motcl_item item[LONG_TALK];
  uint64_t seed = 5;
  mcl_conversation *t = open_talk(w, usual, 5, h);
  long_talk(item);
  for (size_t i = 0; i < LONG_TALK; i++) {
    say_item(t, &item[i], usual, seed);
    seed += item[i].kind == MOTCL_ITEM_OUTPUT;
  }
  return t;
}

static void in_order_is_as_by_hand(const char *device) {
  motcl_item item[LONG_TALK];
  motcl_settings usual = brief();
  heard *at_once = fresh(), *by_hand = fresh();
  mcl_worker *w = open_worker(device, 0);
  motcl_request r = {.seed = 5, .settings = usual, .item = item, .items = LONG_TALK};
  long_talk(item);
  run(w, &r, at_once);
  assert_int_equal(at_once->last_output, 6);
  assert_int_equal(at_once->pictures, 5);
  mcl_conversation_close(talk_long(w, &usual, by_hand));
  same(at_once, by_hand);
  mcl_worker_close(w);
  mcl_free(at_once);
  mcl_free(by_hand);
}

static void in_order_on_ref(void **state) {
  (void)state;
  in_order_is_as_by_hand("ref");
}

static void in_order_on_the_default(void **state) {
  (void)state;
  in_order_is_as_by_hand(NULL);
}

/* What a submitted request points to is not needed any more. */
static void a_submitted_request_is_copied(void **state) {
  (void)state;
  enum { ROOM = 4 * 64 };
  heard *plain = fresh(), *later = fresh();
  motcl_sink sink = {.user = later, .event = hear};
  motcl_settings s = brief();
  float noise[ROOM];
  char negative[] = "dogs", words[] = "a red square";
  motcl_item item[] = {in(text(words)), out(DRAW, NULL), out(DRAW, &s)};
  motcl_request r = {.seed = 5, .settings = s, .item = item, .items = 3};
  mcl_task *t;
  bool busy = true;
  mcl_worker *w = open_worker("ref", 0);
  for (size_t i = 0; i < ROOM; i++)
    noise[i] = (float)(i % 17) / 8 - 1;
  s.noise = noise;
  s.noise_count = mcl_worker_model(w)->bridge.vae2llm->cols * 4;
  assert_true(s.noise_count <= ROOM);
  s.negative = negative;
  run(w, &r, plain);
  assert_int_equal(mcl_task_submit(&t, w, &r, &sink, NULL, NULL, NULL), MOTCL_OK);
  memset(noise, 0, sizeof noise);
  memset(negative, 0, sizeof negative);
  memset(words, 0, sizeof words);
  memset(&s, 0, sizeof s);
  memset(item, 0, sizeof item);
  while (busy)
    assert_int_equal(mcl_worker_step(w, &busy, NULL), MOTCL_OK);
  assert_int_equal(mcl_task_status(t, NULL), MOTCL_OK);
  same(plain, later);
  mcl_task_close(t);
  mcl_worker_close(w);
  mcl_free(plain);
  mcl_free(later);
}

/* What is said after an output does not reach it, and reaches the next. */
static void order_matters(void **state) {
  (void)state;
  const motcl_settings s = brief();
  const motcl_item item[] = {in(text("a red square")), out(DRAW, NULL), in(text("now in blue")),
                             out(DRAW, NULL)};
  const motcl_part all[] = {text("a red square"), text("now in blue")};
  const motcl_output outputs[] = {DRAW, DRAW};
  motcl_request first = {.part = all,
                         .parts = 1,
                         .output = outputs,
                         .outputs = 1,
                         .seed = 5,
                         .settings = s},
                both = first, order = {.seed = 5, .settings = s, .item = item, .items = 4};
  heard *h[3] = {fresh(), fresh(), fresh()};
  mcl_worker *w = open_worker("ref", 0);
  run(w, &first, h[0]);
  run(w, &order, h[1]);
  both.parts = both.outputs = 2;
  run(w, &both, h[2]);
  assert_int_equal(h[1]->n, 2 * h[0]->n);
  assert_int_equal(h[1]->n, h[2]->n);
  assert_memory_equal(h[1]->byte, h[0]->byte, h[0]->n);
  assert_memory_not_equal(h[2]->byte, h[0]->byte, h[0]->n);
  assert_memory_not_equal(h[2]->byte + h[0]->n, h[1]->byte + h[0]->n, h[0]->n);
  mcl_worker_close(w);
  for (size_t i = 0; i < 3; i++)
    mcl_free(h[i]);
}

/* A system text is, as the text of thinking is, nothing of the user's: guidance does not lead away
 * from it. */
static void a_system_text_is_no_text_of_the_user(void **state) {
  (void)state;
  const motcl_part as_system[] = {{.kind = MOTCL_PART_SYSTEM, "Be brief.", 9}, text("a square")};
  const motcl_part as_text[] = {text("Be brief."), text("a square")};
  const motcl_part none[] = {text("a square"), {.kind = MOTCL_PART_SYSTEM, "Be brief.", 9}};
  const motcl_output output = DRAW;
  motcl_request r = {.parts = 2, .output = &output, .outputs = 1, .seed = 5, .settings = brief()};
  heard *h[4] = {fresh(), fresh(), fresh(), fresh()};
  const motcl_part *const part[] = {as_system, as_text, none, none};
  mcl_worker *w = open_worker("ref", 0);
  r.settings.guidance = motcl_request_default(false).settings.guidance;
  r.settings.guidance.lo = 0;
  for (size_t i = 0; i < 4; i++) {
    r.part = part[i];
    r.parts = i < 3 ? 2 : 1;
    run(w, &r, h[i]);
  }
  same(h[0], h[1]); /* before the user's last text both stand in all contexts but the third */
  assert_memory_not_equal(h[2]->byte, h[0]->byte, h[0]->n);
  assert_memory_not_equal(h[2]->byte, h[3]->byte, h[0]->n);
  mcl_worker_close(w);
  for (size_t i = 0; i < 4; i++)
    mcl_free(h[i]);
}

/* What was said, run as a request, gives what it gave. */
static void a_history_repeats_itself(void **state) {
  (void)state;
  motcl_settings usual = brief();
  heard *first = fresh(), *again = fresh();
  motcl_request r;
  mcl_conversation_parts p;
  mcl_worker *w = open_worker("ref", 0), *other = open_worker("ref", 0);
  mcl_conversation *t = talk_long(w, &usual, first);
  own[1].negative = "what it points to is not needed any more";
  assert_int_equal(mcl_conversation_request(t, &r, &p, NULL), MOTCL_OK);
  assert_int_equal(r.items, LONG_TALK);
  assert_string_equal(r.item[8].settings->negative, "dogs");
  assert_int_equal(r.item[3].mades, 2);
  run(other, &r, again);
  same(first, again);
  mcl_conversation_parts_finish(&p);
  mcl_worker_close(other);

  say(t, text("?"));
  assert_int_equal(mcl_conversation_request(t, &r, &p, NULL), MOTCL_OK);
  assert_int_equal(r.items, LONG_TALK + 2);
  assert_int_equal(r.item[LONG_TALK + 1].output, DRAW);
  assert_int_equal(r.item[LONG_TALK + 1].mades, 0);
  assert_true(r.item[LONG_TALK + 1].seeded && r.item[LONG_TALK + 1].seed == r.seed);
  mcl_conversation_parts_finish(&p);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(first);
  mcl_free(again);
}

/* Outputs that are too many to ask for again stand there as what came of them. */
static void a_long_history_can_be_run(void **state) {
  (void)state;
  motcl_settings s = brief();
  heard *h = fresh(), *again = fresh();
  motcl_request r;
  mcl_conversation_parts p;
  size_t before = 0;
  mcl_worker *w = open_worker("ref", 0);
  mcl_conversation *t = open_talk(w, &s, 3, h);
  s.max_tokens = 1;
  say(t, text("tell a story"));
  for (int i = 0; i < MOTCL_MAX_OUTPUTS + 3; i++) {
    if (i == 3)
      before = h->n;
    ask(t, WRITE);
  }
  assert_int_equal(mcl_conversation_request(t, &r, &p, NULL), MOTCL_OK);
  assert_int_equal(r.items, MOTCL_MAX_OUTPUTS + 4);
  assert_int_equal(r.item[3].part.kind, MOTCL_PART_ANSWER);
  run(w, &r, again);
  assert_int_equal(again->n, h->n - before);
  assert_memory_equal(again->byte, h->byte + before, again->n);
  mcl_conversation_parts_finish(&p);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(h);
  mcl_free(again);
}

/* What is said first, with outputs of both kinds. */
static void first_steps(mcl_conversation *t) {
  say(t, picture());
  say(t, text("what is this?"));
  ask(t, WRITE);
  say(t, text("draw it again, smaller"));
  ask(t, DRAW);
}

/* What follows, which is all that h has then heard. */
static void last_steps(mcl_conversation *t, heard *h) {
  memset(h, 0, sizeof *h);
  say(t, text("and now?"));
  ask(t, WRITE);
  ask(t, DRAW);
}

/* Parts of one session told to another, which then has its settings and seed. */
static mcl_conversation *resume(mcl_worker *w, mcl_conversation *t, heard *h) {
  motcl_request r;
  mcl_conversation_parts p;
  assert_int_equal(mcl_conversation_request(t, &r, &p, NULL), MOTCL_OK);
  mcl_conversation *next = open_talk(w, &r.settings, r.seed, h);
  for (size_t i = 0; i < r.parts; i++)
    say(next, r.part[i]);
  mcl_conversation_parts_finish(&p);
  return next;
}

static void saved_and_resumed_goes_on_alike(const char *device, bool think, bool sample) {
  heard *first = fresh(), *second = fresh();
  motcl_settings s = brief();
  s.think = think;
  s.vae_sample = sample;
  mcl_worker *w = open_worker(device, 0), *other = open_worker(device, 0);
  mcl_conversation *t = open_talk(w, &s, 11, first);
  first_steps(t);
  mcl_conversation *next = resume(other, t, second);
  last_steps(t, first);
  last_steps(next, second);
  same(first, second);
  mcl_conversation_close(t);
  mcl_conversation_close(next);
  mcl_worker_close(w);
  mcl_worker_close(other);
  mcl_free(first);
  mcl_free(second);
}

static void resumed_on_ref(void **state) {
  (void)state;
  saved_and_resumed_goes_on_alike("ref", false, false);
  saved_and_resumed_goes_on_alike("ref", true, true);
}

static void resumed_on_the_default(void **state) {
  (void)state;
  saved_and_resumed_goes_on_alike(NULL, true, false);
}

/* Two pictures and an answer by changing settings, each as from contexts made anew. */
static void settings_change_between_outputs(void **state) {
  (void)state;
  static const struct {
    bool think, sample;
    motcl_output output;
  } step[] = {{false, true, DRAW},   {false, false, DRAW}, {true, false, DRAW},
              {false, false, WRITE}, {false, true, DRAW},  {false, false, DRAW}};
  heard *plain = fresh(), *anew = fresh();
  motcl_settings s = brief();
  mcl_worker *w = open_worker("ref", 0);
  mcl_conversation *t = open_talk(w, &s, 11, plain);
  say(t, picture());
  say(t, text("make it blue"));
  for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
    mcl_conversation_settings(t)->think = step[i].think;
    mcl_conversation_settings(t)->vae_sample = step[i].sample;
    mcl_conversation *next = resume(w, t, anew);
    plain->n = anew->n = plain->pictures = anew->pictures = 0;
    ask(t, step[i].output);
    ask(next, step[i].output);
    same(plain, anew);
    mcl_conversation_close(next);
  }
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(plain);
  mcl_free(anew);
}

static bool stop_at(void *user) {
  return --*(int *)user == 0;
}

/* What goes wrong or is taken back between the steps, of which nothing is left. */
static void disturb(mcl_conversation *t) {
  motcl_err err = {0};
  motcl_part none = {.kind = MOTCL_PART_PICTURE, .data = "no picture", .size = 10};
  motcl_part empty = {.kind = MOTCL_PART_TEXT, .data = "", .size = 0};
  for (int at = 1; at < 60; at += 7) {
    int left = at, rc = mcl_conversation_ask(t, at % 2 ? DRAW : WRITE, stop_at, &left, &err);
    assert_true(rc == MOTCL_ECANCELLED || rc == MOTCL_OK);
    if (rc == MOTCL_OK)
      assert_int_equal(mcl_conversation_undo(t, NULL), MOTCL_OK);
  }
  assert_int_equal(mcl_conversation_say(t, &none, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_conversation_say(t, &empty, &err), MOTCL_EINVAL);
  mcl_conversation_settings(t)->timesteps = 1;
  assert_int_equal(mcl_conversation_ask(t, DRAW, NULL, NULL, &err), MOTCL_EINVAL);
  mcl_conversation_settings(t)->timesteps = 3;
  mcl_conversation_settings(t)->width = 40;
  assert_int_equal(mcl_conversation_ask(t, DRAW, NULL, NULL, &err), MOTCL_EINVAL);
  mcl_conversation_settings(t)->width = 32;
  say(t, text("something else altogether"));
  ask(t, WRITE);
  say(t, picture());
  ask(t, DRAW);
  for (int i = 0; i < 4; i++)
    assert_int_equal(mcl_conversation_undo(t, &err), MOTCL_OK);
}

static void undone_and_failed_steps_leave_nothing(const char *device) {
  heard *plain = fresh(), *disturbed = fresh();
  motcl_settings s = brief();
  mcl_worker *w = open_worker(device, 0);
  mcl_conversation *t = open_talk(w, &s, 3, plain);
  first_steps(t);
  last_steps(t, plain);
  mcl_conversation_close(t);
  t = open_talk(w, &s, 3, disturbed);
  say(t, picture());
  disturb(t);
  say(t, text("what is this?"));
  ask(t, WRITE);
  disturb(t);
  say(t, text("draw it again, smaller"));
  ask(t, DRAW);
  memset(disturbed, 0, sizeof *disturbed);
  disturb(t);
  last_steps(t, disturbed);
  same(plain, disturbed);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(plain);
  mcl_free(disturbed);
}

static void undone_on_ref(void **state) {
  (void)state;
  undone_and_failed_steps_leave_nothing("ref");
}

static void undone_on_the_default(void **state) {
  (void)state;
  undone_and_failed_steps_leave_nothing(NULL);
}

/* Everything is taken back, further than contexts are kept, and said once more. */
static void undo_reaches_to_the_beginning(void **state) {
  (void)state;
  heard *first = fresh(), *second = fresh();
  motcl_settings s = brief();
  mcl_worker *w = open_worker("ref", 0);
  mcl_conversation *t = open_talk(w, &s, 3, first);
  for (int round = 0; round < 2; round++) {
    say(t, text("tell a story"));
    for (int i = 0; i < 12; i++)
      ask(t, WRITE);
    if (round == 0) {
      memcpy(second, first, sizeof *first);
      memset(first, 0, sizeof *first);
    }
    for (int i = 0; round == 0 && i < 13; i++)
      assert_int_equal(mcl_conversation_undo(t, NULL), MOTCL_OK);
  }
  same(first, second);
  for (int i = 0; i < 13; i++)
    assert_int_equal(mcl_conversation_undo(t, NULL), MOTCL_OK);
  assert_int_equal(mcl_conversation_undo(t, NULL), MOTCL_EINVAL);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(first);
  mcl_free(second);
}

static void a_fork_goes_on_alone(void **state) {
  (void)state;
  heard *trunk = fresh(), *branch = fresh(), *plain = fresh();
  motcl_settings s = brief();
  motcl_sink sink = {.user = branch, .event = hear};
  mcl_worker *w = open_worker("ref", 0);
  mcl_conversation *t = open_talk(w, &s, 3, trunk), *f = NULL;
  first_steps(t);
  assert_int_equal(mcl_conversation_fork(&f, t, &sink, NULL), MOTCL_OK);
  assert_int_equal(mcl_conversation_undo(f, NULL), MOTCL_EINVAL);
  say(f, text("no, something else"));
  ask(f, DRAW);
  last_steps(t, trunk);
  assert_int_equal(mcl_conversation_undo(f, NULL), MOTCL_OK);
  assert_int_equal(mcl_conversation_undo(f, NULL), MOTCL_OK);
  mcl_conversation_close(t);
  last_steps(f, branch);
  mcl_conversation_close(f);
  t = open_talk(w, &s, 3, plain);
  first_steps(t);
  last_steps(t, plain);
  same(plain, trunk);
  same(plain, branch);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(trunk);
  mcl_free(branch);
  mcl_free(plain);
}

/* A request runs on the worker of a session, and neither minds. */
static void requests_run_between_the_steps(void **state) {
  (void)state;
  heard *alone = fresh(), *between = fresh(), *plain = fresh(), *talked = fresh();
  const motcl_part part[] = {text("three cats on a very long wall, and a dog below it")};
  const motcl_output output[] = {DRAW, WRITE};
  motcl_settings s = brief();
  motcl_request r = {
      .part = part, .parts = 1, .output = output, .outputs = 2, .seed = 9, .settings = s};
  mcl_worker *w = open_worker("ref", 0);
  run(w, &r, alone);
  mcl_conversation *t = open_talk(w, &s, 3, plain);
  first_steps(t);
  last_steps(t, plain);
  mcl_conversation_close(t);
  t = open_talk(w, &s, 3, talked);
  first_steps(t);
  run(w, &r, between);
  last_steps(t, talked);
  same(alone, between);
  same(plain, talked);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(alone);
  mcl_free(between);
  mcl_free(plain);
  mcl_free(talked);
}

static int add_up(void *user, const mcl_worker_plan *plan, size_t n, const motcl_estimate *estimate,
                  motcl_err *err) {
  uint64_t stages = 0;
  (void)estimate;
  (void)err;
  for (size_t i = 1; i < n; i++)
    stages = plan[i].plan->memory.total > stages ? plan[i].plan->memory.total : stages;
  *(uint64_t *)user = plan[0].plan->memory.total + stages;
  return MOTCL_OK;
}

/* Bytes that the next output takes if all is asked for in one request. */
static uint64_t bytes_at_once(mcl_conversation *t, mcl_worker *w, motcl_output output) {
  motcl_request r;
  mcl_conversation_parts p;
  uint64_t bytes = 0;
  assert_int_equal(mcl_conversation_request(t, &r, &p, NULL), MOTCL_OK);
  r.output = &output;
  assert_int_equal(mcl_worker_dry_run(w, &r, 1, add_up, &bytes, NULL), MOTCL_OK);
  mcl_conversation_parts_finish(&p);
  return bytes;
}

/* A long text is taken in by two kinds of context in turn; gives what the last answer takes. */
static uint64_t turn_about(mcl_worker *w, heard *h) {
  motcl_settings s = brief();
  uint64_t bytes = 0;
  char *story = mcl_zalloc(1, 3001);
  assert_non_null(story);
  memset(story, 'x', 3000);
  mcl_conversation *t = open_talk(w, &s, 3, h);
  say(t, text(story));
  for (int i = 0; i < 4; i++) {
    mcl_conversation_settings(t)->think = i % 2;
    bytes = bytes_at_once(t, w, WRITE);
    ask(t, WRITE);
  }
  for (int i = 0; i < 2; i++)
    assert_int_equal(mcl_conversation_undo(t, NULL), MOTCL_OK);
  ask(t, WRITE);
  mcl_conversation_close(t);
  mcl_free(story);
  return bytes;
}

/* With just the memory that an answer takes by itself, contexts are dropped and made anew. */
static void a_tight_budget_changes_nothing(void **state) {
  (void)state;
  heard *plain = fresh(), *tight = fresh();
  mcl_worker *w = open_worker("ref", 0);
  uint64_t bytes = turn_about(w, plain);
  mcl_worker_close(w);
  w = open_worker("ref", bytes);
  (void)turn_about(w, tight);
  same(plain, tight);
  mcl_worker_close(w);
  mcl_free(plain);
  mcl_free(tight);
}

/* What does not fit is refused; the session goes on with what does. */
static void refusals_leave_the_session_usable(void **state) {
  (void)state;
  heard *plain = fresh(), *refused = fresh();
  motcl_settings s = brief();
  motcl_err err = {0};
  char *long_text = mcl_zalloc(1, 400001);
  assert_non_null(long_text);
  memset(long_text, 'x', 400000);
  mcl_worker *w = open_worker("ref", 0);
  mcl_conversation *t = open_talk(w, &s, 3, plain);
  first_steps(t);
  last_steps(t, plain);
  uint64_t bytes = bytes_at_once(t, w, DRAW);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  w = open_worker("ref", 2 * bytes);
  t = open_talk(w, &s, 3, refused);
  first_steps(t);
  mcl_conversation_settings(t)->width = mcl_conversation_settings(t)->height = 1024;
  assert_int_equal(mcl_conversation_ask(t, DRAW, NULL, NULL, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "may take"));
  mcl_conversation_settings(t)->width = mcl_conversation_settings(t)->height = 32;
  motcl_part part = text(long_text);
  assert_int_equal(mcl_conversation_say(t, &part, &err), MOTCL_EFIT);
  last_steps(t, refused);
  same(plain, refused);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(long_text);
  mcl_free(plain);
  mcl_free(refused);
}

static void nothing_said_is_nothing_to_answer(void **state) {
  (void)state;
  heard *h = fresh();
  motcl_settings s = brief();
  motcl_err err = {0};
  motcl_request r;
  mcl_conversation_parts p;
  mcl_worker *w = open_worker("ref", 0);
  mcl_conversation *t = open_talk(w, &s, 3, h);
  assert_int_equal(mcl_conversation_ask(t, WRITE, NULL, NULL, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_conversation_request(t, &r, &p, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_conversation_undo(t, &err), MOTCL_EINVAL);
  assert_int_equal(h->n, 0);
  assert_int_equal(*mcl_conversation_seed(t), 3);
  mcl_conversation_close(t);
  mcl_worker_close(w);
  mcl_free(h);
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0 || mcl_devices_init(&devices, NULL) != MOTCL_OK)
    return -1;
  return still_png(&png, &png_bytes);
}

static int tear_down(void **state) {
  mcl_devices_finish(&devices);
  mcl_free(png);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_hand_on_ref),
      cmocka_unit_test(by_hand_on_the_default),
      cmocka_unit_test(in_order_on_ref),
      cmocka_unit_test(in_order_on_the_default),
      cmocka_unit_test(a_submitted_request_is_copied),
      cmocka_unit_test(order_matters),
      cmocka_unit_test(a_system_text_is_no_text_of_the_user),
      cmocka_unit_test(a_history_repeats_itself),
      cmocka_unit_test(a_long_history_can_be_run),
      cmocka_unit_test(resumed_on_ref),
      cmocka_unit_test(resumed_on_the_default),
      cmocka_unit_test(settings_change_between_outputs),
      cmocka_unit_test(undone_on_ref),
      cmocka_unit_test(undone_on_the_default),
      cmocka_unit_test(undo_reaches_to_the_beginning),
      cmocka_unit_test(a_fork_goes_on_alone),
      cmocka_unit_test(requests_run_between_the_steps),
      cmocka_unit_test(a_tight_budget_changes_nothing),
      cmocka_unit_test(refusals_leave_the_session_usable),
      cmocka_unit_test(nothing_said_is_nothing_to_answer),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
