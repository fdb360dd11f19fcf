/* picture_expect.h - what golden pictures that were changed a little are read as. */
#ifndef MCL_TESTS_PICTURE_EXPECT_H
#define MCL_TESTS_PICTURE_EXPECT_H

#include "io/picture.h"
#include "tests/golden/images.h"
#include "tests/unit/image_data.h"
#include "tests/unit/picture_files.h"

static inline uint64_t golden_sum(const char *name) {
  for (size_t i = 0; i < sizeof golden_file / sizeof *golden_file; i++)
    if (!strcmp(golden_file[i].name, name))
      return golden_file[i].sum;
  fail_msg("%s is no golden file", name);
  return 0;
}

/** The file, which is dropped, is read; as the golden picture of that name, unless it is NULL.
 * Returns the remark. */
static inline const char *expect_picture(file f, const char *name) {
  mcl_image im;
  motcl_err err = {0};
  const char *remark = NULL;
  if (mcl_picture_read(&im, f.bytes, f.n, NULL, true, &remark, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
  assert_true(!name || image_sum(&im) == golden_sum(name));
  mcl_image_finish(&im);
  drop(&f);
  return remark;
}

/** The file, which is dropped, is refused with these words. */
static inline void expect_refusal(file f, const char *words) {
  mcl_image im;
  motcl_err err = {0};
  assert_int_equal(mcl_picture_read(&im, f.bytes, f.n, NULL, true, NULL, &err), MOTCL_EFORMAT);
  if (!strstr(err.text, words))
    fail_msg("'%s' lacks '%s'", err.text, words);
  drop(&f);
}

#endif
