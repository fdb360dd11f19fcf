"""Print tests/golden/grids.h (time grids) or tables.h (sine tables of the official code).

    python make_tables.py grids >grids.h
    BAGEL_SRC=<clone of the official code> python make_tables.py tables >tables.h

Needs PyTorch (recorded with 2.5.1 on a CPU with fused multiply-add).
"""
import os
import sys

import torch

GRIDS = ((2, 3.0), (6, 3.0), (7, 1.0), (24, 4.0), (50, 3.0), (51, 0.5))
TIMES = (0.0, 0.30769232, 0.75, 1.0)
TIME_PLACES = (0, 1, 2, 31, 64, 127, 128, 129, 160, 255)
ROPES = ((16, 1e4), (72, 1e4), (128, 1e6))
POSITIONS = (0, 1, 2, 77, 1003, 32767)
CELLS = ((0, 0), (0, 69), (69, 0), (33, 41))


def put(kind, name, dims, values):
    size = "".join(f"[{d}]" for d in dims)
    print(f"\nstatic const {kind} {name}{size} = {{")
    values = [float(v).hex() + ("f" if kind == "float" else "") for v in values]
    for i in range(0, len(values), 4):
        print("    " + ", ".join(values[i:i + 4]) + ",")
    print("};")


def grid(points, shift):
    t = torch.linspace(1, 0, points)
    t = shift * t / (1 + (shift - 1) * t)
    return torch.cat([t[:-1], t[:-1] - t[1:]])


def rope(head, theta):
    inv = 1.0 / (theta ** (torch.arange(0, head, 2, dtype=torch.int64).float() / head))
    angle = torch.tensor(POSITIONS).float()[:, None] @ inv[None, :]
    return torch.cat([angle.cos(), angle.sin()], -1)


def head_line(name, what):
    print(f"/* {name}.h - {what}, recorded by make_tables.py with",
          f"PyTorch {torch.__version__.split('+')[0]}. */")
    print("/* clang-format off */")


def grids():
    head_line("grids", "time grids: t, then dt")
    for points, shift in GRIDS:
        put("float", f"grid_{points}_{round(shift * 10)}", (2 * (points - 1),), grid(points, shift))


def tables():
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(os.environ["BAGEL_SRC"], "modeling", "bagel"))
    from modeling_utils import TimestepEmbedder, get_2d_sincos_pos_embed

    head_line("tables", "sine tables of the official code")
    print("\n/* rows: t of 0, 0.30769232, 0.75, 1; the places of time_place of 256 */")
    print("static const int time_place[] = {" + ", ".join(map(str, TIME_PLACES)) + "};")
    table = TimestepEmbedder.timestep_embedding(torch.tensor(TIMES), 256)[:, TIME_PLACES]
    put("float", "time_value", (table.numel(),), table.flatten())
    print("\n/* rotary tables by head; theta 1e4, 1e4, 1e6 */")
    print("static const int32_t rope_position[] = {" + ", ".join(map(str, POSITIONS)) + "};")
    for head, theta in ROPES:
        put("float", f"rope_{head}", (len(POSITIONS) * head,), rope(head, theta).flatten())
    print("\n/* 2-D tables: side 5 width 8 whole; of side 70 width 64 the cells below */")
    cells = ", ".join(str(r * 70 + c) for r, c in CELLS)
    print(f"static const size_t places_cell[] = {{{cells}}};")
    small = torch.from_numpy(get_2d_sincos_pos_embed(8, 5)).float()
    put("float", "places_5", (200,), small.flatten())
    big = torch.from_numpy(get_2d_sincos_pos_embed(64, 70)).float()
    put("float", "places_70", (4 * 64,), torch.cat([big[r * 70 + c] for r, c in CELLS]))


if __name__ == "__main__":
    {"grids": grids, "tables": tables}[sys.argv[1]]()
