/* picture.h - what the targets png, jpeg and webp do with a picture. */
#ifndef MCL_TESTS_FUZZ_PICTURE_H
#define MCL_TESTS_FUZZ_PICTURE_H

#include "fuzz.h"
#include "io/picture.h"

/** Read the request that a picture's metadata tells of. */
static inline void fuzz_recipe(const uint8_t *data, size_t size) {
  motcl_line *line = NULL;
  size_t lines = 0;
  motcl_recipe *recipe = NULL;
  motcl_err err = {0};
  int rc = motcl_picture_lines(&line, &lines, data, size, &err);
  fuzz_outcome(rc, &err);
  if (rc == MOTCL_OK)
    fuzz_outcome(rc = motcl_recipe_read(&recipe, line, lines, &err), &err);
  if (rc == MOTCL_OK && motcl_request_check(motcl_recipe_request(recipe), &err) != MOTCL_OK)
    fuzz_wrong(err.text);
  motcl_recipe_close(recipe);
  motcl_free(line);
}

/** Read a picture, as RGB. The limits are low, that there may be many. */
static inline void fuzz_picture(const uint8_t *data, size_t size) {
  const mcl_picture_limits limits = {1 << 20, 4096};
  mcl_image im;
  motcl_err err = {0};
  fuzz_recipe(data, size);
  int rc = mcl_picture_read(&im, data, size, &limits, true, NULL, &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return;
  if (!im.width || !im.height || (uint64_t)im.width * im.height > limits.max_pixels)
    fuzz_wrong("a picture over the limit");
  if (mcl_image_to_rgb(&im, &err) != MOTCL_OK)
    fuzz_wrong(err.text);
  mcl_image_finish(&im);
}

#endif
