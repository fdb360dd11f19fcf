/* model.c - a weight file of any name and an index, in a folder with configurations: which is taken,
 * what it holds, and what is wrong with it. */
#include "fuzz.h"
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"llm_config.json", "vit_config.json",
                                      "ema.safetensors.index.json", "model.safetensors"};
  const mcl_finding *finding;
  size_t n;
  mcl_model *m;
  motcl_err err = {0};
  fuzz_put_parts(names, 4, data, size);
  int rc = mcl_model_inspect(&m, fuzz_folder(), &finding, &n, &err);
  if (rc == MOTCL_ENOMEM) /* a configuration of sizes that no machine has */
    return 0;
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  if (!m->decoder_file || !m->folder)
    fuzz_wrong("a model without a file");
  for (size_t i = 0; i < n; i++)
    if (!*finding[i].text)
      fuzz_wrong("a finding without a sentence");
  mcl_model_close(m);
  return 0;
}
