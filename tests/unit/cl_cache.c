/* cl_cache.c - tests of host/cl/cache.h: damaged entries, folders that cannot be used, a full disk,
 * processes that race. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "cl/cache.h"
#include "tmpdir.h"

static mcl_cache_key key_of(const char *a, const char *b) {
  mcl_cache_key key = mcl_cache_key_init();
  mcl_cache_key_add(&key, a);
  mcl_cache_key_add(&key, b);
  return key;
}

static bool same(const mcl_cache_key *a, const mcl_cache_key *b) {
  return a->hash[0] == b->hash[0] && a->hash[1] == b->hash[1];
}

/* Path of the folder's only file. */
static const char *only_entry(void) {
  const char *path = NULL;
  DIR *d = opendir(tmp_name);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));)
    if (e->d_name[0] != '.') {
      assert_null(path);
      path = tmpdir_path(e->d_name);
    }
  closedir(d);
  assert_non_null(path);
  return path;
}

static size_t slurp(const char *path, unsigned char *data, size_t max) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  size_t n = fread(data, 1, max, f);
  fclose(f);
  return n;
}

static void spill(const char *path, const unsigned char *data, size_t n) {
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(data, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

static bool loads(const mcl_cache_key *key, const char *want) {
  unsigned char *data;
  size_t n;
  if (!mcl_cache_load(tmp_name, key, &data, &n))
    return false;
  bool equal = n == strlen(want) && !memcmp(data, want, n);
  mcl_free(data);
  assert_true(equal); /* a damaged entry must never come back as a whole one */
  return true;
}

static void keys_tell_texts_apart(void **state) {
  (void)state;
  mcl_cache_key ab = key_of("a", "bc"), same_ab = key_of("a", "bc"), shifted = key_of("ab", "c");
  mcl_cache_key swapped = key_of("bc", "a"), empty = mcl_cache_key_init();
  assert_true(same(&ab, &same_ab));
  assert_false(same(&ab, &shifted));
  assert_false(same(&ab, &swapped));
  assert_false(same(&ab, &empty));
}

static void entry_comes_back(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", ""), other = key_of("two", "");
  assert_false(loads(&key, "program"));
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_true(loads(&key, "program"));
  assert_false(loads(&other, "program"));
  assert_true(mcl_cache_store(tmp_name, &key, "another", 7));
  assert_true(loads(&key, "another"));
  assert_int_equal(tmpdir_files(false), 1);
}

static void no_folder_no_cache(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  unsigned char *data = NULL;
  size_t n = 99;
  assert_false(mcl_cache_store(NULL, &key, "program", 7));
  assert_false(mcl_cache_load(NULL, &key, &data, &n));
  assert_false(mcl_cache_load("/no/such/folder", &key, &data, &n));
  assert_false(mcl_cache_store("/no/such/folder", &key, "program", 7));
  const char *file = tmpdir_put("file", "x", 1);
  assert_false(mcl_cache_store(file, &key, "program", 7));
  assert_false(mcl_cache_load(file, &key, &data, &n));
  assert_null(data);
  assert_int_equal(n, 99);
}

static void folder_is_made(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  const char *dir = tmpdir_path("made");
  unsigned char *data;
  size_t n;
  assert_true(mcl_cache_store(dir, &key, "program", 7));
  assert_true(mcl_cache_load(dir, &key, &data, &n));
  mcl_free(data);
  char command[400];
  snprintf(command, sizeof command, "rm -r %s", dir);
  assert_int_equal(system(command), 0);
}

/* Whatever byte is wrong, wherever the file ends: the entry is not there, and can be made anew. */
static void damage_is_seen(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  unsigned char whole[256], bad[257];
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  const char *path = only_entry();
  size_t n = slurp(path, whole, sizeof whole);
  assert_in_range(n, 8, sizeof whole - 1);
  for (size_t i = 0; i < n; i++) {
    memcpy(bad, whole, n);
    bad[i] ^= 0x10;
    spill(path, bad, n);
    assert_false(loads(&key, "program"));
  }
  for (size_t cut = 0; cut < n; cut++) {
    spill(path, whole, cut);
    assert_false(loads(&key, "program"));
  }
  memcpy(bad, whole, n);
  bad[n] = 0;
  spill(path, bad, n + 1);
  assert_false(loads(&key, "program"));
  spill(path, whole, n);
  assert_true(loads(&key, "program"));
  spill(path, bad, n / 2);
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_true(loads(&key, "program"));
}

/* Something else under an entry's name is no entry, and reading it does not wait for ever. */
static void odd_files_are_no_entries(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  char path[320];
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  snprintf(path, sizeof path, "%s", only_entry());
  assert_int_equal(remove(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_false(loads(&key, "program"));
  assert_int_equal(remove(path), 0);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_false(loads(&key, "program"));
  assert_false(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_int_equal(rmdir(path), 0);
  assert_int_equal(tmpdir_files(false), 0);
}

static void full_disk_leaves_the_old_entry(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  static unsigned char big[100000];
  struct rlimit old, low;
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  low = old;
  low.rlim_cur = 4096;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
  bool stored = mcl_cache_store(tmp_name, &key, big, sizeof big);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  assert_false(stored);
  assert_true(loads(&key, "program"));
  assert_int_equal(tmpdir_files(false), 1);
}

/* A child's content: a length of its own, all bytes its letter. */
static size_t content(unsigned char *data, unsigned child) {
  size_t n = 20000 + 3000 * child;
  memset(data, 'A' + (int)child, n);
  return n;
}

static void write_many(const mcl_cache_key *key, unsigned child) {
  static unsigned char data[40000];
  size_t n = content(data, child);
  for (int i = 0; i < 100; i++)
    if (!mcl_cache_store(tmp_name, key, data, n))
      _exit(1);
  _exit(0);
}

/* While processes replace an entry, a reader sees a whole one of some of them. */
static void racing_writers(void **state) {
  (void)state;
  enum { CHILDREN = 3 };
  mcl_cache_key key = key_of("race", "");
  static unsigned char want[40000];
  pid_t child[CHILDREN];
  unsigned running = CHILDREN, seen = 0;
  assert_true(mcl_cache_store(tmp_name, &key, want, content(want, 0)));
  for (unsigned i = 0; i < CHILDREN; i++) {
    child[i] = fork();
    assert_true(child[i] >= 0);
    if (child[i] == 0)
      write_many(&key, i);
  }
  while (running) {
    unsigned char *data;
    size_t n;
    assert_true(mcl_cache_load(tmp_name, &key, &data, &n));
    assert_in_range(data[0], 'A', 'A' + CHILDREN - 1);
    assert_int_equal(n, content(want, (unsigned)(data[0] - 'A')));
    assert_memory_equal(data, want, n);
    mcl_free(data);
    seen++;
    int status;
    while (running && waitpid(-1, &status, WNOHANG) > 0) {
      assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
      running--;
    }
  }
  assert_true(seen > 0);
  assert_int_equal(tmpdir_files(false), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_tell_texts_apart),
      cmocka_unit_test_setup(entry_comes_back, tmpdir_clear),
      cmocka_unit_test_setup(no_folder_no_cache, tmpdir_clear),
      cmocka_unit_test_setup(folder_is_made, tmpdir_clear),
      cmocka_unit_test_setup(damage_is_seen, tmpdir_clear),
      cmocka_unit_test_setup(odd_files_are_no_entries, tmpdir_clear),
      cmocka_unit_test_setup(full_disk_leaves_the_old_entry, tmpdir_clear),
      cmocka_unit_test_setup(racing_writers, tmpdir_clear),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
