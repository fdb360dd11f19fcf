/* io_file.c - tests of host/base/file.h and host/io/file.h: limits, kinds of file, atomic writing, failing disks. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/mem.h"
#include "io/file.h"
#include "tmpdir.h"

/* The next link or fsync fails with this number, unless 0. These two stand in for libc's. */
static int link_errno, fsync_errno, fsync_interrupts;

int link(const char *from, const char *to) {
  errno = link_errno;
  return link_errno ? -1 : linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fsync(int fd) {
  (void)fd;
  if (fsync_interrupts > 0) {
    fsync_interrupts--;
    errno = EINTR;
    return -1;
  }
  errno = fsync_errno;
  return fsync_errno ? -1 : 0;
}

static void expect_content(const char *path, const char *want) {
  char *data;
  size_t n;
  assert_int_equal(mcl_file_read(&data, &n, path, 1 << 20, NULL), MOTCL_OK);
  assert_int_equal(n, strlen(want));
  assert_string_equal(data, want);
  mcl_free(data);
}

static void map_reads_bytes(void **state) {
  (void)state;
  mcl_map m;
  assert_int_equal(mcl_map_open(&m, tmpdir_put("a", "abc", 3), NULL), MOTCL_OK);
  assert_int_equal(m.size, 3);
  assert_memory_equal(m.data, "abc", 3);
  mcl_map_close(&m);
  assert_null(m.data);
  assert_int_equal(m.size, 0);
  mcl_map_close(&m);
  mcl_map_close(NULL);
}

static void map_of_empty_file(void **state) {
  (void)state;
  mcl_map m;
  assert_int_equal(mcl_map_open(&m, tmpdir_put("a", "", 0), NULL), MOTCL_OK);
  assert_int_equal(m.size, 0);
  assert_non_null(m.data);
  mcl_map_close(&m);
}

static void map_refuses_what_is_no_file(void **state) {
  (void)state;
  mcl_map m = {.data = "keep", .size = 99};
  motcl_err err;
  assert_int_equal(mcl_map_open(&m, tmpdir_path("none"), &err), MOTCL_EIO);
  assert_non_null(strstr(err.text, "none"));
  assert_non_null(strstr(err.text, "No such file"));
  assert_int_equal(mcl_map_open(&m, tmp_name, &err), MOTCL_EIO);
  assert_non_null(strstr(err.text, "not a regular file"));
  const char *pipe = tmpdir_path("pipe");
  assert_int_equal(mkfifo(pipe, 0600), 0);
  assert_int_equal(mcl_map_open(&m, pipe, &err), MOTCL_EIO);
  assert_int_equal(mcl_map_open(&m, "", NULL), MOTCL_EIO);
  assert_int_equal(m.size, 99);
}

static void read_limits(void **state) {
  (void)state;
  const char *path = tmpdir_put("a", "12345", 5);
  char *data = NULL;
  size_t n = 77;
  motcl_err err;
  assert_int_equal(mcl_file_read(&data, &n, path, 4, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "5 bytes"));
  assert_int_equal(mcl_file_read(&data, &n, path, 0, &err), MOTCL_EFORMAT);
  assert_null(data);
  assert_int_equal(n, 77);
  for (size_t max = 5; max < 8; max++) {
    assert_int_equal(mcl_file_read(&data, &n, path, max, NULL), MOTCL_OK);
    assert_int_equal(n, 5);
    assert_string_equal(data, "12345");
    mcl_free(data);
  }
  assert_int_equal(mcl_file_read(&data, &n, path, SIZE_MAX, NULL), MOTCL_OK);
  mcl_free(data);
  assert_int_equal(mcl_file_read(&data, &n, tmpdir_put("b", "", 0), 0, NULL), MOTCL_OK);
  assert_int_equal(n, 0);
  assert_string_equal(data, "");
  mcl_free(data);
}

/* Put a socket under a name of the folder. */
static const char *put_socket(const char *file) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  const char *path = tmpdir_path(file);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_true(fd >= 0);
  snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
  assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
  close(fd);
  return path;
}

/* None of these is waited for, nor read for ever. */
static void read_refuses_what_is_no_file(void **state) {
  (void)state;
  char *data = NULL;
  size_t n = 77;
  motcl_err err;
  const char *pipe = tmpdir_path("pipe"), *socket = put_socket("socket");
  assert_int_equal(mkfifo(pipe, 0600), 0);
  const char *const odd[][2] = {
      {tmp_name, "a folder"}, {"/dev/zero", "a device"}, {pipe, "a pipe"}, {socket, "a socket"}};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    assert_int_equal(mcl_file_read(&data, &n, odd[i][0], 100000, &err), MOTCL_EIO);
    assert_non_null(strstr(err.text, odd[i][1]));
    assert_non_null(strstr(err.text, "not a regular file"));
  }
  assert_int_equal(mcl_file_read(&data, &n, tmpdir_path("none"), 100, &err), MOTCL_EIO);
  assert_non_null(strstr(err.text, "No such file"));
  assert_null(data);
  assert_int_equal(n, 77);
}

/* Files of /proc say that they are empty. */
static void read_of_files_that_have_more_than_they_say(void **state) {
  (void)state;
  char *data;
  size_t n;
  assert_int_equal(mcl_file_read(&data, &n, "/proc/self/status", 1 << 20, NULL), MOTCL_OK);
  assert_true(n > 100);
  assert_int_equal(strlen(data), n);
  mcl_free(data);
  assert_int_equal(mcl_file_read(&data, &n, "/proc/self/status", 100, NULL), MOTCL_EFORMAT);
}

static void outfile_appears_on_commit(void **state) {
  (void)state;
  mcl_outfile *f;
  const char *path = tmpdir_path("out");
  assert_int_equal(mcl_outfile_open(&f, path, false, NULL), MOTCL_OK);
  assert_int_equal(mcl_outfile_write(f, "ab", 2, NULL), MOTCL_OK);
  assert_int_equal(mcl_outfile_write(f, NULL, 0, NULL), MOTCL_OK);
  assert_int_equal(mcl_outfile_write(f, "c", 1, NULL), MOTCL_OK);
  assert_int_not_equal(access(path, F_OK), 0);
  fsync_interrupts = 3;
  assert_int_equal(mcl_outfile_commit(f, NULL), MOTCL_OK);
  assert_int_equal(fsync_interrupts, 0);
  expect_content(path, "abc");
  assert_int_equal(tmpdir_files(false), 1);
}

static void outfile_keeps_to_the_umask(void **state) {
  (void)state;
  struct stat st;
  const char *path = tmpdir_path("out");
  mode_t before = umask(027);
  int rc = mcl_file_write(path, "x", 1, false, NULL);
  umask(before);
  assert_int_equal(rc, MOTCL_OK);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0640);
}

static void outfile_abort_leaves_nothing(void **state) {
  (void)state;
  mcl_outfile *f;
  const char *path = tmpdir_put("out", "old", 3);
  assert_int_equal(mcl_outfile_open(&f, path, true, NULL), MOTCL_OK);
  assert_int_equal(mcl_outfile_write(f, "new", 3, NULL), MOTCL_OK);
  mcl_outfile_abort(f);
  mcl_outfile_abort(NULL);
  expect_content(path, "old");
  assert_int_equal(tmpdir_files(false), 1);
}

static void outfile_replaces_only_if_told(void **state) {
  (void)state;
  motcl_err err;
  const char *path = tmpdir_put("out", "old", 3);
  assert_int_equal(mcl_file_write(path, "new", 3, false, &err), MOTCL_EEXIST);
  assert_non_null(strstr(err.text, "exists already"));
  expect_content(path, "old");
  assert_int_equal(mcl_file_write(path, "new", 3, true, NULL), MOTCL_OK);
  expect_content(path, "new");
  const char *dangling = tmpdir_path("dangling");
  assert_int_equal(symlink("nowhere", dangling), 0);
  assert_int_equal(mcl_file_write(dangling, "new", 3, false, NULL), MOTCL_EEXIST);
  assert_int_equal(tmpdir_files(false), 2);
}

static void outfile_loses_a_race_cleanly(void **state) {
  (void)state;
  static const int reasons[] = {0, EPERM, EOPNOTSUPP};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    mcl_outfile *f;
    tmpdir_files(true);
    link_errno = reasons[i];
    const char *path = tmpdir_path("out");
    assert_int_equal(mcl_outfile_open(&f, path, false, NULL), MOTCL_OK);
    assert_int_equal(mcl_outfile_write(f, "mine", 4, NULL), MOTCL_OK);
    tmpdir_put("out", "theirs", 6);
    assert_int_equal(mcl_outfile_commit(f, NULL), MOTCL_EEXIST);
    link_errno = 0;
    expect_content(path, "theirs");
    assert_int_equal(tmpdir_files(false), 1);
  }
}

static void outfile_without_hard_links(void **state) {
  (void)state;
  const char *path = tmpdir_path("out");
  link_errno = EPERM;
  assert_int_equal(mcl_file_write(path, "x", 1, false, NULL), MOTCL_OK);
  assert_int_equal(mcl_file_write(path, "y", 1, false, NULL), MOTCL_EEXIST);
  link_errno = EIO;
  assert_int_equal(mcl_file_write(tmpdir_path("b"), "x", 1, false, NULL), MOTCL_EIO);
  link_errno = 0;
  expect_content(path, "x");
  assert_int_equal(tmpdir_files(false), 1);
}

static void outfile_full_disk_at_sync(void **state) {
  (void)state;
  motcl_err err;
  const char *path = tmpdir_put("out", "old", 3);
  fsync_errno = ENOSPC;
  int rc = mcl_file_write(path, "new", 3, true, &err);
  int rc2 = mcl_file_write(tmpdir_path("fresh"), "new", 3, false, NULL);
  fsync_errno = 0;
  assert_int_equal(rc, MOTCL_EIO);
  assert_int_equal(rc2, MOTCL_EIO);
  assert_non_null(strstr(err.text, "No space left"));
  assert_non_null(strstr(err.text, "make room"));
  expect_content(path, "old");
  assert_int_equal(tmpdir_files(false), 1);
}

static void outfile_full_disk_at_write(void **state) {
  (void)state;
  struct rlimit before, small;
  motcl_err err;
  static char big[100000];
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 65536;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  int rc = mcl_file_write(tmpdir_path("out"), big, sizeof big, true, &err);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(rc, MOTCL_EIO);
  assert_non_null(strstr(err.text, "cannot write"));
  assert_int_equal(tmpdir_files(false), 0);
}

static void outfile_bad_places(void **state) {
  (void)state;
  mcl_outfile *f = NULL;
  motcl_err err;
  assert_int_equal(mcl_outfile_open(&f, "", true, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_outfile_open(&f, "folder/", true, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_outfile_open(&f, tmp_name, true, &err), MOTCL_EINVAL);
  const char *pipe = tmpdir_path("pipe");
  assert_int_equal(mkfifo(pipe, 0600), 0);
  assert_int_equal(mcl_outfile_open(&f, pipe, true, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "a pipe"));
  assert_int_equal(mcl_outfile_open(&f, put_socket("socket"), true, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_outfile_open(&f, tmpdir_path("no/such/folder"), true, &err), MOTCL_EIO);
  assert_non_null(strstr(err.text, "no/such/folder"));
  assert_null(f);
}

static void outfile_writes_through_to_devices(void **state) {
  (void)state;
  struct stat st;
  assert_int_equal(mcl_file_write("/dev/null", "x", 1, true, NULL), MOTCL_OK);
  assert_int_equal(stat("/dev/null", &st), 0);
  assert_true(S_ISCHR(st.st_mode));
  assert_int_equal(mcl_file_write("/dev/null", "x", 1, false, NULL), MOTCL_EEXIST);
  motcl_err err;
  assert_int_equal(mcl_file_write("/dev/full", "x", 1, true, &err), MOTCL_EIO);
  assert_non_null(strstr(err.text, "No space left"));
}

static void outfile_in_this_folder_and_beside_leftovers(void **state) {
  (void)state;
  char here[4096], left[64];
  assert_non_null(getcwd(here, sizeof here));
  snprintf(left, sizeof left, ".motcl-%ld-0.tmp", (long)getpid());
  tmpdir_put(left, "left over", 9);
  assert_int_equal(chdir(tmp_name), 0);
  int rc = mcl_file_write("out", "x", 1, false, NULL);
  assert_int_equal(chdir(here), 0);
  assert_int_equal(rc, MOTCL_OK);
  expect_content(tmpdir_path("out"), "x");
  expect_content(tmpdir_path(left), "left over");
  assert_int_equal(tmpdir_files(false), 2);
}

static void outfile_longest_name(void **state) {
  (void)state;
  char name[206];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  assert_int_equal(mcl_file_write(tmpdir_path(name), "x", 1, false, NULL), MOTCL_OK);
  expect_content(tmpdir_path(name), "x");
}

#define TEST(f) cmocka_unit_test_setup(f, tmpdir_clear)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(map_reads_bytes),
      TEST(map_of_empty_file),
      TEST(map_refuses_what_is_no_file),
      TEST(read_limits),
      TEST(read_refuses_what_is_no_file),
      TEST(read_of_files_that_have_more_than_they_say),
      TEST(outfile_appears_on_commit),
      TEST(outfile_keeps_to_the_umask),
      TEST(outfile_abort_leaves_nothing),
      TEST(outfile_replaces_only_if_told),
      TEST(outfile_loses_a_race_cleanly),
      TEST(outfile_without_hard_links),
      TEST(outfile_full_disk_at_sync),
      TEST(outfile_full_disk_at_write),
      TEST(outfile_bad_places),
      TEST(outfile_writes_through_to_devices),
      TEST(outfile_in_this_folder_and_beside_leftovers),
      TEST(outfile_longest_name),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
