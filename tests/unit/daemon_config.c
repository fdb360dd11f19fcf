/* daemon_config.c - settings of the daemon, by line and file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/config.h"
#include "tmpdir.h"

#define WORDS(...) words((const char *const[]){"motcld", __VA_ARGS__, NULL})

static mcl_daemon_config config;
static motcl_err err;

static int words(const char *const *word) {
  int n = 0;
  while (word[n])
    n++;
  mcl_daemon_config_finish(&config);
  err.text[0] = 0;
  return mcl_daemon_config_read(&config, n, (char *const *)(uintptr_t)word, &err);
}

static void file(const char *text) {
  FILE *f = fopen(tmpdir_path("motcld.conf"), "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void wrong(int rc, const char *why) {
  assert_int_equal(rc, MOTCL_EINVAL);
  if (!strstr(err.text, why))
    fail_msg("%s", err.text);
}

static void lines_are_read(void **state) {
  (void)state;
  assert_int_equal(WORDS("--state", "s", "--model=a=/x", "--model", "b=/y=z", "--share", "2",
                         "--memory=3G", "--keep", "2h", "--device", "ref", "--log-json"),
                   MOTCL_OK);
  assert_string_equal(mcl_daemon_config_model_dir(&config, NULL), "/x");
  assert_string_equal(mcl_daemon_config_model_dir(&config, "b"), "/y=z");
  assert_null(mcl_daemon_config_model_dir(&config, "c"));
  assert_int_equal(config.share, 2);
  assert_int_equal(config.memory, (uint64_t)3 << 30);
  assert_int_equal(config.keep, 7200);
  assert_int_equal(config.save, 15);
  assert_int_equal(config.devices, 1);
  assert_true(config.json);
}

static void files_are_read(void **state) {
  (void)state;
  file("\xef\xbb\xbf# a comment\r\n\r\nstate = /var/q\nmodel = a = /x\n  "
       "share=7\nlog-json\nverbose = no\n");
  assert_int_equal(WORDS("--config", tmpdir_path("motcld.conf"), "--share", "3"), MOTCL_OK);
  assert_string_equal(config.state, "/var/q");
  assert_int_equal(config.share, 3); /* the line holds */
  assert_true(config.json);
  assert_false(config.verbose);
  file("state = q\nmodel = a=/x\nshar = 3\n");
  wrong(WORDS("--config", tmpdir_path("motcld.conf")), "motcld.conf:3: 'shar'");
  file("state = q\nmodel = a=/x\nshare = 0\n");
  wrong(WORDS("--config", tmpdir_path("motcld.conf")), "motcld.conf:3: share is '0'");
  file("config = other\n");
  wrong(WORDS("--config", tmpdir_path("motcld.conf")), "no setting");
  assert_int_equal(WORDS("--config", tmpdir_path("nowhere")), MOTCL_EIO);
}

static void mistakes_are_named(void **state) {
  (void)state;
  wrong(WORDS("--state", "s"), "--model");
  wrong(WORDS("--model", "a=/x"), "--state");
  wrong(WORDS("--model", "a"), "not NAME=DIR");
  wrong(WORDS("--model", "a=/x", "--model", "a=/y"), "of that name");
  wrong(WORDS("--shares", "3"), "'--shares'");
  wrong(WORDS("state"), "'state'");
  wrong(WORDS("--share"), "wants N");
  wrong(WORDS("--share", "many"), "not a number");
  wrong(WORDS("--share", "4K"), "not a number");
  wrong(WORDS("--memory", "4X"), "unknown letter");
  wrong(WORDS("--memory", "99999999999999999999"), "not a number in range");
  wrong(WORDS("--log-json=1"), "no value");
  wrong(WORDS("--operator", "no such user"), "no user");
}

static int leave(void **state) {
  mcl_daemon_config_finish(&config);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(lines_are_read),
                                     cmocka_unit_test(files_are_read),
                                     cmocka_unit_test(mistakes_are_named)};
  return cmocka_run_group_tests(tests, tmpdir_make, leave);
}
