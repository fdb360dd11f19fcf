"""Print tests/golden/rng.h: what PyTorch's CPU generator draws for a few seeds.

    python make_rng.py >rng.h        (needs PyTorch; recorded with 2.5.1)

For every seed the draws follow each other in one generator, so that a value waiting from a draw of
an odd number below 16 is seen by a later one.
"""
import torch

SEEDS = (0, 1, 42, 1234567, 2**32 - 1, 2**32 + 5, 2**63, 2**64 - 1)
DRAWS = (7, 20, 3, 16, 37, 1029, 1)


def places(n):
    if n <= 20:
        return range(n)
    return 0, 9, n - 17, n - 16, n - 9, n - 1


def rows(items, per_line):
    items = list(items)
    for i in range(0, len(items), per_line):
        yield "    " + ", ".join(items[i:i + per_line]) + ","


def main():
    spots = [(d, p) for d, n in enumerate(DRAWS) for p in places(n)]
    print("/* rng.h - draws of torch.randn and torch.rand, recorded by make_rng.py with PyTorch",
          f"{torch.__version__.split('+')[0]}. */")
    print("/* clang-format off */")
    print(f"enum {{ RNG_SEEDS = {len(SEEDS)}, RNG_DRAWS = {len(DRAWS)},",
          f"RNG_SPOTS = {len(spots)} }};\n")
    print("static const uint64_t rng_seed[RNG_SEEDS] = {")
    print("\n".join(rows((f"UINT64_C({s})" for s in SEEDS), 4)) + "\n};\n")
    print("/* sizes of torch.randn, one after another */")
    print("static const size_t rng_draw[RNG_DRAWS] = {")
    print("\n".join(rows(map(str, DRAWS), 10)) + "\n};\n")
    print("/* which draw, which value of it */")
    print("static const size_t rng_spot[RNG_SPOTS][2] = {")
    print("\n".join(rows((f"{{{d}, {p}}}" for d, p in spots), 8)) + "\n};\n")
    values, uniform = [], []
    for seed in SEEDS:
        torch.manual_seed(seed)
        draws = [torch.randn(n) for n in DRAWS]
        values.append([draws[d][p].item() for d, p in spots])
        uniform.append(torch.rand(1, dtype=torch.float64).item())
    print("static const float rng_value[RNG_SEEDS][RNG_SPOTS] = {")
    for row in values:
        print("  {\n" + "\n".join(rows((f"{v:.8e}f" for v in row), 6)) + "\n  },")
    print("};\n\n/* torch.rand(1, dtype=torch.float64) after all of them */")
    print("static const double rng_uniform[RNG_SEEDS] = {")
    print("\n".join(rows((u.hex() for u in uniform), 4)) + "\n};")


if __name__ == "__main__":
    main()
