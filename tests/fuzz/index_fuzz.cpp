// Input: a first byte, then what becomes of an index file. Even: the rest is
// the file. Odd: the rest changes a good file, four bytes a change: three of an
// offset, one to be mixed into the byte there; an offset beyond the end cuts
// the file in the middle.

#include "tests/support/index_fixture.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

using namespace index_fixture;

namespace {

std::string damage(std::string bytes, std::string_view changes) {
  for (; changes.size() >= 4; changes.remove_prefix(4)) {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < 3; ++i)
      offset = offset << 8U | static_cast<unsigned char>(changes[i]);
    if (offset < bytes.size())
      bytes[offset] = static_cast<char>(bytes[offset] ^ changes[3]);
    else
      bytes.resize(bytes.size() / 2);
  }
  return bytes;
}

struct good_index {
  good_index() {
    index_database index(here.env(), index_path, source, options());
    if (!index.open() || index.in_memory())
      std::abort();
    wanted = dump_of(source);
  }
  machine here;
  list_source source = small_history();
  std::string wanted;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static good_index good;
  static const std::string bytes = [] {
    good.here.world.restart_process();
    return good.here.world.files.file_content(index_path);
  }();
  if (size == 0)
    return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto rest = input.substr(1);
  machine here;
  here.world.files.put_file(index_path, input[0] % 2 == 0 ? std::string(rest) : damage(bytes, rest));
  index_database index(here.env(), index_path, good.source, options());
  auto text = index.open() ? index.dump() : expected<std::string>(std::string());
  if (!text || *text != good.wanted || index.in_memory()) {
    std::fputs("the index does not say what the fold says\n", stderr);
    std::abort();
  }
  return 0;
}
