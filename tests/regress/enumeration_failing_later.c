/* enumeration_failing_later.c - a platform that failed when one driver had looked and the next had not
 * left devices to the worse of the two, which gives other bytes, and nobody was told. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>

#include "cl/opencl.h"
#include "drivers/registry.h"

/* Answers before platforms fail. */
static int answers;
cl_int CL_API_CALL clGetPlatformIDs(cl_uint n, cl_platform_id *out, cl_uint *count) {
  static cl_int(CL_API_CALL * next)(cl_uint, cl_platform_id *, cl_uint *);
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clGetPlatformIDs");
  return next && answers-- > 0 ? next(n, out, count) : CL_OUT_OF_HOST_MEMORY;
}

static size_t drivers_of_the_first_device(int most) {
  mcl_device_list list;
  size_t n = 0;
  answers = most;
  assert_int_equal(mcl_devices_init(&list, NULL), MOTCL_OK);
  for (size_t i = 0; i < list.count; i++)
    n += list.entry[i].info.platform_index == 0 && list.entry[i].info.device_index == 0;
  mcl_devices_finish(&list);
  return n;
}

static void every_driver_sees_the_same_devices(void **state) {
  (void)state;
  const size_t all = drivers_of_the_first_device(1000);
  assert_true(all > 1); /* the first device is a processor, as PoCL's: of cpu and generic */
  assert_int_equal(drivers_of_the_first_device(2), all);
  assert_int_equal(drivers_of_the_first_device(0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_driver_sees_the_same_devices)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
