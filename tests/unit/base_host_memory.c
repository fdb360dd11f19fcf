/* base_host_memory.c - tests of host/base/host_memory.h on made-up trees of control groups, and on
 * limits of this process. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include "base/host_memory.h"
#include "tmpdir.h"

#define MB ((uint64_t)1 << 20)

/* Write a file of the tree, and the folders above it. */
static void put(const char *path, const char *text) {
  char command[512];
  snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s%s')\" && cat >'%s%s'", tmp_name, path,
           tmp_name, path);
  FILE *f = popen(command, "w");
  assert_non_null(f);
  fputs(text, f);
  assert_int_equal(pclose(f), 0);
}

static void put_number(const char *dir, const char *file, uint64_t n) {
  char path[256], text[32];
  snprintf(path, sizeof path, "%s/%s", dir, file);
  snprintf(text, sizeof text, "%llu\n", (unsigned long long)n);
  put(path, text);
}

/* This process has 100 MB of pages, in these groups. */
static void put_process(const char *groups, const char *mounts) {
  put("/proc/self/status",
      "Name:\ttest\nVmSize:\t  400 kB\nRssAnon:\t  102400 kB\nVmData:\t 1 kB\n");
  put("/proc/self/cgroup", groups);
  put("/proc/self/mountinfo", mounts);
}

/* A group of version 2: its limit, what it has, and how much of that is files. */
static void put_second(const char *dir, const char *most, uint64_t has, uint64_t files) {
  char path[256], text[128];
  snprintf(path, sizeof path, "%s/memory.max", dir);
  put(path, most);
  put_number(dir, "memory.current", has);
  snprintf(path, sizeof path, "%s/memory.stat", dir);
  snprintf(text, sizeof text, "anon 7\ninactive_file %llu\nactive_file %llu\nslab 5\n",
           (unsigned long long)files - 1, 1ull);
  put(path, text);
}

static void put_first(const char *dir, uint64_t most, uint64_t has, uint64_t files) {
  char path[256], text[160];
  put_number(dir, "memory.limit_in_bytes", most);
  put_number(dir, "memory.usage_in_bytes", has);
  snprintf(path, sizeof path, "%s/memory.stat", dir);
  snprintf(text, sizeof text,
           "inactive_file 9\nactive_file 9\ntotal_inactive_file %llu\ntotal_active_file %llu\n",
           0ull, (unsigned long long)files);
  put(path, text);
}

static const mcl_memory_use nothing;

static mcl_memory_room left(uint64_t base, uint64_t spare, uint64_t held) {
  const mcl_memory_use b = {{base}}, s = {{spare}};
  return mcl_memory_left(tmp_name, &b, &s, held);
}

static void expect(uint64_t bytes) {
  mcl_memory_room room = left(0, 0, 100 * MB); /* all that it has is counted already */
  assert_int_equal(room.bytes, bytes);
  if (bytes == UINT64_MAX)
    assert_null(room.by);
  else
    assert_non_null(strstr(room.by, "control group"));
}

#define MOUNT_2 "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define MOUNT_1 "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
#define OTHERS                                                                                     \
  "23 1 8:1 / / rw - ext4 /dev/root rw\n31 30 0:5 / /sys/fs/cgroup/cpu rw - cgroup cgroup "        \
  "rw,cpu\n"

static void without_groups_there_is_no_limit(void **state) {
  (void)state;
  expect(UINT64_MAX);
  put_process("", "");
  expect(UINT64_MAX);
  put_process("0::/\n4:memory:/\n", OTHERS MOUNT_2 MOUNT_1);
  expect(UINT64_MAX);
  put("/sys/fs/cgroup/memory.max", "nonsense\n");
  put("/sys/fs/cgroup/memory.current", "\n");
  expect(UINT64_MAX);
  put("/sys/fs/cgroup/memory.max", "");
  expect(UINT64_MAX);
  put("/proc/self/mountinfo", "- cgroup2 x\n\n - cgroup2\n1 2 3 / - cgroup2 x y\n");
  expect(UINT64_MAX);
}

static void version_2(void **state) {
  (void)state;
  put_process("0::/a/b\n", OTHERS MOUNT_2);
  put_second("/sys/fs/cgroup/a/b", "max\n", 150 * MB, 50 * MB);
  put_second("/sys/fs/cgroup/a", "max\n", 900 * MB, 300 * MB);
  expect(UINT64_MAX);
  put_second("/sys/fs/cgroup/a/b", "419430400\n", 150 * MB, 50 * MB);
  expect(400 * MB);
  /* another process of the group has 60 MB that are no file's */
  put_second("/sys/fs/cgroup/a/b", "419430400\n", 210 * MB, 50 * MB);
  expect(340 * MB);
  /* a limit above, under which other groups have 500 MB */
  put_second("/sys/fs/cgroup/a", "838860800\n", 900 * MB, 300 * MB);
  expect(300 * MB);
  /* the system throttles from here on */
  put("/sys/fs/cgroup/a/b/memory.high", "262144000\n");
  expect(190 * MB);
  put("/sys/fs/cgroup/a/b/memory.high", "max\n");
  expect(300 * MB);
  /* others have it all */
  put_second("/sys/fs/cgroup/a", "838860800\n", 2000 * MB, 300 * MB);
  expect(0);
}

static void version_1(void **state) {
  (void)state;
  put_process("9:name=systemd:/\n4:memory:/job/x\n3:cpuset:/other\n0::/\n",
              OTHERS MOUNT_1 "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  put_first("/sys/fs/cgroup/memory", 9223372036854771712u, 8000 * MB, MB);
  put_first("/sys/fs/cgroup/memory/job", 9223372036854771712u, 120 * MB, MB);
  put_first("/sys/fs/cgroup/memory/job/x", 9223372036854771712u, 120 * MB, MB);
  expect(UINT64_MAX);
  put_first("/sys/fs/cgroup/memory/job", 400 * MB, 170 * MB, 50 * MB);
  expect(380 * MB);
  put_first("/sys/fs/cgroup/memory/job/x", 300 * MB, 100 * MB, 50 * MB);
  expect(300 * MB);
  /* where controllers share a tree */
  put_process("5:memoryless,nomemory:/job/x\n4:cpu,memory:/job\n",
              "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,cpu,memory\n");
  expect(380 * MB);
}

/* A container sees a part of the tree, and its own name in it or not. */
static void containers(void **state) {
  (void)state;
  put_first("/sys/fs/cgroup/memory", 400 * MB, 100 * MB, 1);
  put_first("/sys/fs/cgroup/memory/inner", 300 * MB, 100 * MB, 1);
  put_process("4:memory:/docker/c1\n",
              "35 31 0:32 /docker/c1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  expect(400 * MB);
  put("/proc/self/cgroup", "4:memory:/docker/c1/inner\n");
  expect(300 * MB);
  put("/proc/self/cgroup", "4:memory:/docker/c11/inner\n");
  expect(400 * MB);
  put("/proc/self/cgroup", "4:memory:/../elsewhere\n");
  expect(400 * MB);
  put_process("0::/\n", "30 23 0:26 / /sys/fs/my\\040group rw - cgroup2 cgroup2 rw\n");
  put_second("/sys/fs/my group", "104857600\n", 100 * MB, 1);
  expect(100 * MB);
}

/* What is held is counted once, whether or not it was written to; what else there is, beside. */
static void what_is_held(void **state) {
  (void)state;
  put_process("0::/\n", MOUNT_2);
  put_second("/sys/fs/cgroup", "419430400\n", 100 * MB, 1);
  assert_int_equal(left(0, 0, 0).bytes, 300 * MB);
  assert_int_equal(left(0, 0, 30 * MB).bytes, 330 * MB);
  assert_int_equal(left(20 * MB, 0, 100 * MB).bytes, 380 * MB);
  assert_int_equal(left(20 * MB, 40 * MB, 100 * MB).bytes, 340 * MB);
  assert_int_equal(left(20 * MB, 40 * MB, 500 * MB).bytes, 340 * MB); /* not yet written to */
  assert_int_equal(left(20 * MB, 40 * MB, 10 * MB).bytes, 310 * MB);  /* it has grown by more */
  assert_int_equal(left(500 * MB, 0, 0).bytes, 0);
}

static bool named(const mcl_memory_room *room, const char *word) {
  return room->by && strstr(room->by, word);
}

/* In a process of its own: whether limits of this process are seen, and what it takes of them. */
static bool limits_are_seen(int resource, mcl_memory_kind kind, const char *word) {
  mcl_memory_use had = mcl_memory_used("");
  struct rlimit r = {had.bytes[kind] + 300 * MB, RLIM_INFINITY};
  if (setrlimit(resource, &r) != 0)
    return false;
  mcl_memory_room room = mcl_memory_left("", &had, &nothing, 0);
  if (room.bytes > 300 * MB || room.bytes < 290 * MB || !named(&room, word))
    return false;
  char *volatile taken = malloc(100 * MB);
  if (!taken)
    return false;
  room = mcl_memory_left("", &had, &nothing, 0);
  if (room.bytes > 200 * MB || room.bytes < 190 * MB || !named(&room, word))
    return false;
  room = mcl_memory_left("", &had, &nothing, 100 * MB);
  if (room.bytes > 300 * MB || room.bytes < 290 * MB)
    return false;
  r.rlim_cur = MB;
  return setrlimit(resource, &r) == 0 && mcl_memory_left("", &had, &nothing, 0).bytes == 0;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1 /* whose own memory does not survive a limit */
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

static void limits_of_the_process(void **state) {
  (void)state;
#ifdef SANITIZED
  (void)limits_are_seen;
  return;
#endif
  for (int i = 0; i < 2; i++) {
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
      _exit(i ? !limits_are_seen(RLIMIT_DATA, MCL_MEMORY_DATA, "ulimit -d")
              : !limits_are_seen(RLIMIT_AS, MCL_MEMORY_SPACE, "ulimit -v"));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
  }
}

static int clear_tree(void **state) {
  char command[96];
  (void)state;
  snprintf(command, sizeof command, "rm -rf %s/proc %s/sys", tmp_name, tmp_name);
  return system(command);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, clear_tree, clear_tree)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(without_groups_there_is_no_limit),
      TEST(version_2),
      TEST(version_1),
      TEST(containers),
      TEST(what_is_held),
      TEST(limits_of_the_process),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
