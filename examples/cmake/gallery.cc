// gallery.cc - motcl from C++: what there is to run on, what a model folder holds, and a picture.
//
//     gallery [MODEL [DEVICE]]
#include <motcl.h>

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

// Objects end with their scope, and errors are exceptions. None may leave a callback: the library
// is C.
struct Closer {
  void operator()(motcl *m) const {
    motcl_close(m);
  }
  void operator()(motcl_worker *w) const {
    motcl_worker_close(w);
  }
  void operator()(char *p) const {
    motcl_free(p);
  }
};
template <typename T> using Owned = std::unique_ptr<T, Closer>;

void check(int rc, const motcl_err &err) {
  if (rc != MOTCL_OK)
    throw std::runtime_error(err.text);
}

Owned<motcl> open_library() {
  motcl *m = nullptr;
  motcl_err err;
  check(motcl_open(&m, nullptr, &err), err);
  return Owned<motcl>(m);
}

Owned<motcl_worker> open_worker(motcl *m, const char *model, const char *device) {
  motcl_worker *w = nullptr;
  motcl_err err;
  motcl_worker_options options = {};
  options.model = model;
  options.device = device;
  check(motcl_worker_open(&w, m, &options, &err), err);
  return Owned<motcl_worker>(w);
}

void list_devices(motcl *m) {
  const motcl_device *list = nullptr;
  size_t n = 0;
  motcl_err err;
  check(motcl_devices(m, &list, &n, &err), err);
  for (size_t i = 0; i < n; i++)
    std::cout << (list[i].chosen ? "* " : "  ") << list[i].driver << "@" << list[i].name << "\n";
}

void draw(motcl_worker *w, const std::string &text) {
  motcl_part part = {MOTCL_PART_TEXT, text.data(), text.size(), nullptr};
  motcl_output output = MOTCL_OUTPUT_PICTURE;
  motcl_request request = motcl_request_default(false);
  request.part = &part;
  request.parts = 1;
  request.output = &output;
  request.outputs = 1;
  request.settings.timesteps = 5;

  motcl_sink sink = {};
  sink.event = [](void *, const motcl_event *e) {
    if (e->kind == MOTCL_EVENT_PICTURE)
      std::cout << "a picture of " << e->width << "x" << e->height << "\n";
  };
  motcl_err err;
  check(motcl_worker_run(w, &request, &sink, 1, &err), err);
}

} // namespace

int main(int argc, char **argv) try {
  Owned<motcl> m = open_library();
  std::cout << "motcl " << motcl_version() << "\n";
  list_devices(m.get());
  if (argc > 1) {
    Owned<motcl_worker> w = open_worker(m.get(), argv[1], argc > 2 ? argv[2] : nullptr);
    draw(w.get(), "a gallery of pictures");
  }
  return 0;
} catch (const std::exception &e) {
  std::cerr << "gallery: " << e.what() << "\n";
  return 1;
}
