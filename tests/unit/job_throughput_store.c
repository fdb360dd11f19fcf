/* job_throughput_store.c - rates that are learned, kept in a file beside other devices', and not
 * believed when the file is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "base/mem.h"
#include "job/throughput_store.h"
#include "tmpdir.h"

static mcl_throughput_row row(const char *graph, mcl_throughput_sum few, mcl_throughput_sum many) {
  mcl_throughput_row r = {.kind = {few, many}};
  snprintf(r.graph, sizeof r.graph, "%s", graph);
  return r;
}

static const mcl_throughput_sum none;

/* runs of which the first took ten times as long */
static mcl_throughput_sum runs(double rate, uint64_t n) {
  double work = 1000;
  return (mcl_throughput_sum){.runs = n,
                              .work = work * (double)n,
                              .seconds = work / rate * (double)(n - 1) + 10 * work / rate,
                              .first_work = work,
                              .first_seconds = 10 * work / rate};
}

static void near(double a, double b) {
  assert_true(a > b * 0.999 && a < b * 1.001);
}

static void learn(mcl_throughput_store *r, const char *graph, mcl_throughput_sum few,
                  mcl_throughput_sum many) {
  mcl_throughput_row one = row(graph, few, many);
  mcl_throughput m = {&one, 1, 1};
  mcl_throughput_store_learn(r, &m);
}

static const mcl_throughput_entry *find(const mcl_throughput_store *r, const char *graph) {
  for (size_t i = 0; i < r->count; i++)
    if (!strcmp(r->rate[i].graph, graph))
      return &r->rate[i];
  fail_msg("no rate of %s", graph);
  return NULL;
}

static void the_first_run_counts_if_it_is_the_only_one(void **state) {
  (void)state;
  mcl_throughput_sum k = runs(50, 1), many = runs(50, 4);
  near(mcl_throughput_rate(&k), 5);
  near(mcl_throughput_rate(&many), 50);
  assert_true(mcl_throughput_rate(&none) == 0);
}

static void rates_are_learned(void **state) {
  (void)state;
  mcl_throughput_store r = {0};
  learn(&r, "decoder 7", runs(100, 3), none);
  near(find(&r, "decoder 7")->rate[0], 100);
  assert_true(find(&r, "decoder 7")->rate[1] == 0);
  learn(&r, "decoder 7", runs(140, 3), runs(9, 2));
  near(find(&r, "decoder 7")->rate[0], 110);
  near(find(&r, "decoder 7")->rate[1], 9);
  learn(&r, "decoder 7", runs(60, 3), none);
  near(find(&r, "decoder 7")->rate[0], 97.5);
  learn(&r, "decoder 7", runs(1000, 3), none);
  near(find(&r, "decoder 7")->rate[0], 1000);
  learn(&r, "decoder 8", runs(5, 3), none);
  assert_int_equal(r.count, 2);
  near(find(&r, "decoder 7")->rate[0], 1000);
  mcl_throughput_store_finish(&r);
}

static void files_keep_all_devices(void **state) {
  (void)state;
  mcl_throughput_store a = {0}, b = {0}, back;
  char name[16];
  learn(&a, "decoder 7", runs(100, 3), runs(2e12, 3));
  learn(&b, "vision 1", none, runs(7, 3));
  assert_true(mcl_throughput_store_save(&a, tmp_name, "one"));
  assert_true(mcl_throughput_store_save(&b, tmp_name, "two"));
  mcl_throughput_store_load(&back, tmp_name, "one");
  assert_int_equal(back.count, 1);
  near(find(&back, "decoder 7")->rate[0], 100);
  near(find(&back, "decoder 7")->rate[1], 2e12);
  mcl_throughput_store_finish(&back);
  mcl_throughput_store_load(&back, tmp_name, "two");
  near(find(&back, "vision 1")->rate[1], 7);
  mcl_throughput_store_finish(&back);
  mcl_throughput_store_load(&back, tmp_name, "three");
  assert_int_equal(back.count, 0);
  for (int i = 0; i < 15; i++) { /* the oldest device goes */
    snprintf(name, sizeof name, "more %d", i);
    assert_true(mcl_throughput_store_save(&b, tmp_name, name));
  }
  mcl_throughput_store_load(&back, tmp_name, "one");
  assert_int_equal(back.count, 0);
  mcl_throughput_store_load(&back, tmp_name, "two");
  assert_int_equal(back.count, 1);
  mcl_throughput_store_finish(&back);
  mcl_throughput_store_finish(&a);
  mcl_throughput_store_finish(&b);
}

static size_t loaded(const char *text) {
  mcl_throughput_store back;
  tmpdir_put(MCL_THROUGHPUT_FILE, text, strlen(text));
  mcl_throughput_store_load(&back, tmp_name, "one");
  size_t n = back.count;
  for (size_t i = 0; i < n; i++)
    assert_true(back.rate[i].rate[0] >= 0 && back.rate[i].rate[1] >= 0);
  mcl_throughput_store_finish(&back);
  return n;
}

#define FILE_OF(format, rates)                                                                     \
  "{\"format\": " format ", \"devices\": {\"one\": {\"decoder 7\": " rates "}}}"

static void damage_is_no_rate(void **state) {
  (void)state;
  static const char good[] = FILE_OF("1", "{\"bytes\": 5, \"flops\": 6.5}");
  char cut[sizeof good];
  assert_int_equal(loaded(good), 1);
  for (size_t i = 0; i + 1 < sizeof good - 1; i++) {
    snprintf(cut, sizeof cut, "%.*s", (int)i, good);
    assert_int_equal(loaded(cut), 0);
  }
  assert_int_equal(loaded(FILE_OF("2", "{\"bytes\": 5}")), 0);
  assert_int_equal(loaded(FILE_OF("\"1\"", "{\"bytes\": 5}")), 0);
  assert_int_equal(loaded("{\"format\": 1}"), 0);
  assert_int_equal(loaded("{\"format\": 1, \"devices\": []}"), 0);
  assert_int_equal(loaded("{\"format\": 1, \"devices\": {\"one\": 3}}"), 0);
  static const char *const odd[] = {FILE_OF("1", "{\"bytes\": -5, \"flops\": \"x\"}"),
                                    FILE_OF("1", "{\"bytes\": 1e300}"), FILE_OF("1", "[]"),
                                    FILE_OF("1", "{}"), FILE_OF("1", "7")};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    mcl_throughput_store back;
    tmpdir_put(MCL_THROUGHPUT_FILE, odd[i], strlen(odd[i]));
    mcl_throughput_store_load(&back, tmp_name, "one");
    for (size_t k = 0; k < back.count; k++)
      assert_true(back.rate[k].rate[0] == 0 && back.rate[k].rate[1] == 0);
    mcl_throughput_store_finish(&back);
  }
  mcl_throughput_store r = {0};
  learn(&r, "decoder 7", runs(100, 3), none);
  assert_true(mcl_throughput_store_save(&r, tmp_name, "one"));
  mcl_throughput_store_finish(&r);
  mcl_throughput_store_load(&r, tmp_name, "one");
  near(find(&r, "decoder 7")->rate[0], 100);
  mcl_throughput_store_finish(&r);
}

static void folders_need_not_be(void **state) {
  (void)state;
  mcl_throughput_store r = {0}, back;
  char inner[64], deep[80];
  snprintf(inner, sizeof inner, "%s/new", tmp_name);
  snprintf(deep, sizeof deep, "%s/x/y", inner);
  learn(&r, "decoder 7", runs(100, 3), none);
  assert_false(mcl_throughput_store_save(&r, NULL, "one"));
  assert_false(mcl_throughput_store_save(&r, deep, "one"));
  assert_true(mcl_throughput_store_save(&r, inner, "one"));
  mcl_throughput_store_load(&back, inner, "one");
  assert_int_equal(back.count, 1);
  mcl_throughput_store_finish(&back);
  mcl_throughput_store_load(&back, NULL, "one");
  assert_int_equal(back.count, 0);
  mcl_throughput_store_load(&back, deep, "one");
  assert_int_equal(back.count, 0);
  mcl_throughput_store_finish(&r);
  snprintf(deep, sizeof deep, "%s/%s", inner, MCL_THROUGHPUT_FILE);
  assert_int_equal(unlink(deep), 0);
  assert_int_equal(rmdir(inner), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_run_counts_if_it_is_the_only_one),
      cmocka_unit_test(rates_are_learned),
      cmocka_unit_test(files_keep_all_devices),
      cmocka_unit_test(damage_is_no_rate),
      cmocka_unit_test(folders_need_not_be),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
