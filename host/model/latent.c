/* latent.c - sampling and scaling latents. */
#include "model/latent.h"

#include "base/math.h"

void mcl_latent_sample(float *latent, const float *moments, const float *noise, size_t cells,
                       const mcl_vae_config *c) {
  for (size_t p = 0; p < cells; p++) {
    const float *mean = moments + 2 * p * c->z, *logvar = mean + c->z;
    for (size_t k = 0; k < c->z; k++) {
      float x = mean[k];
      if (noise)
        x = x + (float)mcl_exp((double)(0.5f * logvar[k])) * noise[k * cells + p];
      latent[p * c->z + k] = c->scale * (x - c->shift);
    }
  }
}

void mcl_latent_unscale(float *z, const float *latent, size_t n, const mcl_vae_config *c) {
  for (size_t i = 0; i < n; i++)
    z[i] = latent[i] / c->scale + c->shift;
}

void mcl_transpose(float *dst, const float *src, size_t rows, size_t cols) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < cols; c++)
      dst[c * rows + r] = src[r * cols + c];
}
