/* api_sampling.c - the settings by which tokens are chosen and answers stopped, through the library:
 * what leaves texts as they are, where a stop text ends them, and what the repeat penalty looks at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "motcl.h"
#include "tmpdir.h"

enum { MOST = 4096, TOKENS = 24 };

/* What was written, and the ids of the last text with the start token, where arrays are asked for. */
typedef struct heard {
  char text[2][MOST];
  size_t size[2];
  int32_t ids[MOST];
  size_t count;
} heard;

static motcl *library;
static motcl_worker *worker;
static const char prompt[] = "qQjtWs20>7HU{vm]?!e q 3:;e think in";

static void hear(void *user, const motcl_event *e) {
  heard *h = user;
  if (e->kind != MOTCL_EVENT_TEXT)
    return;
  assert_in_range(e->output, 0, 1);
  assert_true(h->size[e->output] + e->size < MOST);
  memcpy(h->text[e->output] + h->size[e->output], e->text, e->size);
  h->size[e->output] += e->size;
}

static int record(void *user, const motcl_array *a, motcl_err *err) {
  heard *h = user;
  (void)err;
  if (!strcmp(a->name, "text_ids")) {
    h->count = a->dim[0];
    memcpy(h->ids, a->data, h->count * sizeof *h->ids);
  }
  return MOTCL_OK;
}

static motcl_settings settings_of(double temperature) {
  motcl_settings s = motcl_request_default(false).settings;
  s.temperature = temperature;
  s.max_tokens = TOKENS;
  return s;
}

static void run(heard *h, const motcl_request *r, bool arrays) {
  const motcl_sink sink = {.user = h, .event = hear, .array = arrays ? record : NULL};
  motcl_err err = {0};
  memset(h, 0, sizeof *h);
  if (motcl_worker_run(worker, r, &sink, 1, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void write_by(heard *h, const motcl_settings *s, bool arrays) {
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = prompt, .size = sizeof prompt - 1};
  const motcl_output output = MOTCL_OUTPUT_TEXT;
  const motcl_request r = {
      .part = &part, .parts = 1, .output = &output, .outputs = 1, .seed = 5, .settings = *s};
  run(h, &r, arrays);
}

static heard plain, other, third;

static void none_is_as_without(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    motcl_settings s = settings_of(i);
    write_by(&plain, &s, false);
    s.top_k = UINT32_MAX;
    s.top_p = 1;
    s.repeat_penalty = 1;
    s.stop = (const char *const[]){"this is not written there"};
    s.stops = 1;
    write_by(&other, &s, false);
    assert_string_equal(other.text[0], plain.text[0]);
    s.stops = 0;
    s.min_p = 1;
    s.top_p = 1e-9;
    write_by(&other, &s, false); /* what is likeliest is what the greedy choice is */
    s = settings_of(0);
    write_by(&third, &s, false);
    assert_string_equal(other.text[0], third.text[0]);
    assert_int_equal(strcmp(plain.text[0], third.text[0]) != 0, i);
  }
}

/* Behind a whole character of an answer. */
static size_t character_end(const char *text, size_t at) {
  do
    at++;
  while ((text[at] & 0xc0) == 0x80);
  return at;
}

/* Every piece of one to five characters, wherever tokens end, also where inner arrays are recorded. */
static void stops_before_every_piece(void **state) {
  (void)state;
  motcl_settings s = settings_of(1);
  write_by(&plain, &s, false);
  const char *text = plain.text[0];
  assert_int_equal(strlen(text), plain.size[0]);
  for (size_t i = 0; i < plain.size[0]; i = character_end(text, i)) {
    size_t to = i;
    for (int k = 0; k < 5 && to < plain.size[0]; k++) {
      char piece[32];
      const char *const stop[] = {"this is not written there", piece};
      to = character_end(text, to);
      memcpy(piece, text + i, to - i);
      piece[to - i] = 0;
      s.stop = stop;
      s.stops = 2;
      write_by(&other, &s, (i + to) % 2);
      size_t want = (size_t)(strstr(text, piece) - text);
      assert_int_equal(other.size[0], want);
      assert_memory_equal(other.text[0], text, want);
    }
  }
}

/* A later answer stands on what was written, and not on what a stop text took away. */
static void goes_on_from_what_is_left(void **state) {
  (void)state;
  motcl_settings s = settings_of(1), stopped = s;
  write_by(&plain, &s, false);
  size_t cut = character_end(plain.text[0], plain.size[0] / 2);
  const char *const stop[] = {plain.text[0] + cut};
  stopped.stop = stop;
  stopped.stops = 1;
  const motcl_part said = {.kind = MOTCL_PART_TEXT, .data = prompt, .size = sizeof prompt - 1};
  const motcl_part more = {.kind = MOTCL_PART_TEXT, .data = "and then?", .size = 9};
  const motcl_item items[] = {
      {.kind = MOTCL_ITEM_INPUT, .part = said},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_TEXT, .settings = &stopped},
      {.kind = MOTCL_ITEM_INPUT, .part = more},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_TEXT}};
  motcl_request r = {.seed = 5, .settings = s, .item = items, .items = 4};
  run(&other, &r, false);
  assert_int_equal(other.size[0], (size_t)(strstr(plain.text[0], stop[0]) - plain.text[0]));
  const motcl_part parts[] = {
      said, {.kind = MOTCL_PART_ANSWER, .data = other.text[0], .size = other.size[0]}, more};
  const motcl_output output = MOTCL_OUTPUT_TEXT;
  r = (motcl_request){
      .part = parts, .parts = 3, .output = &output, .outputs = 1, .seed = 6, .settings = s};
  run(&third, &r, false);
  assert_true(third.size[0] > 0);
  assert_string_equal(third.text[0], other.text[1]);
}

/* How many of the tokens of a text come again in it, or are among [n] others. */
static size_t repeats(const heard *h, const uint32_t *ids, size_t n) {
  size_t count = 0;
  for (size_t i = 1; i < h->count; i++) {
    bool again = false;
    for (size_t k = 1; k < i; k++)
      again = again || h->ids[k] == h->ids[i];
    for (size_t k = 0; k < n; k++)
      again = again || (uint32_t)h->ids[i] == ids[k];
    count += again;
  }
  return count;
}

/* A penalty as high as it goes leaves no token that was said or written a chance. */
static void nothing_said_or_written_comes_again(void **state) {
  (void)state;
  motcl_tokenizer *t;
  uint32_t *ids;
  size_t n;
  assert_int_equal(motcl_tokenizer_open(&t, library, tmp_name, NULL), MOTCL_OK);
  assert_int_equal(motcl_tokenizer_encode(t, prompt, sizeof prompt - 1, &ids, &n, NULL), MOTCL_OK);
  assert_true(n + TOKENS < 64);
  motcl_settings s = settings_of(0);
  write_by(&plain, &s, true);
  assert_true(repeats(&plain, NULL, 0) > 0);                       /* some come twice */
  assert_true(repeats(&plain, ids, n) > repeats(&plain, NULL, 0)); /* and some were said */
  s.repeat_penalty = 100;
  write_by(&other, &s, true);
  assert_true(other.count > 10);
  assert_int_equal(repeats(&other, ids, n), 0);
  motcl_free(ids);
  motcl_tokenizer_close(t);
}

static void odd_ones_are_refused(void **state) {
  (void)state;
  static const char *const nine[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
  static char longest[MOTCL_MAX_STOP_TEXT + 2];
  const char *const one[] = {longest};
  motcl_err err;
  struct {
    motcl_settings s;
    const char *says;
  } odd[] = {{settings_of(1), "top-p"},       {settings_of(1), "min-p"},
             {settings_of(0), "penalty"},     {settings_of(0), "9 stop texts"},
             {settings_of(0), "is empty"},    {settings_of(0), "is empty"},
             {settings_of(0), "is too long"}, {settings_of(0), "the stop text is no UTF-8"}};
  memset(longest, 'x', sizeof longest - 1);
  odd[0].s.top_p = 1.5;
  odd[1].s.min_p = -1;
  odd[2].s.repeat_penalty = 0.001;
  odd[3].s.stop = nine;
  odd[3].s.stops = 9;
  odd[4].s.stop = (const char *const[]){""};
  odd[5].s.stop = (const char *const[]){NULL};
  odd[6].s.stop = one;
  odd[7].s.stop = (const char *const[]){"\xc3"};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "x", .size = 1};
    const motcl_output output = MOTCL_OUTPUT_TEXT;
    motcl_task *task = NULL;
    if (i > 3)
      odd[i].s.stops = 1;
    const motcl_request r = {
        .part = &part, .parts = 1, .output = &output, .outputs = 1, .settings = odd[i].s};
    int code = i == 7 ? MOTCL_EFORMAT : MOTCL_EINVAL;
    assert_int_equal(motcl_request_check(&r, &err), code);
    assert_non_null(strstr(err.text, odd[i].says));
    assert_int_equal(motcl_worker_submit(worker, &r, NULL, &task, &err), code);
    assert_null(task);
  }
  longest[MOTCL_MAX_STOP_TEXT] = 0;
  write_by(&other, &odd[6].s, false);
}

static int set_up(void **state) {
  const motcl_worker_options o = {.model = tmp_name, .device = "ref"};
  if (tmpdir_model(state) != 0 || motcl_open(&library, NULL, NULL) != MOTCL_OK)
    return -1;
  return motcl_worker_open(&worker, library, &o, NULL);
}

static int tear_down(void **state) {
  motcl_worker_close(worker);
  motcl_close(library);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(none_is_as_without),
      cmocka_unit_test(stops_before_every_piece),
      cmocka_unit_test(goes_on_from_what_is_left),
      cmocka_unit_test(nothing_said_or_written_comes_again),
      cmocka_unit_test(odd_ones_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
