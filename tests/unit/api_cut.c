/* api_cut.c - every file that is written, cut at every byte: by a disk that takes no more, and by
 * an end of the process in the middle. What stood there before stands there still, or the new file
 * does as a whole; nothing else is left but the nameless file of a process that was killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "cl/cache.h"
#include "base/file.h"
#include "tmpdir.h"

/* Something that is written under a name: its old form, or its new one. */
typedef int write_fn(const char *path, bool new, bool replace);

static int write_picture(const char *path, bool new, bool replace) {
  uint8_t rgb[16 * 16 * 3];
  const motcl_line line = {"prompt", new ? "a cat on a wall" : "a dog"};
  for (size_t i = 0; i < sizeof rgb; i++)
    rgb[i] = (uint8_t)(new ? i * 37 % 251 : i);
  const motcl_picture p = {
      .rgb = rgb, .width = 16, .height = new ? 16 : 8, .line = &line, .lines = 1, .quality = 90};
  return motcl_picture_write(path, &p, replace, NULL);
}

static int write_job(const char *path, bool new, bool replace) {
  const char *text = new ? "a cat on a wall" : "a dog";
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = text, .size = strlen(text)};
  const motcl_output output = MOTCL_OUTPUT_PICTURE;
  motcl_job job = {.request = motcl_request_default(false)};
  uint8_t *bytes;
  size_t n;
  job.request.part = &part;
  job.request.parts = 1;
  job.request.output = &output;
  job.request.outputs = 1;
  assert_int_equal(motcl_job_pack(&job, &bytes, &n, NULL), MOTCL_OK);
  int rc = motcl_file_write(path, bytes, n, replace, NULL);
  motcl_free(bytes);
  return rc;
}

static int write_array(const char *path, bool new, bool replace) {
  const float values[12] = {1, 2, 3, 4};
  const size_t dim = new ? 12 : 5;
  const motcl_array a = {.name = "x", .type = MOTCL_F32, .rank = 1, .dim = &dim, .data = values};
  (void)replace; /* always */
  return motcl_npy_write(path, &a, NULL);
}

/* Its name is made from the key. */
static int write_program(const char *path, bool new, bool replace) {
  mcl_cache_key key = mcl_cache_key_init();
  char program[60];
  memset(program, new ? 'n' : 'o', sizeof program);
  (void)path;
  (void)replace;
  return mcl_cache_store(tmp_name, &key, program, new ? 60 : 20) ? MOTCL_OK : MOTCL_EIO;
}

static const struct {
  const char *name;
  write_fn *write;
  bool killed; /* by a process that ends too: one for each way of writing, since that takes long */
} kinds[] = {{"a.png", write_picture, false},
             {"a.jpg", write_picture, false},
             {"a.pb", write_job, true},
             {"a.npy", write_array, false},
             {NULL, write_program, true}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* A file's bytes; n 0 if it is not there. */
typedef struct bytes {
  char *data;
  size_t n;
} bytes;

static bytes look(const char *path) {
  bytes b = {0};
  if (access(path, F_OK) == 0)
    assert_int_equal(mcl_file_read(&b.data, &b.n, path, 1 << 20, NULL), MOTCL_OK);
  return b;
}

static void is_still(const char *path, const bytes *want) {
  bytes b = look(path);
  assert_int_equal(b.n, want->n);
  if (b.n)
    assert_memory_equal(b.data, want->data, b.n);
  mcl_free(b.data);
}

/* Files may have n bytes and no more, until limit_end. */
static struct rlimit unlimited;

static void limit(size_t n) {
  struct rlimit low = unlimited;
  low.rlim_cur = n;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
}

static void limit_end(void) {
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
}

static int fails(size_t kind, const char *path, size_t n, bool replace) {
  limit(n);
  int rc = kinds[kind].write(path, true, replace);
  limit_end();
  return rc;
}

static int is_killed(size_t kind, const char *path, size_t n, bool replace) {
  int status;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_DFL);
    limit(n);
    _exit(kinds[kind].write(path, true, replace) == MOTCL_OK ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status))
    assert_int_equal(WTERMSIG(status), SIGXFSZ);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? MOTCL_OK : MOTCL_EIO;
}

/* The path of a file; the cache's is the only one it makes but the folder's secret, which is
 * hidden. */
static void find_name(char *name, size_t room, size_t kind) {
  snprintf(name, room, "%s", tmpdir_path(kinds[kind].name ? kinds[kind].name : ""));
  if (kinds[kind].name)
    return;
  tmpdir_files(true);
  assert_int_equal(kinds[kind].write(name, true, true), MOTCL_OK);
  DIR *d = opendir(tmp_name);
  assert_non_null(d);
  for (struct dirent *e; (e = readdir(d));)
    if (e->d_name[0] != '.')
      snprintf(name, room, "%s", tmpdir_path(e->d_name));
  closedir(d);
}

/* Take all files away but the folder's secret, by which an entry of the cache has the same bytes
 * again. */
static void clear(void) {
  bytes secret = look(tmpdir_path(".secret"));
  tmpdir_files(true);
  if (secret.n)
    assert_int_equal(chmod(tmpdir_put(".secret", secret.data, secret.n), 0600), 0);
  mcl_free(secret.data);
}

/* Cut file `kind` at every byte; leave: files beside it that may be left each time. */
static void cut(size_t kind, int by(size_t, const char *, size_t, bool), bool over, int leave) {
  char name[80];
  find_name(name, sizeof name, kind);
  clear();
  assert_int_equal(kinds[kind].write(name, true, true), MOTCL_OK);
  bytes whole = look(name);
  clear();
  if (over)
    assert_int_equal(kinds[kind].write(name, false, true), MOTCL_OK);
  bytes before = look(name);
  assert_true(whole.n > 50 && whole.n != before.n);
  const int secret = !kinds[kind].name;
  for (size_t n = 0; n < whole.n; n++) {
    assert_int_equal(by(kind, name, n, over), MOTCL_EIO);
    is_still(name, &before);
    if (tmpdir_files(false) > (before.n > 0) + secret + leave)
      fail_msg("%s, cut at byte %zu: files are left", name, n);
    if (leave)
      clear();
    if (leave && over)
      assert_int_equal(kinds[kind].write(name, false, true), MOTCL_OK);
  }
  assert_int_equal(by(kind, name, whole.n, over), MOTCL_OK);
  is_still(name, &whole);
  assert_int_equal(tmpdir_files(false), 1 + secret);
  mcl_free(whole.data);
  mcl_free(before.data);
  tmpdir_files(true);
}

static void a_full_disk_leaves_the_old_file(void **state) {
  (void)state;
  for (size_t i = 0; i < KINDS; i++)
    cut(i, fails, true, 0);
}

static void a_full_disk_leaves_no_file(void **state) {
  (void)state;
  for (size_t i = 0; i < KINDS; i++)
    cut(i, fails, false, 0);
}

static void an_end_leaves_the_old_file(void **state) {
  (void)state;
  for (size_t i = 0; i < KINDS; i++)
    if (kinds[i].killed)
      cut(i, is_killed, true, 1);
}

static void an_end_leaves_no_file(void **state) {
  (void)state;
  for (size_t i = 0; i < KINDS; i++)
    if (kinds[i].killed)
      cut(i, is_killed, false, 1);
}

static int set_up(void **state) {
  signal(SIGXFSZ, SIG_IGN);
  return getrlimit(RLIMIT_FSIZE, &unlimited) == 0 ? tmpdir_make(state) : -1;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_full_disk_leaves_the_old_file),
      cmocka_unit_test(a_full_disk_leaves_no_file),
      cmocka_unit_test(an_end_leaves_the_old_file),
      cmocka_unit_test(an_end_leaves_no_file),
  };
  return cmocka_run_group_tests(tests, set_up, tmpdir_drop);
}
