/* images.h - sizes, resized pictures and picture files, recorded by make_image.py with
 * Pillow 13.0.0 and the official code. */
/* clang-format off */

#define GOLDEN_RULES 4
#define GOLDEN_SIZES 22

/* longest, shortest, stride, cap */
static const uint32_t golden_rule[GOLDEN_RULES][4] = {
    {1024, 512, 16, 1806336},
    {980, 224, 14, 1806336},
    {980, 378, 14, 2007040},
    {64, 32, 16, 3000},
};

/* width, height, then width and height by each rule */
static const uint32_t golden_size[GOLDEN_SIZES][2 + 2 * GOLDEN_RULES] = {
    {1, 1, 512, 512, 224, 224, 378, 378, 32, 32},
    {16, 16, 512, 512, 224, 224, 378, 378, 32, 32},
    {512, 512, 512, 512, 518, 518, 518, 518, 48, 48},
    {980, 980, 976, 976, 980, 980, 980, 980, 48, 48},
    {1024, 1024, 1024, 1024, 980, 980, 980, 980, 48, 48},
    {1, 5000, 16, 1024, 14, 980, 14, 980, 16, 64},
    {5000, 1, 1024, 16, 980, 14, 980, 14, 64, 16},
    {1920, 1080, 1024, 576, 980, 546, 980, 546, 64, 32},
    {4032, 3024, 1024, 768, 980, 728, 980, 728, 64, 48},
    {3024, 4032, 768, 1024, 728, 980, 728, 980, 48, 64},
    {203, 150, 688, 512, 308, 224, 518, 378, 64, 48},
    {97, 131, 512, 688, 224, 308, 378, 504, 48, 64},
    {300, 140, 1024, 480, 476, 224, 812, 378, 64, 32},
    {520, 520, 512, 512, 518, 518, 518, 518, 48, 48},
    {1032, 1032, 1024, 1024, 980, 980, 980, 980, 48, 48},
    {504, 1000, 512, 1024, 490, 980, 490, 980, 32, 64},
    {640, 480, 688, 512, 644, 476, 644, 476, 64, 48},
    {1000, 667, 992, 672, 980, 658, 980, 658, 64, 48},
    {2048, 700, 1024, 352, 980, 336, 980, 336, 64, 16},
    {333, 2900, 112, 1024, 112, 980, 112, 980, 16, 64},
    {61, 70, 512, 592, 224, 252, 378, 434, 48, 48},
    {1600, 1601, 1024, 1024, 980, 980, 980, 980, 48, 48},
};

/* noise of seed 1, 2, ...: from, to, channels, sum of the result */
static const struct {
  uint32_t from[2], to[2], channels;
  uint64_t sum;
} golden_resize[] = {
    {{1, 1}, {16, 16}, 3, 0x60673c72754ff425},
    {{1, 4000}, {16, 1024}, 1, 0xace6f5207228fa95},
    {{4000, 1}, {1024, 16}, 3, 0x700dd56fd7206f25},
    {{7, 5}, {7, 9}, 3, 0xd7c0f933ed2f4669},
    {{7, 5}, {11, 5}, 3, 0x925192e0622eb0cc},
    {{6, 4}, {6, 4}, 3, 0xa020a84bdd8b165e},
    {{40, 30}, {13, 11}, 3, 0xaeaacb91ec20bb8f},
    {{13, 11}, {40, 30}, 3, 0xbc8c09a367ecb424},
    {{97, 131}, {512, 688}, 3, 0x8d3701605b84caa5},
    {{512, 688}, {518, 686}, 3, 0x6daae6e211398177},
    {{60, 200}, {59, 90}, 3, 0x30f8bea126d71770},
    {{60, 200}, {90, 59}, 1, 0x2806a1cf12dca9f7},
    {{300, 140}, {3, 2}, 3, 0xb197aa16cc094630},
    {{33, 500}, {14, 28}, 1, 0xbe1617dd4b119494},
    {{201, 2}, {200, 40}, 3, 0x8db79067f845e271},
};

/* every value v under every alpha, as (v, 255 - v, v ^ 0x55), composited onto white:
 * a row for each alpha */
static const uint64_t golden_white = 0xe30a306f21494a77;

/* files of pictures/, and the RGB picture the official code starts from */
static const struct {
  const char *name;
  uint32_t width, height;
  uint64_t sum;
} golden_file[] = {
    {"type-0-1-bits.png", 13, 10, 0x84476ab2d002722d},
    {"type-0-1-bits-clear-interlaced.png", 13, 10, 0xceb294d164f798ef},
    {"type-0-2-bits-interlaced.png", 13, 11, 0x740f923d55c8f086},
    {"type-0-2-bits-clear.png", 13, 11, 0x17ea4cb729c38169},
    {"type-0-4-bits-interlaced.png", 13, 13, 0x50f732691ad72258},
    {"type-0-4-bits-clear.png", 13, 13, 0x366078230a7bb151},
    {"type-0-8-bits-interlaced.png", 13, 12, 0x2364d1d44370108c},
    {"type-0-8-bits-clear.png", 13, 12, 0x712c7951d949242c},
    {"type-0-16-bits-interlaced.png", 13, 10, 0xe3c2b897a29d8651},
    {"type-0-16-bits-clear.png", 13, 10, 0x96201c2e7d57a510},
    {"type-2-8-bits-interlaced.png", 11, 12, 0xe27d3bafb8e87900},
    {"type-2-8-bits-clear.png", 11, 12, 0x5ae95572304156c9},
    {"type-2-16-bits-interlaced.png", 11, 10, 0xb1937c13efd006d5},
    {"type-2-16-bits-clear.png", 11, 10, 0xf098ef95b25950ba},
    {"type-3-1-bits-interlaced.png", 10, 10, 0x13d22a809e3ffd15},
    {"type-3-1-bits-clear.png", 10, 10, 0x925fa303e320f33a},
    {"type-3-2-bits.png", 10, 11, 0x41473f240379fd96},
    {"type-3-2-bits-clear-interlaced.png", 10, 11, 0xe116ea1c0d1f1ec5},
    {"type-3-4-bits.png", 10, 13, 0xca5f8cb443c55a95},
    {"type-3-4-bits-clear-interlaced.png", 10, 13, 0xf708ee0afc98d2ea},
    {"type-3-8-bits.png", 10, 12, 0xc7e792a399ade7c4},
    {"type-3-8-bits-clear-interlaced.png", 10, 12, 0x4398272c097d386f},
    {"type-4-8-bits-interlaced.png", 9, 12, 0x603674dfbab02b2f},
    {"type-4-16-bits-interlaced.png", 9, 10, 0xf29e308f5afdf4f0},
    {"type-6-8-bits-interlaced.png", 7, 12, 0xc0fc32e9f077b407},
    {"type-6-16-bits-interlaced.png", 7, 10, 0xec29daa84ed51541},
    {"444.jpg", 37, 26, 0xfd6c1d0e792752d4},
    {"422.jpg", 37, 26, 0xd9733c30f5e76ba7},
    {"420.jpg", 37, 26, 0x484e3dfaf60c6a48},
    {"progressive.jpg", 37, 26, 0x484e3dfaf60c6a48},
    {"restarts.jpg", 37, 26, 0x484e3dfaf60c6a48},
    {"grey.jpg", 37, 26, 0x372ca50856174bd7},
    {"CMYK.jpg", 37, 26, 0xd3f6348584843d5c},
    {"lossy.webp", 37, 26, 0x890f1f38c02f5063},
    {"lossless.webp", 37, 26, 0x852f403a90937058},
    {"lossy-clear.webp", 37, 26, 0x1c2daec1a8903150},
    {"lossless-clear.webp", 37, 26, 0x27db3de1d259ee41},
    {"animation.webp", 37, 26, 0x27db3de1d259ee41},
};

/* 5 by 3 pixels under each EXIF orientation from 1 on: as stored, and upright */
static const struct {
  const char *name;
  uint64_t stored, upright;
} golden_turned[8] = {
    {"turned-1.jpg", 0xf469b1bc1e828206, 0xf469b1bc1e828206},
    {"turned-2.png", 0xdd057dc8b1bb9fcf, 0x3d26f54f265881b7},
    {"turned-3.jpg", 0xf469b1bc1e828206, 0x77094d030853bec2},
    {"turned-4.png", 0xdd057dc8b1bb9fcf, 0x0653c4d3116e608f},
    {"turned-5.jpg", 0xf469b1bc1e828206, 0xce4468a642ef85ea},
    {"turned-6.png", 0xdd057dc8b1bb9fcf, 0x78d37921e9a106fb},
    {"turned-7.jpg", 0xf469b1bc1e828206, 0xb2122332ce3cef66},
    {"turned-8.png", 0xdd057dc8b1bb9fcf, 0x09f5ee03cbd3555b},
};
