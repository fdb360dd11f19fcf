/* device.c - a device as a Device message. */
#include "job/message/codec.h"

const mcl_wire_kind mcl_wire_device = {&motcl__v1__device__descriptor, "device"};

#define PUT(field, from) (m->has_##field = true, m->field = (from))

void mcl_device_put(Motcl__V1__Device *m, const motcl_device *d) {
  motcl__v1__device__init(m);
  m->driver = mcl_wire_string(d->driver);
  m->kind = mcl_wire_string(d->kind);
  m->name = mcl_wire_string(d->name);
  m->platform = mcl_wire_string(d->platform);
  m->version = mcl_wire_string(d->version);
  if (d->platform_index >= 0) {
    PUT(platform_index, (uint32_t)d->platform_index);
    PUT(device_index, (uint32_t)d->device_index);
  }
  PUT(units, d->units);
  PUT(memory, d->memory);
  PUT(max_buffer, d->max_buffer);
  PUT(local_memory, d->local_memory);
  PUT(max_group, d->max_group);
  PUT(align, d->align);
  PUT(zero_copy, d->zero_copy);
  PUT(slow, d->slow);
  PUT(chosen, d->chosen);
}

#undef PUT

int motcl_device_pack(const motcl_device *device, uint8_t **bytes, size_t *n, motcl_err *err) {
  Motcl__V1__Device m;
  mcl_device_put(&m, device);
  return mcl_wire_write(&mcl_wire_device, &m.base, bytes, n, err);
}
