/* cl_cache.c - tests of host/cl/cache.h: damaged entries, entries of others, folders that cannot be
 * used, a full disk, processes that race. */
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
#include "base/log.h"
#include "cl/cache.h"
#include "tmpdir.h"

static mcl_cache_key key_of(const char *a, const char *b) {
  mcl_cache_key key = mcl_cache_key_init();
  mcl_cache_key_add(&key, a);
  mcl_cache_key_add(&key, b);
  return key;
}

static bool same(const mcl_cache_key *a, const mcl_cache_key *b) {
  return !memcmp(a, b, sizeof *a);
}

/* Path of the folder's only file but its key, which is hidden. */
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
  assert_int_equal(tmpdir_files(false), 2); /* and the folder's secret */
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
  assert_int_equal(tmpdir_files(false), 1);
}

/* Whether the entry is believed with this mode, and the folder with that one. */
static bool believed(const mcl_cache_key *key, const char *path, mode_t file, mode_t folder) {
  assert_int_equal(chmod(path, file), 0);
  assert_int_equal(chmod(tmp_name, folder), 0);
  bool is = loads(key, "program");
  assert_int_equal(chmod(path, 0600), 0);
  assert_int_equal(chmod(tmp_name, 0700), 0);
  return is;
}

static void keep_line(void *user, motcl_log_level level, const char *text) {
  if (level == MOTCL_LOG_WARNING)
    snprintf(user, 400, "%s", text);
}

/* What is loaded is run: nobody else may have had a hand in it. */
static void what_others_can_write_is_not_believed(void **state) {
  (void)state;
  static const mode_t writable[] = {0020, 0002, 0022};
  mcl_cache_key key = key_of("one", "");
  char path[320], moved[400];
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  snprintf(path, sizeof path, "%s", only_entry());
  assert_true(believed(&key, path, 0600, 0700));
  assert_true(believed(&key, path, 0644, 0755));
  for (size_t i = 0; i < sizeof writable / sizeof *writable; i++) {
    assert_false(believed(&key, path, 0600 | writable[i], 0700));
    assert_false(believed(&key, path, 0600, 0700 | writable[i]));
    assert_int_equal(chmod(tmp_name, 0700 | writable[i]), 0);
    assert_false(mcl_cache_store(tmp_name, &key, "program", 7));
    assert_int_equal(chmod(tmp_name, 0700), 0);
  }
  snprintf(moved, sizeof moved, "%s.moved", path);
  assert_int_equal(rename(path, moved), 0);
  assert_int_equal(symlink(strrchr(moved, '/') + 1, path), 0);
  assert_false(loads(&key, "program"));
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_true(loads(&key, "program"));
  remove(moved);

  /* which is told, with its name */
  char line[400] = "";
  const mcl_logger logger = {keep_line, line};
  assert_int_equal(chmod(path, 0666), 0);
  const mcl_logger *before = mcl_log_enter(&logger);
  assert_false(loads(&key, "program"));
  mcl_log_leave(before);
  assert_non_null(strstr(line, path));
}

/* Only root can give files away. */
static void what_others_own_is_not_believed(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  if (geteuid() != 0)
    return;
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_int_equal(chown(only_entry(), 1, (gid_t)-1), 0);
  assert_false(loads(&key, "program"));
  assert_int_equal(chown(only_entry(), 0, (gid_t)-1), 0);
  assert_true(loads(&key, "program"));
  assert_int_equal(chown(tmp_name, 1, (gid_t)-1), 0);
  assert_false(loads(&key, "program"));
  assert_false(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_int_equal(chown(tmp_name, 0, (gid_t)-1), 0);
}

/* Two entries that change places. */
static void an_entry_under_anothers_name_is_none(void **state) {
  (void)state;
  mcl_cache_key one = key_of("one", ""), two = key_of("two", "");
  const char *moved = tmpdir_path(".moved");
  assert_true(mcl_cache_store(tmp_name, &one, "program", 7));
  assert_int_equal(rename(only_entry(), moved), 0);
  assert_true(mcl_cache_store(tmp_name, &two, "another", 7));
  assert_int_equal(rename(moved, only_entry()), 0);
  assert_false(loads(&one, "program"));
  assert_false(loads(&two, "another"));
}

/* Who can write entries but not read the key cannot make one, nor is a key of another's taken. */
static void the_key_is_the_folders(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  const char *file = tmpdir_path(".secret");
  unsigned char was[40], is[40];
  struct stat st;
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  assert_int_equal(stat(file, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0600);
  assert_int_equal(slurp(file, was, sizeof was), 32);
  for (mode_t others = 0001; others <= 0040; others <<= 1) {
    assert_int_equal(chmod(file, 0600 | others), 0);
    assert_false(loads(&key, "program"));
    assert_true(mcl_cache_store(tmp_name, &key, "program", 7)); /* with another key */
    assert_true(loads(&key, "program"));
    assert_int_equal(slurp(file, is, sizeof is), 32);
    assert_memory_not_equal(was, is, 32);
  }
  spill(file, was, 32);
  assert_false(loads(&key, "program"));
  spill(file, is, 31);
  assert_false(loads(&key, "program"));
  spill(file, is, 32);
  assert_true(loads(&key, "program"));
  assert_int_equal(remove(file), 0);
  assert_false(loads(&key, "program"));
}

/* An entry belongs to its folder, by whatever name that is reached. */
static void an_entry_of_another_folder_is_none(void **state) {
  (void)state;
  mcl_cache_key key = key_of("one", "");
  char command[800], other[64], link[64];
  unsigned char *data;
  size_t n;
  snprintf(other, sizeof other, "%s/other", tmp_name);
  snprintf(link, sizeof link, "%s/link", tmp_name);
  assert_true(mcl_cache_store(tmp_name, &key, "program", 7));
  snprintf(command, sizeof command, "mkdir -m 700 %s && cp -p %s %s/ && ln -s . %s", other,
           only_entry(), other, link);
  assert_int_equal(system(command), 0);
  assert_false(mcl_cache_load(other, &key, &data, &n)); /* it has no key */
  mcl_cache_key two = key_of("two", "");
  assert_true(mcl_cache_store(other, &two, "another", 7));
  assert_false(mcl_cache_load(other, &key, &data, &n));
  assert_true(mcl_cache_load(link, &key, &data, &n));
  mcl_free(data);
  snprintf(command, sizeof command, "rm -r %s %s", other, link);
  assert_int_equal(system(command), 0);
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
  assert_int_equal(tmpdir_files(false), 2);
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
  assert_int_equal(tmpdir_files(false), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_tell_texts_apart),
      cmocka_unit_test_setup(entry_comes_back, tmpdir_clear),
      cmocka_unit_test_setup(no_folder_no_cache, tmpdir_clear),
      cmocka_unit_test_setup(folder_is_made, tmpdir_clear),
      cmocka_unit_test_setup(damage_is_seen, tmpdir_clear),
      cmocka_unit_test_setup(odd_files_are_no_entries, tmpdir_clear),
      cmocka_unit_test_setup(what_others_can_write_is_not_believed, tmpdir_clear),
      cmocka_unit_test_setup(what_others_own_is_not_believed, tmpdir_clear),
      cmocka_unit_test_setup(an_entry_under_anothers_name_is_none, tmpdir_clear),
      cmocka_unit_test_setup(the_key_is_the_folders, tmpdir_clear),
      cmocka_unit_test_setup(an_entry_of_another_folder_is_none, tmpdir_clear),
      cmocka_unit_test_setup(full_disk_leaves_the_old_entry, tmpdir_clear),
      cmocka_unit_test_setup(racing_writers, tmpdir_clear),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
