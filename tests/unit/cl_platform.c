/* cl_platform.c - tests of host/cl/platform.h on platforms that this file makes up: some fail, some
 * are too old, some have odd names. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/log.h"
#include "cl/platform.h"

/* A made-up device. Handles are addresses of these; no call goes to a real loader. */
typedef struct fake {
  const char *name, *version, *profile;
  cl_device_type type;
  cl_bool available;
  size_t max_group;
  cl_int failing; /* a status for its limits, or 0 */
} fake;

static const fake devices[] = {
    {"  A  CPU\n", "OpenCL 3.0 x", "FULL_PROFILE", CL_DEVICE_TYPE_CPU, CL_TRUE, 4096, 0},
    {"old", "OpenCL 1.1 x", "FULL_PROFILE", CL_DEVICE_TYPE_GPU, CL_TRUE, 64, 0},
    {"odd", "no version", "FULL_PROFILE", CL_DEVICE_TYPE_GPU, CL_TRUE, 64, 0},
    {"embedded", "OpenCL 1.2 x", "EMBEDDED_PROFILE", CL_DEVICE_TYPE_GPU, CL_TRUE, 64, 0},
    {"away", "OpenCL 1.2 x", "FULL_PROFILE", CL_DEVICE_TYPE_GPU, CL_FALSE, 64, 0},
    {"broken", "OpenCL 1.2 x", "FULL_PROFILE", CL_DEVICE_TYPE_GPU, CL_TRUE, 64, CL_INVALID_DEVICE},
    {"none", "OpenCL 1.2 x", "FULL_PROFILE", CL_DEVICE_TYPE_GPU, CL_TRUE, 0, 0},
    {"\x1b[31mG\xc3\xa4\x01", "OpenCL 1.2 x", "FULL_PROFILE", CL_DEVICE_TYPE_GPU, CL_TRUE, 64, 0},
    {"card", "OpenCL 2.0 x", "FULL_PROFILE", CL_DEVICE_TYPE_ACCELERATOR, CL_TRUE, 64, 0},
};
enum { DEVICES = sizeof devices / sizeof *devices };

/* Platform 0 has no devices to show, platform 1 those of the table. */
static int platforms[2];
static cl_int platform_status, list_status;
static cl_uint platform_count;
static const char *platform_name = "Made up";

cl_int clGetPlatformIDs(cl_uint n, cl_platform_id *out, cl_uint *count) {
  if (count)
    *count = platform_count;
  for (cl_uint i = 0; out && i < n; i++)
    out[i] = (cl_platform_id)(void *)&platforms[i];
  return platform_status;
}

static cl_int give(const void *value, size_t n, size_t size, void *out, size_t *out_size) {
  if (out_size)
    *out_size = n;
  if (out && size < n)
    return CL_INVALID_VALUE;
  if (out)
    memcpy(out, value, n);
  return CL_SUCCESS;
}

static cl_int give_text(const char *text, size_t size, void *out, size_t *out_size) {
  return give(text, strlen(text) + 1, size, out, out_size);
}

cl_int clGetPlatformInfo(cl_platform_id p, cl_platform_info what, size_t size, void *out,
                         size_t *out_size) {
  (void)p;
  return give_text(what == CL_PLATFORM_NAME ? platform_name : "OpenCL 3.0 test", size, out,
                   out_size);
}

cl_int clGetDeviceIDs(cl_platform_id p, cl_device_type type, cl_uint n, cl_device_id *out,
                      cl_uint *count) {
  (void)type;
  if ((void *)p == (void *)&platforms[0])
    return CL_DEVICE_NOT_FOUND;
  if (count)
    *count = DEVICES;
  for (cl_uint i = 0; out && i < n; i++) {
    const void *id = &devices[i];
    memcpy(&out[i], &id, sizeof id);
  }
  return out ? list_status : CL_SUCCESS;
}

cl_int clGetDeviceInfo(cl_device_id id, cl_device_info what, size_t size, void *out,
                       size_t *out_size) {
  const fake *d = (const fake *)(const void *)id;
  const cl_uint units = 2, align_bits = 1024, width = 16;
  const cl_ulong memory = (cl_ulong)1 << 32;
  const cl_bool yes = CL_TRUE;
  const cl_device_fp_config fp = CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT;
  switch (what) {
  case CL_DEVICE_NAME:
    return give_text(d->name, size, out, out_size);
  case CL_DEVICE_VERSION:
    return give_text(d->version, size, out, out_size);
  case CL_DEVICE_PROFILE:
    return give_text(d->profile, size, out, out_size);
  case CL_DRIVER_VERSION:
    return give_text("7", size, out, out_size);
  case CL_DEVICE_TYPE:
    return give(&d->type, sizeof d->type, size, out, out_size);
  case CL_DEVICE_AVAILABLE:
    return give(&d->available, sizeof d->available, size, out, out_size);
  case CL_DEVICE_MAX_WORK_GROUP_SIZE:
    return give(&d->max_group, sizeof d->max_group, size, out, out_size);
  case CL_DEVICE_MAX_COMPUTE_UNITS:
    return d->failing ? d->failing : give(&units, sizeof units, size, out, out_size);
  case CL_DEVICE_MEM_BASE_ADDR_ALIGN:
    return give(&align_bits, sizeof align_bits, size, out, out_size);
  case CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT:
    return give(&width, sizeof width, size, out, out_size);
  case CL_DEVICE_GLOBAL_MEM_SIZE:
  case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
  case CL_DEVICE_LOCAL_MEM_SIZE:
    return give(&memory, sizeof memory, size, out, out_size);
  case CL_DEVICE_HOST_UNIFIED_MEMORY:
  case CL_DEVICE_COMPILER_AVAILABLE:
    return give(&yes, sizeof yes, size, out, out_size);
  case CL_DEVICE_SINGLE_FP_CONFIG:
    return give(&fp, sizeof fp, size, out, out_size);
  default:
    return CL_INVALID_VALUE;
  }
}

/* What was visited, and why nothing was where that is known. */
typedef struct seen {
  mcl_cl_caps caps[DEVICES];
  unsigned count, stop_at;
  const char *why;
} seen;

static int visit(void *ctx, cl_device_id id, const mcl_cl_caps *caps, motcl_err *err) {
  seen *s = ctx;
  (void)id;
  s->caps[s->count++] = *caps;
  return s->count == s->stop_at ? mcl_fail(err, MOTCL_ENOMEM, "stop") : MOTCL_OK;
}

static int look(seen *s, motcl_err *err) {
  return mcl_cl_enumerate(visit, s, &s->why, err);
}

/* Before each test. */
static int two_platforms(void **state) {
  (void)state;
  platform_status = list_status = CL_SUCCESS;
  platform_count = 2;
  return 0;
}

static void usable_devices_are_shown(void **state) {
  (void)state;
  seen s = {.count = 0};
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  assert_int_equal(s.count, 3);
  assert_string_equal(s.caps[0].name, "A CPU");
  assert_int_equal(s.caps[0].kind, 'c');
  assert_string_equal(s.caps[0].platform, "Made up, OpenCL 3.0 test");
  assert_string_equal(s.caps[0].version, "OpenCL 3.0 x, 7");
  assert_string_equal(s.caps[1].name, "?[31mG???");
  assert_int_equal(s.caps[1].kind, 'g');
  assert_int_equal(s.caps[2].kind, 'a');
}

static void count_line(void *user, motcl_log_level level, const char *text) {
  unsigned *lines = user;
  assert_int_equal(level, MOTCL_LOG_INFO);
  assert_non_null(strstr(text, " is passed over: "));
  ++*lines;
}

/* Each device that is left out is told of. */
static void what_is_passed_over_is_told(void **state) {
  (void)state;
  unsigned lines = 0;
  seen s = {.count = 0};
  const mcl_logger logger = {count_line, &lines};
  const mcl_logger *before = mcl_log_enter(&logger);
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  assert_int_equal(lines, DEVICES - s.count);
  assert_null(s.why);
  mcl_log_leave(before);
}

static void count_warning(void *user, motcl_log_level level, const char *text) {
  *(unsigned *)user += level == MOTCL_LOG_WARNING && strstr(text, " passed over");
}

/* Work goes on without a platform that fails, on other devices: nobody should have to guess why. */
static void what_fails_is_warned_of(void **state) {
  (void)state;
  unsigned warnings = 0;
  seen s = {.count = 0};
  const mcl_logger logger = {count_warning, &warnings};
  const mcl_logger *before = mcl_log_enter(&logger);
  list_status = CL_OUT_OF_HOST_MEMORY;
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  list_status = CL_SUCCESS;
  assert_int_equal(warnings, 1);
  platform_status = CL_OUT_OF_HOST_MEMORY;
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  assert_int_equal(warnings, 2);
  platform_status = -1001;
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  assert_int_equal(warnings, 2);
  assert_int_equal(s.count, 0);
  assert_null(s.why);
  mcl_log_leave(before);
}

static void limits_and_indexes(void **state) {
  (void)state;
  seen s = {.count = 0};
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  const mcl_cl_caps *f = &s.caps[2];
  assert_int_equal(f->platform_index, 1);
  assert_int_equal(f->device_index, 8);
  assert_int_equal(f->units, 2);
  assert_int_equal(f->memory, UINT64_C(1) << 32);
  assert_int_equal(f->align, 128);
  assert_int_equal(f->max_group, 64);
  assert_true(f->unified && f->compiler && f->exact_division);
}

static void a_visitors_error_ends_it(void **state) {
  (void)state;
  seen s = {.stop_at = 2};
  motcl_err err;
  assert_int_equal(look(&s, &err), MOTCL_ENOMEM);
  assert_string_equal(err.text, "stop");
  assert_int_equal(s.count, 2);
}

static void no_platform_is_no_error(void **state) {
  (void)state;
  seen s = {.count = 0};
  platform_count = 0;
  platform_status = -1001; /* the loader's: no platform found */
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  platform_status = CL_SUCCESS;
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  platform_count = 1; /* the one without devices */
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  assert_int_equal(s.count, 0);
}

/* PoCL is known to have none only where it cannot have its folder. */
static void pocl_without_a_device_has_a_reason(void **state) {
  (void)state;
  seen s = {.count = 0};
  platform_count = 1;
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  assert_null(s.why);
  platform_name = "Portable Computing Language";
  assert_int_equal(look(&s, NULL), MOTCL_OK);
  platform_name = "Made up";
  assert_non_null(s.why);
  assert_non_null(strstr(s.why, "POCL_CACHE_DIR"));
  assert_int_equal(s.count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(usable_devices_are_shown, two_platforms),
      cmocka_unit_test_setup(what_is_passed_over_is_told, two_platforms),
      cmocka_unit_test_setup(what_fails_is_warned_of, two_platforms),
      cmocka_unit_test_setup(limits_and_indexes, two_platforms),
      cmocka_unit_test_setup(a_visitors_error_ends_it, two_platforms),
      cmocka_unit_test_setup(no_platform_is_no_error, two_platforms),
      cmocka_unit_test_setup(pocl_without_a_device_has_a_reason, two_platforms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
