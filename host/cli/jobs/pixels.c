/* pixels.c - by libchafa, which knows the terminals and their forms. */
#include "cli/jobs/pixels.h"

#include "config.h"

#ifdef HAVE_CHAFA

#include <chafa.h>

enum { LEAST = 24 }; /* columns of a picture that has fewer pixels */

static ChafaPixelMode best_form(const ChafaTermInfo *terminal) {
  if (chafa_term_info_have_seq(terminal, CHAFA_TERM_SEQ_BEGIN_KITTY_IMMEDIATE_IMAGE_V1))
    return CHAFA_PIXEL_MODE_KITTY;
  if (chafa_term_info_have_seq(terminal, CHAFA_TERM_SEQ_BEGIN_SIXELS))
    return CHAFA_PIXEL_MODE_SIXELS;
  if (chafa_term_info_have_seq(terminal, CHAFA_TERM_SEQ_BEGIN_ITERM2_IMAGE))
    return CHAFA_PIXEL_MODE_ITERM2;
  return CHAFA_PIXEL_MODE_SYMBOLS;
}

static ChafaCanvas *canvas_for(ChafaPixelMode form, uint32_t width, uint32_t height,
                               const mcl_terminal_area *area) {
  gint columns = (gint)((width + area->wide - 1) / area->wide), rows = (gint)area->rows;
  columns = MIN(MAX(columns, LEAST), (gint)area->columns);
  chafa_calc_canvas_geometry((gint)width, (gint)height, &columns, &rows,
                             (gfloat)area->wide / (gfloat)area->high, TRUE, FALSE);
  ChafaCanvasConfig *config = chafa_canvas_config_new();
  chafa_canvas_config_set_pixel_mode(config, form);
  chafa_canvas_config_set_geometry(config, MAX(columns, 1), MAX(rows, 1));
  chafa_canvas_config_set_cell_geometry(config, (gint)area->wide, (gint)area->high);
  ChafaCanvas *canvas = chafa_canvas_new(config);
  chafa_canvas_config_unref(config);
  return canvas;
}

bool mcl_pixels(FILE *to, const uint8_t *rgb, uint32_t width, uint32_t height,
                const mcl_terminal_area *area) {
  gchar **environment = g_get_environ();
  ChafaTermInfo *terminal = chafa_term_db_detect(chafa_term_db_get_default(), environment);
  ChafaPixelMode form = best_form(terminal);
  g_strfreev(environment);
  if (form != CHAFA_PIXEL_MODE_SYMBOLS) {
    ChafaCanvas *canvas = canvas_for(form, width, height, area);
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGB8, rgb, (gint)width, (gint)height,
                                 (gint)(width * 3));
    GString *text = chafa_canvas_print(canvas, terminal);
    fwrite(text->str, 1, text->len, to);
    fputc('\n', to);
    g_string_free(text, TRUE);
    chafa_canvas_unref(canvas);
  }
  chafa_term_info_unref(terminal);
  return form != CHAFA_PIXEL_MODE_SYMBOLS;
}

#else

bool mcl_pixels(FILE *to, const uint8_t *rgb, uint32_t width, uint32_t height,
                const mcl_terminal_area *area) {
  (void)to;
  (void)rgb;
  (void)width;
  (void)height;
  (void)area;
  return false;
}

#endif
